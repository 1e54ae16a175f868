// fairshare allocate: each family's share of a period's cost, to the cent; also compared with another policy.

import {
  allocationText,
  comparisonText,
  correctionsText,
  measuredText,
} from '../../dashboards/report/allocation-text.ts';
import { type MonthPace, type UsageIntervals } from '../../dashboards/report/figures.ts';
import { intervalsJson, printIntervals } from '../../dashboards/report/intervals.ts';
import { NOT_DUE, printPace } from '../../dashboards/report/pace.ts';
import { Fault } from '../../transform/fault.ts';
import { allocate, allocationJson, type AllocationResult } from '../../transform/funding/allocate.ts';
import { billableTiers } from '../../transform/funding/billable.ts';
import { compareAllocations, comparisonJson } from '../../transform/funding/compare.ts';
import { correctionJson } from '../../transform/funding/corrections.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { type FamilyUnits } from '../../transform/funding/units.ts';
import { formatCount } from '../../transform/numbers.ts';
import { allocatePeriod, checkPeriod } from '../funding/allocation.ts';
import { lateUsage } from '../funding/notes.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { loadPolicy, loadUnits } from '../funding/files.ts';
import { recordedPrecision, runIntervals } from '../funding/interval-records.ts';
import { monthPace } from '../funding/pace.ts';
import { allocateParties, billedBy } from '../funding/parties.ts';
import { type PeriodAllocation } from '../funding/run.ts';
import { requireFamilies, requireFamiliesOfFile } from '../funding/named-families.ts';
import {
  fundingTerms,
  requirePools,
  together,
  underPolicy,
  type FundingFiles,
  type FundingTerms,
} from '../funding/terms.ts';
import { type RegisterCommand, type Runtime } from '../runtime/command.ts';

interface AllocateOptions {
  readonly units?: string;
  readonly period?: string;
  readonly costs?: string;
  readonly policy?: string;
  readonly whatIf?: string;
  readonly json?: boolean;
}

/** The figures to print. */
interface Shown {
  readonly result: AllocationResult;
  readonly policy: Policy;
  /** The result under the other policy. */
  readonly other: AllocationResult | undefined;
  /** Set for a month of the warehouse. */
  readonly month?: Month;
}
interface Month {
  readonly allocation: PeriodAllocation;
  readonly precision: readonly Precision[];
  readonly intervals: UsageIntervals;
  /** Usage of the month that is booked in later ones, as sentences. */
  readonly late: readonly string[];
  readonly pace: MonthPace | null;
}

const otherPolicy = ({ whatIf }: AllocateOptions): Policy | undefined =>
  whatIf === undefined ? undefined : loadPolicy(whatIf);

/** Allocates a month of the warehouse. The run is recorded, but a what-if is not. */
async function allocateMonth(month: string, options: AllocateOptions, runtime: Runtime): Promise<void> {
  const period = checkPeriod(month);
  const [files, other] = together<[FundingFiles, Policy | undefined]>(
    () => fundingTerms(() => runtime.config(), options),
    () => otherPolicy(options),
  );
  const warehouse = await runtime.warehouse();
  if (other !== undefined) await requireFamilies(warehouse, other);
  await attributeFirst(runtime, warehouse);
  const allocation = await allocatePeriod(warehouse, period, () => files.of(period), runtime.now());
  const precision = await recordedPrecision(warehouse, allocation.run_id);
  const parties = other && billedBy(allocation.parties, billableTiers(other, precision));
  show(runtime, options, {
    result: allocation.result,
    policy: allocation.terms.policy,
    other: parties && allocateParties(parties, requirePools(underPolicy(allocation.terms, other), period)),
    month: {
      allocation,
      precision,
      intervals: await runIntervals(warehouse, allocation.run_id),
      late: allocation.status === 'open' ? await lateUsage(warehouse, period) : [],
      pace: await monthPace(warehouse, allocation),
    },
  });
}

/** Allocates units from a file. Nothing is recorded. */
function allocateFile(options: AllocateOptions, runtime: Runtime): void {
  const [families, terms, other] = together<[readonly FamilyUnits[], FundingTerms, Policy | undefined]>(
    () => unitsOf(options),
    () => fundingTerms(() => runtime.config(), options).all(),
    () => otherPolicy(options),
  );
  const under = ({ costs, policy }: FundingTerms) => {
    requireFamiliesOfFile(families, policy);
    return allocate({ families, cost_pool_cents: costs.net_cents, policy });
  };
  show(runtime, options, {
    result: under(terms),
    policy: terms.policy,
    other: other && under(underPolicy(terms, other)),
  });
}

function unitsOf({ units }: AllocateOptions): FamilyUnits[] {
  if (units !== undefined) return loadUnits(units);
  throw new Fault(
    'usage',
    'no usage to allocate',
    'Name a month of the warehouse (--period 2026-10) or a file of units (--units units.csv).',
  );
}

function show({ stdout }: Runtime, { json }: AllocateOptions, shown: Shown): void {
  stdout.write(json ? jsonOf(shown) : textOf(shown));
}

function jsonOf({ result, other, month }: Shown): string {
  const { period, run_id, status, until, billable_tiers, corrections } = month?.allocation ?? {};
  const document = {
    ...(month && { period, run_id, status, until, billable_tiers }),
    ...allocationJson(result),
    ...(corrections && { corrections: corrections.lines.map(correctionJson) }),
    ...(other && {
      what_if: { ...allocationJson(other), comparison: comparisonJson(compareAllocations(result, other)) },
    }),
    ...(month && { intervals: intervalsJson(month.intervals) }),
    ...(month?.pace && { pace: month.pace }),
    ...(month && month.late.length > 0 && { late: month.late }),
  };
  const exact = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return `${JSON.stringify(document, exact, 2)}\n`;
}

function textOf({ result, policy, other, month }: Shown): string {
  const whatIf = other && `\n${comparisonText(compareAllocations(result, other), result, other)}`;
  if (month === undefined) return `${allocationText(result, policy)}${whatIf ?? ''}`;
  const { allocation, precision, intervals, late, pace } = month;
  const { lines, pending } = allocation.corrections;
  return [
    `${allocation.period} (${allocation.status}), run ${allocation.run_id}\n`,
    allocationText(result, policy),
    pace === null ? '' : `${printPace(pace, result.currency)}\n`,
    allocation.status === 'open' ? `${NOT_DUE(allocation.period)}\n` : '',
    measuredText(policy, precision, allocation.billable_tiers),
    `${printIntervals(intervals)}\n`,
    lines.length > 0 ? correctionsText(lines, result.currency) : '',
    ...pending.map(
      ({ of_period, requests }) =>
        `${formatCount(requests)} requests of ${of_period} came late; they are corrected once ${of_period} is closed.\n`,
    ),
    ...late.map((sentence) => `${sentence}\n`),
    whatIf ?? '',
  ].join('');
}

export const registerAllocate: RegisterCommand = (command, runtime) => {
  command
    .option('--period <month>', 'usage of a month of the warehouse; the run is recorded')
    .option('--units <file>', 'units per family: CSV family,kind,units')
    .option(
      '--costs <file>',
      'cost pools: CSV period,pool,driver,currency,gross,donated,donor (default: from the configuration)',
    )
    .option('--policy <file>', 'funding policy, YAML (default: from the configuration)')
    .option('--what-if <file>', 'also show who would pay what under this other policy')
    .option('--json', 'print the result as JSON, big integers as strings')
    .addHelpText(
      'after',
      `
Money is read as decimals (100000.00) and printed as JSON in cents. The model: docs/FUNDING.md.

Examples:
  $ fairshare allocate --period 2026-10
  $ fairshare allocate --units units.csv --costs month-costs.csv --policy policy.yaml
  $ fairshare allocate --units units.csv --costs month-costs.csv --policy policy.yaml --what-if other.yaml --json`,
    )
    .action((options: AllocateOptions) => {
      if (options.period !== undefined && options.units !== undefined)
        throw new Fault(
          'usage',
          '--period and --units exclude each other',
          'Usage comes from the warehouse or from a file.',
        );
      return options.period === undefined
        ? allocateFile(options, runtime)
        : allocateMonth(options.period, options, runtime);
    });
};
