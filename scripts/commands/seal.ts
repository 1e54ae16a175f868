// fairshare seal, attribute, close: the steps of a night, one by one.

import { type Command } from 'commander';
import { intervalsJson, printIntervals } from '../../dashboards/report/intervals.ts';
import { attribute } from '../../sql/attribution.ts';
import { knownDays, requireSealed, sealDays } from '../../sql/seal.ts';
import { Fault } from '../../transform/fault.ts';
import { checkPeriod } from '../funding/allocation.ts';
import { printJson } from '../runtime/output.ts';
import { attributionIntervals } from '../funding/intervals.ts';
import { dayOf, isDay, lastDay } from '../../transform/periods.ts';
import { closePeriod } from '../funding/closing.ts';
import { requireComplete } from '../funding/held-days.ts';
import { fundingTerms } from '../funding/terms.ts';
import { createProgress } from '../runtime/progress.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { type Runtime } from '../runtime/command.ts';

export const checkDay = (day: string): string => {
  if (isDay(day)) return day;
  throw new Fault('usage', `not a day: ${day}`, 'Write it as 2026-11-22 (UTC).');
};

export const today = (runtime: Runtime): string => dayOf(runtime.now());

export function registerSeal(command: Command, runtime: Runtime): void {
  command
    .option('--day <day...>', 'days to seal; default: every day that has changed since its last seal')
    .option('--booked-day <day>', 'where late rows of closed days are booked; default: today')
    .option('--force', 'seal again even where nothing has changed')
    .option('--json', 'one JSON object per day')
    .addHelpText(
      'after',
      `
A day that cannot be sealed does not keep the others: they are sealed, and the command ends with 4.

Example:
  $ fairshare seal --day 2026-10-01 2026-10-02`,
    )
    .action(async (flags: { day?: string[]; bookedDay?: string; force?: boolean; json?: boolean }) => {
      const warehouse = await runtime.warehouse();
      const days = flags.day?.map(checkDay) ?? (await knownDays(warehouse));
      const lateBookedDay = flags.bookedDay === undefined ? today(runtime) : checkDay(flags.bookedDay);
      const progress = createProgress(runtime, { label: 'seal', total: days.length, unit: 'days' });
      try {
        const { unsealed } = await sealDays(warehouse, days, {
          lateBookedDay,
          now: runtime.now(),
          force: flags.force,
          signal: runtime.signal,
          onDay: (outcome) => {
            progress.add(1);
            const { day, booked_day, status, requests, downloads, bytes, batches } = outcome;
            if (flags.json) printJson(runtime.stdout, outcome);
            else if (status === 'sealed' || flags.day !== undefined)
              runtime.stdout.write(
                `${day}${booked_day === day ? '' : ` (booked on ${booked_day})`}: ${status}, ${requests} requests, ${downloads} downloads, ${bytes} bytes from ${batches} batches\n`,
              );
          },
        });
        requireSealed(unsealed, 'the others are sealed');
      } finally {
        progress.stop();
      }
    });
}

export function registerAttribute(command: Command, runtime: Runtime): void {
  command
    .option('--known-at <time>', 'by the registry as it was known then (RFC 3339); default: now')
    .option('--period <month>', 'also say how sure the attribution of a month is: 5 % to 95 % per organisation')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ fairshare attribute --period 2026-10\n  $ fairshare query "SELECT name, sum(bytes) FROM org_usage_daily GROUP BY name"',
    )
    .action(async (flags: { knownAt?: string; period?: string; json?: boolean }) => {
      const period = flags.period === undefined ? undefined : checkPeriod(flags.period);
      const knownAt = flags.knownAt === undefined ? runtime.now() : new Date(flags.knownAt);
      if (Number.isNaN(knownAt.getTime()))
        throw new Fault('usage', `not a time: ${flags.knownAt}`, 'Write it as 2026-11-22T00:00:00Z.');
      const warehouse = await runtime.warehouse();
      const run = await attribute(warehouse, { now: runtime.now(), knownAt });
      const intervals = period && (await attributionIntervals(warehouse, period, lastDay(period)));
      if (flags.json) printJson(runtime.stdout, { ...run, ...(intervals && { intervals: intervalsJson(intervals) }) });
      else {
        runtime.stdout.write(
          `attribution ${run.attribution_version}: ${run.evidence_sets} evidence sets judged by ${run.evidence_rows} pieces of evidence\n`,
        );
        if (intervals) runtime.stdout.write(`${printIntervals(intervals, 'requests')}\n`);
      }
    });
}

export function registerClose(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--period <month>', 'the month, e.g. 2026-11')
    .option('--policy <file>', 'funding policy (default: from the configuration)')
    .option('--costs <file>', 'cost pools (default: from the configuration)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ fairshare close --period 2026-10')
    .action(async (flags: { period: string; policy?: string; costs?: string; json?: boolean }) => {
      const period = checkPeriod(flags.period);
      const warehouse = await runtime.warehouse();
      const terms = fundingTerms(() => runtime.config(), flags).of(period);
      await requireComplete(warehouse, runtime.config(), period, lastDay(period));
      await attributeFirst(runtime, warehouse);
      const closed = await closePeriod(warehouse, period, terms, runtime.now());
      if (flags.json) printJson(runtime.stdout, closed);
      else runtime.stdout.write(`${period} is closed: ${closed.days} days, allocation run ${closed.run_id}\n`);
    });
}
