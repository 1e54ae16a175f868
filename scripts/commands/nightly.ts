// fairshare nightly: runs all steps of a night, in order. After an interruption, run it again: the same day gives the same result.

import { type Command, InvalidArgumentError } from 'commander';
import { setTimeout as pause } from 'node:timers/promises';
import { attribute, type AttributionRun } from '../../sql/attribution.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { type CheckResult, openDays, runChecks } from '../../sql/checks.ts';
import { openRefusals, type RefusedObject } from '../../sql/refused-objects.ts';
import { Fault } from '../../transform/fault.ts';
import { expireQuarantine } from '../../sql/retention.ts';
import { knownDays, requireSealed, sealDays, type SealOutcome, type UnsealedDay } from '../../sql/seal.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type Config } from '../runtime/config.ts';
import { printJson } from '../runtime/output.ts';
import { closedRunId, latestRun } from '../../sql/allocation-run.ts';
import { allocatePeriod } from '../funding/allocation.ts';
import { type PeriodAllocation } from '../funding/run.ts';
import { type Completeness, type HeldDay, heldFault, judgeDays } from '../funding/held-days.ts';
import { refusalOf } from '../funding/preflight.ts';
import { fundingTerms, type FundingFiles } from '../funding/terms.ts';
import { addDays, lastDay, periodOf, periodStart } from '../../transform/periods.ts';
import { withRunLock } from '../../sql/run-lock.ts';
import { type Runtime } from '../runtime/command.ts';
import { reportDirectory, writeReportOf } from '../exports/reports.ts';
import { retentionLimits } from './retain.ts';
import { checkDay, today } from './seal.ts';
import { type NightFacts, type NightOutcome, writeNightMetrics } from '../monitor/night-metrics.ts';
import { faultOf } from '../../sql/failures.ts';
import { thisProcess } from '../runtime/lock-holder.ts';

interface StepReport {
  readonly step: string;
  readonly elapsed_ms: number;
  /** How many of `unit` the step processed. */
  readonly count: number;
  readonly unit: string;
  /** Rows that the step wrote into the warehouse. */
  readonly rows: number;
  readonly detail: string;
}
type Described = Omit<StepReport, 'step' | 'elapsed_ms'>;

interface Flags {
  readonly day?: string;
  readonly out?: string;
  readonly incomplete?: boolean;
  readonly wait?: number;
  readonly metricsFile?: string;
  readonly json?: boolean;
}

const WAIT_STEP_MS = 30_000;

export function registerNightly(command: Command, runtime: Runtime): void {
  command
    .option(
      '--day <day>',
      'the day that has ended, e.g. 2026-10-31 (UTC); nothing later is allocated (default: yesterday)',
    )
    .option('--out <dir>', 'where reports go (default: output of the configuration)')
    .option('--incomplete', 'go on although a source has not delivered past the end of the day')
    .option('--wait <minutes>', 'how long to wait for sources that have not; needs a server or a door', minutes)
    .option(
      '--metrics-file <path>',
      'write metrics of this night for Prometheus’ textfile collector, e.g. …/fairshare.prom',
    )
    .option('--json', 'one JSON object per step')
    .addHelpText(
      'after',
      `
Exits with 4 where the day is not complete or a check fails; then nothing is closed or published. Exits with 4 also where a
day cannot be sealed, or is held back because requests are missing or too many lines could not be read (fairshare days): the
other days are sealed and closed, and the months without such a day are published. Exits with 5 where another run is at work. A source that is no more has retired_after in fairshare.yaml.

Example:
  $ fairshare nightly`,
    )
    .action((flags: Flags) => measured(runtime, flags));
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('Minutes, zero or more.');
  return value;
}

/** Runs the night and writes its metrics, however it ends. A metrics file that cannot be written changes no outcome. */
async function measured(runtime: Runtime, flags: Flags): Promise<void> {
  const facts: NightFacts = {};
  const started_ms = runtime.now().getTime();
  let outcome: NightOutcome = 'defect';
  try {
    await nightly(runtime, flags, facts);
    outcome = 'done';
  } catch (error) {
    outcome = runtime.signal.aborted ? 'interrupted' : (faultOf(error)?.kind ?? 'defect');
    throw error;
  } finally {
    if (flags.metricsFile !== undefined)
      await writeNightMetrics(flags.metricsFile, {
        ...facts,
        outcome,
        started_ms,
        ended_ms: runtime.now().getTime(),
      }).catch((err: unknown) =>
        runtime.log.error({ err, path: flags.metricsFile }, 'the metrics of the night cannot be written'),
      );
  }
}

async function nightly(runtime: Runtime, flags: Flags, facts: NightFacts): Promise<void> {
  const day = flags.day === undefined ? addDays(today(runtime), -1) : checkDay(flags.day);
  const config = runtime.config();
  const terms = fundingTerms(() => config); // a file that cannot be read stops the night before it begins
  const warehouse = await runtime.warehouse();
  await withRunLock(warehouse, 'nightly', thisProcess(), () =>
    night(runtime, warehouse, { ...flags, day }, config, terms, facts),
  );
}

/** Runs a step of the night and reports it. */
type RunStep = <T>(step: string, work: () => Promise<T>, describe: (result: T) => Described) => Promise<T>;

const stepRunner =
  ({ signal, stdout }: Runtime, { json }: Flags): RunStep =>
  async (step, work, describe) => {
    if (signal.aborted)
      throw new Fault(
        'usage',
        `interrupted before ${step}`,
        'Run the same command again: finished steps change nothing.',
      );
    const started = performance.now();
    const result = await work();
    const report: StepReport = { step, elapsed_ms: Math.round(performance.now() - started), ...describe(result) };
    if (json) printJson(stdout, report);
    else
      stdout.write(
        `${step.padEnd(10)} ${String(report.elapsed_ms).padStart(7)} ms ${String(report.rows).padStart(9)} rows  ${report.detail}\n`,
      );
    return result;
  };

async function night(
  runtime: Runtime,
  warehouse: Warehouse,
  flags: Flags & { readonly day: string },
  config: Config,
  terms: FundingFiles,
  facts: NightFacts,
): Promise<void> {
  const { day } = flags;
  const now = runtime.now();
  const run = stepRunner(runtime, flags);
  await run('complete?', () => waitForSources(runtime, warehouse, flags, config), completeness(day));
  const { held, refused: refusedObjects } = await run('missing?', () => whatIsMissing(warehouse, config, day), missing);
  Object.assign(facts, { held: new Set(held.map((one) => one.day)).size, refusedObjects: refusedObjects.length });
  await run('terms?', () => refusalOf(warehouse, periodOf(day), () => terms.of(periodOf(day))), fitting(periodOf(day)));
  const { sealed, unsealed } = await run('seal', () => sealUntil(warehouse, day, now, runtime.signal), sealing);
  Object.assign(facts, { sealed: sealed.length, unsealed: unsealed.length });
  // The figures of these days may still change, so their bookings stay open and their months are not published.
  const unfinished = [...new Set([...unsealed.filter(({ isOpen }) => isOpen), ...held].map((one) => one.day))].sort();
  await run('attribute', () => attribute(warehouse, { now }), attributing);
  const kept = unsealed.map((one) => one.day);
  const checked = (await openDays(warehouse)).filter((open) => !kept.includes(open));
  await run('check', () => runChecks(warehouse, checked), checking);
  // After its late window a day never changes. Later lines are booked on the day after this one.
  const due = addDays(day, -Math.ceil(config.late_window_hours / 24));
  await run(
    'close',
    () => closeBookings(warehouse, due, now, unfinished),
    (count) => ({ count, unit: 'bookings', rows: count, detail: `${count} booking(s) closed, up to ${due}` }),
  );
  const refused: { readonly period: string; readonly fault: Fault }[] = [];
  for (const period of await periodsOf(warehouse, day, sealed)) {
    if (unfinished.some((open) => periodOf(open) === period)) continue;
    const fault = await refusalOf(warehouse, period, () => terms.of(period));
    if (fault !== undefined) {
      refused.push({ period, fault });
      continue;
    }
    const until = period === periodOf(day) ? day : lastDay(period);
    const allocation = await run(
      'allocate',
      () => allocatePeriod(warehouse, period, () => terms.of(period), now, until),
      allocating(until),
    );
    await run(
      'report',
      () => writeReportOf(runtime, warehouse, allocation, { out: flags.out }),
      (files) => ({
        count: files.length,
        unit: 'files',
        rows: 0,
        detail: `${period}: ${files.length} files in ${reportDirectory(config, flags)}`,
      }),
    );
  }
  // Quarantine always expires, even if other steps failed, because nothing is sealed from it. Only `fairshare retain` deletes other data.
  await run(
    'expire',
    () => expireQuarantine(warehouse, retentionLimits(config), now),
    (lines) => ({ count: lines, unit: 'lines', rows: lines, detail: `bytes of ${lines} quarantined line(s) expired` }),
  );
  const months = [...new Set(unfinished.map(periodOf))];
  const published = months.length === 0 ? 'their months are published' : `${months.join(', ')} is not published`;
  requireSealed(unsealed, `the other days are sealed${months.length === 0 ? ', and' : ';'} ${published}`);
  if (held.length > 0) throw heldFault(held, published);
  if (refused.length > 0)
    throw new Fault(
      refused[0].fault.kind,
      refused.map(({ period, fault }) => `${period} is not published: ${fault.message}`).join('\n'),
      refused.map(({ fault }) => fault.hint).join('\n'),
    );
}

const fitting =
  (period: string) =>
  (fault: Fault | undefined): Described => ({
    count: fault === undefined ? 0 : 1,
    unit: 'faults',
    rows: 0,
    detail:
      fault === undefined
        ? `${period} can be allocated by its costs and the policy`
        : `${period} cannot be allocated: ${fault.message}. ${fault.hint}`,
  });

interface Missing extends Completeness {
  /** Days that nobody let pass. */
  readonly held: readonly HeldDay[];
  readonly refused: readonly RefusedObject[];
}

/** What the days up to this one lack. An object that was refused holds nothing by itself: only the hole that it leaves does. */
async function whatIsMissing(warehouse: Warehouse, config: Config, day: string): Promise<Missing> {
  const found = await judgeDays(warehouse, config, day);
  const held = found.days.filter(({ accepted }) => accepted === undefined);
  return { ...found, held, refused: await openRefusals(warehouse) };
}

/** The first of a long list. */
const firstOf = (list: readonly string[]): string => `${list.slice(0, 5).join(', ')}${list.length > 5 ? ', …' : ''}`;

function missing({ held, days, notJudged, refused }: Missing): Described {
  const parts = [
    held.length === 0 ? 'no day is held back' : `held back: ${held.map(({ found }) => found).join('; ')}`,
    ...(days.length > held.length ? [`${days.length - held.length} day(s) accepted`] : []),
    ...(notJudged.length > 0 ? [`too few earlier days to judge ${notJudged.length}: ${firstOf(notJudged)}`] : []),
    ...(refused.length > 0
      ? [
          `${refused.length} object(s) refused: ${firstOf(refused.map(({ source, object, reason }) => `${source} ${object} (${reason})`))}`,
        ]
      : []),
  ];
  return { count: held.length, unit: 'days', rows: 0, detail: parts.join('; ') };
}

interface SealedDays {
  readonly sealed: readonly SealOutcome[];
  readonly unsealed: readonly UnsealedDay[];
}

/** Seals every day up to this one that has changed. A day that cannot be sealed does not keep the others. */
async function sealUntil(warehouse: Warehouse, day: string, now: Date, signal: AbortSignal): Promise<SealedDays> {
  const days = (await knownDays(warehouse)).filter((known) => known <= day);
  const { outcomes, unsealed } = await sealDays(warehouse, days, { lateBookedDay: addDays(day, 1), now, signal });
  return { sealed: outcomes.filter(({ status }) => status === 'sealed'), unsealed };
}

const completeness =
  (day: string) =>
  ({ behind, sources }: Awaited<ReturnType<typeof waitForSources>>): Described => ({
    count: behind.length,
    unit: 'sources',
    rows: 0,
    detail:
      behind.length === 0
        ? `${sources} source(s) have delivered past ${day}`
        : `${behind.length} of ${sources} source(s) have not delivered past ${day}; going on`,
  });

const sealing = ({ sealed, unsealed }: SealedDays): Described => ({
  count: sealed.length,
  unit: 'days',
  rows: sealed.reduce((rows, { usage_rows }) => rows + Number(usage_rows), 0),
  detail: `${sealed.length} day(s) sealed${unsealed.length === 0 ? '' : `; cannot be sealed: ${unsealed.map(({ day }) => day).join(', ')}`}`,
});

const attributing = ({ evidence_sets, attribution_version }: AttributionRun): Described => ({
  count: Number(evidence_sets),
  unit: 'evidence sets',
  rows: Number(evidence_sets),
  detail: `${evidence_sets} evidence sets judged, version ${attribution_version}`,
});

/** @throws Fault(checkFailed) if a check does not hold: the night ends here */
function checking(results: readonly CheckResult[]): Described {
  const failed = results.filter(({ ok }) => !ok);
  if (failed.length > 0)
    throw new Fault(
      'checkFailed',
      `nothing was closed or published: ${failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`,
      failed[0].next,
    );
  return { count: results.length, unit: 'checks', rows: 0, detail: `${results.length} checks hold` };
}

const allocating =
  (until: string) =>
  ({ period, result, run_id, status, parties, corrections }: PeriodAllocation): Described => ({
    count: result.lines.length,
    unit: 'families',
    rows: parties.length + result.lines.length + corrections.lines.length,
    detail: `${period} (${status}) up to ${until}: ${result.lines.length} families, ${corrections.lines.length} correction(s), run ${run_id}`,
  });

/** The day's month. Also the month before it, if late lines of it were sealed tonight and its statements are open. */
async function periodsOf(warehouse: Warehouse, day: string, sealed: readonly SealOutcome[]): Promise<string[]> {
  const period = periodOf(day);
  const before = periodOf(addDays(periodStart(period), -1));
  const changed = sealed.some(({ day: own }) => own.startsWith(before));
  const allocated = (await latestRun(warehouse, before)) !== undefined;
  const refreshed = changed && allocated && (await closedRunId(warehouse, before)) === undefined;
  return refreshed ? [before, period] : [period];
}

interface SourceState {
  readonly source: string;
  readonly complete_until: string | null;
}

/**
 * Finds sources that have not delivered past the end of the day. Sources that are retired by then are left out.
 * @throws Fault(checkFailed) if there are any, unless --incomplete
 */
async function waitForSources(
  runtime: Runtime,
  warehouse: Warehouse,
  { day, incomplete, wait = 0 }: Flags & { readonly day: string },
  config: Config,
): Promise<{ readonly behind: SourceState[]; readonly sources: number }> {
  if (wait > 0 && warehouse.engine === 'embedded')
    throw new Fault(
      'usage',
      '--wait would hold the embedded directory, and nothing could be loaded meanwhile',
      'Run nightly again later, or let everybody go through a door (fairshare serve --allow-writes).',
    );
  const retired = config.sources
    .filter(({ retired_after }) => retired_after !== undefined && retired_after < day)
    .map(({ name }) => name);
  const deadline = performance.now() + wait * 60_000;
  for (;;) {
    const states = await warehouse.query<SourceState & { readonly ready: boolean }>(
      sqlFile('queries/ledger/delivered.sql'),
      { end: addDays(day, 1), retired },
    );
    const behind = states.filter(({ ready }) => !ready);
    if (behind.length === 0 || incomplete) return { behind, sources: states.length };
    const left_ms = deadline - performance.now();
    if (left_ms <= 0)
      throw new Fault(
        'checkFailed',
        `${day} is not complete: ${behind.map(({ source, complete_until }) => `${source} has delivered ${complete_until === null ? 'no request' : `until ${complete_until}`}`).join('; ')}`,
        'Wait for the rest; go on with --incomplete; or give a source that is no more its last day: retired_after in fairshare.yaml.',
      );
    await pause(Math.min(left_ms, WAIT_STEP_MS), undefined, { signal: runtime.signal });
  }
}
