// Repeated downloads of a month, by family and requester class, and the savings of a caching proxy.

import { usageParameters } from '../../dashboards/report/collect.ts';
import { runReportQuery } from '../../dashboards/report/queries.ts';
import { type Measures } from '../../dashboards/report/figures.ts';
import { type WasteReport } from '../../dashboards/report/waste.ts';
import { allocationRun } from '../../sql/allocation-run.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { compareIds } from '../../transform/funding/checked.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { type FamilyWaste, familyWaste, type WasteRow } from '../../transform/funding/waste.ts';
import { priced } from './parties.ts';
import { type PeriodAllocation } from './run.ts';

const sumNames = ['requests', 'downloads', 'bytes', 'repeat_downloads', 'repeat_bytes'] as const;

/**
 * The waste of an allocated month: all parties, and the possible savings of some families.
 * @param org only this family
 * @param top families whose savings are computed, the largest waste first; undefined: all
 * @throws Fault(inputRefused) for a family without usage
 */
export async function wasteOf(
  warehouse: Warehouse,
  allocation: PeriodAllocation,
  { org, top }: { readonly org?: string; readonly top?: number },
): Promise<WasteReport> {
  const { period, result, parties: billed, terms } = allocation;
  const usage = await usageOf(warehouse, allocation);
  const parties = [...partiesOf(usage)].sort(byWaste);
  const families = parties.filter(({ kind }) => kind !== 'unattributed').map(({ party }) => party);
  const wanted = org === undefined ? families : families.filter((family) => family === org);
  if (wanted.length === 0 && org !== undefined)
    throw new Fault(
      'inputRefused',
      `${org} has no usage in ${period}`,
      `See who has: fairshare waste --period ${period}`,
    );
  const rules = { ...priced(billed, terms), cost_pool_cents: result.cost_pool_cents };
  const saved = familyWaste(usage, top === undefined ? wanted : wanted.slice(0, top), rules);
  return {
    period,
    currency: result.currency,
    parties: parties.map((party) => ({ ...party, classes: classesOf(usage, party) })),
    saved: new Map(saved.map((each) => [each.family, each])),
  };
}

/** What a proxy saves of a class, in place of repeats. */
export interface SavedUsage {
  readonly family: string;
  readonly requester_class: string;
  readonly requests: bigint;
  readonly bytes: bigint;
}

/** The money that a proxy of each family saves: never more than the family has used. By family. */
export async function savingsOf(
  warehouse: Warehouse,
  allocation: PeriodAllocation,
  saved: readonly SavedUsage[],
): Promise<Map<string, FamilyWaste>> {
  const { result, parties: billed, terms } = allocation;
  const left = new Map(saved.map((each) => [`${each.family} ${each.requester_class}`, { ...each }]));
  const take = (wanted: bigint, there: bigint): bigint => (wanted < 0n ? 0n : wanted > there ? there : wanted);
  const usage = (await usageOf(warehouse, allocation)).map((row) => {
    const own = row.kind === 'unattributed' ? undefined : left.get(`${row.family} ${row.requester_class}`);
    const repeat_downloads = take(own?.requests ?? 0n, row.requests);
    const repeat_bytes = take(own?.bytes ?? 0n, row.bytes);
    if (own !== undefined) Object.assign(own, { requests: own.requests - repeat_downloads, bytes: own.bytes - repeat_bytes }); // prettier-ignore
    return { ...row, repeat_downloads, repeat_bytes };
  });
  const rules = { ...priced(billed, terms), cost_pool_cents: result.cost_pool_cents };
  const families = [...new Set(saved.map(({ family }) => family))];
  return new Map(familyWaste(usage, families, rules).map((each) => [each.family, each]));
}

async function usageOf(warehouse: Warehouse, allocation: PeriodAllocation): Promise<WasteRow[]> {
  const { computed_at } = await allocationRun(warehouse, allocation.run_id);
  const parameters = usageParameters(allocation, computed_at);
  return (await runReportQuery<StoredUsage>(warehouse, 'report/parties.sql', parameters)).map(wasteRow);
}

interface StoredUsage extends PartyUsage {
  readonly repeat_downloads: string;
  readonly repeat_bytes: string;
}

const wasteRow = (row: StoredUsage): WasteRow => ({
  family: row.party,
  kind: row.kind,
  requester_class: row.requester_class,
  requests: BigInt(row.requests),
  bytes: BigInt(row.bytes),
  downloads: BigInt(row.downloads),
  repeat_downloads: BigInt(row.repeat_downloads),
  repeat_bytes: BigInt(row.repeat_bytes),
});

interface PartySums extends Measures {
  readonly party: string;
  readonly kind: PartyUsage['kind'];
}

/** Largest repeat bytes first. */
const byWaste = (a: PartySums, b: PartySums): number =>
  a.repeat_bytes === b.repeat_bytes ? compareIds(a.party, b.party) : a.repeat_bytes < b.repeat_bytes ? 1 : -1;

function sums(rows: readonly WasteRow[], keyOf: (row: WasteRow) => string): Map<string, PartySums> {
  const found = new Map<string, PartySums>();
  for (const row of rows) {
    const key = keyOf(row);
    const before = found.get(key);
    const total = Object.fromEntries(sumNames.map((name) => [name, (before?.[name] ?? 0n) + row[name]]));
    found.set(key, { party: row.family, kind: row.kind, ...(total as Record<keyof Measures, bigint>) });
  }
  return found;
}

/** A family is one party, whether its usage may be billed or not. The usage of an exempt family is all exempt. */
const partiesOf = (usage: readonly WasteRow[]): Iterable<PartySums> =>
  sums(usage, ({ family, kind }) => `${kind === 'unattributed' ? kind : 'family'} ${family}`).values();

const classesOf = (usage: readonly WasteRow[], { party, kind }: PartySums) =>
  [
    ...sums(
      usage.filter((row) => row.family === party && (row.kind === 'unattributed') === (kind === 'unattributed')),
      ({ requester_class }) => requester_class,
    ),
  ]
    .map(([requester_class, { party: _party, kind: _kind, ...row }]) => ({ requester_class, ...row }))
    .sort((a, b) => (a.repeat_bytes < b.repeat_bytes ? 1 : a.repeat_bytes > b.repeat_bytes ? -1 : 0));
