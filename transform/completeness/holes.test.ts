import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Counts, judgeDay, median, type SourceCounts } from './holes.ts';

/** Weekdays and a weekend, people by day and machines round the clock. */
const WEEK = [1, 1, 1, 1, 1, 0.5, 0.45];
const hoursOf = (requests: number, isRest = false): number[] =>
  Array.from({ length: 24 }, (_, hour) =>
    Math.round((requests / 24) * (hour >= 8 && hour < 20 ? (isRest ? 1.2 : 1.5) : isRest ? 0.8 : 0.5)),
  );
const counts = (part: string, hours: readonly (readonly number[])[]): Counts => ({
  part,
  days: hours.map((day) => day.reduce((a, b) => a + b, 0)),
  hours,
});
const days = (requests: number, number = 43): number[][] =>
  Array.from({ length: number }, (_, day) => hoursOf(requests * WEEK[day % 7], WEEK[day % 7] < 1));
const sourceOf = (
  hours: readonly (readonly number[])[],
  parts: readonly Counts[] = [],
  source = 'edge',
): SourceCounts => ({
  source,
  first: 0,
  whole: counts('', hours),
  divisions: [parts],
});
const changed = (hours: number[][], day: number, change: (count: number, hour: number) => number): number[][] =>
  hours.map((own, at) => (at === day ? own.map((count, hour) => Math.round(change(count, hour))) : own));
const WEDNESDAY = 30;
const SATURDAY = 33;

describe('a day', () => {
  it('of the usual size is no hole, on no weekday', () => {
    const source = sourceOf(days(10_000));
    for (let day = 2; day < 43; day++)
      expect(judgeDay([source], day), String(day)).toEqual({ holes: [], notJudged: [] });
  });

  it.each([
    ['nothing', 0],
    ['one line', 0.0001],
    ['half', 0.5],
  ])('that has %s is one, and says what is usual', (_, share) => {
    const source = sourceOf(changed(days(10_000), WEDNESDAY, (count) => count * share));
    const { holes } = judgeDay([source], WEDNESDAY);
    expect(holes).toMatchObject([{ source: 'edge', part: '', hours: [], compared: 4, equalWeekdays: true }]);
    expect(holes[0].usual).toBeCloseTo(10_008, -2);
    expect(holes[0].came).toBe(source.whole.days[WEDNESDAY]);
    expect(holes[0].came).toBeLessThan(holes[0].least);
  });

  it('is compared with its own weekday: a Saturday may be half of a Friday, and half of a Saturday is a hole', () => {
    expect(judgeDay([sourceOf(days(10_000))], SATURDAY).holes).toEqual([]);
    const half = sourceOf(changed(days(10_000), SATURDAY, (count) => count / 2));
    expect(judgeDay([half], SATURDAY).holes).toMatchObject([{ part: '', hours: [] }]);
  });

  it('is a holiday if its hours are those of a day of rest, or if others rest too', () => {
    const holiday = days(10_000).map((own, day) => (day === WEDNESDAY ? hoursOf(5_000, true) : own));
    expect(judgeDay([sourceOf(holiday)], WEDNESDAY).holes).toEqual([]);
    const half = changed(days(10_000), WEDNESDAY, (count) => count / 2);
    const other = (hours: number[][]) => sourceOf(hours, [], 'other');
    expect(judgeDay([sourceOf(half), other(holiday)], WEDNESDAY).holes).toEqual([]);
    expect(judgeDay([sourceOf(holiday), other(days(4_000))], WEDNESDAY).holes).toMatchObject([{ source: 'edge' }]);
  });

  it('without equal weekdays is compared with the days there are, from two on', () => {
    const source = sourceOf(
      changed(days(2_000, 8), 3, () => 0).map((own, day) => (day === 3 ? [1, ...own.slice(1)] : own)),
    );
    expect(judgeDay([source], 0).notJudged).toEqual(['edge']);
    expect(judgeDay([source], 1).notJudged).toEqual(['edge']);
    expect(judgeDay([source], 2)).toEqual({ holes: [], notJudged: [] });
    expect(judgeDay([source], 3).holes).toMatchObject([{ came: 1, compared: 3, equalWeekdays: false }]);
    // The first weekend is quieter than all days before it, and no hole.
    expect(judgeDay([source], 5).holes).toEqual([]);
  });

  it('that stays empty stays a hole; of two earlier days the lower one counts', () => {
    const began = (...requests: number[]) => sourceOf([...requests.map((one) => hoursOf(one)), ...days(0, 10)]);
    for (let day = 2; day < 9; day++) {
      expect(judgeDay([began(1_000, 900)], day).holes, String(day)).toMatchObject([{ came: 0, compared: 2 }]);
      expect(judgeDay([began(1_000, 5)], day).holes, String(day)).toEqual([]);
    }
  });

  it('after a week without logs is still a hole', () => {
    const gone = days(10_000).map((own, day) => (day > 30 ? own.map(() => 0) : own));
    for (let day = 31; day < 43; day++) expect(judgeDay([sourceOf(gone)], day).holes, String(day)).toHaveLength(1);
  });

  it('of a source with few requests is left alone', () => {
    expect(judgeDay([sourceOf(changed(days(15), WEDNESDAY, () => 0))], WEDNESDAY).holes).toEqual([]);
  });
});

describe('an hour', () => {
  it('that is empty is a hole; a quiet day has none', () => {
    const source = sourceOf(changed(days(10_000), WEDNESDAY, (count, hour) => (hour === 3 || hour === 4 ? 0 : count)));
    expect(judgeDay([source], WEDNESDAY).holes).toMatchObject([{ part: '', hours: [3, 4], came: 0 }]);
    const quiet = sourceOf(changed(days(10_000), WEDNESDAY, (count) => 0.75 * count));
    expect(judgeDay([quiet], WEDNESDAY).holes).toEqual([]);
  });
});

describe('a part', () => {
  const edges = (change: (part: string, hours: number[][]) => number[][]): SourceCounts => {
    const parts = ['fra', 'ams', 'nyc'].map((part) => change(part, days(5_000)));
    const whole = parts[0].map((_, day) =>
      parts[0][day].map((__, hour) => parts.reduce((sum, own) => sum + own[day][hour], 0)),
    );
    return sourceOf(
      whole,
      ['fra', 'ams', 'nyc'].map((part, i) => counts(part, parts[i])),
    );
  };

  it('that lacks half of its requests is a hole, although the source looks well', () => {
    const source = edges((part, hours) => (part === 'ams' ? changed(hours, WEDNESDAY, (count) => count / 2) : hours));
    expect(judgeDay([source], WEDNESDAY).holes).toMatchObject([{ part: 'ams', hours: [] }]);
  });

  it('that lacks hours is one', () => {
    const source = edges((part, hours) =>
      part === 'ams' ? changed(hours, WEDNESDAY, (count, hour) => (hour === 12 ? 0 : count)) : hours,
    );
    expect(judgeDay([source], WEDNESDAY).holes).toMatchObject([{ part: 'ams', hours: [12] }]);
  });

  it('is said once, as the source, if all of them lack the same', () => {
    const source = edges((_, hours) => changed(hours, WEDNESDAY, () => 0));
    expect(judgeDay([source], WEDNESDAY).holes).toMatchObject([{ part: '', came: 0 }]);
  });
});

it('finds every empty day of a source with a rhythm, whatever its size and growth', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 100, max: 1e7, noNaN: true }),
      fc.double({ min: -0.01, max: 0.02, noNaN: true }),
      fc.integer({ min: 15, max: 42 }),
      (requests, growth, day) => {
        const grown = days(requests).map((own, at) => own.map((count) => Math.round(count * Math.exp(growth * at))));
        expect(judgeDay([sourceOf(grown)], day).holes).toEqual([]);
        expect(judgeDay([sourceOf(changed(grown, day, () => 0))], day).holes).toMatchObject([{ part: '', came: 0 }]);
      },
    ),
    { numRuns: 50 },
  );
});

it('takes the mean of the middle two for the median of an even number', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, NaN]);
});
