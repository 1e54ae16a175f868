// fairshare correct: correction lines that people decided, from a file into the statements of an open period.

import { type Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { formatCents } from '../../transform/funding/money.ts';
import { type ManualCorrection } from '../../transform/funding/corrections.ts';
import { loadCorrections } from '../funding/files.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

type Recorded = ManualCorrection & {
  readonly of_run_id: string;
  readonly status: 'recorded' | 'changed' | 'unchanged';
};

interface StoredCorrection {
  readonly id: string;
  readonly period: string;
  readonly of_period: string;
  readonly family: string;
  readonly cents: string;
  readonly currency: string;
  readonly reason: string;
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
        const rows = await warehouse.query<StoredCorrection>(
          'SELECT id, period, of_period, family, toString(correction.cents) AS cents, currency, reason, of_run_id FROM correction FINAL ORDER BY period, id',
        );
        show(runtime, flags, rows);
        return;
      }
      const lines = await recordable(warehouse, loadCorrections(path));
      if (!flags.dryRun)
        await warehouse.insert(
          'correction',
          lines
            .filter(({ status }) => status !== 'unchanged')
            .map(({ status: _status, cents, ...line }) => ({
              ...line,
              cents: String(cents),
              recorded_at: runtime.now().toISOString(),
            })),
        );
      show(
        runtime,
        flags,
        lines.map((line) => ({ ...line, cents: String(line.cents) })),
      );
    });
}

/** The lines with the runs they correct. @throws Fault(inputRefused) naming every line that cannot stand */
async function recordable(warehouse: Warehouse, lines: readonly ManualCorrection[]): Promise<Recorded[]> {
  const closed = new Map(
    (
      await warehouse.query<{ period: string; run_id: string; currency: string }>(
        `SELECT close.period AS period, close.run_id AS run_id, any(JSONExtractString(run.result, 'currency')) AS currency
        FROM (SELECT period, run_id FROM period_close FINAL) AS close
        LEFT JOIN allocation_run AS run ON run.run_id = close.run_id
        GROUP BY period, run_id`,
      )
    ).map((row) => [row.period, row]),
  );
  const families = new Set(
    (
      await warehouse.query<{ family: string }>(
        "SELECT DISTINCT family_id AS family FROM org_current UNION DISTINCT SELECT DISTINCT party AS family FROM allocation_input WHERE kind != 'unattributed'",
      )
    ).map(({ family }) => family),
  );
  const known = new Map(
    (
      await warehouse.query<StoredCorrection>(
        'SELECT id, period, of_period, family, toString(correction.cents) AS cents, currency, reason FROM correction FINAL',
      )
    ).map((row) => [row.id, row]),
  );
  const faults: string[] = [];
  const recorded = lines.map((line): Recorded => {
    const run = closed.get(line.of_period);
    const before = known.get(line.id);
    const same =
      before !== undefined &&
      (['period', 'of_period', 'family', 'currency', 'reason'] as const).every((key) => before[key] === line[key]) &&
      before.cents === String(line.cents);
    const fault = (message: string) => void faults.push(`  ${line.id}: ${message}`);
    if (run === undefined) fault(`${line.of_period} is not closed: what is wrong with it can still be set right in it`);
    else if (run.currency !== line.currency)
      fault(`${line.of_period} was billed in ${run.currency}, not ${line.currency}`);
    if (!families.has(line.family)) fault(`there is no family ${line.family}`);
    if (!same)
      for (const period of new Set([line.period, before?.period ?? line.period]))
        if (closed.has(period))
          fault(`${period} is closed: choose an open period${before === undefined ? '' : ' and another id'}`);
    return {
      ...line,
      of_run_id: run?.run_id ?? '',
      status: same ? 'unchanged' : before === undefined ? 'recorded' : 'changed',
    };
  });
  if (faults.length > 0)
    throw new Fault(
      'inputRefused',
      `${faults.length} correction(s) cannot stand\n${faults.join('\n')}`,
      'Nothing was recorded. docs/FUNDING.md, "Corrections"',
    );
  return recorded;
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
        formatCents(BigInt(row.cents)),
        row.currency,
        row.reason,
        row.status ?? (row.cents === '0' ? 'taken back' : ''),
      ]),
      { right: [4] },
    );
}
