// Allocation of a period from the warehouse: usage by party → units → shares, recorded with everything it was made from.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { Fault } from '../../sql/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { allocate, allocationJson, type AllocationResult } from '../../transform/funding/allocate.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { type UsageRow, unitsFromUsage } from '../../transform/funding/units.ts';
import { METHODOLOGY_VERSION } from '../../ingest/rulebook.ts';
import { type Config } from './config.ts';
import { parseCosts, parsePolicy } from './funding-files.ts';
import { codeVersion } from './ingest.ts';
import { decodeText, readBytes } from './text-file.ts';

/** Evidence that may be billed; E4 and E5 need a measured precision first (docs/FUNDING.md). */
export const BILLABLE_TIERS = ['E1', 'E2', 'E3'] as const;

/** One row of allocation_input. */
export interface PartyUsage {
  readonly party: string;
  readonly kind: UsageRow['kind'];
  readonly requester_class: UsageRow['requester_class'];
  readonly tier: string;
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
}

export interface FundingTexts {
  /** policy.yaml and costs.csv as they were read. */
  readonly policy: string;
  readonly costs: string;
}

export interface PeriodAllocation {
  readonly run_id: string;
  readonly period: string;
  readonly status: 'open' | 'closed';
  readonly attribution_version: string;
  readonly lines_sha256: string;
  readonly result: AllocationResult;
  readonly parties: readonly PartyUsage[];
}

export const checkPeriod = (period: string): string => {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return period;
  throw new Fault('usage', `not a period: ${period}`, 'Write a month: 2026-11');
};

export const partiesOf = (warehouse: Warehouse, period: string): Promise<PartyUsage[]> =>
  warehouse.query<PartyUsage>(sqlFile('queries/period_parties.sql'), { period, billable_tiers: BILLABLE_TIERS });

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

export const policyOf = (texts: Pick<FundingTexts, 'policy'>): Policy => parsePolicy(texts.policy, 'policy.yaml');

/**
 * Usage of parties → shares of the cost, under the texts' costs and a policy.
 * @throws Fault(checkFailed) where a period's corrections exceed its usage
 */
export function allocateParties(parties: readonly PartyUsage[], texts: FundingTexts, policy: Policy): AllocationResult {
  const costs = parseCosts(texts.costs, 'costs.csv');
  if (costs.currency !== policy.currency)
    throw new Fault(
      'inputRefused',
      `policy ${policy.version} is in ${policy.currency}, the costs are in ${costs.currency}`,
      'Convert one of them: an allocation has one currency.',
    );
  const negative = parties.find(({ requests, bytes }) => BigInt(requests) < 0n || BigInt(bytes) < 0n);
  if (negative !== undefined)
    throw new Fault(
      'checkFailed',
      `corrections booked in this period exceed what ${negative.party} (${negative.requester_class}) used in it`,
      'Settle them as a correction line of the statement (docs/FUNDING.md).',
    );
  const rows = parties.map((row) => ({
    family: row.party,
    kind: row.kind,
    requester_class: row.requester_class,
    requests: BigInt(row.requests),
    bytes: BigInt(row.bytes),
  }));
  const units = unitsFromUsage(rows, costs.pools, policy);
  if (!units.ok)
    throw new Fault(
      'inputRefused',
      units.faults.map(({ message }) => message).join('\n'),
      'The file formats are described in docs/FUNDING.md.',
    );
  return allocate({ families: units.value.families, cost_pool_cents: costs.net_cents, policy });
}

const linesText = (result: AllocationResult): string =>
  JSON.stringify((allocationJson(result) as { lines: unknown }).lines);

/**
 * Allocates a period and records the run. The same inputs give the same run, which is then not recorded twice.
 * A closed period is not computed again: its run stands.
 */
export async function allocatePeriod(
  warehouse: Warehouse,
  period: string,
  texts: FundingTexts,
  now: Date,
): Promise<PeriodAllocation> {
  const closed = await closedRun(warehouse, period);
  if (closed !== undefined) return closed;
  const parties = await partiesOf(warehouse, period);
  if (parties.length === 0)
    throw new Fault(
      'inputRefused',
      `no usage is booked in ${period}`,
      'See what is there: fairshare query "SELECT min(booked_day), max(booked_day) FROM usage_known"',
    );
  const [attribution] = await warehouse.query<{ version: string }>(
    'SELECT argMax(attribution_version, computed_at) AS version FROM attribution_run',
  );
  const result = allocateParties(parties, texts, policyOf(texts));
  const inputs = [texts.policy, texts.costs, JSON.stringify(parties)].map(sha256);
  const linesSha256 = sha256(linesText(result));
  const runId = sha256(JSON.stringify([period, inputs, attribution!.version, METHODOLOGY_VERSION, codeVersion])).slice(
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
    attribution_version: attribution!.version,
    lines_sha256: linesSha256,
    result,
    parties,
  };
  if (latest?.run_id === runId) return run;
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
  // The run's row comes last: without it, inputs and lines mean nothing.
  await warehouse.insert('allocation_run', [
    {
      run_id: runId,
      period,
      status: 'open',
      attribution_version: attribution!.version,
      policy_version: result.policy_version,
      methodology_version: METHODOLOGY_VERSION,
      code_version: codeVersion,
      inputs_sha256: inputs,
      policy: texts.policy,
      costs: texts.costs,
      result: JSON.stringify(allocationJson(result)),
      recoverable_num: `${result.recoverable.num}`,
      recoverable_den: `${result.recoverable.den}`,
      tier_sum: fraction(result.tier_sum),
      lines_sha256: linesSha256,
      supersedes: latest?.run_id ?? '',
      computed_at: now.toISOString(),
    },
  ]);
  return run;
}

interface StoredRun {
  readonly run_id: string;
  readonly period: string;
  readonly attribution_version: string;
  readonly policy: string;
  readonly costs: string;
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

/** A run computed again from what was recorded of it: usage, policy and costs as they were. */
export async function recomputeRun(
  warehouse: Warehouse,
  runId: string,
): Promise<{ readonly run: StoredRun; readonly allocation: PeriodAllocation; readonly same: boolean }> {
  const run = await storedRun(warehouse, runId);
  const parties = await warehouse.query<PartyUsage>(
    'SELECT party, kind, requester_class, tier, requests, downloads, bytes FROM allocation_input FINAL WHERE run_id = {run_id:String} ORDER BY kind, party, requester_class, tier',
    { run_id: runId },
  );
  const result = allocateParties(parties, run, policyOf(run));
  const linesSha256 = sha256(linesText(result));
  const inputs = [run.policy, run.costs, JSON.stringify(parties)].map(sha256);
  const same = linesSha256 === run.lines_sha256 && inputs.every((input, i) => input === run.inputs_sha256[i]);
  return {
    run,
    same,
    allocation: {
      run_id: runId,
      period: run.period,
      status: 'open',
      attribution_version: run.attribution_version,
      lines_sha256: linesSha256,
      result,
      parties,
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
  const { allocation } = await recomputeRun(warehouse, close.run_id);
  return { ...allocation, status: 'closed' };
}

const fraction = ({ num, den }: { num: bigint; den: bigint }): string => (den === 1n ? `${num}` : `${num}/${den}`);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
