// Compares two allocations: the bills under another policy, or the corrections after a closed period is computed again.

import type { AllocationResult, AllocationRule } from './allocate.ts';
import { compareIds } from './checked.ts';

/** The bill of one family, true-up included. Null rule: it has no line in that allocation. */
export interface ComparedFamily {
  readonly family: string;
  readonly a_cents: bigint;
  readonly b_cents: bigint;
  /** b minus a. */
  readonly difference_cents: bigint;
  readonly a_rule: AllocationRule | null;
  readonly b_rule: AllocationRule | null;
}

export interface Comparison {
  /** By id bytes. */
  readonly families: readonly ComparedFamily[];
  readonly a_commons_cents: bigint;
  readonly b_commons_cents: bigint;
  /** b minus a: the opposite of the difference of all families together. */
  readonly commons_difference_cents: bigint;
}

interface Payment {
  cents: bigint;
  rule: AllocationRule | null;
}

function payments({ lines, true_ups }: AllocationResult): Map<string, Payment> {
  const paid = new Map<string, Payment>();
  for (const { family, billed_cents, rule } of lines) paid.set(family, { cents: billed_cents, rule });
  for (const { family, cents } of true_ups) {
    const payment = paid.get(family) ?? { cents: 0n, rule: null };
    paid.set(family, { ...payment, cents: payment.cents + cents });
  }
  return paid;
}

/** @throws RangeError when the two have different currencies. */
export function compareAllocations(a: AllocationResult, b: AllocationResult): Comparison {
  if (a.currency !== b.currency) throw new RangeError(`${a.currency} and ${b.currency} cannot be compared`);
  const before = payments(a);
  const after = payments(b);
  const families = [...new Set([...before.keys(), ...after.keys()])].sort(compareIds).map((family): ComparedFamily => {
    const { cents: a_cents, rule: a_rule } = before.get(family) ?? { cents: 0n, rule: null };
    const { cents: b_cents, rule: b_rule } = after.get(family) ?? { cents: 0n, rule: null };
    return { family, a_cents, b_cents, difference_cents: b_cents - a_cents, a_rule, b_rule };
  });
  return {
    families,
    a_commons_cents: a.commons_cents,
    b_commons_cents: b.commons_cents,
    commons_difference_cents: b.commons_cents - a.commons_cents,
  };
}

/** A line of a later period that corrects a closed one. It is not part of the sum of the period in which it is booked. */
export interface Correction {
  readonly family: string;
  /** Negative if too much was billed. */
  readonly cents: bigint;
}

/** The amount that each family was billed too little (negative: too much) when a closed period is computed again. */
export const corrections = (closed: AllocationResult, recomputed: AllocationResult): Correction[] =>
  compareAllocations(closed, recomputed)
    .families.filter(({ difference_cents }) => difference_cents !== 0n)
    .map(({ family, difference_cents }) => ({ family, cents: difference_cents }));

export const comparisonJson = (comparison: Comparison): Record<string, unknown> => ({
  families: comparison.families.map((family) => ({
    ...family,
    a_cents: String(family.a_cents),
    b_cents: String(family.b_cents),
    difference_cents: String(family.difference_cents),
  })),
  a_commons_cents: String(comparison.a_commons_cents),
  b_commons_cents: String(comparison.b_commons_cents),
  commons_difference_cents: String(comparison.commons_difference_cents),
});
