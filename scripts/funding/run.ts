// A period's allocation as a value, its hashes, and the recomputation of a run from its records.

import { closedRunId, type AllocationRun } from '../../sql/allocation-run.ts';
import { erasuresOfRun, type ErasedPart, type RunErasure } from '../../sql/erasure.ts';
import { sha256 } from '../../sql/sha256.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { allocationJson, type AllocationResult } from '../../transform/funding/allocate.ts';
import { billableTiers } from '../../transform/funding/billable.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { lastDay } from '../../transform/periods.ts';
import { correctionLines, linesText, type PeriodCorrections } from './corrections.ts';
import { recordedPrecision, sameIntervals } from './interval-records.ts';
import { allocateParties, priced } from './parties.ts';
import { inputsText, runReader } from './recorded.ts';
import { changedResults } from './stored-results.ts';
import { type FundingTerms, type FundingTexts } from './terms.ts';

export interface PeriodAllocation {
  readonly run_id: string;
  readonly period: string;
  readonly status: 'open' | 'closed';
  readonly attribution_version: string;
  readonly lines_sha256: string;
  /** Last day whose bookings count. */
  readonly until: string;
  /** Tiers of evidence that are billed. */
  readonly billable_tiers: readonly string[];
  readonly terms: FundingTerms;
  readonly result: AllocationResult;
  readonly parties: readonly PartyUsage[];
  /** Lines that set closed periods right. They are outside the result's sum. */
  readonly corrections: PeriodCorrections;
}

/** A run's id is a hash of these: its inputs and versions, and the last day if it is not the month's. */
export type RunIdentity = Pick<
  AllocationRun,
  'period' | 'attribution_version' | 'methodology_version' | 'code_version' | 'until'
> & { readonly inputs_sha256: readonly (string | undefined)[] };

/** @param supersedes the run that this one replaces, if its id must tell it from an earlier run of the same inputs */
export function runIdOf(
  { period, inputs_sha256, attribution_version, methodology_version, code_version, until }: RunIdentity,
  ...supersedes: readonly string[]
): string {
  const part = until === lastDay(period) ? [] : [until];
  const parts = [period, inputs_sha256, attribution_version, methodology_version, code_version, ...part, ...supersedes];
  return sha256(JSON.stringify(parts)).slice(0, 32);
}

/** Hash of a run's lines. */
export const hashOfLines = (result: AllocationResult, { lines }: PeriodCorrections): string =>
  sha256(JSON.stringify((allocationJson(result) as { lines: unknown }).lines) + linesText(lines));

/** Hashes of a run's inputs; of its corrections too, if there are any. */
export const hashesOfInputs = (
  texts: FundingTexts,
  parties: readonly PartyUsage[],
  { inputs }: PeriodCorrections,
): string[] =>
  [texts.policy, texts.costs, JSON.stringify(parties), inputsText(inputs)].filter((text) => text !== '').map(sha256);

/** Whether a computed hash is the recorded one, or the one of the text that an erasure left. */
const isHashOf = (computed: string, recorded: string | undefined, part: ErasedPart, erased: readonly RunErasure[]) =>
  computed === recorded || computed === erased.findLast((one) => one.part === part)?.sha256;

/** The hashed inputs, in order. No erasure changes usage by party, because it has ids alone. */
const hashedParts = ['policy', 'costs', 'names', 'corrections'] as const satisfies readonly ErasedPart[];

export interface RecomputedRun {
  readonly run: AllocationRun;
  readonly allocation: PeriodAllocation;
  /** Whether nothing differs. */
  readonly same: boolean;
  /** Names of what is not as recorded: id, inputs, lines, intervals, or the tables and columns whose rows were changed. */
  readonly different: readonly string[];
  /** The erasures that changed records of this run. */
  readonly erased: readonly RunErasure[];
}

/**
 * Computes a run again from its recorded usage, policy and costs.
 * @param results whether to draw the intervals again, and to compare the stored results; then `different` covers them
 */
export async function recomputeRun(
  warehouse: Warehouse,
  runId: string,
  { results = true }: { readonly results?: boolean } = {},
): Promise<RecomputedRun> {
  const readRun = runReader(warehouse);
  const { run, parties, terms, corrections: inputs } = await readRun(runId);
  const result = allocateParties(parties, terms);
  const corrections = { inputs, lines: await correctionLines(inputs, readRun), pending: [] };
  const lines_sha256 = hashOfLines(result, corrections);
  const hashes = hashesOfInputs(terms.texts, parties, corrections);
  const erased = await erasuresOfRun(warehouse, runId);
  // The draws depend on the networks of the inputs. If some were erased, only the recorded result can be compared.
  const redraw = !erased.some(({ part }) => part === 'intervals');
  const different: string[] = [];
  if (runId !== runIdOf(run) && runId !== runIdOf(run, run.supersedes)) different.push('id');
  if (
    hashes.length !== run.inputs_sha256.length ||
    hashes.some((hash, i) => !isHashOf(hash, run.inputs_sha256[i], hashedParts[i], erased))
  )
    different.push('inputs');
  if (!isHashOf(lines_sha256, run.lines_sha256, 'lines', erased)) different.push('lines');
  if (results) {
    if (!(await sameIntervals(warehouse, run, priced(parties, terms), redraw))) different.push('intervals');
    different.push(...(await changedResults(warehouse, runId, result, corrections.lines)));
  }
  return {
    run,
    same: different.length === 0,
    different,
    erased,
    allocation: {
      run_id: runId,
      period: run.period,
      status: 'open',
      attribution_version: run.attribution_version,
      lines_sha256,
      until: run.until,
      billable_tiers: billableTiers(terms.policy, await recordedPrecision(warehouse, runId)),
      terms,
      result,
      parties,
      corrections,
    },
  };
}

/** The run that closed a period; undefined while it is open. */
export async function closedRun(warehouse: Warehouse, period: string): Promise<PeriodAllocation | undefined> {
  const runId = await closedRunId(warehouse, period);
  if (runId === undefined) return undefined;
  const { allocation } = await recomputeRun(warehouse, runId, { results: false });
  return { ...allocation, status: 'closed' };
}
