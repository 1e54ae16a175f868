// Money: decimal text in files, whole minor units (BigInt) everywhere else. They are called cents, and are what ISO 4217 says: cents of
// USD, whole yen of JPY, thousandths of KWD.

import { decimalsOf } from './currencies.ts';
import { decimalText, rational, type Rational } from './rational.ts';

/** USD: '100000.00', '5' or '0.5' → cents; undefined for any other text (signs, exponents, separators, a place too many). */
export function parseCents(text: string, currency: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const [, whole, places = ''] = match ?? [];
  const decimals = decimalsOf(currency);
  return match !== null && places.length <= decimals ? BigInt(whole + places.padEnd(decimals, '0')) : undefined;
}

/** As parseCents, with an optional minus sign: '-120.50'. */
export function parseSignedCents(text: string, currency: string): bigint | undefined {
  const cents = parseCents(text.replace(/^-/, ''), currency);
  return cents !== undefined && text.startsWith('-') ? -cents : cents;
}

/** An amount as a number of whole currency units. */
export const inUnits = ({ num, den }: Rational, currency: string): Rational =>
  rational(num, den * 10n ** BigInt(decimalsOf(currency)));

/** Cents → '-1234.50', as in files. */
export const centsText = (cents: bigint, currency: string): string =>
  decimalText(inUnits(rational(cents), currency), decimalsOf(currency));

/** Places of an exact share: two more than the currency has. */
export const exactPlaces = (currency: string): number => decimalsOf(currency) + 2;

/** An exact share in cents → money with two more places, as in files: '306.8293'. */
export const exactCentsText = (share: Rational, currency: string): string =>
  decimalText(inUnits(share, currency), exactPlaces(currency));
