import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import {
  daysFromCivil,
  parseClf,
  parseDateAndTime,
  parseEpoch,
  parseHttpDate,
  parseIso,
  parseTimestamp,
} from './time.ts';
import { LocalTime } from './local-time.ts';

type Read = (buf: Uint8Array, start: number, end: number, local: LocalTime) => number;
const read = (parse: Read, text: string, utcOffset_minutes = 0): number => {
  const bytes = utf8(`19${text}99`);
  return parse(bytes, 2, bytes.length - 2, LocalTime.fixed(utcOffset_minutes));
};
const date = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const two = (n: number): string => String(n).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const seconds = (d: Date): number => Math.floor(d.getTime() / 1000) * 1000;
const runs = { numRuns: 5_000 };

describe('parseIso', () => {
  it('agrees with Date on every day, with and without offset', () => {
    fc.assert(
      fc.property(
        date,
        fc.integer({ min: -1439, max: 1439 }),
        fc.constantFrom('T', ' ', 't'),
        (d, offset, separator) => {
          const iso = d.toISOString();
          expect(read(parseIso, iso.replace('T', separator))).toBe(d.getTime());
          expect(read(parseIso, iso.slice(0, 19).replace('T', separator), offset)).toBe(seconds(d) - offset * 60_000);
          const sign = offset < 0 ? '-' : '+';
          const [h, m] = [two(Math.floor(Math.abs(offset) / 60)), two(Math.abs(offset) % 60)];
          for (const zone of [`${sign}${h}:${m}`, `${sign}${h}${m}`]) {
            expect(read(parseIso, iso.slice(0, 19) + zone, 77)).toBe(seconds(d) - offset * 60_000);
          }
        },
      ),
      runs,
    );
  });

  it('cuts fractions, and never rounds into the next day', () => {
    expect(read(parseIso, '2024-01-16T16:03:04.489478612Z')).toBe(Date.UTC(2024, 0, 16, 16, 3, 4, 489));
    expect(read(parseIso, '2024-01-16T23:59:59.9999999Z')).toBe(Date.UTC(2024, 0, 16, 23, 59, 59, 999));
    expect(read(parseIso, '2024-01-16T23:59:59,5Z')).toBe(Date.UTC(2024, 0, 16, 23, 59, 59, 500));
  });

  it('reads leap days and leap seconds', () => {
    expect(read(parseIso, '2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29));
    expect(read(parseIso, '2000-02-29 00:00:00')).toBe(Date.UTC(2000, 1, 29));
    expect(read(parseIso, '2016-12-31T23:59:60Z')).toBe(Date.UTC(2017, 0, 1));
  });

  it.each([
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2024-00-10T00:00:00Z',
    '2024-13-10T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-10T24:00:00Z',
    '2024-01-10T00:60:00Z',
    '2024-01-10T00:00:60Z',
    '2024-01-10T00:00:0',
    '2024-01-10',
    '2024/01/10T00:00:00Z',
    '2024-01-10_00:00:00Z',
    '2024-01-10T00:00:00.Z',
    '2024-01-10T00:00:00ZZ',
    '2024-01-10T00:00:00 Z',
    '2024-01-10T00:00:00+1',
    '2024-01-10T00:00:00+01:0',
    '2024-01-10T00:00:00+24:00',
    '2024-01-10T00:00:00+01:60',
    '2024-01-10T00:00:00+01-00',
    '2o24-01-10T00:00:00Z',
    '2024-01-1\u0000T00:00:00Z',
    '+024-01-10T00:00:00Z',
  ])('refuses %s', (text) => expect(read(parseIso, text)).toBeNaN());
});

describe('parseClf', () => {
  it('agrees with Date', () => {
    fc.assert(
      fc.property(date, (d) => {
        const day = `${two(d.getUTCDate())}/${months[d.getUTCMonth()]}/${String(d.getUTCFullYear()).padStart(4, '0')}`;
        const clock = d.toISOString().slice(11, 19);
        expect(read(parseClf, `${day}:${clock} +0000`)).toBe(seconds(d));
        expect(read(parseClf, `${day}:${clock} -0730`)).toBe(seconds(d) + 450 * 60_000);
        expect(read(parseClf, `${day}:${d.toISOString().slice(11, 23)}`, 60)).toBe(d.getTime() - 3_600_000);
      }),
      runs,
    );
  });
  it.each([
    '31/Feb/2024:00:00:00 +0000',
    '01/jan/2024:00:00:00 +0000',
    '1/Jan/2024:00:00:00 +0000',
    '01/Jan/2024 00:00:00 +0000',
    '01/Jan/2024:00:00:00 0000',
    '01/Jan/2024:00:00:00 ',
    '01/Jan/2024:00:00:00 Z',
    '01/Jan/2024:00:00',
  ])('refuses %s', (text) => expect(read(parseClf, text)).toBeNaN());
});

describe('parseHttpDate', () => {
  it('agrees with Date', () => {
    fc.assert(
      fc.property(date, (d) => {
        const text = d
          .toUTCString()
          .replace(/ (\d{1,4}) (\d\d:)/, (_, year: string, rest: string) => ` ${year.padStart(4, '0')} ${rest}`);
        expect(read(parseHttpDate, text)).toBe(seconds(d));
      }),
      runs,
    );
  });
  it.each([
    'Thu, 07 Jan 2021 20:54:54',
    'Thx, 07 Jan 2021 20:54:54 GMT',
    'Thu, 31 Feb 2021 20:54:54 GMT',
    'Thu, 07-Jan-2021 20:54:54 GMT',
    'Thu, 07 Jan 2021 20:54:54 EST',
  ])('refuses %s', (text) => expect(read(parseHttpDate, text)).toBeNaN());
});

describe('parseEpoch', () => {
  it('tells the unit by the magnitude', () => {
    const ms = fc.integer({ min: Date.UTC(2000), max: Date.UTC(2100) - 1 });
    fc.assert(
      fc.property(ms, fc.nat(999_999), (t, nanos) => {
        const whole = Math.floor(t / 1000);
        const six = String(nanos).padStart(6, '0');
        expect(read(parseEpoch, String(whole))).toBe(whole * 1000);
        expect(read(parseEpoch, String(t))).toBe(t);
        expect(read(parseEpoch, `${t}${six.slice(0, 3)}`)).toBe(t);
        expect(read(parseEpoch, `${t}${six}`)).toBe(t);
        expect(read(parseEpoch, `${whole}.${String(t % 1000).padStart(3, '0')}${six}`)).toBe(t);
      }),
      runs,
    );
  });
  it('reads exponents as JSON writes them', () => {
    expect(read(parseEpoch, '1.6e9')).toBe(1_600_000_000_000);
    expect(read(parseEpoch, '16E+17')).toBe(1_600_000_000_000);
    expect(read(parseEpoch, '1e400')).toBe(Infinity);
  });
  it.each(['', '.5', '1.', '1e', '12a', '0x10', ' 1'])('refuses %j', (text) =>
    expect(read(parseEpoch, text)).toBeNaN(),
  );
});

describe('parseTimestamp', () => {
  const at = Date.UTC(2021, 0, 7, 20, 54, 54);
  it.each([
    '2021-01-07T20:54:54Z',
    '2021-01-07 20:54:54',
    '07/Jan/2021:20:54:54 +0000',
    'Thu, 07 Jan 2021 20:54:54 GMT',
    '1610052894',
    '1610052894000',
    '1610052894000000000',
    '1610052894.000',
  ])('tells %s apart', (text) => expect(read(parseTimestamp, text)).toBe(at));
  it('reads a negative epoch, which is out of range', () => {
    expect(read(parseTimestamp, '-1')).toBe(-1000);
    expect(read(parseTimestamp, '-')).toBeNaN();
    expect(read(parseTimestamp, '')).toBeNaN();
  });
});

it('parseDateAndTime joins two fields', () => {
  const day = utf8('2026-11-22');
  const clock = utf8('07:48:02');
  expect(parseDateAndTime(day, 0, 10, clock, 0, 8)).toBe(Date.UTC(2026, 10, 22, 7, 48, 2));
  expect(parseDateAndTime(day, 0, 9, clock, 0, 8)).toBeNaN();
});

it('daysFromCivil counts days', () => {
  expect(daysFromCivil(1970, 1, 1)).toBe(0);
  expect(daysFromCivil(2000, 3, 1)).toBe(11_017);
});
