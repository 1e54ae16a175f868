// What the summary and the statements have in common: the page, its head, the registry's unattributed part, how figures
// were made, and the queries behind them.

import { readFileSync } from 'node:fs';
import { rankChart } from './charts.ts';
import {
  type Funding,
  type Measures,
  type RegistryFigures,
  type ReportHead,
  type UnattributedUsage,
  type UsageBy,
} from './figures.ts';
import { classLabel, minute, monthName, reasonLabel, reasonText } from './names.ts';
import { bar, bytesCell, code, html, Markup, table, type Child } from './markup.ts';
import { type FigureQuery } from './queries.ts';
import { formatCents, formatCount, formatFactor, formatPercent } from '../../transform/numbers.ts';

const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

export interface Page {
  readonly title: string;
  /** Who it is about; or that it is internal. */
  readonly subtitle: Child;
  readonly head: ReportHead;
  readonly body: readonly Child[];
}

/** A page that stands alone: no scripts, nothing fetched. */
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
          ${statusNotice(head)}
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

export const section = (title: string, ...children: readonly Child[]): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${children}
  </section> `;

/** A figure's query, by its number. */
export const from = ({ id }: FigureQuery): Markup => html` <a class="q" href="#${id.toLowerCase()}">[${id}]</a>`;

export const amount = (cents: bigint, currency: string): string => `${formatCents(cents)} ${currency}`;

export const sumOf = <Row extends Measures>(rows: readonly Row[], measure: keyof Measures): bigint =>
  rows.reduce((sum, row) => sum + row[measure], 0n);

export interface UsageTable {
  readonly caption: string;
  readonly heading: string;
  readonly source: FigureQuery;
  readonly rows: readonly UsageBy[];
  readonly name: (value: string) => Child;
  /** What shares are of. */
  readonly whole: Measures;
  /** More columns at the end. */
  readonly more?: readonly { readonly title: string; readonly cell: (row: never) => Child }[];
  /** The rows are all there is: their sum stands below. */
  readonly total?: boolean;
}

/** Requests, downloads, bytes and their share, by one dimension. */
export function usageTable({
  caption,
  heading,
  source,
  rows,
  name,
  whole,
  more = [],
  total = false,
}: UsageTable): Markup {
  const cells = (row: Measures): Child[] => [
    formatCount(row.requests),
    formatCount(row.downloads),
    bytesCell(row.bytes),
    html`${formatPercent(row.bytes, whole.bytes)}${bar(row.bytes, whole.bytes)}`,
  ];
  return table({
    caption,
    source: from(source),
    columns: [
      { title: heading },
      { title: 'Requests', number: true },
      { title: 'Downloads', number: true },
      { title: 'Bytes', number: true },
      { title: 'Share of bytes', number: true },
      ...more.map(({ title }) => ({ title, number: true })),
    ],
    rows: rows.map((row) => [name(row.value), ...cells(row), ...more.map(({ cell }) => cell(row as never))]),
    foot: total ? [['All', ...cells(whole), ...more.map(() => '')]] : [],
  });
}

/** What was sent again, by requester class: a picture and its figures. */
export function wasteByClass(classes: readonly UsageBy[], source: Markup): Markup | null {
  const rows = classes.filter(({ repeat_downloads, repeat_bytes }) => repeat_downloads > 0n || repeat_bytes > 0n);
  if (rows.length === 0) return null;
  return html`${rankChart({
    label: 'Bytes that were sent again, by requester class; the table below has the figures.',
    categories: rows.map(({ value }) => classLabel(value)),
    series: [{ name: 'Sent again', color: '--platform', values: rows.map((row) => row.repeat_bytes) }],
  })}${table({
    caption: 'Sent again, by requester class',
    source,
    columns: [
      { title: 'Requester class' },
      { title: 'Downloads', number: true },
      { title: 'Repeats', number: true },
      { title: 'Of them', number: true },
      { title: 'Bytes sent again', number: true },
      { title: 'Of its bytes', number: true },
    ],
    rows: rows.map((row) => [
      classLabel(row.value),
      formatCount(row.downloads),
      formatCount(row.repeat_downloads),
      formatPercent(row.repeat_downloads, row.downloads),
      bytesCell(row.repeat_bytes),
      formatPercent(row.repeat_bytes, row.bytes),
    ]),
  })}`;
}

const reasonColors: Readonly<Record<string, string>> = {
  platform: '--platform',
  negative: '--negative',
  conflict: '--conflict',
  unknown: '--unknown',
};
export const seriesColor = (series: string): string => reasonColors[series] ?? '--attributed';

/** How much no organisation answers for, and why: the same in every document. */
export function unattributedTable(
  { totals, unattributed }: RegistryFigures,
  source: FigureQuery,
  { chart }: { readonly chart: boolean },
): Markup {
  const row = ({ reason, platform, ...usage }: UnattributedUsage): Child[] => [
    html`${reasonLabel(reason)}${platform === '' ? null : html`: ${platform}`}`,
    reasonText[reason] ?? '',
    formatCount(usage.requests),
    bytesCell(usage.bytes),
    formatPercent(usage.bytes, totals.bytes),
  ];
  const [requests, bytes] = [sumOf(unattributed, 'requests'), sumOf(unattributed, 'bytes')];
  const name = ({ reason, platform }: UnattributedUsage) =>
    platform === '' ? reasonLabel(reason) : `${reasonLabel(reason)}: ${platform}`;
  return html`${
    chart && unattributed.length > 0
      ? rankChart({
          label: 'Unattributed bytes by reason; the table below has the figures.',
          categories: unattributed.map(name),
          series: ['platform', 'negative', 'conflict', 'unknown'].map((reason) => ({
            name: reasonLabel(reason),
            color: seriesColor(reason),
            values: unattributed.map((usage) => (usage.reason === reason ? usage.bytes : 0n)),
          })),
        })
      : null
  }${table({
    caption: 'Unattributed usage, by reason and by provider where one is published',
    source: from(source),
    columns: [
      { title: 'Reason' },
      { title: 'What it means' },
      { title: 'Requests', number: true },
      { title: 'Bytes', number: true },
      { title: 'Of all bytes', number: true },
    ],
    rows: unattributed.map(row),
    foot: [['Unattributed', '', formatCount(requests), bytesCell(bytes), formatPercent(bytes, totals.bytes)]],
    empty: 'All usage is attributed.',
  })}`;
}

/** What no share pays, in words. */
export const commonsText: Readonly<Record<string, string>> = {
  unattributed: 'Usage that no organisation can be named for',
  allowance: 'Usage within the free allowances',
  exempt: 'Usage of exempt organisations',
  not_billable: 'Usage attributed by evidence that is not good enough to bill',
  cap: 'What exceeds the cap on a share',
  minimum: 'Shares below the smallest amount billed',
  unborne: 'What could be recovered, but nobody is above the allowance',
  rounding: 'Rounding',
  unused: 'Nothing was used',
};

/** The policy that amounts follow from. */
export function policyTable(
  funding: Omit<Funding, 'families'>,
  versions: ReportHead['versions'],
  source: FigureQuery,
): Markup {
  const { currency } = funding;
  return table({
    caption: `Policy ${versions.policy_version}`,
    source: from(source),
    columns: [{ title: 'Rule' }, { title: 'Value', number: true }],
    rows: [
      ['Net cost to be shared (gross less donations)', amount(funding.cost_pool_cents, currency)],
      ['Free allowance of each family, in units', formatCount(funding.free_allowance)],
      ['Highest share', `${formatFactor(funding.cap_bp * 100n)} % = ${amount(funding.cap_cents, currency)}`],
      ['Smallest amount billed', amount(funding.minimum_cents, currency)],
      ['Part of unattributed usage that payers bear', `${formatFactor(funding.rho_bp * 100n)} %`],
    ],
  });
}

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
        ['Methodology version', versions.methodology_version],
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

/** Every figure, traced: the queries with their parameters written in. On paper a beginning they share stands once. */
export function querySection(queries: Readonly<Record<string, FigureQuery>>): Markup {
  const shown = new Map<string, string>();
  const text = ({ id, sql }: FigureQuery): Markup => {
    const beginning = sharedBeginning(sql);
    const before = shown.get(beginning);
    if (before === undefined) shown.set(beginning, id);
    return beginning === '' || before === undefined
      ? code(sql)
      : html`<span class="screen">${code(beginning)}</span
          ><span class="paper">WITH usage AS (as in ${before})</span>${code(sql.slice(beginning.length))}`;
  };
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
          <pre>${text(query)}</pre>
        </details> `,
    ),
  );
}

/** Up to the end of what `usage` is. */
const sharedBeginning = (sql: string): string => /^WITH usage AS\n\(\n[\s\S]*?\n\)(?=\n)/.exec(sql)?.[0] ?? '';
