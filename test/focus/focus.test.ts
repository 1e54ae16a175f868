// FOCUS's own validator on the charges of a closed month. Its newest release has rules for FOCUS 1.2 alone. So it gets the rows in the form of
// 1.2: with the columns that later versions removed, and with the empty column of a commitment that some rules read.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { focusColumnNames, focusColumns } from '../../scripts/exports/focus-columns.ts';
import { writeExport } from '../../scripts/exports/export.ts';
import { prepareReport } from '../../scripts/exports/reports.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { loadConfig } from '../../scripts/runtime/config.ts';
import { csvLines, readCsv } from '../../transform/csv.ts';
import { installValidator, validate } from '../provide/focus-validator.ts';
import { COSTS, PERIOD, POLICY, reportWarehouse } from '../support/report-warehouse.ts';
import { embeddedPlace, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory('fairshare-focus-');
const place = embeddedPlace();
let rows: Readonly<Record<string, string>>[];

beforeAll(async () => {
  await installValidator();
  writeFileSync(join(directory.path, 'policy.yaml'), POLICY);
  writeFileSync(join(directory.path, 'costs.csv'), COSTS);
  const file = join(directory.path, 'fairshare.yaml');
  writeFileSync(file, 'policy: policy.yaml\ncosts: costs.csv\nissuer: { name: Test Foundation, currency: EUR, contact: a@example.org, payment: [By transfer] }\n'); // prettier-ignore
  const warehouse = await reportWarehouse(place);
  const runtime = {
    config: () => loadConfig({ file, env: {} }),
    now: () => new Date('2026-11-06T06:00:00.000Z'),
    stderr: new PassThrough(),
    warehouse: async () => warehouse,
  } as unknown as Runtime;
  const { summary } = await prepareReport(runtime, warehouse, { period: PERIOD });
  await warehouse.insert('period_close', [
    { period: PERIOD, run_id: summary.versions.run_id, closed_at: '2026-11-05 08:00:00.000' },
  ]);
  const out = join(directory.path, 'out');
  const { manifest } = await writeExport(runtime, warehouse, { org: 'acme', period: PERIOD, out });
  const csv = manifest.files.find(({ path }) => /^focus-[0-9a-f]+\.csv$/.test(path))!;
  const { records, faults } = readCsv(readFileSync(join(out, csv.path), 'utf8'), focusColumnNames);
  expect(faults).toEqual([]);
  rows = records.map(({ values }) => values as Record<string, string>);
  await warehouse.close();
});
afterAll(async () => {
  await place.remove();
  directory.remove();
});

/**
 * Rows as FOCUS 1.2 wants them. '' is null, because FOCUS has no empty texts. The validator takes a CSV column of whole numbers for integers,
 * and wants a decimal; Parquet says that it is one.
 */
function olderForm(name: string, chosen: typeof rows): string {
  const path = join(directory.path, `${name}.csv`);
  const columns = focusColumnNames.map((column) => ({
    name: column,
    kind: focusColumns[column].type.includes('Decimal') ? ('number' as const) : ('text' as const),
  }));
  const added = ['CommitmentDiscountStatus', 'ProviderName', 'PublisherName'];
  const all = [...columns, ...added.map((column) => ({ name: column, kind: 'text' as const }))];
  const values = chosen.map((row) => [
    ...columns.map(
      ({ name: column }) => `${row[column]}${column === 'ConsumedQuantity' && row[column] !== '' ? '.0' : ''}` || null,
    ),
    null,
    row.ServiceProviderName,
    row.ServiceProviderName,
  ]);
  writeFileSync(path, [...csvLines(all, values, { quoteTexts: true })].join(''));
  return path;
}

const criteria = [
  'ACCOUNT_NAMING_SUPPORTED', 'USAGE_MEASUREMENT_SUPPORTED', 'SUB_ACCOUNT_SUPPORTED', 'TAGGING_SUPPORTED', 'UNIT_PRICING_SUPPORTED',
]; // prettier-ignore

/** The validator takes both halves of "null if there is no invoice, not null if there is one" as rules for all rows. */
it.each([
  ['billed', (row: Readonly<Record<string, string>>) => row.InvoiceId !== '', ['InvoiceId-C-004-C']],
  ['not billed', (row: Readonly<Record<string, string>>) => row.InvoiceId === '', ['InvoiceId-C-005-C']],
])('rows that are %s pass', async (name, chosen, known) => {
  const some = rows.filter(chosen);
  expect(some.length).toBeGreaterThan(10);
  const { passed, failed } = await validate(olderForm(name, some), criteria);
  expect(failed.filter(({ rule }) => !known.includes(rule))).toEqual([]);
  expect(passed).toBeGreaterThan(150);
});
