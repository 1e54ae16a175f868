// Allocates a period from the warehouse: usage by party → units → shares. Each run is recorded with all its inputs.

import { latestRunId, recordAllocationRun } from '../../sql/allocation-run.ts';
import { sha256 } from '../../sql/sha256.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { allocationJson } from '../../transform/funding/allocate.ts';
import { billableTiers } from '../../transform/funding/billable.ts';
import { correctionJson } from '../../transform/funding/corrections.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { type Rational } from '../../transform/funding/rational.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { METHODOLOGY_VERSION } from '../../transform/methodology.ts';
import { lastDay } from '../../transform/periods.ts';
import { version as codeVersion } from '../runtime/version.ts';
import { correctionsOf } from './corrections.ts';
import { recordIntervals } from './interval-records.ts';
import { measuredPrecision } from './intervals.ts';
import { allocateParties, priced } from './parties.ts';
import { inputsText, runReader } from './recorded.ts';
import { closedRun, hashesOfInputs, hashOfLines, type PeriodAllocation } from './run.ts';
import { type FundingTerms } from './terms.ts';

export const checkPeriod = (period: string): string => {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return period;
  throw new Fault('usage', `not a period: ${period}`, 'Write a month: 2026-11');
};

/** The attribution in force; '' if there is none yet. */
export async function latestAttribution(warehouse: Warehouse): Promise<string> {
  const [run] = await warehouse.query<{ version: string }>(sqlFile('queries/period/attribution_version.sql'));
  return run.version;
}

/**
 * Allocates a period and records the run. The same inputs give the same run, which is not recorded twice.
 * A closed period is not computed again: the run that closed it is returned, and no terms are read.
 * @param until last day whose bookings count; default: all of the period
 */
export async function allocatePeriod(
  warehouse: Warehouse,
  period: string,
  terms: FundingTerms | (() => FundingTerms),
  now: Date,
  until = lastDay(period),
): Promise<PeriodAllocation> {
  const closed = await closedRun(warehouse, period);
  if (closed !== undefined) return closed;
  const inForce = typeof terms === 'function' ? terms() : terms;
  const precision = await measuredPrecision(warehouse, period, until);
  const { allocation, inputs_sha256 } = await computeAllocation(warehouse, { period, until, now }, inForce, precision);
  const supersedes = (await latestRunId(warehouse, period)) ?? '';
  if (supersedes !== allocation.run_id)
    await recordAllocation(warehouse, allocation, precision, { inputs_sha256, supersedes, now });
  return allocation;
}

async function computeAllocation(
  warehouse: Warehouse,
  { period, until, now }: { readonly period: string; readonly until: string; readonly now: Date },
  terms: FundingTerms,
  precision: readonly Precision[],
): Promise<{ readonly allocation: PeriodAllocation; readonly inputs_sha256: readonly string[] }> {
  const billable_tiers = billableTiers(terms.policy, precision);
  const parties = await warehouse.query<PartyUsage>(sqlFile('queries/period/parties.sql'), {
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
  const attribution_version = await latestAttribution(warehouse);
  const result = allocateParties(parties, terms);
  const corrections = await correctionsOf(warehouse, { period, until }, runReader(warehouse), now);
  const inputs_sha256 = hashesOfInputs(terms.texts, parties, corrections);
  const identity = [period, inputs_sha256, attribution_version, METHODOLOGY_VERSION, codeVersion];
  const allocation: PeriodAllocation = {
    run_id: sha256(JSON.stringify(identity)).slice(0, 32),
    period,
    status: 'open',
    attribution_version,
    lines_sha256: hashOfLines(result, corrections),
    until,
    billable_tiers,
    terms,
    result,
    parties,
    corrections,
  };
  return { allocation, inputs_sha256 };
}

interface Recording {
  readonly inputs_sha256: readonly string[];
  /** The run that this one replaces; '' if none. */
  readonly supersedes: string;
  readonly now: Date;
}

/** Writes inputs and lines first, the run's own row last: without that row, nobody reads them. */
async function recordAllocation(
  warehouse: Warehouse,
  allocation: PeriodAllocation,
  precision: readonly Precision[],
  { inputs_sha256, supersedes, now }: Recording,
): Promise<void> {
  const { run_id, period, attribution_version, lines_sha256, terms, result, parties, corrections } = allocation;
  const intervals = await recordIntervals(warehouse, allocation, priced(parties, terms), precision);
  await warehouse.insert(
    'allocation_input',
    parties.map((row) => ({ run_id, ...row })),
  );
  await warehouse.insert(
    'allocation_line',
    result.lines.map((line) => ({
      run_id,
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
    corrections.lines.map((line) => ({ run_id, ...correctionJson(line) })),
  );
  await recordAllocationRun(warehouse, {
    run_id,
    period,
    status: 'open',
    attribution_version,
    policy_version: result.policy_version,
    methodology_version: METHODOLOGY_VERSION,
    code_version: codeVersion,
    inputs_sha256,
    ...terms.texts,
    corrections: inputsText(corrections.inputs),
    result: JSON.stringify(allocationJson(result)),
    recoverable_num: `${result.recoverable.num}`,
    recoverable_den: `${result.recoverable.den}`,
    tier_sum: fraction(result.tier_sum),
    lines_sha256,
    supersedes,
    ...intervals,
    computed_at: now.toISOString(),
  });
}

const fraction = ({ num, den }: Rational): string => (den === 1n ? `${num}` : `${num}/${den}`);
