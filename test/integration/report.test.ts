// Compares the published files with SQL: every total of the summary, every line of a statement, every row of an export, and a
// closed period that does not change.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FigureQuery } from '../../dashboards/report/queries.ts';
import { dueCents, type Report } from '../../dashboards/report/figures.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { writeExport } from '../../scripts/exports/export.ts';
import { prepareReport, reportFiles, type ReportOptions, writeReport } from '../../scripts/exports/reports.ts';
import { loadConfig } from '../../scripts/runtime/config.ts';
import { printable } from '../../transform/printable.ts';
import { readCsv } from '../../transform/csv.ts';
import { focusColumns } from '../../scripts/exports/focus-columns.ts';
import { type Manifest } from '../../scripts/exports/files.ts';
import { Fault } from '../../transform/fault.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import {
  COSTS,
  FORMULA,
  HOSTILE,
  PERIOD,
  POLICY,
  recordAttribution,
  reportWarehouse,
} from '../support/report-warehouse.ts';
import { embeddedPlace, temporaryDirectory, type WarehousePlace } from '../support/warehouse.ts';
import { sha256 } from '../../sql/sha256.ts';

const directory = temporaryDirectory('fairshare-report-');
let place: WarehousePlace;
let warehouse: Warehouse;
let report: Report;
let said = '';

function runtimeOf(configuration: string, now = '2026-11-02T06:00:00.000Z'): Runtime {
  const file = join(directory.path, `${configuration}.yaml`);
  const stderr = new PassThrough();
  stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return {
    config: () => loadConfig({ file, env: {} }),
    now: () => new Date(now),
    stderr,
    warehouse: async () => warehouse,
  } as unknown as Runtime;
}

beforeAll(async () => {
  writeFileSync(join(directory.path, 'policy.yaml'), POLICY);
  writeFileSync(join(directory.path, 'costs.csv'), COSTS);
  writeFileSync(
    join(directory.path, 'funded.yaml'),
    'policy: policy.yaml\ncosts: costs.csv\nissuer: { name: Test Foundation, currency: EUR, contact: money@example.org }\n',
  );
  writeFileSync(
    join(directory.path, 'paid.yaml'),
    'policy: policy.yaml\ncosts: costs.csv\nissuer: { name: Test Foundation, currency: EUR, contact: money@example.org, payment: [By transfer] }\n',
  );
  writeFileSync(join(directory.path, 'unfunded.yaml'), 'issuer: { name: Test Foundation }\n');
  place = embeddedPlace();
  warehouse = await reportWarehouse(place);
  report = await prepareReport(runtimeOf('funded'), warehouse, { period: PERIOD });
});
afterAll(async () => {
  await warehouse.close();
  await place.remove();
  directory.remove();
});

const one = async (sql: string): Promise<Record<string, string>> =>
  (await warehouse.query<Record<string, string>>(sql))[0];
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const booked = "booked_day >= '2026-10-01' AND booked_day < '2026-11-01' AND day >= '2026-10-01'";

describe('the summary', () => {
  it('sums to the sealed tables, by class, ecosystem, client, CI, day and party', async () => {
    const total = await one(
      `SELECT sum(requests) AS requests, sum(downloads) AS downloads, sum(bytes) AS bytes, sum(repeat_bytes) AS repeat_bytes FROM usage_daily WHERE ${booked}`,
    );
    const { summary } = report;
    expect(String(summary.totals.requests)).toBe(total.requests);
    expect(String(summary.totals.repeat_bytes)).toBe(total.repeat_bytes);
    for (const rows of [summary.classes, summary.ecosystems, summary.clients, summary.ci, summary.days]) {
      expect(String(sum(rows.map(({ requests }) => requests)))).toBe(total.requests);
      expect(String(sum(rows.map(({ downloads }) => downloads)))).toBe(total.downloads);
      expect(String(sum(rows.map(({ bytes }) => bytes)))).toBe(total.bytes);
    }
    const families = sum(summary.families.map(({ bytes }) => bytes));
    const unattributed = sum(summary.unattributed.map(({ bytes }) => bytes));
    expect(families).toBe(summary.totals.attributed_bytes);
    expect(String(families + unattributed)).toBe(total.bytes);
  });

  it('agrees with the views of the warehouse', async () => {
    const rows = await warehouse.query<Record<string, string>>(
      `SELECT unattributed, platform, sum(bytes) AS bytes FROM unattributed_usage_daily WHERE ${booked} GROUP BY unattributed, platform`,
    );
    const key = (reason: string, platform: string) => `${reason}/${platform}`;
    expect(
      new Map(report.summary.unattributed.map((row) => [key(row.reason, row.platform), String(row.bytes)])),
    ).toEqual(new Map(rows.map((row) => [key(row.unattributed, row.platform), row.bytes])));
    const shares = await warehouse.query<Record<string, string>>(
      `SELECT family_id, sum(bytes) AS bytes FROM org_usage_daily WHERE ${booked} GROUP BY family_id ORDER BY family_id`,
    );
    const families = new Map(report.summary.families.map(({ family, bytes }) => [family, String(bytes)]));
    expect(families).toEqual(new Map(shares.map((row) => [row.family_id, row.bytes])));
  });

  it('keeps a late row of an earlier period apart, and counts usage that nobody has judged as unknown', async () => {
    expect(report.summary.day_states).toContainEqual(
      expect.objectContaining({ state: 'closed', first_day: '2026-09-29' }),
    );
    expect(report.summary.funding.pending).toEqual([{ of_period: '2026-09', requests: 17n, bytes: 1_700_001n }]);
    const unjudged = await one(
      `SELECT sum(bytes) AS bytes FROM usage_daily WHERE evidence_set IN (12, 99) AND ${booked}`,
    );
    expect(String(report.summary.unattributed.find(({ reason }) => reason === 'unknown')?.bytes)).toBe(unjudged.bytes);
  });

  it('owes what was recorded of the run, and the cost adds up', async () => {
    const { funding, versions } = report.summary;
    const lines = await warehouse.query<{ family: string; billed_cents: string; rule: string }>(
      'SELECT family, billed_cents, rule FROM allocation_line FINAL WHERE run_id = {run_id:String} ORDER BY family',
      { run_id: versions.run_id },
    );
    const billed = funding.families.filter(({ share }) => share !== null);
    expect(billed.map(({ family, share }) => [family, String(share!.billed_cents), share!.rule])).toEqual(
      lines.map(({ family, billed_cents, rule }) => [family, billed_cents, rule]),
    );
    expect(funding.billed_cents + funding.true_up_cents + funding.commons_cents).toBe(2_450_001n);
    expect(new Set(lines.map(({ rule }) => rule))).toEqual(new Set(['cap', 'share', 'minimum', 'free']));
  });
});

describe('statements', () => {
  it('there is one for every family with usage or a contract, and none for a subsidiary', () => {
    expect(report.statements.map(({ family }) => family)).toEqual([
      'Hooli.Cloud',
      'acme',
      'globex',
      'initech',
      'openproj',
      'quiet',
      'umbrella',
    ]);
    expect(report.statements.find(({ family }) => family === 'acme')?.members.map(({ value }) => value)).toEqual([
      'acme',
      'acme-labs',
    ]);
  });

  it('lines sum to the cents billed, and statements with the commons to the cost', () => {
    for (const { share } of report.statements)
      if (share.share !== null)
        expect(sum(share.share.lines.map(({ billed_cents }) => billed_cents))).toBe(share.share.billed_cents);
    expect(sum(report.statements.map(({ share }) => dueCents(share))) + report.summary.funding.commons_cents).toBe(
      2_450_001n,
    );
  });

  it('usage sums under every heading', () => {
    for (const { usage, classes, ecosystems, clients, evidence, members, days } of report.statements) {
      if (usage === null) continue;
      for (const rows of [classes, ecosystems, clients, evidence, members, days]) {
        expect(sum(rows.map(({ bytes }) => bytes))).toBe(usage.bytes);
        expect(sum(rows.map(({ billable_requests }) => billable_requests))).toBe(usage.billable_requests);
      }
    }
  });

  it('show one family alone', async () => {
    const files = await reportFiles(report, { html: true });
    for (const [path, text] of files)
      if (path.startsWith(`statements/acme-${PERIOD}.`) && text !== null) {
        expect(text).toContain('acme');
        expect(text).not.toMatch(/globex|initech|hooli|openproj|umbrella|quiet/i);
      }
  });
});

describe('a figure can be retraced', () => {
  const comparable = (rows: readonly Record<string, unknown>[], columns: readonly string[]) =>
    rows.map((row) => columns.map((name) => String(row[name])));

  it('by the query that the summary prints', async () => {
    const { summary } = report;
    const checks: [FigureQuery, readonly object[], string[]][] = [
      [summary.queries.totals, [summary.totals], ['requests', 'repeat_bytes', 'unknown_class_bytes']],
      [summary.queries.classes, summary.classes, ['value', 'requests', 'bytes']],
      [summary.queries.ci, summary.ci, ['value', 'requests']],
      [summary.queries.packages, summary.packages, ['ecosystem', 'package', 'bytes']],
      [summary.queries.families, summary.families, ['family', 'requests', 'bytes']],
      [summary.queries.unattributed, summary.unattributed, ['reason', 'platform', 'bytes']],
      [summary.queries.days, summary.days, ['day', 'series', 'bytes']],
      [summary.queries.freshness, summary.freshness, ['source', 'lines', 'requests', 'excluded', 'quarantined']],
      [summary.queries.day_states, summary.day_states, ['state', 'days']],
    ];
    for (const [query, figures, columns] of checks) {
      const rows = await warehouse.query(query.sql);
      expect(comparable(rows, columns), query.file).toEqual(comparable(figures as Record<string, unknown>[], columns));
    }
    for (const query of [summary.queries.lines, summary.queries.run, summary.queries.parties])
      expect((await warehouse.query(query.sql)).length, query.file).toBeGreaterThan(0);
  });

  it('by the query that a statement prints for its own family', async () => {
    for (const statement of report.statements.filter(({ family }) => ['acme', 'globex'].includes(family))) {
      const { queries } = statement;
      const of = { requests: 'requests', bytes: 'bytes', billable_bytes: 'billable_bytes' };
      const checks: [FigureQuery, readonly object[], string[]][] = [
        [queries.usage, [statement.usage!], Object.keys(of)],
        [queries.classes, statement.classes, ['value', ...Object.keys(of)]],
        [queries.ecosystems, statement.ecosystems, ['value', 'bytes']],
        [queries.clients, statement.clients, ['value', 'bytes']],
        [queries.members, statement.members, ['value', 'bytes']],
        [queries.packages, statement.packages, ['ecosystem', 'package', 'bytes']],
      ];
      for (const [query, figures, columns] of checks) {
        const rows = await warehouse.query(query.sql);
        expect(comparable(rows, columns), query.file).toEqual(
          comparable(figures as Record<string, unknown>[], columns),
        );
      }
      const byValue = (rows: readonly object[]) =>
        comparable(rows as Record<string, unknown>[], ['value', 'bytes']).sort();
      expect(byValue(await warehouse.query(queries.days.sql))).toEqual(byValue(statement.days));
      expect(byValue(await warehouse.query(queries.evidence.sql))).toEqual(byValue(statement.evidence));
      expect(await warehouse.query(queries.lines.sql)).toMatchObject([{ family: statement.family }]);
    }
  });
});

describe('files', () => {
  const out = join(directory.path, 'reports');

  it('the same inputs give the same bytes', async () => {
    const again = await prepareReport(runtimeOf('funded', '2026-11-09T00:00:00.000Z'), warehouse, { period: PERIOD });
    const files = await reportFiles(report, { html: true });
    expect([...files.values()].filter((text) => text !== null)).toHaveLength(4 + 7 * 4);
    for (const [path, text] of await reportFiles(again, { html: true }))
      expect(text === files.get(path), path).toBe(true);
  });

  const writeAll = async (options: ReportOptions): Promise<string[]> => {
    const runtime = runtimeOf('funded');
    return writeReport(runtime, warehouse, await prepareReport(runtime, warehouse, options), options);
  };

  it('are written whole, under safe names, and statements that are no more are removed', async () => {
    mkdirSync(join(out, 'statements'), { recursive: true });
    for (const extension of ['json', 'csv', 'html', 'sql', 'pdf'])
      writeFileSync(
        join(out, 'statements', `gone-${PERIOD}.${extension}`),
        '{\n  "document": "fairshare.statement/1"\n}\n',
      );
    writeFileSync(join(out, 'statements', 'notes.json'), '{}');
    const september = join(out, 'statements', 'acme-2026-09.json');
    writeFileSync(september, '{\n  "document": "fairshare.statement/1"\n}\n');
    const paths = await writeAll({ period: PERIOD, out });
    expect(paths).toContain(join(out, `summary-${PERIOD}.html`));
    const names = readdirSync(join(out, 'statements'));
    expect(names.every((name) => /^[a-z0-9_][a-z0-9._-]*$/.test(name))).toBe(true);
    expect(names).toContain('notes.json');
    expect(existsSync(september)).toBe(true);
    expect(names.filter((name) => name.startsWith('gone') || name.endsWith('.partial'))).toEqual([]);
    await writeAll({ period: PERIOD, out, html: false });
    expect(readdirSync(out).sort()).toEqual([`manifest-${PERIOD}.json`, 'statements', `summary-${PERIOD}.csv`, `summary-${PERIOD}.json`, `summary-${PERIOD}.sql`]); // prettier-ignore
  });

  it('give one statement alone for an organisation of its family', async () => {
    const alone = join(directory.path, 'alone');
    const paths = await writeAll({ period: PERIOD, out: alone, org: 'acme-labs' });
    expect(paths.map((path) => path.slice(alone.length + 1))).toEqual([
      ...['html', 'csv', 'json', 'sql'].map((extension) => `statements/acme-${PERIOD}.${extension}`),
      `manifest-${PERIOD}.json`,
    ]);
  });

  it('have every query of a document in its .sql file, which runs as it is', async () => {
    const files = await reportFiles(report, { html: false });
    const acme = report.statements.find(({ family }) => family === 'acme')!;
    const text = String(files.get(`statements/acme-${PERIOD}.sql`));
    for (const { id, title, file, sql } of Object.values(acme.queries))
      expect(text).toContain(`-- ${id}: ${title} (${file})\n${sql};`);
    const rows = await warehouse.query<{ value: string; bytes: string }>(acme.queries.classes.sql);
    expect(rows.map(({ value, bytes }) => [value, bytes])).toEqual(acme.classes.map(({ value, bytes }) => [value, String(bytes)])); // prettier-ignore
    const rules = await warehouse.query<{ rule_id: string; bytes: string }>(acme.queries.sources.sql);
    expect(rules.map(({ rule_id, bytes }) => [rule_id, bytes])).toEqual(acme.sources.map(({ rule_id, bytes }) => [rule_id, String(bytes)])); // prettier-ignore
  });

  it('neutralise a name that a spreadsheet would run', async () => {
    const csv = (await reportFiles(report, { html: false })).get(`summary-${PERIOD}.csv`)!;
    expect(csv).toContain("'=HYPERLINK(");
    expect(csv).not.toMatch(/(^|,)"?=/m);
  });
});

describe('an export', () => {
  const out = join(directory.path, 'exports');
  const read = (path: string) => JSON.parse(readFileSync(join(out, path, 'manifest.json'), 'utf8')) as Manifest;
  const fileOf = (manifest: Manifest, dataset: string, format: string) =>
    manifest.files.find((file) => file.path.startsWith(dataset) && file.format === format)!;
  const parquet = (path: string, manifest: Manifest, dataset: string) =>
    `file('${join(out, path, fileOf(manifest, dataset, 'parquet').path)}', Parquet)`;

  it('holds the usage of the family, hashed, and readable by the engine', async () => {
    const target = join(out, 'acme');
    await writeExport(runtimeOf('funded'), warehouse, { org: 'acme', period: PERIOD, out: target });
    const manifest = read('acme');
    expect(manifest).toMatchObject({
      schema: 'fairshare.export/1',
      organisation: 'acme',
      period: PERIOD,
      status: 'open',
      run_id: report.summary.versions.run_id,
      attribution_version: 'attribution-1',
      policy_version: 'test-1',
      methodology_version: 2,
      created_at: '2026-11-02T06:00:00.000Z',
      previous_manifest_sha256: null,
    });
    expect(readdirSync(target).sort()).toEqual(['manifest.json', ...manifest.files.map(({ path }) => path)].sort());
    for (const file of manifest.files) {
      const bytes = readFileSync(join(target, file.path));
      expect(sha256(bytes)).toBe(file.sha256);
      expect(bytes.length).toBe(file.bytes);
      expect(file.path).toContain(file.sha256.slice(0, 16));
    }
    const own = await one(
      `SELECT count() AS rows, sum(requests) AS requests, sum(bytes) AS bytes, sum(repeat_bytes) AS repeat_bytes FROM ${parquet('acme', manifest, 'usage')}`,
    );
    const usage = report.statements.find(({ family }) => family === 'acme')!.usage!;
    // The late usage of September is in it, and in no statement of October.
    const late = await one(
      "SELECT sum(requests) AS requests, sum(bytes) AS bytes, sum(repeat_bytes) AS repeat_bytes FROM usage_daily WHERE day = '2026-09-29'",
    );
    expect(own).toEqual({
      rows: String(fileOf(manifest, 'usage', 'parquet').rows),
      requests: String(usage.requests + BigInt(late.requests)),
      bytes: String(usage.bytes + BigInt(late.bytes)),
      repeat_bytes: String(usage.repeat_bytes + BigInt(late.repeat_bytes)),
    });
    const orgs = await warehouse.query<{ org_id: string }>(
      `SELECT DISTINCT org_id FROM ${parquet('acme', manifest, 'usage')} ORDER BY org_id`,
    );
    expect(orgs.map(({ org_id }) => org_id)).toEqual(['acme', 'acme-labs']);
  });

  it('says the same in CSV, neutralised', async () => {
    const manifest = read('acme');
    const text = readFileSync(join(out, 'acme', fileOf(manifest, 'usage', 'csv').path), 'utf8');
    const columns = text.slice(0, text.indexOf('\r\n')).replaceAll('"', '').split(',');
    const { records, faults } = readCsv(text, columns);
    expect(faults).toEqual([]);
    expect(records.length).toBe(fileOf(manifest, 'usage', 'csv').rows);
    const packages = new Set(records.map(({ values }) => values.package));
    expect(packages).toContain(`'${FORMULA}`);
    expect(packages).toContain("'@types/node");
    expect(packages).toContain(printable(HOSTILE));
    expect(text).not.toMatch(/[^\P{C}\r\n]/u);
    expect(new Set(records.map(({ values }) => values.ci))).toEqual(new Set(['true', 'false', '']));
    const exact = await warehouse.query<{ package: string }>(
      `SELECT DISTINCT package FROM ${parquet('acme', manifest, 'usage')}`,
    );
    expect(exact.map((row) => row.package)).toContain(FORMULA);
  });

  it('shows back charges that sum to the statement', async () => {
    const manifest = read('acme');
    const from = parquet('acme', manifest, 'focus');
    const statement = report.statements.find(({ family }) => family === 'acme')!;
    const costs = await one(
      `SELECT sum(x_ShownCost) * 100 AS shown, sum(EffectiveCost) * 100 AS effective, sum(BilledCost) * 100 AS billed, count(InvoiceId) AS invoices, any(BillingPeriodEnd) AS period_end FROM ${from}`,
    );
    // An open month claims neither: nothing is invoiced.
    expect(Number(costs.shown)).toBe(Number(dueCents(statement.share)));
    expect([costs.effective, costs.billed, costs.invoices].map(Number)).toEqual([0, 0, 0]);
    expect(costs.period_end).toBe('2026-11-01 00:00:00.000');
    const columns = await warehouse.query<{ name: string; type: string }>(`DESCRIBE ${from}`);
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, type]))).toEqual(
      Object.fromEntries(Object.entries(focusColumns).map(([name, { type }]) => [name, type])),
    );
    const days = await one(
      `SELECT uniqExact(ChargePeriodStart) AS days, countIf(ChargePeriodEnd != ChargePeriodStart + INTERVAL 1 DAY) AS longer FROM ${from} WHERE SkuId IS NOT NULL`,
    );
    expect(Number(days.days)).toBeGreaterThan(5);
    expect(Number(days.longer)).toBe(0);
    const classes = await warehouse.query<{ class: string; cents: string }>(
      `SELECT x_RequesterClass AS class, toString(toInt64(sum(x_ShownCost) * 100)) AS cents FROM ${from} GROUP BY class`,
    );
    for (const line of statement.share.share!.lines)
      expect(classes.find((row) => row.class === line.requester_class)?.cents).toBe(String(line.billed_cents));
  });

  it('has a dictionary beside the files, with the types that Parquet has', async () => {
    const manifest = read('acme');
    for (const dataset of ['usage', 'focus'] as const) {
      const schema = manifest.files.find(({ path }) => path.startsWith(`${dataset}-schema-`))!;
      const { ColumnDefinition: defined } = JSON.parse(readFileSync(join(out, 'acme', schema.path), 'utf8')) as {
        ColumnDefinition: { ColumnName: string; x_ParquetType: string; x_Description: string }[];
      };
      const columns = await warehouse.query<{ name: string; type: string }>(
        `DESCRIBE ${parquet('acme', manifest, dataset)}`,
      );
      expect(defined.map(({ ColumnName, x_ParquetType }) => [ColumnName, x_ParquetType])).toEqual(
        columns.map(({ name, type }) => [name, type]),
      );
      const csv = readFileSync(join(out, 'acme', fileOf(manifest, dataset, 'csv').path), 'utf8');
      expect(csv.slice(0, csv.indexOf('\r\n')).replaceAll('"', '')).toBe(columns.map(({ name }) => name).join(','));
      expect(schema.rows).toBe(columns.length);
    }
  });

  it('is left as it is where nothing has changed, and recorded once', async () => {
    const before = new Map(
      readdirSync(join(out, 'acme')).map((name) => [name, sha256(readFileSync(join(out, 'acme', name)))]),
    );
    const later = runtimeOf('funded', '2026-11-03T06:00:00.000Z');
    const { changed } = await writeExport(later, warehouse, { org: 'acme', period: PERIOD, out: join(out, 'acme') });
    expect(changed).toBe(false);
    const after = new Map(
      readdirSync(join(out, 'acme')).map((name) => [name, sha256(readFileSync(join(out, 'acme', name)))]),
    );
    expect(after).toEqual(before);
    const runs = await warehouse.query("SELECT run_id FROM export_run WHERE organisation = 'acme'");
    expect(runs).toEqual([{ run_id: before.get('manifest.json') }]);
    // In another folder the export is the same except for its time.
    await writeExport(later, warehouse, { org: 'acme', period: PERIOD, out: join(out, 'acme-again') });
    expect({ ...read('acme-again'), created_at: '' }).toEqual({ ...read('acme'), created_at: '' });
  });

  it('quotes every text of FOCUS, leaves null empty, and writes only chosen columns and no apostrophes on demand', async () => {
    const manifest = read('acme');
    const csv = readFileSync(join(out, 'acme', fileOf(manifest, 'focus', 'csv').path), 'utf8');
    const [header, first] = csv.split('\r\n');
    const at = header.split(',').indexOf('BillingAccountId');
    expect(first.split(',')[at]).toBe('"acme"');
    expect(first).toMatch(/,,/);
    await writeExport(runtimeOf('funded'), warehouse, {
      org: 'acme',
      period: PERIOD,
      out: join(out, 'chosen'),
      style: { apostrophe: false, focusColumns: ['Tags', 'BilledCost', 'x_TeamName'] },
    });
    const chosen = read('chosen');
    const columns = await warehouse.query<{ name: string }>(`DESCRIBE ${parquet('chosen', chosen, 'focus')}`);
    expect(columns.map(({ name }) => name)).toEqual(['BilledCost', 'Tags', 'x_TeamName']);
    const usage = readFileSync(join(out, 'chosen', fileOf(chosen, 'usage', 'csv').path), 'utf8');
    expect(usage).toContain(`"${FORMULA.replaceAll('"', '""')}"`);
    expect(usage).not.toContain(`'=HYPERLINK`);
    const schema = chosen.files.find(({ path }) => path.startsWith('focus-schema-'))!;
    expect(readFileSync(join(out, 'chosen', schema.path), 'utf8')).toContain('"FormulaApostrophe": false');
  });

  it('is empty for an organisation without usage, and still a whole export', async () => {
    await writeExport(runtimeOf('funded'), warehouse, { org: 'umbrella', period: PERIOD, out: join(out, 'umbrella') });
    const manifest = read('umbrella');
    expect(fileOf(manifest, 'usage', 'parquet').rows).toBe(0);
    expect(await one(`SELECT count() AS rows FROM ${parquet('umbrella', manifest, 'usage')}`)).toEqual({ rows: '0' });
    expect(readFileSync(join(out, 'umbrella', fileOf(manifest, 'usage', 'csv').path), 'utf8')).toMatch(/^"?day"?,/);
    // The amount owed by contract is a charge too.
    expect(
      await warehouse.query(
        `SELECT ChargeCategory, EffectiveCost, x_ShownCost FROM ${parquet('umbrella', manifest, 'focus')}`,
      ),
    ).toEqual([{ ChargeCategory: 'Adjustment', EffectiveCost: 0, x_ShownCost: 250 }]);
  });

  it('holds no charges where the foundation has no policy, and says so', async () => {
    said = '';
    await writeExport(runtimeOf('unfunded'), warehouse, { org: 'globex', period: PERIOD, out: join(out, 'unfunded') });
    expect(read('unfunded')).toMatchObject({
      run_id: null,
      policy_version: null,
      attribution_version: 'attribution-1',
    });
    expect(read('unfunded').files.map(({ format }) => format)).toEqual(['parquet', 'csv', 'json']);
    expect(said).toContain('policy_version is null');
  });

  it('refuses an organisation nobody knows, naming what is near, and writes nothing', async () => {
    const unknown = writeExport(runtimeOf('funded'), warehouse, {
      org: 'acme-lab',
      period: PERIOD,
      out: join(out, 'nobody'),
    });
    await expect(unknown).rejects.toMatchObject({
      kind: 'inputRefused',
      hint: expect.stringContaining('acme-labs (Acme Labs GmbH)') as string,
    });
    expect(existsSync(join(out, 'nobody'))).toBe(false);
    await expect(
      writeExport(runtimeOf('funded'), warehouse, { org: 'globex', period: PERIOD, out: join(out, 'acme') }),
    ).rejects.toBeInstanceOf(Fault);
  });
});

describe('a closed period', () => {
  it('stays what it was, whoever is attributed what later; its export is appended to', async () => {
    await warehouse.insert('period_close', [
      { period: PERIOD, run_id: report.summary.versions.run_id, closed_at: '2026-11-05 08:00:00.000' },
    ]);
    // Afterwards the registry learns that a cloud's traffic is globex's, and initech joins the acme family.
    await recordAttribution(warehouse, 'attribution-2', '2026-11-06 00:00:00.000', { 8: 'globex' });
    await warehouse.insert('org_edge', [
      { org_id: 'initech', family_id: 'acme', recorded_at: '2026-11-06 00:00:00.000' },
    ]);
    const closed = await prepareReport(runtimeOf('funded', '2026-11-07T00:00:00.000Z'), warehouse, { period: PERIOD });
    expect(closed.summary.status).toBe('closed');
    expect(closed.summary.versions).toEqual({ ...report.summary.versions, closed_at: '2026-11-05 08:00:00.000' });
    const { funding, families, classes, unattributed } = closed.summary;
    expect({ funding, families, classes, unattributed }).toEqual({
      // September was never allocated, so there is nothing to correct.
      funding: { ...report.summary.funding, pending: [] },
      families: report.summary.families,
      classes: report.summary.classes,
      unattributed: report.summary.unattributed,
    });

    const out = join(directory.path, 'exports', 'acme');
    const open = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
    const { manifest } = await writeExport(runtimeOf('paid', '2026-11-07T00:00:00.000Z'), warehouse, {
      org: 'acme',
      period: PERIOD,
      out,
    });
    expect(manifest.status).toBe('closed');
    expect(manifest.previous_manifest_sha256).toBe(sha256(`${JSON.stringify(open, null, 2)}\n`));
    // The same usage under the same name; charges are now billed.
    expect(manifest.files.slice(0, 2)).toEqual(open.files.slice(0, 2));
    const focus = manifest.files.find(({ path, format }) => path.startsWith('focus') && format === 'parquet')!;
    const [costs] = await warehouse.query<Record<string, string>>(
      `SELECT toString(toInt64(sum(BilledCost) * 100)) AS billed, toString(toInt64(sum(EffectiveCost) * 100)) AS effective, groupUniqArray(InvoiceId) AS invoices, count(x_ShownCost) AS shown FROM file('${join(out, focus.path)}', Parquet)`,
    );
    const statement = closed.statements.find(({ family }) => family === 'acme')!;
    const due = String(dueCents(statement.share));
    expect(costs).toEqual({ billed: due, effective: due, invoices: [statement.number], shown: '0' });
  });

  it('refuses to report what is no longer what was allocated', async () => {
    await warehouse.command("ALTER TABLE usage_daily DROP PARTITION ('2026-10-09', '2026-10-09')");
    await expect(prepareReport(runtimeOf('funded'), warehouse, { period: PERIOD })).rejects.toMatchObject({
      kind: 'checkFailed',
    });
  });
});
