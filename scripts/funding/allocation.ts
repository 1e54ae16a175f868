// Allocates a period from the warehouse: usage by party → units → shares. Each run is recorded with all its inputs.

import { methodologyAt } from '../../sql/methodology.ts';
import { isRecorded, latestRun, type LatestRun, recordAllocationRun } from '../../sql/allocation-run.ts';
import { latestAttribution, requireNewVerdicts } from '../../sql/attribution.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { billableTiers } from '../../transform/funding/billable.ts';
import { correctionJson } from '../../transform/funding/corrections.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { dayOf, isPeriod, lastDay, periodOf } from '../../transform/periods.ts';
import { version as codeVersion } from '../runtime/version.ts';
import { correctionsOf } from './corrections.ts';
import { recordIntervals } from './interval-records.ts';
import { measuredPrecision } from './intervals.ts';
import { allocateParties, priced } from './parties.ts';
import { inputsText, runReader } from './recorded.ts';
import { closedRun, hashesOfInputs, hashOfLines, type PeriodAllocation, type RunIdentity, runIdOf } from './run.ts';
import { lineRow, resultColumns } from './stored-results.ts';
import { requireWholeFamilies } from './named-families.ts';
import { requireFitting } from './preflight.ts';
import { termsUntil, type FundingTerms } from './terms.ts';

export const checkPeriod = (period: string): string => {
  if (isPeriod(period)) return period;
  throw new Fault('usage', `not a period: ${period}`, 'Write a month: 2026-11');
};

/**
 * The last day whose bookings count if nobody names one: of a month that runs now, the last day with requests that is over; of any
 * other, its last day.
 */
async function lastCountedDay(warehouse: Warehouse, period: string, now: Date): Promise<string> {
  const today = dayOf(now);
  if (periodOf(today) !== period) return lastDay(period);
  const [found] = await warehouse.query<{ last_day: string | null }>(sqlFile('queries/period/day_before.sql'), {
    period,
    before: today,
  });
  return found?.last_day ?? today;
}

/**
 * Allocates a period and records the run. While the month runs, its cost is pro rata by the days that count. The same inputs give the same run, which is not recorded twice.
 * A closed period is not computed again: the run that closed it is returned, and no terms are read.
 * @param upTo last day whose bookings count; default: all of the period, or of its days that are over
 */
export async function allocatePeriod(
  warehouse: Warehouse,
  period: string,
  terms: FundingTerms | (() => FundingTerms),
  now: Date,
  upTo?: string,
): Promise<PeriodAllocation> {
  const closed = await closedRun(warehouse, period);
  if (closed !== undefined) return closed;
  await requireNewVerdicts(warehouse);
  const inForce = typeof terms === 'function' ? terms() : terms;
  await requireFitting(warehouse, period, inForce);
  const until = upTo ?? (await lastCountedDay(warehouse, period, now));
  const precision = await measuredPrecision(warehouse, period, until);
  const { allocation: computed, ...recording } = await computeAllocation(
    warehouse,
    { period, until, now },
    termsUntil(inForce, period, until),
    precision,
  );
  const latest = await latestRun(warehouse, period);
  const run_id = await newRunId(warehouse, { ...computed, ...recording, code_version: codeVersion }, latest);
  const allocation = { ...computed, run_id };
  if (latest?.run_id !== run_id)
    await recordAllocation(warehouse, allocation, precision, { ...recording, supersedes: latest?.run_id ?? '', now });
  return allocation;
}

/**
 * The id under which an allocation is recorded: a hash of its inputs and versions. If another run was recorded after one of the same
 * inputs, and these are in force again, the id is a hash of the run that it replaces too: a run id stands once.
 */
async function newRunId(warehouse: Warehouse, identity: RunIdentity, latest: LatestRun | undefined): Promise<string> {
  const id = runIdOf(identity);
  if (latest === undefined || latest.run_id === id) return id;
  if (latest.run_id === runIdOf(identity, latest.supersedes)) return latest.run_id;
  return (await isRecorded(warehouse, id)) ? runIdOf(identity, latest.run_id) : id;
}

async function computeAllocation(
  warehouse: Warehouse,
  { period, until, now }: { readonly period: string; readonly until: string; readonly now: Date },
  terms: FundingTerms,
  precision: readonly Precision[],
): Promise<{
  readonly allocation: Omit<PeriodAllocation, 'run_id'>;
  readonly inputs_sha256: readonly string[];
  readonly methodology_version: number;
}> {
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
  requireWholeFamilies(parties);
  const attribution_version = await latestAttribution(warehouse);
  const result = allocateParties(parties, terms);
  const corrections = await correctionsOf(warehouse, { period, until }, runReader(warehouse), now);
  const inputs_sha256 = hashesOfInputs(terms.texts, parties, corrections);
  const methodology_version = await methodologyAt(warehouse, until);
  const allocation = {
    period,
    status: 'open' as const,
    attribution_version,
    lines_sha256: hashOfLines(result, corrections),
    until,
    billable_tiers,
    terms,
    result,
    parties,
    corrections,
  };
  return { allocation, inputs_sha256, methodology_version };
}

interface Recording {
  readonly inputs_sha256: readonly string[];
  readonly methodology_version: number;
  /** The run that this one replaces; '' if none. */
  readonly supersedes: string;
  readonly now: Date;
}

/** Writes inputs and lines first, the run's own row last: without that row, nobody reads them. */
async function recordAllocation(
  warehouse: Warehouse,
  allocation: PeriodAllocation,
  precision: readonly Precision[],
  { inputs_sha256, methodology_version, supersedes, now }: Recording,
): Promise<void> {
  const { run_id, period, until, attribution_version, lines_sha256, terms, result, parties, corrections } = allocation;
  const intervals = await recordIntervals(warehouse, allocation, priced(parties, terms), precision);
  await warehouse.insert(
    'allocation_input',
    parties.map((row) => ({ run_id, ...row })),
  );
  await warehouse.insert(
    'allocation_line',
    result.lines.map((line) => ({ run_id, ...lineRow(line) })),
  );
  await warehouse.insert(
    'allocation_correction',
    corrections.lines.map((line) => ({ run_id, ...correctionJson(line) })),
  );
  await recordAllocationRun(warehouse, {
    run_id,
    period,
    until,
    status: 'open',
    attribution_version,
    methodology_version,
    code_version: codeVersion,
    inputs_sha256,
    ...terms.texts,
    corrections: inputsText(corrections.inputs),
    ...resultColumns(result),
    lines_sha256,
    supersedes,
    ...intervals,
    computed_at: now.toISOString(),
  });
}
