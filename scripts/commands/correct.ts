// fairshare correct: correction lines that people decided, from a file into the statements of an open period.

import { type Command } from 'commander';
import { formatCents } from '../../transform/numbers.ts';
import { Fault } from '../../transform/fault.ts';
import { loadCorrections, refuseCorrections } from '../funding/files.ts';
import {
  checkCorrections,
  recordCorrections,
  storedCorrections,
  type StoredCorrection,
} from '../funding/manual-corrections.ts';
import { type Runtime } from '../runtime/command.ts';
import { printJson, printTable } from '../runtime/output.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function registerCorrect(command: Command, runtime: Runtime): void {
  command
    .argument('[file]', 'CSV id,period,of_period,family,amount,currency,reason; none: show what is recorded')
    .option('--dry-run', 'say what would be recorded')
    .option('--yes', 'record a credit beyond all that was ever billed to the family, or a line of an exempt family')
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      `
All lines are checked first, and all faults are said at once. A negative amount is a credit; 0.00 takes a line back. The same id again replaces the line while its period is open. What
came late, or was taken back, is corrected without this command. docs/FUNDING.md, "Corrections"

Example:
  $ fairshare correct corrections.csv`,
    )
    .action(async (path: string | undefined, flags: Flags) => {
      const warehouse = await runtime.warehouse();
      if (path === undefined) {
        show(runtime, flags, await storedCorrections(warehouse));
        return;
      }
      const read = loadCorrections(path);
      const { lines, faults, doubts } = await checkCorrections(warehouse, read.lines);
      if (read.faults.length + faults.length > 0) refuseCorrections(path, [...read.faults, ...faults]);
      if (doubts.length > 0 && !flags.yes) {
        const said = doubts.map(({ line, message }) => `  line ${line}: ${message}`).join('\n');
        if (!flags.dryRun)
          throw new Fault(
            'usage',
            `${path}: to be confirmed\n${said}`,
            'Nothing was recorded. If it is meant so: --yes',
          );
        runtime.stderr.write(`${path}: --yes will be needed\n${said}\n`);
      }
      if (!flags.dryRun) await recordCorrections(warehouse, lines, runtime.now());
      show(
        runtime,
        flags,
        lines.map(({ line: _line, ...row }) => ({
          ...row,
          cents: String(row.cents),
          status: flags.dryRun ? dryStatus[row.status] : row.status,
        })),
      );
    });
}

/** What a dry run says: nothing was recorded. */
const dryStatus = { recorded: 'would be recorded', changed: 'would be changed', unchanged: 'unchanged' } as const;

function show(
  runtime: Runtime,
  flags: Flags,
  rows: readonly (StoredCorrection & { readonly status?: string })[],
): void {
  if (flags.json) for (const row of rows) printJson(runtime.stdout, row);
  else
    printTable(
      runtime.stdout,
      ['id', 'period', 'corrects', 'family', 'amount', '', 'reason', ''],
      rows.map((row) => [
        row.id,
        row.period,
        row.of_period,
        row.family,
        formatCents(BigInt(row.cents), row.currency),
        row.currency,
        row.reason,
        row.status ?? (row.cents === '0' ? 'taken back' : ''),
      ]),
      { right: [4] },
    );
}
