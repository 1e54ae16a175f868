// How certain the attribution is: 5 %, median and 95 % of a family's true usage within its attributed usage, and the measured
// precision of evidence behind it. Turns rows into figures, pages, CSV and text.

import { type Interval } from '../../transform/funding/intervals.ts';
import { precisionByTier, precisionJson, type Precision } from '../../transform/funding/precision.ts';
import { decimalText, type Rational } from '../../transform/funding/rational.ts';
import { type IntervalFigures, type UsageIntervals } from './figures.ts';
import { printable } from '../../transform/printable.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { type FigureQuery } from './queries.ts';
import { type Words } from './texts/words.ts';
import { formatCount, formatPercent, formatRational } from '../../transform/numbers.ts';

/** A row of usage_interval without its run, numbers as text. */
export type IntervalRow = Readonly<Record<string, string>>;

const UNIT_PLACES = 6;
/** '12.345' → 12345000/1000000: not reduced, so that JSON has the recorded value. */
function millionths(text: string): Rational {
  const [whole, places = ''] = text.split('.') as [string, string?];
  return { num: BigInt(whole + places.padEnd(UNIT_PLACES, '0')), den: 10n ** BigInt(UNIT_PLACES) };
}

const boundsOf = <T>(row: IntervalRow, measure: string, read: (text: string) => T): Interval<T> => ({
  attributed: read(row[`${measure}_attributed`]),
  low: read(row[`${measure}_low`]),
  point: read(row[`${measure}_point`]),
  high: read(row[`${measure}_high`]),
});

/** Intervals of families and their organisations. Parts of an organisation are only for exports. */
export const intervalFigures = (
  run: { readonly interval_seed: string; readonly interval_draws: number },
  intervals: readonly IntervalRow[],
  precision: readonly Precision[],
): UsageIntervals => ({
  seed: run.interval_seed,
  draws: run.interval_draws,
  precision: precisionByTier(precision),
  rows: intervals
    .filter(({ tier }) => tier === '')
    .map((row) => ({
      family: row.family_id,
      org: row.org_id,
      requests: boundsOf(row, 'requests', BigInt),
      bytes: boundsOf(row, 'bytes', BigInt),
      units: boundsOf(row, 'units', millionths),
    })),
});

/** The JSON that reports publish. */
export const intervalsJson = (intervals: UsageIntervals): Record<string, unknown> => ({
  ...intervals,
  precision: intervals.precision.map(precisionJson),
});

/** The intervals of one family. */
export const familyIntervals = (intervals: UsageIntervals, family: string): UsageIntervals => ({
  ...intervals,
  rows: intervals.rows.filter((row) => row.family === family),
});

export const isPoint = ({ requests, bytes }: IntervalFigures): boolean =>
  requests.low === requests.attributed && bytes.low === bytes.attributed;

const unitsText = (value: Rational): string => formatRational(value, 2);
const range = <T>({ low, high }: Interval<T>, text: (value: T) => Child): Markup => html`${text(low)} – ${text(high)}`;

/** The row of a whole family. */
export const wholeFamily = ({ rows }: UsageIntervals): IntervalFigures | undefined =>
  rows.find(({ org }) => org === '');

/** @param nameOf names of families and organisations, by id */
export function intervalSection(
  intervals: UsageIntervals,
  queries: { readonly intervals: FigureQuery; readonly precision: FigureQuery },
  nameOf: (id: string) => string,
  words: Words,
): Markup {
  const { rows, precision, draws, seed } = intervals;
  const { annex: texts } = words.texts;
  const families = new Set(rows.map(({ family }) => family));
  const shown = families.size === 1 ? rows : rows.filter(({ org }) => org === '');
  const units = (value: Rational) => words.rational(value, 2);
  const bytes = (value: bigint) => bytesCell(value, words);
  return section(
    texts.sure,
    html`<p>${texts.sureText(words.count(draws))}</p>`,
    table({
      caption: texts.intervals(seed),
      source: from(queries.intervals),
      columns: [
        { title: families.size === 1 ? texts.member : texts.family },
        { title: texts.attributedUnits, number: true },
        { title: texts.likely, number: true },
        { title: texts.between, number: true },
        { title: texts.requestsBetween, number: true },
        { title: texts.bytesBetween, number: true },
      ],
      rows: shown.map((row) => [
        row.org === '' && families.size === 1
          ? texts.allOfFamily
          : html`${nameOf(row.org || row.family)} <span class="id">${row.org || row.family}</span>`,
        units(row.units.attributed),
        units(row.units.point),
        isPoint(row) ? texts.certain : range(row.units, units),
        isPoint(row) ? words.count(row.requests.attributed) : range(row.requests, (value) => words.count(value)),
        isPoint(row) ? bytes(row.bytes.attributed) : range(row.bytes, bytes),
      ]),
      empty: draws === 0 ? texts.oldRun : texts.noneAttributed,
    }),
    table({
      caption: texts.precision,
      source: from(queries.precision),
      columns: [
        { title: texts.evidenceHead },
        { title: texts.right, number: true },
        { title: texts.wrong, number: true },
        { title: texts.precisionHead, number: true },
      ],
      rows: precision.map(({ tier, right, wrong }) => [
        tier,
        words.count(right),
        words.count(wrong),
        words.percent(BigInt(right), BigInt(right + wrong)),
      ]),
      empty: texts.noPrecision,
    }),
  );
}

/** Rows of figure-rows.ts, for CSV. */
export function* intervalFigureRows({ rows, precision, seed, draws }: UsageIntervals) {
  const exact = (value: bigint | Rational) =>
    typeof value === 'bigint' ? String(value) : decimalText(value, UNIT_PLACES);
  for (const row of rows)
    for (const measure of ['requests', 'bytes', 'units'] as const)
      for (const bound of ['attributed', 'low', 'point', 'high'] as const)
        yield {
          section: 'interval',
          item: row.org || row.family,
          detail: row.org === '' ? 'family' : 'organisation',
          measure: `${measure}_${bound}`,
          value: exact(row[measure][bound]),
          unit: measure,
        };
  for (const { tier, ...counts } of precision.map(precisionJson))
    for (const [measure, value] of Object.entries(counts))
      yield { section: 'precision', item: tier, detail: '', measure, value, unit: 'prefixes' };
  yield {
    section: 'interval',
    item: 'draws',
    detail: `seed ${seed}`,
    measure: 'draws',
    value: String(draws),
    unit: 'draws',
  };
}

const precisionText = ({ tier, right, wrong }: Precision): string =>
  `${printable(tier)} ${formatPercent(BigInt(right), BigInt(right + wrong))} of ${formatCount(right + wrong)} prefixes`;

/** For a terminal: usage whose evidence may err, and by how much. */
export function printIntervals(
  { rows, precision, draws }: UsageIntervals,
  measure: 'units' | 'requests' = 'units',
): string {
  if (draws === 0) return 'How sure the attribution is\n  This run is older than intervals.';
  const amountOf = (row: IntervalFigures, bound: keyof Interval): string =>
    measure === 'units' ? unitsText(row.units[bound]) : formatCount(row.requests[bound]);
  const families = rows.filter(({ org }) => org === '');
  const doubtful = families.filter((row) => !isPoint(row));
  const lines = doubtful
    .slice(0, 10)
    .map(
      (row) =>
        `  ${printable(row.family)}: ${amountOf(row, 'attributed')} ${measure} attributed, ${amountOf(row, 'low')} to ${amountOf(row, 'high')} (5 % to 95 %) truly its own`,
    );
  if (doubtful.length > lines.length) lines.push(`  and ${doubtful.length - lines.length} more`);
  return [
    'How sure the attribution is',
    `  ${families.length - doubtful.length} of ${families.length} families are attributed by E1–E3 alone: certain.`,
    ...lines,
    `  Measured precision: ${precision.length === 0 ? 'none, for no token was seen where weaker evidence speaks' : precision.map(precisionText).join(', ')}.`,
  ].join('\n');
}
