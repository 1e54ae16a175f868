// fairshare allocate: who pays what share of a period's cost, to the cent; and who would under another policy.

import Table from 'cli-table3';
import { resolve } from 'node:path';
import { type UsageIntervals } from '../../dashboards/report/figures.ts';
import { printIntervals } from '../../dashboards/report/intervals.ts';
import { Fault } from '../../transform/fault.ts';
import { allocate, allocationJson, type AllocationResult } from '../../transform/funding/allocate.ts';
import { billableTiers, LEAST_TESTED_PREFIXES } from '../../transform/funding/billable.ts';
import { compareAllocations, comparisonJson, type Comparison } from '../../transform/funding/compare.ts';
import { correctionJson, type CorrectionLine } from '../../transform/funding/corrections.ts';
import type { Costs } from '../../transform/funding/costs.ts';
import { formatCents } from '../../transform/funding/money.ts';
import { precisionOfTier, type Precision } from '../../transform/funding/precision.ts';
import type { Policy } from '../../transform/funding/policy.ts';
import { formatRational, multiply, rational, type Rational } from '../../transform/funding/rational.ts';
import type { FamilyUnits } from '../../transform/funding/units.ts';
import { loadCosts, loadPolicy, loadUnits } from '../funding/files.ts';
import {
  allocateParties,
  allocatePeriod,
  billedBy,
  checkPeriod,
  fundingTexts,
  policyOf,
} from '../funding/allocation.ts';
import { noCorrections } from '../funding/corrections.ts';
import { recordedPrecision, runIntervals } from '../funding/intervals.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import type { RegisterCommand, Runtime } from '../runtime/command.ts';

interface AllocateOptions {
  readonly units?: string;
  readonly period?: string;
  readonly costs?: string;
  readonly policy?: string;
  readonly whatIf?: string;
  readonly json?: boolean;
}

/** Where units come from. They may depend on the policy (weights, prices), so a what-if asks again. */
type UnitSource = (policy: Policy, costs: Costs) => Promise<readonly FamilyUnits[]>;

/** Units from a file. */
function unitSource({ units }: AllocateOptions): UnitSource {
  if (units === undefined)
    throw new Fault(
      'usage',
      'no usage to allocate',
      'Name a month of the warehouse (--period 2026-10) or a file of units (--units units.csv).',
    );
  const rows = loadUnits(units);
  return () => Promise.resolve(rows);
}

/** A month of the warehouse: the run is recorded; a what-if is not. */
async function runPeriod(options: AllocateOptions, runtime: Runtime): Promise<void> {
  const period = checkPeriod(options.period!);
  const texts = fundingTexts(runtime.config(), options);
  const warehouse = await runtime.warehouse();
  await attributeFirst(runtime, warehouse);
  const { result, parties, run_id, status, billable_tiers, corrections } = await allocatePeriod(
    warehouse,
    period,
    texts,
    runtime.now(),
  );
  const policy = policyOf(texts);
  const otherPolicy = options.whatIf === undefined ? undefined : loadPolicy(options.whatIf);
  const precision = await recordedPrecision(warehouse, run_id);
  const other =
    otherPolicy && allocateParties(billedBy(parties, billableTiers(otherPolicy, precision)), texts, otherPolicy);
  const intervals = await runIntervals(warehouse, run_id);
  print(
    runtime,
    options,
    { period, run_id, status, billable_tiers, precision, intervals },
    result,
    policy,
    other,
    corrections,
  );
}

/** Reads everything before it complains, so that the faults of all files are reported at once. */
function together<T extends readonly unknown[]>(...readers: { [K in keyof T]: () => T[K] }): T {
  const faults: Fault[] = [];
  const values = readers.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(error);
      return undefined;
    }
  });
  if (faults.length > 0) {
    const kind = faults.some((fault) => fault.kind === 'usage') ? 'usage' : 'inputRefused';
    const distinct = (texts: string[]) => [...new Set(texts)];
    throw new Fault(
      kind,
      distinct(faults.map(({ message }) => message)).join('\n'),
      distinct(faults.map(({ hint }) => hint)).join(' '),
      { cause: faults[0] },
    );
  }
  return values as unknown as T;
}

/** A file named by a flag (from here), else by the configuration (from its directory). */
function named(flag: 'costs' | 'policy', options: AllocateOptions, runtime: Runtime): string {
  if (options[flag] !== undefined) return options[flag];
  const config = runtime.config();
  const path = config[flag];
  if (path !== undefined) return resolve(config.base_dir, path);
  throw new Fault(
    'usage',
    `no ${flag} to allocate by`,
    `Name a file with --${flag}, or set ${flag} in fairshare.yaml.`,
  );
}

async function run(options: AllocateOptions, runtime: Runtime): Promise<void> {
  const [source, costs, policy, otherPolicy] = together<[UnitSource, Costs, Policy, Policy | undefined]>(
    () => unitSource(options),
    () => loadCosts(named('costs', options, runtime)),
    () => loadPolicy(named('policy', options, runtime)),
    () => (options.whatIf === undefined ? undefined : loadPolicy(options.whatIf)),
  );
  const under = async (chosen: Policy): Promise<AllocationResult> => {
    if (chosen.currency !== costs.currency) {
      throw new Fault(
        'inputRefused',
        `policy ${chosen.version} is in ${chosen.currency}, the costs are in ${costs.currency}`,
        'Convert one of them: an allocation has one currency.',
      );
    }
    return allocate({ families: await source(chosen, costs), cost_pool_cents: costs.net_cents, policy: chosen });
  };
  const result = await under(policy);
  print(runtime, options, {}, result, policy, otherPolicy && (await under(otherPolicy)));
}

const exactText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** What is said of a recorded run beside its result. */
interface RunHead {
  readonly period?: string;
  readonly run_id?: string;
  readonly status?: string;
  readonly billable_tiers?: readonly string[];
  readonly precision?: readonly Precision[];
  readonly intervals?: UsageIntervals;
}

function print(
  runtime: Runtime,
  options: AllocateOptions,
  { precision = [], intervals, ...head }: RunHead,
  result: AllocationResult,
  policy: Policy,
  other: AllocationResult | undefined,
  { lines, pending } = noCorrections,
): void {
  const comparison = other && compareAllocations(result, other);
  if (options.json) {
    const whatIf = other && comparison && { ...allocationJson(other), comparison: comparisonJson(comparison) };
    runtime.stdout.write(
      `${JSON.stringify({ ...head, ...allocationJson(result), ...(options.period !== undefined && { corrections: lines.map(correctionJson) }), ...(whatIf && { what_if: whatIf }), ...(intervals && { intervals }) }, exactText, 2)}\n`,
    );
    return;
  }
  if (head.run_id !== undefined) runtime.stdout.write(`${head.period} (${head.status}), run ${head.run_id}\n`);
  runtime.stdout.write(allocationText(result, policy));
  if (head.billable_tiers !== undefined) runtime.stdout.write(measuredText(policy, precision, head.billable_tiers));
  if (intervals !== undefined) runtime.stdout.write(`${printIntervals(intervals)}\n`);
  if (lines.length > 0) runtime.stdout.write(correctionsText(lines, result.currency));
  for (const { of_period, requests } of pending)
    runtime.stdout.write(
      `${requests} requests of ${of_period} came late; they are corrected once ${of_period} is closed.\n`,
    );
  if (other && comparison) runtime.stdout.write(`\n${comparisonText(comparison, result, other)}`);
}

/** Of evidence that the policy would have billed: what tokens have shown of it, and whether that was enough. */
const measuredText = ({ bill_measured }: Policy, precision: readonly Precision[], billed: readonly string[]): string =>
  bill_measured
    .map((tier) => {
      const { right, wrong } = precisionOfTier(precision, tier);
      const need = billed.includes(tier) ? '' : `: needs 95 % of at least ${LEAST_TESTED_PREFIXES}`;
      return `${tier} is ${billed.includes(tier) ? '' : 'not '}billed: tokens show ${right} of ${right + wrong} prefixes right${need}\n`;
    })
    .join('');

export const registerAllocate: RegisterCommand = (command, runtime) => {
  command
    .option('--period <month>', 'usage of a month of the warehouse; the run is recorded')
    .option('--units <file>', 'units per family: CSV family,kind,units')
    .option(
      '--costs <file>',
      'cost pools: CSV pool,driver,currency,gross,donated,donor (default: from the configuration)',
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
  $ fairshare allocate --units units.csv --costs costs.csv --policy policy.yaml
  $ fairshare allocate --units units.csv --costs costs.csv --policy policy.yaml --what-if other.yaml --json`,
    )
    .action((options: AllocateOptions) => {
      if (options.period !== undefined && options.units !== undefined)
        throw new Fault(
          'usage',
          '--period and --units exclude each other',
          'Usage comes from the warehouse or from a file.',
        );
      return options.period === undefined ? run(options, runtime) : runPeriod(options, runtime);
    });
};

/** No colours: a result reads the same in a file. */
const plain = { head: [], border: [], compact: true };
const units = (value: Rational): string => formatRational(value, value.den === 1n ? 0 : 2);
const centsOf = (value: Rational, places: number): string =>
  formatRational(multiply(value, rational(1n, 100n)), places);
const percent = (part: Rational, whole: Rational): string =>
  whole.num === 0n ? '0.0 %' : `${formatRational(rational(part.num * whole.den * 100n, part.den * whole.num), 1)} %`;

function table(head: string[], rows: string[][], textColumns: readonly number[]): string {
  const colAligns = head.map((_, index) => (textColumns.includes(index) ? 'left' : 'right'));
  const drawn = new Table({ head, colAligns, style: plain });
  drawn.push(...rows);
  return `${drawn.toString()}\n`;
}

/** The result for people: a line per family, what else there was, totals, and what it means. */
export function allocationText(result: AllocationResult, policy: Policy): string {
  const { currency, lines, true_ups, not_billed } = result;
  const money = (cents: bigint) => formatCents(cents);
  const rows = lines.map((line) => [
    line.family,
    units(line.gross),
    units(line.net),
    units(line.tiered),
    centsOf(line.raw, 4),
    money(line.billed_cents),
    line.rule,
  ]);
  for (const { family, kind, gross } of not_billed) rows.push([family, units(gross), '', '', '', '', kind]);
  const families = table(
    ['family', 'gross', 'net', 'tiered', `raw share ${currency}`, `billed ${currency}`, 'rule'],
    rows,
    [0, 6],
  );

  const totals = table(
    ['', currency],
    [
      ['billed', money(result.billed_cents)],
      ...true_ups.map(({ family, cents }) => [`true-up to contract minimum: ${family}`, money(cents)]),
      ['commons', money(result.commons_cents)],
      ['cost pool', money(result.cost_pool_cents)],
    ],
    [0],
  );

  const paying = lines.filter(({ billed_cents }) => billed_cents > 0n).length;
  const sentences = [
    `${lines.length} billable ${lines.length === 1 ? 'family' : 'families'} caused ${percent(result.units.billable, result.units.total)} of all usage; ` +
      `after the free allowance of ${formatRational(rational(policy.free_allowance), 0)} units each, ` +
      `${centsOf(result.recoverable, 2)} of the ${money(result.cost_pool_cents)} ${currency} can be recovered from them.`,
    `${money(result.billed_cents)} is billed to ${paying}; no share is above ${money(result.cap_cents)}, ` +
      `and one below ${money(policy.minimum_cents)} is not billed.`,
    result.commons_cents < 0n
      ? `Contracts bring ${money(-result.commons_cents)} more than the cost.`
      : `${money(result.commons_cents)} stays with the commons: no other payer bears it.`,
  ];
  return `Allocation of ${money(result.cost_pool_cents)} ${currency} under policy ${result.policy_version}\n${families}${totals}${sentences.join('\n')}\n`;
}

/** Lines that set closed periods right; they stand outside the allocation's sum. */
export const correctionsText = (lines: readonly CorrectionLine[], currency: string): string =>
  `Corrections of closed periods, outside the sum above\n${table(
    ['family', 'period', 'requests', currency, 'why'],
    lines.map((line) => [line.family, line.of_period, String(line.requests), formatCents(line.cents), line.reason]),
    [0, 1, 4],
  )}`;

/** Who would pay what: the families side by side, and the commons. */
export function comparisonText(comparison: Comparison, a: AllocationResult, b: AllocationResult): string {
  const signed = (cents: bigint) => `${cents > 0n ? '+' : ''}${formatCents(cents)}`;
  const rows = comparison.families.map((family) => [
    family.family,
    formatCents(family.a_cents),
    formatCents(family.b_cents),
    signed(family.difference_cents),
    family.a_rule === family.b_rule ? (family.a_rule ?? '') : `${family.a_rule ?? 'none'} → ${family.b_rule ?? 'none'}`,
  ]);
  rows.push([
    '(commons)',
    formatCents(comparison.a_commons_cents),
    formatCents(comparison.b_commons_cents),
    signed(comparison.commons_difference_cents),
    '',
  ]);
  const head = ['family', `policy ${a.policy_version}`, `policy ${b.policy_version}`, `change ${a.currency}`, 'rule'];
  return `What if: policy ${b.policy_version} instead of ${a.policy_version} (true-ups included)\n${table(head, rows, [0, 4])}`;
}
