// A document's page: its head, its sections, an explanation of its figures, and their queries.

import { readFileSync } from 'node:fs';
import { type ReportHead } from './figures.ts';
import { code, from, html, Markup, section, table, type Child } from './markup.ts';
import { minute, monthName } from './names.ts';
import { type FigureQuery } from './queries.ts';

const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

export interface Page {
  readonly title: string;
  /** The family; or a note that the page is internal. */
  readonly subtitle: Child;
  readonly head: ReportHead;
  readonly body: readonly Child[];
}

/** A self-contained page: no scripts, and nothing is fetched. */
export function page({ title, subtitle, head, body }: Page): string {
  const { issuer, period, versions } = head;
  const heading = `${title}, ${monthName(period)}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="color-scheme" content="light dark" />
        <title>${heading} – ${issuer.name}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <header class="document">
          <p class="issuer">${issuer.name}</p>
          <h1>${heading}</h1>
          <p class="subtitle">${subtitle}</p>
          ${statusNotice(head)} ${methodologyNotice(head)} ${notesOf(head)}
        </header>
        <main>${body}</main>
        <footer class="document">
          <p>
            ${issuer.name} · ${issuer.contact} · allocation run <span class="id">${versions.run_id}</span>, computed
            ${minute(versions.computed_at)}. Times are UTC. Figures in this document come from the queries it prints.
          </p>
        </footer>
      </body>
    </html> `.text;
}

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

/** A document says this wherever it adds figures of two methodologies. */
const methodologyText = (from: string): string =>
  `Days before ${from} were counted by methodology 1, later days by methodology 2. Version 1 also counted some transfers of parts of a file as downloads, so downloads of the two do not compare.`;

const methodologyNotice = ({ versions: { methodology_from } }: ReportHead): Markup =>
  methodology_from === null
    ? html``
    : html`<p class="status"><strong>Two methods.</strong> ${methodologyText(methodology_from)}</p>`;

const notesOf = ({ notes = [] }: ReportHead): Markup | null =>
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
  ...more: readonly Child[]
): Markup {
  const hash = (text: string) => html`<span class="id">${text}</span>`;
  return section(
    'Method and versions',
    html`<p>
      A request is a line of a registry's access log; a download is one that fetched a package file in full; bytes are
      those the edge sent. The rules are in docs/METHODOLOGY.md (what counts), docs/FUNDING.md (who pays). A period
      holds what was booked in it: rows that arrive after their day is closed are booked on a later day. “Not known” is
      never counted as “no”.
    </p>`,
    more,
    table({
      caption: 'What the figures were made from',
      source: from(source),
      columns: [{ title: 'Item' }, { title: 'Value' }],
      rows: [
        ['Period', html`${period} (${monthName(period)})`],
        [
          'Methodology version',
          versions.methodology_from === null
            ? versions.methodology_version
            : `1, and ${versions.methodology_version} from ${versions.methodology_from} on`,
        ],
        ['Attribution version', hash(versions.attribution_version)],
        ['Policy version', versions.policy_version],
        ['Allocation run', hash(versions.run_id)],
        ['Program version', versions.code_version],
        ['Policy file, SHA-256', hash(versions.policy_sha256)],
        ['Cost file, SHA-256', hash(versions.costs_sha256)],
        ['Usage by party, SHA-256', hash(versions.usage_sha256)],
        ['Lines, SHA-256', hash(versions.lines_sha256)],
        ...(versions.supersedes === '' ? [] : [['Replaces run', hash(versions.supersedes)]]),
        ['Computed', minute(versions.computed_at)],
        ['Closed', versions.closed_at === null ? 'open' : minute(versions.closed_at)],
      ],
    }),
    html`<p class="note">
      The run can be computed again from what was recorded of it: <code>fairshare verify ${versions.run_id}</code>
    </p>`,
  );
}

/** The queries of all figures, with their parameters written in. */
export function querySection(queries: Readonly<Record<string, FigureQuery>>): Markup {
  return section(
    'How to trace a figure',
    html`<p>
      Each table names its query. Run it again with <code>fairshare query</code>: as long as the run above stands, it
      gives the same figures.
    </p>`,
    Object.values(queries).map(
      (query) =>
        html`<details id="${query.id.toLowerCase()}">
          <summary><strong>${query.id}</strong> ${query.title} <span class="id">${query.file}</span></summary>
          <pre>${code(query.sql)}</pre>
        </details> `,
    ),
  );
}
