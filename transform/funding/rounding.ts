// Whole cents from exact shares, by the largest remainder: the sum is exact to the cent, and no share is more than a cent off.

import { compareIds } from './checked.ts';
import { commonDenominator, type Rational } from './rational.ts';

/** An exact share: numerator over the common denominator of all shares. Ties go to the larger weight, then id bytes. */
export interface ExactShare {
  readonly id: string;
  readonly numerator: bigint;
  readonly weight: bigint;
}

/** → whole cents in the order given, summing to ⌊Σ numerator / denominator⌋. Nothing is negative. */
export function roundShares(shares: readonly ExactShare[], denominator: bigint): bigint[] {
  const floors = shares.map(({ numerator }) => numerator / denominator);
  const remainders = shares.map(({ numerator }) => numerator % denominator);
  // Fewer cents are left than there are remainders above zero, so a whole share (a capped one) never gets any.
  const left_over = Number(remainders.reduce((sum, remainder) => sum + remainder, 0n) / denominator);
  const byRemainder = shares.map((_, index) => index);
  byRemainder.sort(
    (a, b) =>
      sign(remainders[b] - remainders[a]) ||
      sign(shares[b].weight - shares[a].weight) ||
      compareIds(shares[a].id, shares[b].id),
  );
  for (const index of byRemainder.slice(0, left_over)) floors[index] += 1n;
  return floors;
}

const sign = (value: bigint): number => (value < 0n ? -1 : value > 0n ? 1 : 0);

/** One line of a statement, such as a requester class in an ecosystem; its weight is its units. */
export interface StatementPart {
  readonly id: string;
  readonly weight: Rational;
}

/**
 * Step 9: divides a statement's cents among its lines, in the order given; they sum to it. A correction (negative cents) is the
 * rounding of its absolute value, negated, so that it exactly reverses the bill.
 * @throws RangeError when there are cents but no weight, or a weight is negative.
 */
export function splitStatement(cents: bigint, parts: readonly StatementPart[]): bigint[] {
  if (cents < 0n) return splitStatement(-cents, parts).map((line_cents) => -line_cents);
  const denominator = commonDenominator(parts.map(({ weight }) => weight));
  const weights = parts.map(({ weight }) => weight.num * (denominator / weight.den));
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  if (weights.some((weight) => weight < 0n)) throw new RangeError('a statement line has a negative weight');
  if (total === 0n) {
    if (cents !== 0n) throw new RangeError(`${cents} cents cannot be split over lines without weight`);
    return parts.map(() => 0n);
  }
  return roundShares(
    parts.map(({ id }, index) => ({ id, numerator: cents * weights[index], weight: weights[index] })),
    total,
  );
}
