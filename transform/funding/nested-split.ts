// Divides cents along the levels of a tree, such as organisation, team and day. Each level is rounded by itself, so every sum of a level
// is within a cent of its exact share of the level above, however many rows are below it.

import { add, type Rational, zero } from './rational.ts';
import { splitStatement } from './rounding.ts';

export interface Leaf {
  /** One name for each level, the highest first; all leaves have as many. */
  readonly path: readonly string[];
  /** Negative: usage was taken back. It gets nothing, and lowers the sums above it. */
  readonly weight: Rational;
}

/**
 * Cents of each leaf, in the order given; they sum to `cents`. The sums of a level depend on the levels above it and on the weights of its
 * own groups alone, so a statement that stops at a level has the same amounts as an export that goes on.
 * @throws RangeError when there are cents but no weight
 */
export function splitNested(cents: bigint, leaves: readonly Leaf[]): bigint[] {
  const result = leaves.map(() => 0n);
  divide(
    cents,
    leaves.map((leaf, index) => ({ ...leaf, index })),
    0,
    result,
  );
  return result;
}

type Numbered = Leaf & { readonly index: number };

function divide(cents: bigint, leaves: readonly Numbered[], level: number, result: bigint[]): void {
  if (cents === 0n) return;
  const groups = new Map<string, Numbered[]>();
  const isLast = level >= (leaves[0]?.path.length ?? 0);
  for (const leaf of leaves) {
    const name = isLast ? String(leaf.index) : leaf.path[level];
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [leaf]);
    else group.push(leaf);
  }
  const parts = [...groups].map(([id, group]) => ({ id, weight: atLeastZero(sumOf(group)) }));
  const shares = splitStatement(cents, parts);
  [...groups.values()].forEach((group, at) => {
    if (isLast) result[group[0].index] = shares[at];
    else divide(shares[at], group, level + 1, result);
  });
}

const sumOf = (leaves: readonly Numbered[]): Rational => leaves.map(({ weight }) => weight).reduce(add, zero);
const atLeastZero = (value: Rational): Rational => (value.num < 0n ? zero : value);
