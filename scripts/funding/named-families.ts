// Checks families: those that a policy names must exist, because a contract of nobody would be billed to nobody; and each is exempt
// as a whole or not at all.

import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { type FamilyUnits, type PartyUsage } from '../../transform/funding/units.ts';

/** An organisation that a contract may name. */
export interface NamedFamily {
  /** The head of its family; its own id, if it is the head. */
  readonly family_id: string;
  readonly exempt: boolean;
}

/** @returns a sentence for each contract of no family, or of an exempt one */
export const contractFaults = (
  { contract_minimums_cents }: Policy,
  known: ReadonlyMap<string, NamedFamily>,
): string[] =>
  [...contract_minimums_cents.keys()].flatMap((name) => {
    const family = known.get(name);
    if (family === undefined) return [`contract_minimums.${name}: there is no family ${name}`];
    if (family.family_id !== name)
      return [
        `contract_minimums.${name}: ${name} belongs to ${family.family_id}, and a contract is of the whole family`,
      ];
    return family.exempt ? [`contract_minimums.${name}: ${name} is exempt, and is never billed`] : [];
  });

function requireNone(faults: readonly string[], { version }: Policy, hint: string): void {
  if (faults.length > 0) throw new Fault('usage', `policy ${version}: ${faults.join('\n')}`, hint);
}

/** @throws Fault(usage) if a contract names no family of the registry, or an exempt one */
export async function requireFamilies(warehouse: Warehouse, policy: Policy): Promise<void> {
  if (policy.contract_minimums_cents.size === 0) return;
  const rows = await warehouse.query<NamedFamily & { readonly org_id: string }>(sqlFile('queries/period/families.sql'));
  const known = new Map(rows.map((row) => [row.org_id, row]));
  requireNone(contractFaults(policy, known), policy, 'See the families: fairshare orgs show');
}

/**
 * Exemption is a family's. A registry of an earlier version may have a family that is exempt in part.
 * @throws Fault(checkFailed)
 */
export function requireWholeFamilies(parties: readonly PartyUsage[]): void {
  const kinds = new Map<string, Set<string>>();
  for (const { party, kind } of parties)
    if (kind !== 'unattributed') kinds.set(party, (kinds.get(party) ?? new Set()).add(kind));
  const mixed = [...kinds].filter(([, own]) => own.has('exempt') && own.size > 1).map(([family]) => family);
  if (mixed.length > 0)
    throw new Fault(
      'checkFailed',
      `exempt in part: ${mixed.join(', ')}; some organisations of the family are exempt, and others are not`,
      'A family is exempt as a whole. Say it at its head in the registry, then: fairshare orgs import',
    );
}

/** @throws Fault(usage) if a contract names no family of a file of units, or an exempt one */
export function requireFamiliesOfFile(units: readonly FamilyUnits[], policy: Policy): void {
  const known = new Map(
    units
      .filter(({ kind }) => kind !== 'unattributed')
      .map(({ family, kind }) => [family, { family_id: family, exempt: kind === 'exempt' }]),
  );
  requireNone(
    contractFaults(policy, known),
    policy,
    'A family with a contract and no usage has a row with 0 units in the file of units.',
  );
}
