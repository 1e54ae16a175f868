// A recorded run for allocations and corrections: its row, its usage, and the parsed terms. It never changes, so a command reads
// and parses each run once.

import { allocationRun, runParties, type AllocationRun } from '../../sql/allocation-run.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type CorrectionLine } from '../../transform/funding/corrections.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { termsOf, termsUntil, type FundingTerms } from './terms.ts';

/** Late usage of one closed period. */
export interface LateInput {
  readonly of_period: string;
  readonly of_run_id: string;
  /** Closed runs since then that have already settled its late usage, in order. */
  readonly earlier_run_ids: readonly string[];
  /** Usage that was loaded later (negative: taken back), by party. */
  readonly rows: readonly PartyUsage[];
}
export interface ManualInput extends Pick<CorrectionLine, 'id' | 'of_period' | 'of_run_id' | 'family' | 'reason'> {
  readonly cents: string;
}
/** Column allocation_run.corrections. */
export interface CorrectionInputs {
  readonly late: readonly LateInput[];
  readonly manual: readonly ManualInput[];
}

/** As recorded; '' if there is nothing to correct. */
export const inputsText = ({ late, manual }: CorrectionInputs): string =>
  late.length + manual.length === 0 ? '' : JSON.stringify({ late, manual });
const parseInputs = (text: string): CorrectionInputs =>
  text === '' ? { late: [], manual: [] } : (JSON.parse(text) as CorrectionInputs);

export interface RecordedRun {
  readonly run: AllocationRun;
  readonly parties: readonly PartyUsage[];
  readonly terms: FundingTerms;
  readonly corrections: CorrectionInputs;
}

/** Reads recorded runs by id, each once. */
export type RunReader = (runId: string) => Promise<RecordedRun>;

export function runReader(warehouse: Warehouse): RunReader {
  const known = new Map<string, Promise<RecordedRun>>();
  return (runId) => {
    const run = known.get(runId) ?? readRun(warehouse, runId);
    known.set(runId, run);
    return run;
  };
}

/** @throws Fault(inputRefused) if there is no such run */
async function readRun(warehouse: Warehouse, runId: string): Promise<RecordedRun> {
  const run = await allocationRun(warehouse, runId);
  return {
    run,
    parties: await runParties(warehouse, runId),
    terms: termsUntil(termsOf(run), run.period, run.until),
    corrections: parseInputs(run.corrections),
  };
}
