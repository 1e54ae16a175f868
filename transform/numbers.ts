// Formats numbers for people: the same on a terminal, in a page and in a message. They are rounded and never read back; files use
// decimalText (funding/rational.ts) and centsText (funding/money.ts).

import { decimalsOf } from './funding/currencies.ts';
import { exactPlaces, inUnits } from './funding/money.ts';
import { decimalText, rational, type Rational } from './funding/rational.ts';

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const signOf = (value: bigint): string => (value < 0n ? '-' : '');

/** 1234567 → '1,234,567'; 1234.5678 → '1,234.5678' */
export function formatCount(value: number | bigint): string {
  const [whole, places] = String(value).split('.');
  return places === undefined ? grouped(whole) : `${grouped(whole)}.${places}`;
}

/** Rounded to so many places, halves away from zero: '30,682.9268'. */
export function formatRational(value: Rational, places: number): string {
  const [whole, decimals] = decimalText(value, places).split('.');
  return decimals === undefined ? grouped(whole) : `${grouped(whole)}.${decimals}`;
}

/** Units: without decimals if they are whole. */
export const formatUnits = (value: Rational): string => formatRational(value, value.den === 1n ? 0 : 2);

/** Cents of USD: -123450n → '-1,234.50'; of JPY: '-123,450' */
export const formatCents = (cents: bigint, currency: string): string =>
  formatRational(inUnits(rational(cents), currency), decimalsOf(currency));

/** An exact share in cents, as money with two more places. */
export const formatExactCents = (share: Rational, currency: string): string =>
  formatRational(inUnits(share, currency), exactPlaces(currency));

/** 10,000 basis points → '1', 12,500 → '1.25' */
export const formatFactor = (basis_points: bigint): string =>
  formatRational(rational(basis_points, 10_000n), 4).replace(/\.?0+$/, '');

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
/** 1234567 → '1.23 MB': powers of 1,000, three digits. */
export function formatBytes(value: number | bigint): string {
  let scaled = Math.abs(Number(value));
  let unit = 0;
  while (scaled >= 999.5 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const places = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${value < 0 ? '-' : ''}${scaled.toFixed(places)} ${byteUnits[unit]}`;
}

/** '12.3 %'; '<0.1 %' if a positive part rounds to nothing, '>99.9 %' if less than the whole rounds to all; '–' of nothing. */
export function formatPercent(part: bigint, whole: bigint): string {
  if (whole === 0n) return '–';
  const tenths = (absolute(part) * 2000n + absolute(whole)) / (absolute(whole) * 2n);
  if (tenths === 0n && part !== 0n) return '<0.1 %';
  if (tenths === 1000n && absolute(part) < absolute(whole)) return '>99.9 %';
  return `${signOf(part)}${tenths / 10n}.${tenths % 10n} %`;
}

/** Two digits that count, so that a small share is not zero: '0.012 %'. The whole is not 0. */
export const formatSmallPercent = (part: bigint, whole: bigint): string =>
  `${Number(((100 * Number(part)) / Number(whole)).toPrecision(2))} %`;
