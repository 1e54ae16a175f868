// fairshare nightly: all that a night needs, in order. Interrupted, it is run again; the same day gives the same result.

import { type Command } from 'commander';
import { attribute } from '../../sql/attribution.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { runChecks } from '../../sql/checks.ts';
import { Fault } from '../../sql/fault.ts';
import { knownDays, sealDay } from '../../sql/seal.ts';
import { allocatePeriod, fundingTexts } from '../runtime/period-allocation.ts';
import { printJson } from '../runtime/output.ts';
import { addDays } from '../runtime/period-close.ts';
import { type Runtime } from './command.ts';
import { writeReports } from './report.ts';
import { checkDay } from './seal.ts';

interface StepReport {
  readonly step: string;
  readonly elapsed_ms: number;
  /** Rows, days or files that the step dealt with. */
  readonly count: number;
  readonly detail: string;
}

interface Flags {
  readonly day: string;
  readonly out?: string;
  readonly incomplete?: boolean;
  readonly json?: boolean;
}

export function registerNightly(program: Command, runtime: Runtime): void {
  program
    .command('nightly')
    .description(
      'seal what has changed, close what is due, attribute, allocate the month to date, check, write reports',
    )
    .requiredOption('--day <day>', 'the day that has ended, e.g. 2026-10-31 (UTC)')
    .option('--out <dir>', 'where reports go (default: output of the configuration)')
    .option('--incomplete', 'go on although a source has not delivered past the end of the day')
    .option('--json', 'one JSON object per step')
    .addHelpText(
      'after',
      '\nExits with 4 where a check fails; then nothing is published.\n\nExample:\n  $ fairshare nightly --day "$(date -u -d yesterday +%F)"',
    )
    .action((flags: Flags) => nightly(runtime, flags));
}

async function nightly(runtime: Runtime, flags: Flags): Promise<void> {
  const day = checkDay(flags.day);
  const config = runtime.config();
  const warehouse = await runtime.warehouse();
  const now = runtime.now();

  const run = async <T>(
    step: string,
    work: () => Promise<T>,
    describe: (result: T) => [count: number, detail: string],
  ): Promise<T> => {
    if (runtime.signal.aborted)
      throw new Fault(
        'usage',
        `interrupted before ${step}`,
        'Run the same command again: finished steps change nothing.',
      );
    const started = performance.now();
    const result = await work();
    const [count, detail] = describe(result);
    const report: StepReport = { step, elapsed_ms: Math.round(performance.now() - started), count, detail };
    if (flags.json) printJson(runtime.stdout, report);
    else runtime.stdout.write(`${step.padEnd(10)} ${String(report.elapsed_ms).padStart(7)} ms  ${detail}\n`);
    return result;
  };

  await run(
    'complete?',
    () =>
      warehouse.query<{ source: string; last_record_at: string | null }>(
        'SELECT source, last_record_at FROM freshness WHERE last_record_at IS NULL OR last_record_at < toDateTime64({end:Date}, 3) ORDER BY source',
        { end: addDays(day, 1) },
      ),
    (behind) => {
      if (behind.length > 0 && !flags.incomplete)
        throw new Fault(
          'checkFailed',
          `${day} is not complete: ${behind.map(({ source, last_record_at }) => `${source} has delivered ${last_record_at === null ? 'nothing' : `until ${last_record_at}`}`).join('; ')}`,
          'Wait for the rest, or go on with --incomplete.',
        );
      return [
        behind.length,
        behind.length === 0
          ? `every source has delivered past ${day}`
          : `${behind.length} source(s) have not delivered past ${day}; going on`,
      ];
    },
  );
  await run(
    'seal',
    async () => {
      const outcomes = [];
      for (const known of (await knownDays(warehouse)).filter((known) => known <= day))
        outcomes.push(await sealDay(warehouse, known, { lateBookedDay: addDays(day, 1), now }));
      return outcomes.filter(({ status }) => status === 'sealed');
    },
    (sealed) => [sealed.length, `${sealed.length} day(s) sealed`],
  );
  // Past its late window a day never changes; what comes later is booked on the day after this one.
  const due = addDays(day, -Math.ceil(config.late_window_hours / 24));
  await run(
    'close',
    () => closeBookings(warehouse, due, now),
    (count) => [count, `${count} booking(s) closed, up to ${due}`],
  );
  await run(
    'attribute',
    () => attribute(warehouse, { now }),
    (run) => [
      Number(run.evidence_sets),
      `${run.evidence_sets} evidence sets judged, version ${run.attribution_version}`,
    ],
  );
  await run(
    'check',
    () => runChecks(warehouse),
    (results) => {
      const failed = results.filter(({ ok }) => !ok);
      if (failed.length > 0)
        throw new Fault(
          'checkFailed',
          `nothing was published: ${failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`,
          failed[0]!.next,
        );
      return [results.length, `${results.length} checks hold`];
    },
  );
  const period = day.slice(0, 7);
  const texts = fundingTexts(config);
  const allocation = await run(
    'allocate',
    () => allocatePeriod(warehouse, period, texts, now),
    ({ result, run_id, status }) => [
      result.lines.length,
      `${period} (${status}): ${result.lines.length} families, run ${run_id}`,
    ],
  );
  await run(
    'report',
    () => writeReports(runtime, warehouse, { period: allocation.period, out: flags.out }),
    (files) => [files.length, `${files.length} files`],
  );
}
