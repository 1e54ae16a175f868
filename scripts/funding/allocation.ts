// Allocation of a period from the warehouse: usage by party → units → shares, recorded with everything it was made from.

import { resolve } from 'node:path';
import { Fault } from '../../transform/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { allocationJson, type AllocationResult } from '../../transform/funding/allocate.ts';
import { billableTiers } from '../../transform/funding/billable.ts';
import { correctionJson } from '../../transform/funding/corrections.ts';
import { METHODOLOGY_VERSION } from '../../transform/methodology.ts';
import { type Config } from '../runtime/config.ts';
import { version as codeVersion } from '../runtime/version.ts';
import { allocateParties, policyOf, type FundingTexts, type PartyUsage } from './parties.ts';
import {
  correctionLines,
  correctionsOf,
  inputsText,
  linesText,
  parseInputs,
  partiesOfRun,
  type PeriodCorrections,
} from './corrections.ts';
import { lastDay } from '../../transform/periods.ts';
import { measuredPrecision, recordedPrecision, recordIntervals, sameIntervals, type IntervalRun } from './intervals.ts';
import { decodeText, readBytes } from '../runtime/text-file.ts';
import { sha256 } from '../../sql/sha256.ts';

export { allocateParties, billedBy, policyOf, type FundingTexts, type PartyUsage } from './parties.ts';

export interface PeriodAllocation {
  readonly run_id: string;
  readonly period: string;
  readonly status: 'open' | 'closed';
  readonly attribution_version: string;
  readonly lines_sha256: string;
  /** Last day whose bookings count. */
  readonly until: string;
  /** Evidence that was billed. */
  readonly billable_tiers: readonly string[];
  readonly result: AllocationResult;
  readonly parties: readonly PartyUsage[];
  /** Lines that set closed periods right; outside the result's sum. */
  readonly corrections: PeriodCorrections;
}

export const checkPeriod = (period: string): string => {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return period;
  throw new Fault('usage', `not a period: ${period}`, 'Write a month: 2026-11');
};

/** A funding file as it was read: flags first, then fairshare.yaml. @throws Fault(usage) */
export function fundingText(
  config: Config,
  name: keyof FundingTexts,
  flags: { readonly policy?: string; readonly costs?: string } = {},
): string {
  const path = flags[name] ?? (config[name] === undefined ? undefined : resolve(config.base_dir, config[name]));
  if (path === undefined)
    throw new Fault(
      'usage',
      `no ${name} to allocate by`,
      `Name a file with --${name}, or set ${name} in fairshare.yaml.`,
    );
  return decodeText(readBytes(path), path);
}

export const fundingTexts = (
  config: Config,
  flags: { readonly policy?: string; readonly costs?: string } = {},
): FundingTexts => ({
  policy: fundingText(config, 'policy', flags),
  costs: fundingText(config, 'costs', flags),
});

const resultText = (result: AllocationResult, { lines }: PeriodCorrections): string =>
  JSON.stringify((allocationJson(result) as { lines: unknown }).lines) + linesText(lines);

/** What identifies a run's inputs; corrections where there are any. */
const inputHashes = (texts: FundingTexts, parties: readonly PartyUsage[], { inputs }: PeriodCorrections): string[] =>
  [texts.policy, texts.costs, JSON.stringify(parties), inputsText(inputs)].filter((text) => text !== '').map(sha256);

/**
 * Allocates a period and records the run. The same inputs give the same run, which is then not recorded twice.
 * A closed period is not computed again: its run stands.
 * @param until last day whose bookings count; default: all of the period
 */
export async function allocatePeriod(
  warehouse: Warehouse,
  period: string,
  texts: FundingTexts,
  now: Date,
  until = lastDay(period),
): Promise<PeriodAllocation> {
  const closed = await closedRun(warehouse, period);
  if (closed !== undefined) return closed;
  const policy = policyOf(texts);
  const precision = await measuredPrecision(warehouse, period, until);
  const billable_tiers = billableTiers(policy, precision);
  const parties = await warehouse.query<PartyUsage>(sqlFile('queries/period_parties.sql'), {
    period,
    until,
    billable_tiers,
  });
  if (parties.length === 0)
    throw new Fault(
      'inputRefused',
      `no usage is booked in ${period}`,
      'See what is there: fairshare query "SELECT min(booked_day), max(booked_day) FROM usage_known"',
    );
  const [attribution] = await warehouse.query<{ version: string }>(
    'SELECT argMax(attribution_version, computed_at) AS version FROM attribution_run',
  );
  const result = allocateParties(parties, texts, policy);
  const corrections = await correctionsOf(warehouse, period, until, now);
  const inputs = inputHashes(texts, parties, corrections);
  const linesSha256 = sha256(resultText(result, corrections));
  const runId = sha256(JSON.stringify([period, inputs, attribution.version, METHODOLOGY_VERSION, codeVersion])).slice(
    0,
    32,
  );
  const [latest] = await warehouse.query<{ run_id: string }>(
    'SELECT run_id FROM allocation_run WHERE period = {period:String} ORDER BY computed_at DESC LIMIT 1',
    { period },
  );
  const run: PeriodAllocation = {
    run_id: runId,
    period,
    status: 'open',
    attribution_version: attribution.version,
    lines_sha256: linesSha256,
    until,
    billable_tiers,
    result,
    parties,
    corrections,
  };
  if (latest?.run_id === runId) return run;
  const intervals = await recordIntervals(warehouse, runId, { period, until }, parties, texts, precision);
  await warehouse.insert(
    'allocation_input',
    parties.map((row) => ({ run_id: runId, ...row })),
  );
  await warehouse.insert(
    'allocation_line',
    result.lines.map((line) => ({
      run_id: runId,
      family: line.family,
      gross: fraction(line.gross),
      net: fraction(line.net),
      tiered: fraction(line.tiered),
      raw_num: `${line.raw.num}`,
      raw_den: `${line.raw.den}`,
      billed_cents: `${line.billed_cents}`,
      rule: line.rule,
    })),
  );
  await warehouse.insert(
    'allocation_correction',
    corrections.lines.map((line) => ({ run_id: runId, ...correctionJson(line) })),
  );
  // The run's row comes last: without it, inputs and lines mean nothing.
  await warehouse.insert('allocation_run', [
    {
      run_id: runId,
      period,
      status: 'open',
      attribution_version: attribution.version,
      policy_version: result.policy_version,
      methodology_version: METHODOLOGY_VERSION,
      code_version: codeVersion,
      inputs_sha256: inputs,
      policy: texts.policy,
      costs: texts.costs,
      corrections: inputsText(corrections.inputs),
      result: JSON.stringify(allocationJson(result)),
      recoverable_num: `${result.recoverable.num}`,
      recoverable_den: `${result.recoverable.den}`,
      tier_sum: fraction(result.tier_sum),
      lines_sha256: linesSha256,
      supersedes: latest?.run_id ?? '',
      ...intervals,
      computed_at: now.toISOString(),
    },
  ]);
  return run;
}

interface StoredRun extends IntervalRun {
  readonly run_id: string;
  readonly period: string;
  readonly attribution_version: string;
  readonly policy: string;
  readonly costs: string;
  readonly corrections: string;
  readonly lines_sha256: string;
  readonly inputs_sha256: readonly string[];
}

const storedRun = async (warehouse: Warehouse, runId: string): Promise<StoredRun> => {
  const [run] = await warehouse.query<StoredRun>(
    'SELECT * FROM allocation_run WHERE run_id = {run_id:String} ORDER BY computed_at LIMIT 1',
    { run_id: runId },
  );
  if (run === undefined)
    throw new Fault(
      'inputRefused',
      `no allocation run ${runId}`,
      "See them: fairshare query 'SELECT run_id, period FROM allocation_run'",
    );
  return run;
};

/**
 * A run computed again from what was recorded of it: usage, policy and costs as they were.
 * @param intervals whether they are drawn again too; `same` speaks of them then
 */
export async function recomputeRun(
  warehouse: Warehouse,
  runId: string,
  { intervals = true }: { readonly intervals?: boolean } = {},
): Promise<{ readonly run: StoredRun; readonly allocation: PeriodAllocation; readonly same: boolean }> {
  const run = await storedRun(warehouse, runId);
  const parties = await partiesOfRun(warehouse, runId);
  const policy = policyOf(run);
  const result = allocateParties(parties, run, policy);
  const correctionInputs = parseInputs(run.corrections);
  const corrections = {
    inputs: correctionInputs,
    lines: await correctionLines(warehouse, correctionInputs),
    pending: [],
  };
  const linesSha256 = sha256(resultText(result, corrections));
  const inputs = inputHashes(run, parties, corrections);
  const same =
    linesSha256 === run.lines_sha256 &&
    inputs.length === run.inputs_sha256.length &&
    inputs.every((input, i) => input === run.inputs_sha256[i]) &&
    (!intervals || (await sameIntervals(warehouse, run, parties)));
  return {
    run,
    same,
    allocation: {
      run_id: runId,
      period: run.period,
      status: 'open',
      attribution_version: run.attribution_version,
      lines_sha256: linesSha256,
      until: lastDay(run.period),
      billable_tiers: billableTiers(policy, await recordedPrecision(warehouse, runId)),
      result,
      parties,
      corrections,
    },
  };
}

/** The run that stands for a closed period; undefined while it is open. */
export async function closedRun(warehouse: Warehouse, period: string): Promise<PeriodAllocation | undefined> {
  const [close] = await warehouse.query<{ run_id: string }>(
    'SELECT run_id FROM period_close FINAL WHERE period = {period:String}',
    { period },
  );
  if (close === undefined) return undefined;
  const { allocation } = await recomputeRun(warehouse, close.run_id, { intervals: false });
  return { ...allocation, status: 'closed' };
}

const fraction = ({ num, den }: { num: bigint; den: bigint }): string => (den === 1n ? `${num}` : `${num}/${den}`);
