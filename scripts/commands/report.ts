// fairshare report: what people receive. A summary for the foundation, a statement for each family, under a recorded run.

import { type Command } from 'commander';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { collectReport, orgNames, recordedRun, usageParameters } from '../../dashboards/report/collect.ts';
import {
  figureColumns,
  rowValues,
  statementJson,
  statementRows,
  summaryJson,
  summaryRows,
  type FigureRow,
} from '../../dashboards/report/figure-rows.ts';
import { type Report } from '../../dashboards/report/figures.ts';
import { statementName } from '../../dashboards/report/format.ts';
import { printStatement, printSummary } from '../../dashboards/report/terminal.ts';
import { Fault } from '../../transform/fault.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { csvLines } from '../../transform/csv.ts';
import { findOrg } from '../orgs/find-org.ts';
import { fundingFigures, fundingRules } from '../funding/figures.ts';
import { allocatePeriod, checkPeriod, closedRun, fundingTexts } from '../funding/allocation.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { type Runtime } from '../runtime/command.ts';
import { recording } from '../runtime/recording.ts';

export interface ReportOptions {
  readonly period: string;
  /** Last day whose bookings count, YYYY-MM-DD; default: all of the month. */
  readonly until?: string;
  /** Directory; default: output of the configuration. */
  readonly out?: string;
  /** Only the statement of this organisation's family. */
  readonly org?: string;
  readonly policy?: string;
  readonly costs?: string;
  /** Default true. */
  readonly html?: boolean;
}

/** Allocates the period (or takes the run that closed it) and collects all its figures. */
export async function prepareReport(runtime: Runtime, warehouse: Warehouse, options: ReportOptions): Promise<Report> {
  const config = runtime.config();
  const period = checkPeriod(options.period);
  const allocation =
    (await closedRun(warehouse, period)) ??
    (await allocatePeriod(warehouse, period, fundingTexts(config, options), runtime.now(), options.until));
  const run = await recordedRun(warehouse, allocation.run_id);
  const funding = fundingFigures(allocation, fundingRules(allocation.parties, run));
  return collectReport(warehouse, {
    allocation: { ...allocation, parties: allocation.parties.map((party) => ({ ...party })) },
    funding,
    issuer: { ...config.issuer },
    billable_tiers: allocation.billable_tiers,
  });
}

/** The family of an organisation, as the report's run knows it. @throws Fault(inputRefused) */
async function statementOf(warehouse: Warehouse, report: Report, org: string): Promise<Report['statements'][number]> {
  const { period, until, status, versions } = report.summary;
  const parameters = usageParameters(
    { period, until, status, attribution_version: versions.attribution_version },
    versions.computed_at,
    [],
  );
  const named = report.statements.find(({ family }) => family === org);
  if (named !== undefined) return named;
  const { family } = findOrg(await orgNames(warehouse, parameters), org);
  const statement = report.statements.find((candidate) => candidate.family === family);
  if (statement === undefined)
    throw new Fault(
      'inputRefused',
      `${org} has no usage in ${period}, so there is no statement`,
      'See who has: fairshare report --period ' + period,
    );
  return statement;
}

const csv = (rows: Iterable<FigureRow>): string => [...csvLines(figureColumns, [...rows].map(rowValues))].join('');

/** What writes the pages. Imported only where pages are wanted, because their charts need a library of half a megabyte. */
const loadPages = async () => ({
  ...(await import('../../dashboards/report/statement-html.ts')),
  ...(await import('../../dashboards/report/summary-html.ts')),
});
type Pages = Awaited<ReturnType<typeof loadPages>>;

/** Path below DIR → content. null: must not be there, for it would stand beside newer figures. */
export async function reportFiles(
  report: Report,
  options: { readonly html: boolean },
): Promise<Map<string, string | null>> {
  const { summary, statements } = report;
  const pages = options.html ? await loadPages() : null;
  const files = new Map<string, string | null>([
    [`summary-${summary.period}.html`, pages?.renderSummaryHtml(summary, { statements: true }) ?? null],
    [`summary-${summary.period}.csv`, csv(summaryRows(summary))],
    [`summary-${summary.period}.json`, summaryJson(summary)],
  ]);
  for (const statement of statements)
    for (const [path, text] of statementFiles(statement, pages)) files.set(path, text);
  return files;
}

function statementFiles(statement: Report['statements'][number], pages: Pages | null): Map<string, string | null> {
  const path = `statements/${statementName(statement.family, statement.period)}`;
  return new Map([
    [`${path}.html`, pages?.renderStatementHtml(statement) ?? null],
    [`${path}.csv`, csv(statementRows(statement))],
    [`${path}.json`, statementJson(statement)],
  ]);
}

/** Writes whole files only: each under another name first. */
function writeFiles(directory: string, files: ReadonlyMap<string, string | null>): string[] {
  const written: string[] = [];
  for (const [name, text] of files) {
    const path = join(directory, name);
    if (text === null) {
      rmSync(path, { force: true });
      continue;
    }
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.partial`, text);
      renameSync(`${path}.partial`, path);
    } catch (cause) {
      throw new Fault(
        'usage',
        `cannot write ${path}: ${(cause as Error).message}`,
        'Name another directory with --out.',
        {
          cause,
        },
      );
    }
    written.push(path);
  }
  return written;
}

/** Statements of an earlier report of the period that this one does not have would be taken for current. */
function removeOldStatements(directory: string, period: string, files: ReadonlyMap<string, string | null>): void {
  const folder = join(directory, 'statements');
  const isOurs = (path: string) => readFileSync(path, 'utf8').startsWith('{\n  "document": "fairshare.statement/');
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return; // there are none
  }
  for (const name of names)
    if (name.endsWith(`-${period}.json`) && !files.has(`statements/${name}`) && isOurs(join(folder, name)))
      for (const extension of ['.json', '.csv', '.html'])
        rmSync(join(folder, name.replace(/\.json$/, extension)), { force: true });
}

/** Makes a period's report and writes it. → paths written */
export async function writeReports(runtime: Runtime, warehouse: Warehouse, options: ReportOptions): Promise<string[]> {
  return writeReport(runtime, warehouse, await prepareReport(runtime, warehouse, options), options);
}

async function writeReport(
  runtime: Runtime,
  warehouse: Warehouse,
  report: Report,
  { out, org, html = true }: ReportOptions,
): Promise<string[]> {
  const config = runtime.config();
  const directory = out === undefined ? resolve(config.base_dir, config.output) : resolve(out);
  if (org !== undefined)
    return writeFiles(
      directory,
      statementFiles(await statementOf(warehouse, report, org), html ? await loadPages() : null),
    );
  const files = await reportFiles(report, { html });
  removeOldStatements(directory, report.summary.period, files);
  return writeFiles(directory, files);
}

export function registerReport(command: Command, runtime: Runtime): void {
  command
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
  $ fairshare report --period 2026-10 --org example-corp --json`,
    )
    .action(async (flags: ReportOptions & { readonly json?: boolean }) => {
      const warehouse = await runtime.warehouse({ throughDoor: true });
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
