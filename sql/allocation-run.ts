// The recorded allocations (allocation_run, allocation_input, period_close): their one type, one writer and one reader.

import { Fault } from '../transform/fault.ts';
import { type PartyUsage } from '../transform/funding/units.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/** A recorded allocation, with the texts that it was computed from. */
export interface AllocationRun {
  readonly run_id: string;
  /** 'YYYY-MM' */
  readonly period: string;
  /** Last day whose bookings count, 'YYYY-MM-DD'. Before the last day of the month the cost is pro rata. */
  readonly until: string;
  readonly attribution_version: string;
  readonly policy_version: string;
  readonly methodology_version: number;
  readonly code_version: string;
  /** A run with corrections has a fourth hash: theirs. */
  readonly inputs_sha256: readonly [policy: string, costs: string, usage: string, corrections?: string];
  /** policy.yaml and costs.csv as they were read. */
  readonly policy: string;
  readonly costs: string;
  /** The input of the correction lines, JSON; '' if there are none. */
  readonly corrections: string;
  readonly lines_sha256: string;
  /** The run that this one replaced; '' if none. */
  readonly supersedes: string;
  readonly interval_seed: string;
  /** 0: the run was recorded before intervals existed. */
  readonly interval_draws: number;
  readonly intervals_sha256: string;
  readonly computed_at: string;
  /** 1970 while the period is open. */
  readonly closed_at: string;
}

/** A new row with its results; its period is still open. */
export interface NewAllocationRun extends Omit<AllocationRun, 'closed_at' | 'inputs_sha256'> {
  readonly status: 'open';
  readonly inputs_sha256: readonly string[];
  /** Totals, JSON. */
  readonly result: string;
  readonly recoverable_num: string;
  readonly recoverable_den: string;
  readonly tier_sum: string;
}

/** @throws Fault(inputRefused) if no such run is recorded */
export async function allocationRun(warehouse: Warehouse, runId: string): Promise<AllocationRun> {
  const [run] = await warehouse.query<AllocationRun>(sqlFile('queries/period/run.sql'), { run_id: runId });
  if (run !== undefined) return run;
  throw new Fault(
    'inputRefused',
    `no allocation run ${runId}`,
    "See them: fairshare query 'SELECT run_id, period FROM allocation_run'",
  );
}

/** Usage as a run took it, in the order in which the run hashed it. */
export const runParties = (warehouse: Warehouse, runId: string): Promise<PartyUsage[]> =>
  warehouse.query<PartyUsage>(sqlFile('queries/period/run_parties.sql'), { run_id: runId });

/** Whether a run with this id is recorded. */
export const isRecorded = async (warehouse: Warehouse, runId: string): Promise<boolean> =>
  (await warehouse.query(sqlFile('queries/period/run.sql'), { run_id: runId })).length > 0;

/**
 * Writes the run's row. Write it after the run's inputs and lines: without the row, nobody reads them.
 * @throws Fault(checkFailed) if the id is recorded already
 */
export async function recordAllocationRun(warehouse: Warehouse, run: NewAllocationRun): Promise<void> {
  if (await isRecorded(warehouse, run.run_id))
    throw new Fault(
      'checkFailed',
      `the allocation run ${run.run_id} is recorded already`,
      'Another process recorded it meanwhile: run the same command again.',
    );
  await warehouse.insert('allocation_run', [{ ...run }]);
}

export type LatestRun = Pick<AllocationRun, 'run_id' | 'supersedes'>;

/** The run that was recorded last for a period. */
export const latestRun = async (warehouse: Warehouse, period: string): Promise<LatestRun | undefined> =>
  (await warehouse.query<LatestRun>(sqlFile('queries/period/latest_run.sql'), { period }))[0];

/** The run that closed a period; undefined while it is open. */
export const closedRunId = async (warehouse: Warehouse, period: string): Promise<string | undefined> =>
  (await warehouse.query<{ run_id: string }>(sqlFile('queries/period/closed_run.sql'), { period }))[0]?.run_id;
