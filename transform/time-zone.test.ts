import { DateTime } from 'luxon';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { degradation } from './outcome.ts';
import type { LocalTime } from './scan/local-time.ts';
import { MAX_TIME_MS, MIN_TIME_MS } from './scan/time.ts';
import { timeZone } from './time-zone.ts';

const { ambiguous_local_time: TWICE, nonexistent_local_time: NEVER } = degradation;
const zoneOf = (name: string): LocalTime => {
  const zone = timeZone(name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
};
const local_ms = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);
const read = (zone: LocalTime, text: string) =>
  [new Date(zone.toUtc(local_ms(text))).toISOString(), zone.takeDoubt()] as const;

afterEach(() => vi.unstubAllEnvs());

describe('timeZone', () => {
  it('takes UTC and fixed offsets', () => {
    const minutes = (name: string) =>
      (local_ms('2026-07-01 00:00') - zoneOf(name).toUtc(local_ms('2026-07-01 00:00'))) / 60_000;
    expect(['UTC', '+02:00', '-0330', 'UTC+5', '-00:00', '+14', 'Etc/GMT+5', 'Etc/UTC'].map(minutes)).toEqual([
      0, 120, -210, 300, 0, 840, -300, 0,
    ]);
  });

  it('refuses what is neither', () => {
    for (const name of [
      'Mars/Olympus',
      'Europe/Berlinn',
      '+15',
      '+15:00',
      '+01:75',
      '02:00',
      '',
      ' ',
      'local',
      'system',
    ])
      expect(timeZone(name), name).toBeUndefined();
  });

  const golden: readonly (readonly [zone: string, local: string, utc: string, doubt: number])[] = [
    ['Europe/Berlin', '2026-03-29 01:59:59', '2026-03-29T00:59:59.000Z', 0],
    ['Europe/Berlin', '2026-03-29 02:00:00', '2026-03-29T01:00:00.000Z', NEVER],
    ['Europe/Berlin', '2026-03-29 02:59:59', '2026-03-29T01:59:59.000Z', NEVER],
    ['Europe/Berlin', '2026-03-29 03:00:00', '2026-03-29T01:00:00.000Z', 0],
    ['Europe/Berlin', '2026-10-25 01:59:59', '2026-10-24T23:59:59.000Z', 0],
    ['Europe/Berlin', '2026-10-25 02:00:00', '2026-10-25T00:00:00.000Z', TWICE],
    ['Europe/Berlin', '2026-10-25 02:59:59.999', '2026-10-25T00:59:59.999Z', TWICE],
    ['Europe/Berlin', '2026-10-25 03:00:00', '2026-10-25T02:00:00.000Z', 0],
    ['America/New_York', '2026-03-08 01:59:59', '2026-03-08T06:59:59.000Z', 0],
    ['America/New_York', '2026-03-08 02:30:00', '2026-03-08T07:30:00.000Z', NEVER],
    ['America/New_York', '2026-03-08 03:00:00', '2026-03-08T07:00:00.000Z', 0],
    ['America/New_York', '2026-11-01 00:59:59', '2026-11-01T04:59:59.000Z', 0],
    ['America/New_York', '2026-11-01 01:30:00', '2026-11-01T05:30:00.000Z', TWICE],
    ['America/New_York', '2026-11-01 02:00:00', '2026-11-01T07:00:00.000Z', 0],
    ['Asia/Kolkata', '2026-06-15 00:00:00', '2026-06-14T18:30:00.000Z', 0],
    // Half an hour.
    ['Australia/Lord_Howe', '2026-04-05 01:29:59', '2026-04-04T14:29:59.000Z', 0],
    ['Australia/Lord_Howe', '2026-04-05 01:30:00', '2026-04-04T14:30:00.000Z', TWICE],
    ['Australia/Lord_Howe', '2026-04-05 02:00:00', '2026-04-04T15:30:00.000Z', 0],
    ['Australia/Lord_Howe', '2026-10-04 02:15:00', '2026-10-03T15:45:00.000Z', NEVER],
    ['Australia/Lord_Howe', '2026-10-04 02:30:00', '2026-10-03T15:30:00.000Z', 0],
    // A whole day.
    ['Pacific/Apia', '2011-12-29 23:59:59', '2011-12-30T09:59:59.000Z', 0],
    ['Pacific/Apia', '2011-12-30 00:00:00', '2011-12-30T10:00:00.000Z', NEVER],
    ['Pacific/Apia', '2011-12-30 23:59:59', '2011-12-31T09:59:59.000Z', NEVER],
    ['Pacific/Apia', '2011-12-31 00:00:00', '2011-12-30T10:00:00.000Z', 0],
    // Two changes a week apart: the closest there are.
    ['America/Recife', '2000-10-12 12:00:00', '2000-10-12T14:00:00.000Z', 0],
    ['America/Recife', '2000-10-16 12:00:00', '2000-10-16T15:00:00.000Z', 0],
  ];
  it.each(golden)('%s: %s is %s, doubt %i', (name, local, utc, doubt) => {
    expect(read(zoneOf(name), local)).toEqual([utc, doubt]);
  });

  it('forgets a doubt that was asked for, and keeps NaN', () => {
    const zone = zoneOf('Europe/Berlin');
    expect(read(zone, '2026-10-25 02:30:00')[1]).toBe(TWICE);
    expect(zone.takeDoubt()).toBe(0);
    expect(zone.toUtc(NaN)).toBeNaN();
    expect(zone.takeDoubt()).toBe(0);
  });

  it('does not ask for the time zone of the process', () => {
    const of = (tz: string) => {
      vi.stubEnv('TZ', tz);
      return [new Date(0).getTimezoneOffset(), golden.map(([name, local]) => read(zoneOf(name), local))] as const;
    };
    const [here, there] = [of('Pacific/Apia'), of('America/New_York')];
    expect(here[0]).not.toBe(there[0]);
    expect(here[1]).toEqual(there[1]);
  });
});

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
];
/** Nights of Sundays, in the months in which clocks are set. */
const nearChange = fc
  .record({
    year: fc.integer({ min: 2000, max: 2099 }),
    month: fc.constantFrom(3, 4, 9, 10, 11),
    week: fc.nat({ max: 4 }),
    minute: fc.integer({ min: -60, max: 300 }),
  })
  .map(({ year, month, week, minute }) => {
    const first = DateTime.utc(year, month, 1);
    return first.plus({ days: 7 - first.weekday + 7 * week, minutes: minute }).toMillis();
  });
const time = fc.oneof(fc.integer({ min: MIN_TIME_MS, max: MAX_TIME_MS - 1 }), nearChange);

it.each(zones)('%s: agrees with Luxon about every instant', (name) => {
  const zone = zoneOf(name);
  const doubts = [0, 0, 0];
  fc.assert(
    fc.property(time, (wall) => {
      const instant = wall - DateTime.fromMillis(wall, { zone: name }).offset * 60_000;
      const there = DateTime.fromMillis(instant, { zone: name });
      const passes = there.getPossibleOffsets().map((pass) => pass.toMillis());
      expect(zone.toUtc(instant + there.offset * 60_000)).toBe(Math.min(...passes));
      const doubt = zone.takeDoubt();
      expect(doubt).toBe(passes.length > 1 ? TWICE : 0);
      doubts[doubt]++;
    }),
    { numRuns: 3000 },
  );
  if (name !== 'Asia/Kolkata' && name !== 'Pacific/Apia') expect(doubts[TWICE]).toBeGreaterThan(0);
});

it.each(zones)('%s: agrees with Luxon about every local time, and finds those that do not exist', (name) => {
  const zone = zoneOf(name);
  let never = 0;
  fc.assert(
    fc.property(time, (local) => {
      const utc = DateTime.fromMillis(local, { zone: 'utc' });
      // Luxon moves a time that does not exist by as much as the clocks are set.
      const there = utc.setZone(name, { keepLocalTime: true });
      const exists = there.hour === utc.hour && there.minute === utc.minute;
      const ours = zone.toUtc(local);
      expect(zone.takeDoubt() === NEVER).toBe(!exists);
      expect(ours).toBe(Math.min(...there.getPossibleOffsets().map((pass) => pass.toMillis())));
      if (!exists) never++;
    }),
    { numRuns: 3000 },
  );
  if (['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'].includes(name)) expect(never).toBeGreaterThan(0);
});
