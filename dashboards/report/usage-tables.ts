// Tables and charts of usage that the summary and the statements share.

import { formatCount, formatPercent } from '../../transform/numbers.ts';
import { rankChart } from './charts.ts';
import {
  type Measures,
  type PackageUsage,
  type RegistryFigures,
  type UnattributedUsage,
  type UsageBy,
} from './figures.ts';
import { type Child, type Markup, bar, bytesCell, from, html, nameCell, table } from './markup.ts';
import { classLabel, reasonLabel, reasonText } from './names.ts';
import { type FigureQuery } from './queries.ts';

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

/** The packages that cause the most bytes. */
export const packagesTable = (packages: readonly PackageUsage[], source: FigureQuery): Markup =>
  table({
    caption: 'The packages that cause the most bytes',
    source: from(source),
    columns: [
      { title: 'Package' },
      { title: 'Ecosystem' },
      { title: 'Requests', number: true },
      { title: 'Downloads', number: true },
      { title: 'Bytes', number: true },
      { title: 'Sent again', number: true },
    ],
    rows: packages.map((row) => [
      nameCell(row.package),
      row.ecosystem,
      formatCount(row.requests),
      formatCount(row.downloads),
      bytesCell(row.bytes),
      formatPercent(row.repeat_bytes, row.bytes),
    ]),
  });

/** The clients that cause the most bytes. */
export const clientsTable = (options: Pick<UsageTable, 'source' | 'rows' | 'whole' | 'more'>): Markup =>
  usageTable({
    caption: 'The clients that cause the most bytes',
    heading: 'Client',
    name: (name) => (name === '' ? 'not known' : nameCell(name)),
    ...options,
  });

/** Repeats by requester class: a chart and its figures. */
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

/** Usage that no organisation answers for, by reason. Every document has the same table. */
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

/** All days of a month. */
export function daysOf(period: string): string[] {
  const [year, month] = period.split('-').map(Number) as [number, number];
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Array.from({ length }, (_, index) => `${period}-${String(index + 1).padStart(2, '0')}`);
}
