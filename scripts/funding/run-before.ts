// What each family was due by the last recorded run of the month before, so that a statement can say how it changed.

import { type RunBefore } from '../../dashboards/report/collect.ts';
import { allocationRun } from '../../sql/allocation-run.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { periodBefore } from '../../transform/periods.ts';
import { recomputeRun, type PeriodAllocation } from './run.ts';

/** @returns undefined if no run of the month before was recorded when this one was */
export async function runBefore(
  warehouse: Warehouse,
  { period: thisPeriod, run_id: thisRun }: Pick<PeriodAllocation, 'period' | 'run_id'>,
): Promise<RunBefore | undefined> {
  const period = periodBefore(thisPeriod);
  const { computed_at } = await allocationRun(warehouse, thisRun);
  const [last] = await warehouse.query<{ run_id: string }>(sqlFile('queries/period/run_before.sql'), {
    period,
    recorded_by: computed_at,
  });
  if (last === undefined) return undefined;
  const { allocation } = await recomputeRun(warehouse, last.run_id, { results: false });
  const { result, parties } = allocation;
  const families = new Map<string, { due_cents: bigint; requests: bigint; bytes: bigint }>();
  const add = (family: string, due_cents: bigint, requests: bigint, bytes: bigint) => {
    const sum = families.get(family) ?? { due_cents: 0n, requests: 0n, bytes: 0n };
    families.set(family, {
      due_cents: sum.due_cents + due_cents,
      requests: sum.requests + requests,
      bytes: sum.bytes + bytes,
    });
  };
  for (const { family, billed_cents } of result.lines) add(family, billed_cents, 0n, 0n);
  for (const { family, cents } of result.true_ups) add(family, cents, 0n, 0n);
  for (const { kind, party, requests, bytes } of parties)
    if (kind !== 'unattributed') add(party, 0n, BigInt(requests), BigInt(bytes));
  return { period, run_id: last.run_id, currency: result.currency, families };
}
