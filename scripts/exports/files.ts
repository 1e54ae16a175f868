// The files of an export, named by their content, and the manifest, which is written last. While the period is open, a new export
// replaces the old one. Once the period is closed, no delivered file is deleted, unless names in it were erased.

import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { bindParameters } from '../../dashboards/report/queries.ts';
import { Fault } from '../../transform/fault.ts';
import { faultOf } from '../../sql/failures.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { LONGEST_STATEMENT_BYTES, type QueryParams, type Warehouse } from '../../sql/warehouse.ts';
import { csvLines, type CsvColumn, type CsvValue } from '../../transform/csv.ts';
import { printableCsv } from '../../transform/printable.ts';
import { columnType, type DataColumn, dictionaryText } from './data-dictionary.ts';
import { type FocusRow } from './focus.ts';
import { type FocusColumn, focusColumnNames, focusColumns } from './focus-columns.ts';
import { usageColumns } from './usage-columns.ts';
import { sha256, sha256OfFile } from '../../sql/sha256.ts';
import { quoteString } from '../../sql/quote.ts';

export const EXPORT_SCHEMA = 'fairshare.export/1';

export interface ExportFile {
  /** Relative to the manifest's directory. */
  readonly path: string;
  /** json: the data dictionary of the files before it. */
  readonly format: 'parquet' | 'csv' | 'json';
  readonly bytes: number;
  /** Of a dictionary: its columns. */
  readonly rows: number;
  readonly sha256: string;
}

export interface ExportVersions {
  readonly schema: typeof EXPORT_SCHEMA;
  /** org_id */
  readonly organisation: string;
  readonly period: string;
  readonly status: 'open' | 'closed';
  /** null: there is no allocation */
  readonly run_id: string | null;
  readonly attribution_version: string | null;
  readonly policy_version: string | null;
  /** The version of the last day. */
  readonly methodology_version: number;
  /** First day of it, if days of the version before are in the files, too; each row names its version. */
  readonly methodology_from?: string;
}
/** docs: "Manifest of an export". */
export interface Manifest extends ExportVersions {
  readonly created_at: string;
  readonly files: readonly ExportFile[];
  readonly previous_manifest_sha256: string | null;
}

const MANIFEST = 'manifest.json';
const NAME_DIGITS = 16;
/** File names of our exports. No other file is ever deleted. */
export const exportFileNames = /^(usage|focus)(-[0-9a-f]{16}\.(parquet|csv)|-schema-[0-9a-f]{16}\.json)$/;
/** Names of earlier manifests, with the first digits of their hash. */
export const manifestCopy = /^manifest-([0-9a-f]{16})\.json$/;

/** Writes files under temporary names. A complete file is renamed to the hash of its content. */
export class ExportDirectory {
  private readonly directory: string;
  readonly files: ExportFile[] = [];

  /** @throws Fault(usage) if the directory cannot be created; Fault(inputRefused) if it has other contents */
  constructor(directory: string, { organisation, period }: Pick<ExportVersions, 'organisation' | 'period'>) {
    this.directory = directory;
    try {
      mkdirSync(directory, { recursive: true });
    } catch (error) {
      throw faultOf(error, directory) ?? error;
    }
    const previous = this.previous()?.manifest;
    if (previous !== undefined && (previous.organisation !== organisation || previous.period !== period))
      throw new Fault(
        'inputRefused',
        `${directory} holds the export of ${previous.organisation} for ${previous.period}`,
        'Give each organisation and period a directory of its own, with --out.',
      );
  }

  async write(
    dataset: 'usage' | 'focus' | 'usage-schema' | 'focus-schema',
    format: ExportFile['format'],
    rows: number,
    make: (path: string) => Promise<void> | void,
  ): Promise<void> {
    const passing = join(this.directory, `.partial-${dataset}.${format}`);
    rmSync(passing, { force: true });
    try {
      await make(passing);
      const hash = await sha256OfFile(passing);
      const path = `${dataset}-${hash.slice(0, NAME_DIGITS)}.${format}`;
      const bytes = statSync(passing).size;
      renameSync(passing, join(this.directory, path));
      this.files.push({ path, format, bytes, rows, sha256: hash });
    } finally {
      rmSync(passing, { force: true });
    }
  }

  /** @throws Fault(inputRefused) if the manifest there is not ours */
  private previous(): { readonly text: string; readonly manifest: Manifest } | undefined {
    const path = join(this.directory, MANIFEST);
    if (!existsSync(path)) return undefined;
    const text = readFileSync(path, 'utf8');
    try {
      const manifest = JSON.parse(text) as Manifest;
      if (manifest.schema === EXPORT_SCHEMA && Array.isArray(manifest.files)) return { text, manifest };
    } catch {
      // not JSON: refused below
    }
    throw new Fault('inputRefused', `${path} is not a manifest of an export`, 'Name another directory with --out.');
  }

  /**
   * Writes the manifest, unless the present one says the same. Then it stays, so that nobody has to load the export again.
   * @param erased whether names in this export were erased: then files of a closed period are deleted, too
   */
  finish(
    versions: ExportVersions,
    created_at: string,
    erased = false,
  ): { readonly manifest: Manifest; readonly text: string; readonly changed: boolean } {
    const previous = this.previous();
    const manifest: Manifest = {
      ...versions,
      created_at,
      files: this.files,
      previous_manifest_sha256: previous === undefined ? null : sha256(previous.text),
    };
    const said = ({ created_at: _at, previous_manifest_sha256: _before, ...rest }: Manifest) => JSON.stringify(rest);
    if (previous !== undefined && said(previous.manifest) === said(manifest))
      return { manifest: previous.manifest, text: previous.text, changed: false };
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    const path = join(this.directory, MANIFEST);
    if (previous?.manifest.status === 'closed')
      writeFileSync(
        join(this.directory, `manifest-${sha256(previous.text).slice(0, NAME_DIGITS)}.json`),
        previous.text,
      );
    writeFileSync(`${path}.partial`, text);
    renameSync(`${path}.partial`, path);
    const old = erased
      ? readdirSync(this.directory)
      : previous?.manifest.status === 'open'
        ? previous.manifest.files.map((file) => file.path)
        : [];
    for (const name of old)
      if (exportFileNames.test(name) && !this.files.some((file) => file.path === name))
        rmSync(join(this.directory, name), { force: true });
    return { manifest, text, changed: true };
  }
}

export interface ExportStyle {
  /** Whether CSV has an apostrophe before a text that a spreadsheet would run as a formula. */
  readonly apostrophe: boolean;
  /** Columns of FOCUS files; in the order of the data set, whatever the order here. */
  readonly focusColumns: readonly FocusColumn[];
}

/** The data dictionary of files that were written before it. */
const writeDictionary = (
  directory: ExportDirectory,
  dataset: 'usage' | 'focus',
  columns: Readonly<Record<string, DataColumn>>,
  currency: string,
  { apostrophe }: ExportStyle,
): Promise<void> =>
  directory.write(`${dataset}-schema`, 'json', Object.keys(columns).length, (path) =>
    writeFileSync(
      path,
      dictionaryText({
        columns,
        currency,
        focusVersion: dataset === 'focus' ? '1.4' : null,
        generatorVersion: EXPORT_SCHEMA,
        apostrophe,
      }),
    ),
  );

/**
 * Usage as Parquet and CSV, with its dictionary.
 * @throws Fault(checkFailed) if the usage changed meanwhile
 */
export async function writeUsage(
  warehouse: Warehouse,
  directory: ExportDirectory,
  parameters: QueryParams,
  style: ExportStyle,
): Promise<number> {
  const sql = sqlFile('queries/export/usage.sql');
  const sums = async () =>
    (
      await warehouse.query<{ rows: string; requests: string; bytes: string }>(
        sqlFile('queries/export/sums.sql'),
        parameters,
      )
    )[0];
  const before = await sums();
  const rows = Number(before.rows);
  await directory.write('usage', 'parquet', rows, (path) =>
    warehouse.writeFile(sql, path, 'Parquet', { ...parameters, csv: false }),
  );
  await directory.write('usage', 'csv', rows, async (path) => {
    const raw = `${path}.raw`;
    rmSync(raw, { force: true });
    try {
      await warehouse.writeFile(sql, raw, 'CSVWithNames', { ...parameters, csv: style.apostrophe });
      await pipeline(createReadStream(raw, 'utf8'), escapeHidden, createWriteStream(path));
    } finally {
      rmSync(raw, { force: true });
    }
  });
  const after = await sums();
  if (JSON.stringify(before) !== JSON.stringify(after))
    throw new Fault(
      'checkFailed',
      'usage changed while it was exported; no manifest was written',
      'Run the export again.',
    );
  await writeDictionary(directory, 'usage', usageColumns, '', style);
  return rows;
}

/** A chunk that ends between the two characters of a line end keeps the first of them for the next. */
async function* escapeHidden(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let kept = '';
  for await (const chunk of chunks) {
    const text = kept + chunk;
    kept = text.endsWith('\r') ? '\r' : '';
    yield printableCsv(kept === '' ? text : text.slice(0, -1));
  }
  yield printableCsv(kept);
}

/** More rows go to another file. */
const STATEMENT_BYTES = LONGEST_STATEMENT_BYTES / 2;
const structureOf = (columns: readonly FocusColumn[], currency: string): string =>
  `row UInt32, ${columns.map((name) => `${name} ${columnType(focusColumns[name], currency)}`).join(', ')}`;

/** Charges as Parquet and CSV, with their dictionary. */
export async function writeFocus(
  warehouse: Warehouse,
  directory: ExportDirectory,
  rows: readonly FocusRow[],
  currency: string,
  style: ExportStyle,
): Promise<void> {
  const names = focusColumnNames.filter((name) => style.focusColumns.includes(name));
  const structure = structureOf(names, currency);
  const chosen = (row: FocusRow) => Object.fromEntries(names.map((name) => [name, row[name]]));
  for (const part of parts(rows.map((row, index) => JSON.stringify({ row: index, ...chosen(row) })))) {
    // Written in: as parameters they would be too long for a URL.
    const query = sqlFile(part.length === 0 ? 'queries/export/no_charges_file.sql' : 'queries/export/charges_file.sql');
    const sql = bindParameters(query, { structure, data: part.join('\n') });
    await directory.write('focus', 'parquet', part.length, (path) => warehouse.writeFile(sql, path, 'Parquet'));
  }
  const columns = names.map((name): CsvColumn => ({
    name,
    kind: focusColumns[name].type.includes('Decimal') ? 'number' : 'text',
  }));
  const values = rows.map((row): CsvValue[] => names.map((name) => row[name]));
  await directory.write('focus', 'csv', rows.length, (path) =>
    writeFileSync(path, [...csvLines(columns, values, { quoteTexts: true, apostrophe: style.apostrophe })].join('')),
  );
  await writeDictionary(
    directory,
    'focus',
    Object.fromEntries(names.map((name) => [name, focusColumns[name]])),
    currency,
    style,
  );
}

/** At least one part, so that an export without charges still has a file. */
function parts(rows: readonly string[]): string[][] {
  const all: string[][] = [[]];
  let size_bytes = 0;
  for (const row of rows) {
    const own = Buffer.byteLength(quoteString(row));
    if (size_bytes + own > STATEMENT_BYTES && all.at(-1)!.length > 0) {
      all.push([]);
      size_bytes = 0;
    }
    all.at(-1)!.push(row);
    size_bytes += own;
  }
  return all;
}
