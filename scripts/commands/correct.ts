// fairshare correct: correction lines that people decided, from a file into the statements of an open period.

import { type Command } from 'commander';
import { formatCents } from '../../transform/numbers.ts';
import { loadCorrections } from '../funding/files.ts';
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
  readonly json?: boolean;
}

export function registerCorrect(command: Command, runtime: Runtime): void {
  command
    .argument('[file]', 'CSV id,period,of_period,family,amount,currency,reason; none: show what is recorded')
    .option('--dry-run', 'say what would be recorded')
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      `
A negative amount is a credit; 0.00 takes a line back. The same id again replaces the line while its period is open. What
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
      const lines = await checkCorrections(warehouse, loadCorrections(path));
      if (!flags.dryRun) await recordCorrections(warehouse, lines, runtime.now());
      show(
        runtime,
        flags,
        lines.map((line) => ({ ...line, cents: String(line.cents) })),
      );
    });
}

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
