// Turns rows (day, value, measure) into a chart with one series for each of the largest values.

import { addDays } from '../../transform/periods.ts';
import { dayChart, type Measure, type Series } from '../report/charts.ts';
import { html, type Markup } from '../report/markup.ts';
import { english } from '../report/texts/words.ts';
import { big, text, type Row } from './page.ts';

/** Series that a chart shows; the others are one. Colours that the colour-blind can tell apart: pages.css. */
const SERIES = 7;

export const measures: readonly Measure[] = ['requests', 'downloads', 'bytes'];

export interface DaysOfChart {
  /** Every day of the range, ascending. */
  readonly days: readonly string[];
  /** Of sealed days: the methodology. */
  readonly methodologies: ReadonlyMap<string, string>;
}

/** Every day of a range. */
export function eachDay(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** The days of a range, with what queries/pages/days.sql says of them. */
export const daysOf = (from: string, to: string, sealed: readonly Row[]): DaysOfChart => ({
  days: eachDay(from, to),
  methodologies: new Map(sealed.map((row) => [text(row.day), text(row.methodology_version)])),
});

/** A chart by day, and under it the days that may still change. @param names texts of the values */
export function chartOfDays(
  label: string,
  rows: readonly Row[],
  { days, methodologies }: DaysOfChart,
  measure: Measure,
  nameOf: (value: string) => string,
): Markup {
  const totals = new Map<string, bigint>();
  const cells = new Map<string, bigint>();
  for (const row of rows) {
    const value = text(row.value);
    totals.set(value, (totals.get(value) ?? 0n) + big(row[measure]));
    cells.set(`${text(row.day)} ${value}`, big(row[measure]));
  }
  const ranked = [...totals].sort(([, a], [, b]) => (a < b ? 1 : -1)).map(([value]) => value);
  const shown = ranked.slice(0, ranked.length > SERIES + 1 ? SERIES : SERIES + 1);
  const others = ranked.slice(shown.length);
  const series: Series[] = shown.map((value, at) => ({
    name: nameOf(value),
    color: `--series-${at + 1}`,
    values: days.map((day) => cells.get(`${day} ${value}`) ?? 0n),
  }));
  if (others.length > 0)
    series.push({
      name: `${others.length} others`,
      color: '--unknown',
      values: days.map((day) => others.reduce((sum, value) => sum + (cells.get(`${day} ${value}`) ?? 0n), 0n)),
    });
  const open = days.filter((day) => !methodologies.has(day) && series.some(({ values }) => values[days.indexOf(day)] !== 0n)); // prettier-ignore
  const versions = [...new Set(methodologies.values())].sort();
  const changedOn =
    versions.length < 2 ? null : (days.find((day) => methodologies.get(day) === versions.at(-1)) ?? null);
  return html`${dayChart(
    { label, categories: days, series, methodology_from: changedOn, measure },
    english,
  )}${open.length === 0 ? null : html`<p class="note">Provisional, because not sealed yet: ${open.join(', ')}.</p>`}`;
}
