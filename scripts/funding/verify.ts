// Compares recorded allocation runs with what follows from their recorded inputs.

import { sqlFile } from '../../sql/sql-file.ts';
import { type RunErasure } from '../../sql/erasure.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { recomputeRun } from './run.ts';

export interface VerifiedRun {
  readonly run_id: string;
  readonly period: string;
  readonly same: boolean;
  /** See RecomputedRun. */
  readonly different: readonly string[];
  readonly recorded_sha256: string;
  readonly computed_sha256: string;
  /** The erasures that changed its records. */
  readonly erased: readonly RunErasure[];
}

export const CHANGED =
  'If only "lines" differ, compare code_version in allocation_run: another version may have made the run, and the recorded figures stand. Else the rows were changed: restore the backup.';

/** Ids of recorded runs, the oldest period first. @param closed only those that closed a period */
export const recordedRuns = async (warehouse: Warehouse, { closed = false } = {}): Promise<string[]> =>
  (await warehouse.query<{ run_id: string }>(sqlFile('queries/period/runs.sql'), { closed })).map(
    ({ run_id }) => run_id,
  );

/** @param onRun called after each run */
export async function verifyRuns(
  warehouse: Warehouse,
  runIds: readonly string[],
  onRun: (run: VerifiedRun) => void = () => {},
): Promise<VerifiedRun[]> {
  const verified: VerifiedRun[] = [];
  for (const run_id of runIds) {
    const run = await verifyRun(warehouse, run_id);
    verified.push(run);
    onRun(run);
  }
  return verified;
}

async function verifyRun(warehouse: Warehouse, run_id: string): Promise<VerifiedRun> {
  const { run, allocation, same, different, erased } = await recomputeRun(warehouse, run_id);
  return {
    run_id,
    period: run.period,
    same,
    different,
    recorded_sha256: run.lines_sha256,
    computed_sha256: allocation.lines_sha256,
    erased,
  };
}

/** @throws Fault(checkFailed) unless all are the same */
export function requireSame(verified: readonly VerifiedRun[]): void {
  const changed = verified.filter(({ same }) => !same);
  if (changed.length > 0)
    throw new Fault(
      'checkFailed',
      `${changed.length} of ${verified.length} runs are not as they were recorded`,
      CHANGED,
    );
}
