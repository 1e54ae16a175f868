// Tables and charts of usage that the summary and the statements share.

import { rankChart } from './charts.ts';
import {
  type Measures,
  type PackageUsage,
  type RegistryFigures,
  type ReportHead,
  type UnattributedUsage,
  type UsageBy,
} from './figures.ts';
import { type Child, type Markup, bar, bytesCell, from, html, nameCell, table } from './markup.ts';
import { type FigureQuery } from './queries.ts';
import { type Words } from './texts/words.ts';

export const sumOf = <Row extends Measures>(rows: readonly Row[], measure: keyof Measures): bigint =>
  rows.reduce((sum, row) => sum + row[measure], 0n);

export interface UsageTable {
  readonly caption: string;
  readonly heading: string;
  readonly source: FigureQuery;
  readonly rows: readonly UsageBy[];
  readonly name: (value: string) => Child;
  /** The total that shares refer to. */
  readonly whole: Measures;
  /** More columns at the end. */
  readonly more?: readonly { readonly title: string; readonly cell: (row: never) => Child }[];
  /** Whether the rows are complete: then their sum is shown below. */
  readonly total?: boolean;
  readonly words: Words;
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
  words,
}: UsageTable): Markup {
  const { texts } = words;
  const cells = (row: Measures): Child[] => [
    words.count(row.requests),
    words.count(row.downloads),
    bytesCell(row.bytes, words),
    html`${words.percent(row.bytes, whole.bytes)}${bar(row.bytes, whole.bytes)}`,
  ];
  return table({
    caption,
    source: from(source),
    columns: [
      { title: heading },
      { title: texts.usage.requests, number: true },
      { title: texts.usage.downloads, number: true },
      { title: texts.usage.bytes, number: true },
      { title: texts.percentOfBytes, number: true },
      ...more.map(({ title }) => ({ title, number: true })),
    ],
    rows: rows.map((row) => [name(row.value), ...cells(row), ...more.map(({ cell }) => cell(row as never))]),
    foot: total ? [[texts.all, ...cells(whole), ...more.map(() => '')]] : [],
  });
}

/** The packages that cause the most bytes. */
export const packagesTable = (packages: readonly PackageUsage[], source: FigureQuery, words: Words): Markup =>
  table({
    caption: words.texts.usage.packages,
    source: from(source),
    columns: [
      { title: words.texts.usage.package },
      { title: words.texts.usage.ecosystem },
      { title: words.texts.usage.requests, number: true },
      { title: words.texts.usage.downloads, number: true },
      { title: words.texts.usage.bytes, number: true },
      { title: words.texts.usage.sentAgain, number: true },
    ],
    rows: packages.map((row) => [
      nameCell(row.package),
      row.ecosystem,
      words.count(row.requests),
      words.count(row.downloads),
      bytesCell(row.bytes, words),
      words.percent(row.repeat_bytes, row.bytes),
    ]),
  });

/** The clients that cause the most bytes. */
export const clientsTable = (options: Pick<UsageTable, 'source' | 'rows' | 'whole' | 'more' | 'words'>): Markup =>
  usageTable({
    caption: options.words.texts.annex.clientsCaption,
    heading: options.words.texts.usage.client,
    name: (name) => clientCell(name, options.words),
    ...options,
  });

export const clientCell = (client: string, { texts }: Words): Child =>
  client === '' || client === 'none' || client === 'unknown' ? texts.notKnown : nameCell(client);

/** Repeats by requester class: a chart and its figures. */
export function wasteByClass(
  { classes, versions }: Pick<ReportHead, 'versions'> & { readonly classes: readonly UsageBy[] },
  source: Markup,
  words: Words,
): Markup | null {
  const rows = classes.filter(({ repeat_downloads, repeat_bytes }) => repeat_downloads > 0n || repeat_bytes > 0n);
  if (rows.length === 0) return null;
  const { annex: texts, usage } = words.texts;
  return html`${rankChart(
    {
      label: texts.againLabel,
      categories: rows.map(({ value }) => words.className(value)),
      series: [{ name: usage.sentAgain, color: '--platform', values: rows.map((row) => row.repeat_bytes) }],
      of: rows.map((row) => row.bytes),
      methodology_from: versions.methodology_from,
    },
    words,
  )}${table({
    caption: texts.againCaption,
    source,
    columns: [
      { title: usage.kind },
      { title: usage.downloads, number: true },
      { title: texts.repeats, number: true },
      { title: texts.ofDownloads, number: true },
      { title: texts.bytesAgain, number: true },
      { title: texts.ofBytes, number: true },
    ],
    rows: rows.map((row) => [
      words.className(row.value),
      words.count(row.downloads),
      words.count(row.repeat_downloads),
      words.percent(row.repeat_downloads, row.downloads),
      bytesCell(row.repeat_bytes, words),
      words.percent(row.repeat_bytes, row.bytes),
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

/** Usage that no organisation answers for, by reason. Every document has the same table. */
export function unattributedTable(
  { totals, unattributed, versions }: RegistryFigures & Pick<ReportHead, 'versions'>,
  source: FigureQuery,
  { chart, words }: { readonly chart: boolean; readonly words: Words },
): Markup {
  const { annex: texts, usage: heads } = words.texts;
  const row = ({ reason, platform, ...usage }: UnattributedUsage): Child[] => [
    html`${words.reasonName(reason)}${platform === '' ? null : html`: ${platform}`}`,
    texts.reasonText[reason] ?? '',
    words.count(usage.requests),
    bytesCell(usage.bytes, words),
    words.percent(usage.bytes, totals.bytes),
  ];
  const [requests, bytes] = [sumOf(unattributed, 'requests'), sumOf(unattributed, 'bytes')];
  const name = ({ reason, platform }: UnattributedUsage) =>
    platform === '' ? words.reasonName(reason) : `${words.reasonName(reason)}: ${platform}`;
  return html`${
    chart && unattributed.length > 0
      ? rankChart(
          {
            label: texts.unattributedLabel,
            categories: unattributed.map(name),
            series: ['platform', 'negative', 'conflict', 'unknown'].map((reason) => ({
              name: words.reasonName(reason),
              color: seriesColor(reason),
              values: unattributed.map((usage) => (usage.reason === reason ? usage.bytes : 0n)),
            })),
            of: unattributed.map(() => totals.bytes),
            methodology_from: versions.methodology_from,
          },
          words,
        )
      : null
  }${table({
    caption: texts.unattributedCaption,
    source: from(source),
    columns: [
      { title: texts.reason },
      { title: texts.reasonHead },
      { title: heads.requests, number: true },
      { title: heads.bytes, number: true },
      { title: texts.ofAllBytes, number: true },
    ],
    rows: unattributed.map(row),
    foot: [
      [texts.unattributed, '', words.count(requests), bytesCell(bytes, words), words.percent(bytes, totals.bytes)],
    ],
    empty: texts.allAttributed,
  })}`;
}

/** All days of a month. */
export function daysOf(period: string): string[] {
  const [year, month] = period.split('-').map(Number) as [number, number];
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length }, (_, index) => `${period}-${String(index + 1).padStart(2, '0')}`);
}
