// Plans when and where lines are written: days, sources, objects and their hours, with an exact number of lines for each.

import { AliasTable } from './random.ts';
import type { Segment, SourceName } from './scenario.ts';
import { sourceShares } from './scenario.ts';
import { DAY_MS, dayOf } from '../../transform/periods.ts';

const HOUR_MS = 3_600_000;
const HOURS_OF_WEEK = 168;

/** Hours since Sunday 00:00 UTC. */
const hourOfWeek = (time_ms: number): number => {
  const hours = Math.floor(time_ms / HOUR_MS);
  return (hours + 4 * 24) % HOURS_OF_WEEK; // 1970-01-01 was a Thursday
};

/** Part of an object inside one hour. */
export interface Slice {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly hourOfWeek: number;
  readonly lines: number;
}

export interface ObjectPlan {
  /** Index into the plan's sources. */
  readonly source: number;
  /** Day from the simulation's first, and the object's number within it. */
  readonly day: number;
  readonly index: number;
  /** Relative to the output directory, with '/'. */
  readonly path: string;
  readonly start_ms: number;
  readonly slices: readonly Slice[];
  readonly lines: number;
}

export interface PlanOptions {
  readonly sources: readonly SourceName[];
  readonly segments: readonly Segment[];
  readonly lines: number;
  /** Midnight of the first day. */
  readonly start_ms: number;
  readonly days: number;
  /** Per source. */
  readonly objectsPerDay: number;
}

/** Weights of the segments at a source in an hour of the week. */
function segmentWeights(segments: readonly Segment[], source: SourceName, hour: number): number[] {
  const isWeekend = hour < 24 || hour >= 144;
  return segments.map(({ requests, sources, rhythm: { hours, weekend } }) => {
    const mean = (hours.reduce((a, b) => a + b, 0) / 24) * ((5 + 2 * weekend) / 7);
    return (requests * (sources?.[source] ?? 1) * hours[hour % 24] * (isWeekend ? weekend : 1)) / mean;
  });
}

/** How busy a source is in each hour of the week, and which segments are busy then. */
export interface WeekOfSource {
  /** Mean 1 × the source's share. */
  readonly weights: Float64Array;
  readonly segments: readonly AliasTable[];
}

export function weekOf(source: SourceName, segments: readonly Segment[]): WeekOfSource {
  const perHour = Array.from({ length: HOURS_OF_WEEK }, (_, hour) => segmentWeights(segments, source, hour));
  const sums = Float64Array.from(perHour, (weights) => weights.reduce((a, b) => a + b, 0));
  const mean = sums.reduce((a, b) => a + b, 0) / HOURS_OF_WEEK;
  return {
    weights: sums.map((sum) => (sum / mean) * sourceShares[source]),
    segments: perHour.map((weights) => new AliasTable(weights)),
  };
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Hours, or parts of hours, of one object. */
function* hoursOf(start_ms: number, end_ms: number): Generator<[start_ms: number, end_ms: number]> {
  for (let at = start_ms; at < end_ms;) {
    const next = Math.min(end_ms, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    yield [at, next];
    at = next;
  }
}

/** Every object in the order of writing: day by day, source by source. Their lines sum to `lines`. */
export function* planObjects(options: PlanOptions, weeks: readonly WeekOfSource[]): Generator<ObjectPlan> {
  const { sources, lines, start_ms, days, objectsPerDay } = options;
  const weightOf = (source: number, from_ms: number, to_ms: number): number =>
    (weeks[source].weights[hourOfWeek(from_ms)] * (to_ms - from_ms)) / HOUR_MS;

  let total = 0;
  for (let day = 0; day < days; day++)
    for (let hour = 0; hour < 24; hour++) {
      const from_ms = start_ms + day * DAY_MS + hour * HOUR_MS;
      for (let source = 0; source < sources.length; source++) total += weightOf(source, from_ms, from_ms + HOUR_MS);
    }

  let passed = 0;
  let given = 0;
  for (let day = 0; day < days; day++) {
    const dayStart_ms = start_ms + day * DAY_MS;
    const [year, month, date] = dayOf(dayStart_ms).split('-');
    for (let source = 0; source < sources.length; source++) {
      let hourOfLast = -1;
      let inHour = 0;
      for (let index = 0; index < objectsPerDay; index++) {
        const from_ms = dayStart_ms + Math.floor((index * 1440) / objectsPerDay) * 60_000;
        const to_ms = dayStart_ms + Math.floor(((index + 1) * 1440) / objectsPerDay) * 60_000;
        const hour = (from_ms - dayStart_ms - ((from_ms - dayStart_ms) % HOUR_MS)) / HOUR_MS;
        inHour = hour === hourOfLast ? inHour + 1 : 0;
        hourOfLast = hour;
        const before = given;
        const slices: Slice[] = [];
        for (const [start, end] of hoursOf(from_ms, to_ms)) {
          passed += weightOf(source, start, end);
          // The very last hour takes the rest that rounding left.
          const isLast = day === days - 1 && source === sources.length - 1 && end === start_ms + days * DAY_MS;
          const upTo = isLast ? lines : Math.min(lines, Math.floor((lines * passed) / total));
          slices.push({ start_ms: start, end_ms: end, hourOfWeek: hourOfWeek(start), lines: upTo - given });
          given = upTo;
        }
        const name = `${twoDigits(hour)}-${twoDigits(inHour)}`;
        const path = `${sources[source]}/${year}/${month}/${date}/${name}.log.gz`;
        if (given > before) yield { source, day, index, path, start_ms: from_ms, slices, lines: given - before };
      }
    }
  }
}
