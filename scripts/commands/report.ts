// fairshare report: writes a summary for the foundation and a statement for each family, under a recorded run.

import { type Command } from 'commander';
import { statementJson, summaryJson } from '../../dashboards/report/figure-rows.ts';
import { Fault } from '../../transform/fault.ts';
import { printStatement, printSummary } from '../../dashboards/report/terminal.ts';
import { findChromium } from '../exports/pdf.ts';
import { prepareReport, statementOf, writeReport, type ReportOptions } from '../exports/reports.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { type Runtime } from '../runtime/command.ts';
import { recording } from '../runtime/recording.ts';

export function registerReport(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .option('--out <dir>', 'write summary-MONTH.{html,csv,json,sql} and statements/ID-MONTH.{html,csv,json,sql} there')
    .option('--org <id>', "only the statement of this organisation's family")
    .option('--policy <file>', 'funding policy (default: from the configuration)')
    .option('--costs <file>', 'cost pools (default: from the configuration)')
    .option('--no-html', 'write CSV, JSON and SQL only')
    .option('--pdf', 'with --out: statements as PDF, too, printed by Chromium (FAIRSHARE_CHROMIUM, or on PATH)')
    .option('--json', 'print the summary (or the statement) as JSON')
    .addHelpText(
      'after',
      `
The summary sets organisations side by side and is internal to the foundation; a statement shows one family alone.
Every figure names the query that makes it; the queries are in the .sql file beside it. The same inputs give the same bytes
(of a PDF: by the same Chromium).

Examples:
  $ fairshare report --period 2026-10
  $ fairshare report --period 2026-10 --out reports
  $ fairshare report --period 2026-10 --org example-corp --json`,
    )
    .action(async (flags: ReportOptions & { readonly json?: boolean }) => {
      if (flags.pdf) {
        if (flags.out === undefined) throw new Fault('usage', '--pdf writes files', 'Name a directory with --out.');
        findChromium(); // Before the figures are computed, because that takes long.
      }
      const warehouse = await runtime.warehouse({ besideHolder: true });
      const changed = `the figures of ${flags.period} have changed since they were last allocated`;
      const report = await recording(warehouse, changed, async () => {
        await attributeFirst(runtime, warehouse);
        return prepareReport(runtime, warehouse, flags);
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
