import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  addDays,
  DAY_MS,
  dayOf,
  daysBetween,
  daysIn,
  isDay,
  lastDay,
  periodEnd,
  periodOf,
  periodStart,
  startOf,
} from './periods.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the calendar', () => {
  it('ends months and years', () => {
    expect(['2026-02', '2024-02', '2026-12', '2100-02'].map(periodEnd)).toEqual([
      '2026-03-01',
      '2024-03-01',
      '2027-01-01',
      '2100-03-01',
    ]);
    expect(['2026-02', '2024-02', '2026-12', '2100-02'].map(lastDay)).toEqual([
      '2026-02-28',
      '2024-02-29',
      '2026-12-31',
      '2100-02-28',
    ]);
    expect(['2026-02', '2024-02', '2026-12', '2026-11'].map(daysIn)).toEqual([28, 29, 31, 30]);
    expect(periodStart('2026-02')).toBe('2026-02-01');
    expect(periodOf('2026-02-28')).toBe('2026-02');
  });

  it('adds days, and counts them', () => {
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
    expect(addDays('2025-12-31', 1)).toBe('2026-01-01');
    expect(daysBetween('2026-02-28', '2026-03-01')).toBe(1);
    expect(daysBetween('2026-03-01', '2026-02-28')).toBe(-1);
  });

  it('names the day of an instant in UTC', () => {
    expect(dayOf(new Date('2026-10-25T23:59:59.999Z'))).toBe('2026-10-25');
    expect(dayOf(Date.parse('2026-10-26T00:00:00Z'))).toBe('2026-10-26');
    expect(dayOf('2026-10-26T01:00:00+02:00')).toBe('2026-10-25');
  });

  it('tells days that exist, and when they begin', () => {
    expect(['2026-02-28', '2024-02-29', '0001-01-01'].every(isDay)).toBe(true);
    for (const none of [
      '2026-02-29',
      '2026-2-28',
      '2026-W01-1',
      '2026-02',
      '2026-13-01',
      '2026-02-28T00:00',
      '',
      'today',
    ])
      expect(isDay(none), none).toBe(false);
    expect(startOf('2026-10-25')).toBe(Date.UTC(2026, 9, 25));
  });

  it('throws at what is no day', () => {
    for (const none of [
      () => dayOf(NaN),
      () => dayOf('yesterday'),
      () => addDays('2026-02-30', 1),
      () => periodEnd('2026-13'),
    ])
      expect(none).toThrow(RangeError);
  });

  it.each(['UTC', 'Pacific/Apia', 'America/New_York'])('agrees with Date, wherever the process is (TZ=%s)', (tz) => {
    vi.stubEnv('TZ', tz);
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2000), max: Date.UTC(2100) - 1 }),
        fc.integer({ min: -40_000, max: 40_000 }),
        (instant, days) => {
          const day = new Date(instant).toISOString().slice(0, 10);
          const later = new Date(instant + days * DAY_MS).toISOString().slice(0, 10);
          expect(dayOf(instant)).toBe(day);
          expect(addDays(day, days)).toBe(later);
          expect(daysBetween(day, later)).toBe(days);
          const [year, month] = day.split('-').map(Number);
          expect(periodEnd(periodOf(day))).toBe(new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
