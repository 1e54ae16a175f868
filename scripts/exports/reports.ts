// Writes a period's report as files: the foundation's summary, and a statement for each family, under a recorded run.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { collectReport, orgNames, usageParameters } from '../../dashboards/report/collect.ts';
import {
  figureColumns,
  rowValues,
  statementJson,
  statementRows,
  summaryJson,
  summaryRows,
  type FigureRow,
} from '../../dashboards/report/figure-rows.ts';
import { type Report, type Statement } from '../../dashboards/report/figures.ts';
import { monthName, queriesName, statementName, summaryName } from '../../dashboards/report/names.ts';
import { queriesText } from '../../dashboards/report/queries.ts';
import { allocationRun } from '../../sql/allocation-run.ts';
import { faultOf } from '../../sql/failures.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { csvLines } from '../../transform/csv.ts';
import { Fault } from '../../transform/fault.ts';
import { allocatePeriod, checkPeriod } from '../funding/allocation.ts';
import { fundingFigures } from '../funding/figures.ts';
import { runBefore } from '../funding/run-before.ts';
import { periodNotes } from '../funding/notes.ts';
import { monthPace } from '../funding/pace.ts';
import { priced } from '../funding/parties.ts';
import { refusalOf } from '../funding/preflight.ts';
import { closedRun, type PeriodAllocation } from '../funding/run.ts';
import { fundingTerms } from '../funding/terms.ts';
import { findOrg } from '../orgs/find-org.ts';
import { type Runtime } from '../runtime/command.ts';
import { type Config } from '../runtime/config.ts';
import { findChromium, PdfPrinter } from './pdf.ts';
import {
  reportManifest,
  type FileContent,
  type ReportFiles,
  type ReportManifest,
  reportManifestName,
  storedManifest,
} from './report-manifest.ts';

export interface ReportOptions {
  readonly period: string;
  /** Directory; default: output of the configuration. */
  readonly out?: string;
  /** Only the statement of this organisation's family. */
  readonly org?: string;
  readonly policy?: string;
  readonly costs?: string;
  /** Default true. */
  readonly html?: boolean;
  /** Statements as PDF, too: with a Chromium of this machine. Default false. */
  readonly pdf?: boolean;
}

/** Where reports go. */
export const reportDirectory = ({ base_dir, output }: Config, { out }: Pick<ReportOptions, 'out'>): string =>
  out === undefined ? resolve(base_dir, output) : resolve(out);

type Formats = Pick<ReportOptions, 'html' | 'pdf'>;

/** Allocates the period (or takes the run that closed it) and collects its figures. */
export async function prepareReport(runtime: Runtime, warehouse: Warehouse, options: ReportOptions): Promise<Report> {
  const period = checkPeriod(options.period);
  const terms = () => fundingTerms(() => runtime.config(), options).of(period);
  return reportOf(runtime, warehouse, await allocatePeriod(warehouse, period, terms, runtime.now()));
}

/** All figures of a recorded allocation. */
async function reportOf(runtime: Runtime, warehouse: Warehouse, allocation: PeriodAllocation): Promise<Report> {
  return collectReport(warehouse, {
    allocation,
    run: await allocationRun(warehouse, allocation.run_id),
    funding: fundingFigures(allocation, priced(allocation.parties, allocation.terms)),
    issuer: { ...runtime.config().issuer },
    before: await runBefore(warehouse, allocation),
    notes: await periodNotes(warehouse, runtime.config(), allocation),
    pace: await monthPace(warehouse, allocation),
  });
}

/** The family of an organisation, as the report's run knows it. @throws Fault(inputRefused) */
export async function statementOf(warehouse: Warehouse, report: Report, org: string): Promise<Statement> {
  const { period, until, status, versions } = report.summary;
  const { attribution_version, computed_at } = versions;
  const parameters = usageParameters({ period, until, status, attribution_version, billable_tiers: [] }, computed_at);
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

/** The writers of pages. Imported only for pages, because their charts need a library of half a megabyte. */
const loadPages = async () => ({
  ...(await import('../../dashboards/report/statement-html.ts')),
  ...(await import('../../dashboards/report/summary-html.ts')),
});
/** All files of a report. */
export async function reportFiles(report: Report, { html = true, pdf = false }: Formats): Promise<ReportFiles> {
  const { summary, statements } = report;
  const name = summaryName(summary.period);
  const pages = html ? await loadPages() : null;
  return new Map<string, FileContent | null>([
    [`${name}.html`, pages?.renderSummaryHtml(summary, { statements: true }) ?? null],
    [`${name}.csv`, csv(summaryRows(summary))],
    [`${name}.json`, summaryJson(summary)],
    [
      queriesName(name),
      queriesText(`${summary.issuer.name}: usage and funding, ${monthName(summary.period)}`, summary.queries),
    ],
    ...(await statementFiles(statements, { html, pdf })),
  ]);
}

/** The files of statements. A form that is not asked for is deleted. */
async function statementFiles(
  statements: readonly Statement[],
  { html = true, pdf = false }: Formats,
): Promise<Map<string, FileContent | null>> {
  const pages = html || pdf ? await loadPages() : null;
  const printer = pdf ? new PdfPrinter(findChromium()) : null;
  const files = new Map<string, FileContent | null>();
  try {
    for (const statement of statements) {
      const path = `statements/${statementName(statement.family, statement.period)}`;
      const page = pages?.renderStatementHtml(statement) ?? null;
      const { name, period, issuer, versions, queries } = statement;
      files.set(`${path}.html`, html ? page : null);
      files.set(`${path}.csv`, csv(statementRows(statement)));
      files.set(`${path}.json`, statementJson(statement));
      files.set(queriesName(path), queriesText(`${issuer.name}: statement of ${name}, ${monthName(period)}`, queries));
      files.set(
        `${path}.pdf`,
        page === null || printer === null
          ? null
          : await printer.print(page, versions.closed_at ?? versions.computed_at),
      );
    }
  } finally {
    await printer?.close();
  }
  return files;
}

/** Writes each file under a temporary name first, so that no partial file appears. */
function writeFiles(directory: string, files: ReportFiles): string[] {
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
    } catch (error) {
      throw faultOf(error, path) ?? error;
    } finally {
      rmSync(`${path}.partial`, { force: true });
    }
    written.push(path);
  }
  return written;
}

/** Deletes statements of an earlier report that this one does not have, because readers would take them for current. */
function removeOldStatements(directory: string, period: string, files: ReportFiles): void {
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
      for (const extension of ['.json', '.csv', '.html', '.sql', '.pdf'])
        rmSync(join(folder, name.replace(/\.json$/, extension)), { force: true });
}

/** Writes the report of an allocation that was recorded. → paths written */
export async function writeReportOf(
  runtime: Runtime,
  warehouse: Warehouse,
  allocation: PeriodAllocation,
  options: Pick<ReportOptions, 'out'>,
): Promise<string[]> {
  return writeReport(runtime, warehouse, await reportOf(runtime, warehouse, allocation), options);
}

/** @returns paths written */
export async function writeReport(
  runtime: Runtime,
  warehouse: Warehouse,
  report: Report,
  { out, org, html = true, pdf = false }: Omit<ReportOptions, 'period'>,
): Promise<string[]> {
  const config = runtime.config();
  const directory = reportDirectory(config, { out });
  const { period, status, versions } = report.summary;
  const manifestOf = (files: ReportFiles, earlier?: ReportManifest) => {
    const manifest = reportManifest({ period, status, run_id: versions.run_id }, files, earlier);
    return new Map([[reportManifestName(period), `${JSON.stringify(manifest, null, 2)}\n`]]);
  };
  if (org !== undefined) {
    const files = await statementFiles([await statementOf(warehouse, report, org)], { html, pdf });
    const written = writeFiles(directory, files);
    return [...written, ...writeFiles(directory, manifestOf(files, storedManifest(directory, period)))];
  }
  const files = await reportFiles(report, { html, pdf });
  removeOldStatements(directory, period, files);
  const written = writeFiles(directory, files);
  return [...written, ...writeFiles(directory, manifestOf(files))];
}

/** Periods whose summary or statements are in a directory, sorted. */
function periodsIn(directory: string): string[] {
  const namesIn = (folder: string): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return []; // no report was written there
    }
  };
  const names = [...namesIn(directory), ...namesIn(join(directory, 'statements'))];
  return [...new Set(names.flatMap((name) => /(?:^summary|.)-(\d{4}-\d\d)\.json$/.exec(name)?.[1] ?? []))].sort();
}

/**
 * Renders every report in a directory again, for example after a name was erased. Closed periods keep their figures.
 * @returns the periods; `left`: open ones without a policy or costs of the month to allocate by
 */
export async function renderAgain(
  runtime: Runtime,
  warehouse: Warehouse,
  { out }: Pick<ReportOptions, 'out'>,
): Promise<{ readonly rendered: readonly string[]; readonly left: readonly string[] }> {
  const config = runtime.config();
  const directory = reportDirectory(config, { out });
  const rendered: string[] = [];
  const left: string[] = [];
  for (const period of periodsIn(directory)) {
    const closed = await closedRun(warehouse, period);
    if (closed !== undefined) await writeReportOf(runtime, warehouse, closed, { out });
    else if (
      config.policy !== undefined &&
      config.costs !== undefined &&
      (await refusalOf(warehouse, period, () => fundingTerms(() => config).of(period))) === undefined
    )
      await writeReport(runtime, warehouse, await prepareReport(runtime, warehouse, { period }), { out });
    else {
      left.push(period);
      continue;
    }
    rendered.push(period);
  }
  return { rendered, left };
}
