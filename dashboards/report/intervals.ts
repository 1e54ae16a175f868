// How certain the attribution is: 5 %, median and 95 % of a family's true usage within its attributed usage, and the measured
// precision of evidence behind it. Turns rows into figures, pages, CSV and text.

import { type Interval } from '../../transform/funding/intervals.ts';
import { precisionByTier, precisionJson, type Precision } from '../../transform/funding/precision.ts';
import { decimalText, type Rational } from '../../transform/funding/rational.ts';
import { type IntervalFigures, type UsageIntervals } from './figures.ts';
import { printable } from '../../transform/printable.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { type FigureQuery } from './queries.ts';
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

const isPoint = ({ requests, bytes }: IntervalFigures): boolean =>
  requests.low === requests.attributed && bytes.low === bytes.attributed;

const unitsText = (value: Rational): string => formatRational(value, 2);
const range = <T>({ low, high }: Interval<T>, text: (value: T) => Child): Markup => html`${text(low)} – ${text(high)}`;

/** @param names of families and organisations, by id */
export function intervalSection(
  intervals: UsageIntervals,
  queries: { readonly intervals: FigureQuery; readonly precision: FigureQuery },
  nameOf: (id: string) => string,
): Markup {
  const { rows, precision, draws, seed } = intervals;
  const families = new Set(rows.map(({ family }) => family));
  const shown = families.size === 1 ? rows : rows.filter(({ org }) => org === '');
  return section(
    'How sure the attribution is',
    html`<p>
      Of what was attributed, this much is truly the organisation's own. Tokens, declared networks and decisions with
      proof (E1 to E3) leave no doubt: there all figures are the same. Weaker evidence errs, as often as it was seen to
      err where a token told the truth; ${formatCount(BigInt(draws))} draws keep or drop whole prefixes at that rate. 5
      % of the draws lie below the first figure of a range, 5 % above the second. What evidence misses is not in it:
      that is the unattributed share.
    </p>`,
    table({
      caption: `Usage within what was attributed, 5 % to 95 % (seed ${seed})`,
      source: from(queries.intervals),
      columns: [
        { title: families.size === 1 ? 'Organisation' : 'Family' },
        { title: 'Units attributed', number: true },
        { title: 'Likely', number: true },
        { title: '5 % – 95 %', number: true },
        { title: 'Requests, 5 % – 95 %', number: true },
        { title: 'Bytes, 5 % – 95 %', number: true },
      ],
      rows: shown.map((row) => [
        row.org === '' && families.size === 1
          ? 'All of the family'
          : html`${nameOf(row.org || row.family)} <span class="id">${row.org || row.family}</span>`,
        unitsText(row.units.attributed),
        unitsText(row.units.point),
        isPoint(row) ? 'certain' : range(row.units, unitsText),
        isPoint(row) ? formatCount(row.requests.attributed) : range(row.requests, formatCount),
        isPoint(row) ? bytesCell(row.bytes.attributed) : range(row.bytes, bytesCell),
      ]),
      empty: draws === 0 ? 'This run is older than intervals.' : 'Nothing was attributed.',
    }),
    table({
      caption: 'Measured precision of evidence, the token hidden',
      source: from(queries.precision),
      columns: [
        { title: 'Evidence' },
        { title: 'Prefixes right', number: true },
        { title: 'Prefixes wrong', number: true },
        { title: 'Precision', number: true },
      ],
      rows: precision.map(({ tier, right, wrong }) => [
        tier,
        formatCount(right),
        formatCount(wrong),
        formatPercent(BigInt(right), BigInt(right + wrong)),
      ]),
      empty: 'No traffic with a token came from a prefix that weaker evidence names: nothing could be measured.',
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
