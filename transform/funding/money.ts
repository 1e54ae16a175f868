// Money: decimal text with at most two places in files, whole cents (BigInt) everywhere else.

import { decimalText, rational, type Rational } from './rational.ts';

/** '100000.00', '5' or '0.5' → cents; undefined for any other text (signs, exponents, separators, a third place). */
export function parseCents(text: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text);
  return match ? BigInt(match[1] + (match[2] ?? '').padEnd(2, '0')) : undefined;
}

/** As parseCents, with an optional minus sign: '-120.50'. */
export function parseSignedCents(text: string): bigint | undefined {
  const cents = parseCents(text.replace(/^-/, ''));
  return cents !== undefined && text.startsWith('-') ? -cents : cents;
}

/** Cents → '-1234.50', as in files. */
export function centsText(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** An exact share in cents → money with four places, as in files: '306.8293'. */
export const exactCentsText = ({ num, den }: Rational): string => decimalText(rational(num, den * 100n), 4);
