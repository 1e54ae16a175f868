// fairshare report: what people receive. A summary for the foundation, a statement for each family, under a recorded run.

import { type Command } from 'commander';
import { statementJson, summaryJson } from '../../dashboards/report/figure-rows.ts';
import { printStatement, printSummary } from '../../dashboards/report/terminal.ts';
import { Fault } from '../../transform/fault.ts';
import { prepareReport, statementOf, writeReport, type ReportOptions } from '../exports/reports.ts';
import { type Runtime } from '../runtime/command.ts';

export function registerReport(program: Command, runtime: Runtime): void {
  program
    .command('report')
    .description(
      'who used how much, what is unattributed and why, who owes what: a summary, and a statement for each family',
    )
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .option('--out <dir>', 'write summary-MONTH.{html,csv,json} and statements/ID-MONTH.{html,csv,json} there')
    .option('--org <id>', "only the statement of this organisation's family")
    .option('--policy <file>', 'funding policy (default: from the configuration)')
    .option('--costs <file>', 'cost pools (default: from the configuration)')
    .option('--no-html', 'write CSV and JSON only')
    .option('--json', 'print the summary (or the statement) as JSON')
    .addHelpText(
      'after',
      `
The summary sets organisations side by side and is internal to the foundation; a statement shows one family alone.
Every figure names the query that makes it. The same inputs give the same bytes.

Examples:
  $ fairshare report --period 2026-10
  $ fairshare report --period 2026-10 --out reports
  $ fairshare report --period 2026-10 --org acme --json`,
    )
    .action(async (flags: ReportOptions & { readonly json?: boolean }) => {
      const warehouse = await runtime.warehouse({ throughDoor: true });
      const report = await prepareReport(runtime, warehouse, flags).catch((cause: unknown) => {
        if ((cause as { type?: unknown }).type !== 'READONLY') throw cause;
        throw new Fault(
          'warehouseUnreachable',
          `the figures of ${flags.period} have changed since they were last allocated, and ${warehouse.location} is read-only`,
          'A statement stands on a recorded run: run nightly or allocate first, or serve with --allow-writes.',
          { cause },
        );
      });
      const statement = flags.org === undefined ? undefined : await statementOf(warehouse, report, flags.org);
      if (flags.out !== undefined) {
        const files = await writeReport(runtime, warehouse, report, flags);
        runtime.stderr.write(`${files.length} files written to ${flags.out}\n`);
      }
      if (statement === undefined)
        runtime.stdout.write(flags.json ? summaryJson(report.summary) : printSummary(report.summary));
      else runtime.stdout.write(flags.json ? statementJson(statement) : printStatement(statement));
    });
}
