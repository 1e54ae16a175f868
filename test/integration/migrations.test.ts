// Migrates a warehouse that an older version made: its figures do not change, and all its tables and columns are documented.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analystDatabase, analystObjects, analystSession } from '../../sql/analysts.ts';
import { migrate } from '../../sql/migrate.ts';
import { quoteIdentifier } from '../../sql/quote.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { fairshareHere } from '../support/cli.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/warehouses/${name}`, import.meta.url));

/** Views that have another name now. */
const RENAMED: Readonly<Record<string, string>> = {
  attributed_sets: 'attributed_by_evidence',
  usage_counted: 'usage_adjusted',
  usage_moved: 'usage_adjustment',
};
/** Tables that a migration itself writes to. */
const WRITTEN = ['schema_migration'];
/** The parts of a report that are figures; the other parts say how it was made. */
const FIGURES = ['totals', 'classes', 'unattributed', 'families', 'funding', 'days', 'ecosystems', 'clients', 'packages', 'ci', 'intervals', 'freshness', 'day_states']; // prettier-ignore

interface Found {
  /** Commit of the version that made the warehouse and read these contents from it. */
  readonly made_by: string;
  readonly contents: readonly { name: string; rows: string; hash: string; columns: string[] }[];
  readonly verified: readonly { run_id: string; recorded_sha256: string }[];
  readonly reports: readonly (Readonly<Record<string, unknown>> & { readonly period: string })[];
}

describe.each(['2026-11'])('the warehouse %s', (name) => {
  const found = JSON.parse(readFileSync(fixture(`${name}.json`), 'utf8')) as Found;
  const directory = temporaryDirectory();
  const at = (file: string): string => join(directory.path, file);
  let warehouse: Warehouse;

  beforeAll(async () => {
    execFileSync('tar', ['-C', directory.path, '-xzf', fixture(`${name}.tar.gz`)]);
    warehouse = await openWarehouse({ location: at('warehouse') });
    await migrate(warehouse);
  });
  afterAll(async () => {
    await warehouse?.close();
    directory.remove();
  });

  it('has rows in nearly every table', () => {
    const empty = found.contents.filter(({ rows }) => rows === '0').map((table) => table.name);
    expect(empty.filter((table) => !table.endsWith('_staging'))).toEqual(['interval_precision']);
  });

  it.each(found.contents.filter((content) => !WRITTEN.includes(content.name)))(
    'keeps the rows of $name',
    async ({ name: old, columns, ...content }) => {
      const table = RENAMED[old] ?? old;
      const tuple = columns.map(quoteIdentifier).join(', ');
      const [{ engine }] = (await warehouse.query<{ engine: string }>(
        'SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = {table:String}',
        { table },
      )) as [{ engine: string }];
      const final = /^(Replacing|Summing)/.test(engine) ? 'FINAL' : '';
      const [row] = await warehouse.query(
        `SELECT count() AS rows, hex(sum(cityHash64(toString(tuple(${tuple}))))) AS hash FROM ${table} ${final}`,
      );
      expect(row).toEqual(content);
    },
  );

  it('has no view by a name that misled', async () => {
    const names = await warehouse.query(
      'SELECT name FROM system.tables WHERE database = currentDatabase() AND has({old:Array(String)}, name)',
      { old: Object.keys(RENAMED) },
    );
    expect(names).toEqual([]);
  });

  it('says of every table, view and column what it is for', async () => {
    const database = analystDatabase('default');
    const tables = await warehouse.query<{ name: string; columns: string; create: string; comment: string }>(
      `SELECT concat(database, '.', name) AS name, comment, create_table_query AS create, (SELECT count() FROM system.columns WHERE database = tables.database AND table = tables.name) AS columns
        FROM system.tables AS tables WHERE database IN (currentDatabase(), {database:String})`,
      { database },
    );
    expect(tables.length).toBeGreaterThan(60);
    expect(tables.filter(({ comment }) => comment === '').map((table) => table.name)).toEqual([]);
    const columns = await warehouse.query(
      `SELECT concat(database, '.', table, '.', name) AS name FROM system.columns WHERE database IN (currentDatabase(), {database:String}) AND comment = ''`,
      { database },
    );
    expect(columns).toEqual([]);
    // The engine lists no columns of views with parameters. The text of the warehouse's own views contains them.
    for (const { name: view, create } of tables.filter(
      (table) => table.columns === '0' && table.name.startsWith('default.'),
    )) {
      const listed = /^CREATE VIEW \S+ \((.*?)\) (?:COMMENT|AS) /s.exec(create)?.[1] ?? '';
      const names = listed.match(/`\w+` /g) ?? [];
      expect(names.length, view).toBeGreaterThan(0);
      expect(listed.match(/ COMMENT '[^']/g)?.length, view).toBe(names.length);
    }
  });

  it('has what analysts read in a database of its own, and nothing else', async () => {
    const names = await warehouse.query<{ name: string }>(
      'SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name',
      { database: analystDatabase('default') },
    );
    expect(names.map((row) => row.name)).toEqual([...analystObjects].sort());
    expect(names.map((row) => row.name).filter((table) => /staging|batch|quarantine|network|_rate|^ingest_|evidence_set|org_e|lock|revision/.test(table))).toEqual([]); // prettier-ignore
    const contacts = await warehouse.query(
      "SELECT table FROM system.columns WHERE database = {database:String} AND name = 'contact'",
      { database: analystDatabase('default') },
    );
    expect(contacts).toEqual([]);
  });

  it('computes its recorded allocations again to the same lines', async () => {
    await warehouse.close();
    const { status, stdout } = await fairshareHere(['verify', '--json', '--warehouse', at('warehouse')]);
    expect(status).toBe(0);
    const runs = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(runs).toEqual(found.verified.map((run) => ({ ...run, period: expect.any(String) as string, same: true, different: [], computed_sha256: run.recorded_sha256 }))); // prettier-ignore
  });

  it.each(found.reports)('reports $period with the same figures', async (report) => {
    // The fixture's costs are of a version in which they belonged to no month.
    const [header, ...rows] = readFileSync(at('costs.csv'), 'utf8').trim().split('\n');
    const dated = [`period,${header}`, ...rows.map((row) => `${report.period},${row}`), ''].join('\n');
    writeFileSync(at('dated-costs.csv'), dated);
    const texts = ['--policy', at('policy.yaml'), '--costs', at('dated-costs.csv'), '--warehouse', at('warehouse')];
    const { status, stdout, stderr } = await fairshareHere(['report', '--period', report.period, '--json', ...texts]);
    expect(status, stderr).toBe(0);
    const now = JSON.parse(stdout) as Record<string, unknown>;
    // Later versions add columns to rows (parts of files, fields in doubt); those that there were stay.
    for (const figure of FIGURES) expect(now[figure], figure).toMatchObject(report[figure] as object);
    // An analyst can run the queries that the report names.
    const held = await openWarehouse({ location: at('warehouse') });
    const analyst = await analystSession(held);
    for (const { sql } of Object.values(now.queries as Record<string, { sql: string }>))
      await expect(analyst.query(sql), sql).resolves.toBeDefined();
    await analyst.close();
    await held.close();
  });
});
