// fairshare methodology: which day has which version of the rules that decide a number.

import { type Command } from 'commander';
import { methodologyOf, startSecond } from '../../sql/methodology.ts';
import { NEWEST } from '../../transform/methodology.ts';
import { printJson } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';
import { checkDay } from './seal.ts';

export function registerMethodology(command: Command, runtime: Runtime): void {
  command
    .option('--json', '{second_from}')
    .addHelpText(
      'after',
      `
Version 2: a download is one whole transfer; transfers of parts are counted by themselves. Version 1 counted some parts as downloads.
A warehouse in which nothing was loaded begins with version 2. Another one keeps version 1 until a day is set.

Example:
  $ fairshare methodology`,
    )
    .action(async ({ json = false }: { json?: boolean }) => {
      const { secondFrom } = await methodologyOf(await runtime.warehouse());
      if (json) printJson(runtime.stdout, { second_from: secondFrom });
      else
        runtime.stdout.write(
          secondFrom === null
            ? 'Every day has methodology 1. To begin with 2: fairshare methodology start --from DAY --reason TEXT\n'
            : secondFrom === NEWEST.secondFrom
              ? 'Every day has methodology 2.\n'
              : `Days from ${secondFrom} on have methodology 2, days before have 1.\n`,
        );
    });
  command
    .command('start')
    .description('record the first day of version 2; it must be after all loaded days, and does not change')
    .requiredOption('--from <day>', 'first day (UTC); best the first of a month')
    .requiredOption('--reason <text>', 'why, for people')
    .addHelpText(
      'after',
      `
Workers that run read by the rules they began with: restart them before that day.

Example:
  $ fairshare methodology start --from 2027-01-01 --reason 'agreed for the new year'`,
    )
    .action(async ({ from, reason }: { from: string; reason: string }) => {
      await startSecond(await runtime.warehouse(), checkDay(from), reason, runtime.now());
      runtime.stdout.write(`Days from ${from} on have methodology 2.\n`);
    });
}
