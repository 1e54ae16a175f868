// The savings of caching proxies: the model is computed again without repeats. A repeat saves the registry the cost of its units,
// and it saves its family the difference of the bill at that lower cost.

import { allocate, type AllocationResult } from './allocate.ts';
import { compareIds } from './checked.ts';
import { type Policy } from './policy.ts';
import { add, round, zero, type Rational } from './rational.ts';
import { unitsOf, type UnitPrices, type UsageRow } from './units.ts';

/** Usage of a party and class, and the part of it that repeats. */
export interface WasteRow extends UsageRow {
  readonly downloads: bigint;
  readonly repeat_downloads: bigint;
  readonly repeat_bytes: bigint;
}

export interface FamilyWaste {
  readonly family: string;
  /** Cost of its repeats, in whole cents; null if units are no cents (the policy fixes prices). */
  readonly registry_saves_cents: bigint | null;
  /** Reduction of its bill if it alone caches; null: none of its usage is billed. */
  readonly family_saves_cents: bigint | null;
}

interface Rules {
  readonly policy: Policy;
  readonly prices: UnitPrices;
  readonly cost_pool_cents: bigint;
}

/** Units of the repeats of rows. */
const repeatUnits = (rows: readonly WasteRow[], { prices, policy }: Pick<Rules, 'prices' | 'policy'>): Rational =>
  rows
    .map((row) =>
      unitsOf(
        { requester_class: row.requester_class, requests: row.repeat_downloads, bytes: row.repeat_bytes },
        prices,
        policy,
      ),
    )
    .reduce(add, zero);

const gross = (rows: readonly WasteRow[], family: string | null, { prices, policy }: Rules) => {
  const units = new Map<string, { family: string; kind: UsageRow['kind']; units: Rational }>();
  for (const row of rows) {
    const cached = row.family === family && row.kind !== 'unattributed';
    const left = cached
      ? { ...row, requests: row.requests - row.repeat_downloads, bytes: row.bytes - row.repeat_bytes }
      : row;
    const key = `${row.kind} ${row.family}`;
    const known = units.get(key);
    const own = unitsOf(left, prices, policy);
    units.set(key, { family: row.family, kind: row.kind, units: known === undefined ? own : add(known.units, own) });
  }
  return [...units.values()];
};

const billedTo = (result: AllocationResult, family: string): bigint | null => {
  const line = result.lines.find((candidate) => candidate.family === family);
  if (line === undefined) return null;
  return line.billed_cents + (result.true_ups.find((candidate) => candidate.family === family)?.cents ?? 0n);
};

/** Savings of the registry and of each of these families, if that family alone caches. By id. */
export function familyWaste(rows: readonly WasteRow[], families: readonly string[], rules: Rules): FamilyWaste[] {
  const { policy, cost_pool_cents } = rules;
  const now = allocate({ families: gross(rows, null, rules), cost_pool_cents, policy });
  return [...families].sort(compareIds).map((family) => {
    const own = rows.filter((row) => row.family === family && row.kind !== 'unattributed');
    const saved = policy.fixed_prices ? null : round(repeatUnits(own, rules));
    const billed = billedTo(now, family);
    if (billed === null) return { family, registry_saves_cents: saved, family_saves_cents: null };
    const then = allocate({
      families: gross(rows, family, rules),
      cost_pool_cents: saved === null || saved > cost_pool_cents ? cost_pool_cents : cost_pool_cents - saved,
      policy,
    });
    return { family, registry_saves_cents: saved, family_saves_cents: billed - billedTo(then, family)! };
  });
}
