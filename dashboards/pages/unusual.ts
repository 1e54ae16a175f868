// Finds the most unusual change of a period by kind of program, and says it in a sentence. Computes only; the caller queries the rows.

import { addDays } from '../../transform/periods.ts';
import { compare, multiply, rational, zero, type Rational } from '../../transform/funding/rational.ts';
import { english } from '../report/texts/words.ts';

const DAYS = 7;
/** Changes with a smaller size are no news. */
const LEAST_SIZE = rational(1n, 100n);
/** In this order they win if their changes have the same size. */
const measures = ['bytes', 'requests', 'downloads'] as const;
type Measure = (typeof measures)[number];

/** Usage of a day and class. Rows of the same day and class are added. */
export type UsageOfDay = Readonly<{ day: string; requester_class: string } & Record<Measure, bigint>>;

/** The two weeks: before, after. */
type Weeks = readonly [before: bigint, after: bigint];

export interface Change {
  readonly requester_class: string;
  readonly measure: Measure;
  /** First and last day of the later week. */
  readonly from: string;
  readonly until: string;
  /** The measure of the class, and of all classes. */
  readonly amounts: Weeks;
  readonly totals: Weeks;
  /** Weekdays on which the share moved the same way as in the whole week, of those on which both weeks have usage. */
  readonly same_direction: number;
  readonly weekdays: number;
}

/** A change, or why there is none. */
export type MostUnusual =
  | { readonly found: Change }
  | { readonly none: 'unsealed_days'; readonly days: number }
  | { readonly none: 'no_usage' | 'small' };

/** What the sentence is made from. Stands beside it on the page. */
export const HOW_MEASURED =
  'Measured on sealed days: the last seven of the period beside the seven before. For each kind of program and for bytes, requests and ' +
  'downloads, the size of a change is the difference of its shares in the two weeks divided by their sum, times the sum of its shares of ' +
  'bytes. Of bytes, this is the difference of the shares. The largest size is shown, from 0.01; of equal ones the one that is larger beside ' +
  'its own shares. Growth that all have alike is no change. Downloads are left out if the days have more than one methodology.';

const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const share = ([before, after]: Weeks, totals: Weeks): readonly [Rational, Rational] => [
  rational(before, totals[0]),
  rational(after, totals[1]),
];
/** 1 if the share of the later week is larger, -1 if it is smaller. The totals are positive. */
const direction = (amounts: Weeks, totals: Weeks): number => {
  const [before, after] = share(amounts, totals);
  return Math.sign(compare(after, before));
};

/** |after − before| / (after + before) of the shares: 0 to 1, also for a class that is new or gone. */
function relativeChange([before, after]: Weeks, totals: Weeks): Rational {
  const [old, recent] = [before * totals[1], after * totals[0]];
  return old + recent === 0n ? zero : rational(absolute(recent - old), old + recent);
}

interface Rank {
  readonly size: Rational;
  readonly relative: Rational;
}
/** Where one class gains what one other loses, both changes have one size: the smaller class changed more. */
const compareRanks = (a: Rank, b: Rank): number => compare(a.size, b.size) || compare(a.relative, b.relative);

/** Sums of both weeks, and of the seven pairs of the same weekday. */
class Sums {
  private readonly weeks = new Map<string, [bigint, bigint]>();

  add(key: string, at: number, value: bigint): void {
    const sum = this.weeks.get(key) ?? [0n, 0n];
    sum[at] += value;
    this.weeks.set(key, sum);
  }

  of = (...key: readonly (string | number)[]): Weeks => this.weeks.get(key.join(' ')) ?? [0n, 0n];
}

/**
 * The change of the largest size (HOW_MEASURED). It does not depend on the order of rows.
 * @param methodologies versions of sealed days, by day; the last fourteen days up to the latest one are compared
 */
export function mostUnusual(rows: readonly UsageOfDay[], methodologies: ReadonlyMap<string, string>): MostUnusual {
  const until = [...methodologies.keys()].sort().at(-1);
  if (until === undefined) return { none: 'unsealed_days', days: 2 * DAYS };
  const days = Array.from({ length: 2 * DAYS }, (_, index) => addDays(until, index + 1 - 2 * DAYS));
  // A week with a hole has other weekdays than the other week: no comparison.
  const unsealed = days.filter((day) => !methodologies.has(day)).length;
  if (unsealed > 0) return { none: 'unsealed_days', days: unsealed };

  const sums = new Sums();
  const indexOf = new Map(days.map((day, index) => [day, index]));
  const classes = new Set<string>();
  for (const row of rows) {
    const index = indexOf.get(row.day);
    if (index === undefined) continue;
    classes.add(row.requester_class);
    const [week, weekday] = [Math.floor(index / DAYS), index % DAYS];
    for (const measure of measures) {
      sums.add(measure, week, row[measure]);
      sums.add(`${measure} ${weekday}`, week, row[measure]);
      sums.add(`${measure} class ${row.requester_class}`, week, row[measure]);
      sums.add(`${measure} ${weekday} class ${row.requester_class}`, week, row[measure]);
    }
  }
  const allBytes = sums.of('bytes');
  if (allBytes.some((bytes) => bytes <= 0n)) return { none: 'no_usage' };

  const oneMethodology = new Set(days.map((day) => methodologies.get(day))).size === 1;
  const candidates = measures
    .filter((measure) => sums.of(measure).every((total) => total > 0n) && (measure !== 'downloads' || oneMethodology))
    .flatMap((measure) => [...classes].sort().map((requester_class) => ({ measure, requester_class })));
  let most: (Rank & { readonly measure: Measure; readonly requester_class: string }) | undefined;
  for (const { measure, requester_class } of candidates) {
    const [before, after] = sums.of('bytes', 'class', requester_class);
    const weight = rational(before * allBytes[1] + after * allBytes[0], allBytes[0] * allBytes[1]);
    const relative = relativeChange(sums.of(measure, 'class', requester_class), sums.of(measure));
    const rank = { size: multiply(relative, weight), relative };
    if (most === undefined || compareRanks(rank, most) > 0) most = { ...rank, measure, requester_class };
  }
  if (most === undefined || compare(most.size, LEAST_SIZE) < 0) return { none: 'small' };

  const { measure, requester_class } = most;
  const [amounts, totals] = [sums.of(measure, 'class', requester_class), sums.of(measure)];
  const weekdays = Array.from({ length: DAYS }, (_, weekday) => weekday).filter((weekday) =>
    sums.of(measure, weekday).every((total) => total > 0n),
  );
  const same = weekdays.filter(
    (weekday) =>
      direction(sums.of(measure, weekday, 'class', requester_class), sums.of(measure, weekday)) ===
      direction(amounts, totals),
  );
  return {
    found: {
      requester_class,
      measure,
      from: days[DAYS],
      until,
      amounts,
      totals,
      same_direction: same.length,
      weekdays: weekdays.length,
    },
  };
}

/** The sentence of the page. Not markup: escape it. */
export function unusualSentence(result: MostUnusual): string {
  if ('found' in result) {
    const { requester_class, measure, from, until, amounts, totals, same_direction, weekdays } = result.found;
    const amount = (value: bigint): string =>
      measure === 'bytes' ? english.bytes(value) : `${english.count(value)} ${measure}`;
    const [before, after] = [0, 1].map(
      (week) => `${english.percent(amounts[week], totals[week])} (${amount(amounts[week])})`,
    );
    const moved = direction(amounts, totals) > 0 ? 'rose' : 'fell';
    return (
      `The most unusual change is that of “${english.className(requester_class)}”: ${after} of all ${measure} from ${english.day(from)} ` +
      `to ${english.day(until)}, after ${before} in the seven days before. The share ${moved} on ${same_direction} of ${weekdays} weekdays.`
    );
  }
  switch (result.none) {
    case 'unsealed_days':
      return `No change is shown: the last two weeks are not sealed as a whole (days that are missing or not chosen: ${result.days} of ${2 * DAYS}).`;
    case 'no_usage':
      return 'No change is shown: one of the last two weeks has no bytes.';
    case 'small':
      return 'No kind of program changed much between the last two weeks.';
  }
}
