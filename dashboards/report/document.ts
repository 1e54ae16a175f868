// A document's page: its head, its sections, an explanation of its figures, and their queries.

import { readFileSync } from 'node:fs';
import { printable } from '../../transform/printable.ts';
import { type ReportHead, type Summary } from './figures.ts';
import { from, html, Markup, section, table, type Child } from './markup.ts';
import { minute } from './names.ts';
import { type FigureQuery } from './queries.ts';
import { en } from './texts/en.ts';
import { type Words } from './texts/words.ts';

const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

export interface Page {
  /** BCP 47. */
  readonly language: string;
  /** Title of the document: what a browser's tab and a PDF are called. */
  readonly title: string;
  /** Stands at the top of every printed page after the first. */
  readonly running: string;
  /** Before and after the number of a printed page: 'Page ', ' of '. */
  readonly pageNumber: readonly string[];
  readonly header: Child;
  readonly body: readonly Child[];
  readonly footer: Child;
}

/** A string of CSS. Only letters and digits stay as they are, so that nothing in a name can end the string or the style. */
const cssString = (text: string): string =>
  `"${[...printable(text)].map((character) => (/[A-Za-z0-9]/.test(character) ? character : `\\${character.codePointAt(0)!.toString(16)} `)).join('')}"`;

/** Header and number of printed pages. The first page is a letter, or has the title already. */
const printedPages = ({ running, pageNumber: [before, between] }: Page): Markup =>
  new Markup(
    `@page{@top-left{content:${cssString(running)}}@bottom-right{content:${cssString(before)} counter(page) ${cssString(between)} counter(pages)}}@page :first{@top-left{content:none}}`,
  );

/** A self-contained page: no scripts, and nothing is fetched. */
export const page = (document: Page): string =>
  html`<!doctype html>
    <html lang="${document.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="color-scheme" content="light dark" />
        <title>${document.title}</title>
        <style>
          ${new Markup(style)}
          ${printedPages(document)}
        </style>
      </head>
      <body>
        <header class="document">${document.header}</header>
        <main>${document.body}</main>
        <footer class="document">${document.footer}</footer>
      </body>
    </html> `.text;

/** The head of a document that is no letter. */
export const titleHeader = (heading: string, subtitle: Child, head: ReportHead & Pick<Summary, 'notes'>): Markup =>
  html`<p class="issuer">${head.issuer.name}</p>
    <h1>${heading}</h1>
    <p class="subtitle">${subtitle}</p>
    ${statusNotice(head)} ${methodologyNotice(head)} ${notesOf(head)}`;

/** Names the issuer of the document and its run. */
export const footerText = ({ issuer, versions }: ReportHead, words: Words): Markup =>
  html`<p>${words.texts.footer(issuer.name, issuer.contact, versions.run_id, words.minute(versions.computed_at))}</p>`;

const statusNotice = ({ status, versions }: ReportHead): Markup =>
  status === 'closed'
    ? html`<p class="status closed">
        <strong>Final.</strong> The period was closed on ${minute(versions.closed_at ?? '')}; its figures do not change.
        What arrives later is booked in a later period.
      </p>`
    : html`<p class="status">
        <strong>Provisional.</strong> The period is open: figures may change until it is closed, and nothing is
        invoiced.
      </p>`;

const methodologyNotice = ({ versions: { methodology_from } }: ReportHead): Markup =>
  methodology_from === null
    ? html``
    : html`<p class="status"><strong>Two methods.</strong> ${en.letter.methodology(methodology_from)}</p>`;

const notesOf = ({ notes = [] }: Pick<Summary, 'notes'>): Markup | null =>
  notes.length === 0
    ? null
    : html`<ul class="notes">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`;

export const keyFigures = (
  figures: readonly { readonly title: string; readonly figure: Child; readonly note?: Child }[],
): Markup =>
  html`<dl class="key">
    ${figures.map(
      ({ title, figure, note }) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${figure}${note === undefined ? null : html`<small>${note}</small>`}</dd>
        </div> `,
    )}
  </dl> `;

export function methodSection(
  { versions, period }: ReportHead,
  source: FigureQuery,
  words: Words,
  ...more: readonly Child[]
): Markup {
  const { annex: texts } = words.texts;
  const hash = (text: string) => html`<span class="id">${text}</span>`;
  return section(
    texts.method,
    html`<p>${texts.methodText}</p>`,
    more,
    table({
      caption: texts.madeFrom,
      source: from(source),
      columns: [{ title: texts.item }, { title: texts.value }],
      rows: [
        [texts.period, html`${words.month(period)} <span class="id">${period}</span>`],
        [
          texts.methodology,
          versions.methodology_from === null
            ? versions.methodology_version
            : texts.twoMethodologies(String(versions.methodology_version), versions.methodology_from),
        ],
        [texts.attribution, hash(versions.attribution_version)],
        [texts.policyVersion, versions.policy_version],
        [texts.run, hash(versions.run_id)],
        [texts.program, versions.code_version],
        [texts.policySha, hash(versions.policy_sha256)],
        [texts.costsSha, hash(versions.costs_sha256)],
        [texts.usageSha, hash(versions.usage_sha256)],
        [texts.linesSha, hash(versions.lines_sha256)],
        ...(versions.supersedes === '' ? [] : [[texts.replaces, hash(versions.supersedes)]]),
        [texts.computed, words.minute(versions.computed_at)],
        [texts.closed, versions.closed_at === null ? texts.open : words.minute(versions.closed_at)],
      ],
    }),
    html`<p class="note">${texts.again1} <code>fairshare verify ${versions.run_id}</code></p>`,
  );
}

/** The queries of all figures. Their SQL is in a file beside the document. @param file its name */
export function querySection(queries: Readonly<Record<string, FigureQuery>>, file: string, words: Words): Markup {
  const { annex: texts } = words.texts;
  return section(
    texts.queries,
    html`<p>${texts.queriesText(file)}</p>`,
    table({
      caption: texts.queries,
      columns: [{ title: texts.query }, { title: texts.shows }, { title: texts.file }],
      rows: Object.values(queries).map(({ id, title, file: source }) => [
        html`<span id="${id.toLowerCase()}">${id}</span>`,
        title,
        html`<span class="id">${source}</span>`,
      ]),
    }),
  );
}
