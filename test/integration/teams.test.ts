// An organisation splits its bill by the names of its tokens: two teams, a token that was revoked, one without a name, and ranges, one of
// them declared late. Statement, CSV and exports say the same, to the cent.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Report, payableCents } from '../../dashboards/report/figures.ts';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { writeExport } from '../../scripts/exports/export.ts';
import { prepareReport, reportFiles } from '../../scripts/exports/reports.ts';
import { closePeriod } from '../../scripts/funding/closing.ts';
import { fundingTerms } from '../../scripts/funding/terms.ts';
import { type Runtime } from '../../scripts/runtime/command.ts';
import { loadConfig } from '../../scripts/runtime/config.ts';
import { analystDatabase, currentDatabase } from '../../sql/analysts.ts';
import { attribute } from '../../sql/attribution.ts';
import { applyRegistry, compareRegistry, registryTables, type RegistryRow } from '../../sql/orgs.ts';
import { sha256 } from '../../sql/sha256.ts';
import { House, type TestRequest } from '../support/house.ts';

const PERIOD = '2026-10';
const policy = `version: p1
currency: EUR
free_allowance: 0
bands: [{ multiplier_bp: 10000 }]
cap_bp: 10000
minimum: 0
class_weights_bp: { unknown: 3333 }
`;
const costs = 'period,pool,driver,currency,gross,donated,donor\n2026-10,cdn,requests,EUR,100.01,0.00,\n';
const tokens = { ci: 'fst_ci_0123456789abcdef', web: 'fst_web_0123456789abcdef', old: 'fst_old_0123456789abcdef', bare: 'fst_bare_0123456789abcde' }; // prettier-ignore

let house: House;
let runtime: Runtime;
let report: Report;
let clock_ms = Date.parse('2026-11-05T00:00:00Z');
const now = () => new Date((clock_ms += 60_000));
const at = (name: string) => join(house.directory, name);

const evidence = (id: string, fields: Partial<RegistryRow>): RegistryRow => ({
  evidence_id: id, org_id: 'acme', tier: 'E2', kind: 'cidr', value: '', secret_sha256: '', valid_from: '2026-01-01', valid_to: null, source: 'test', ci: false, ...fields,
}); // prettier-ignore
const token = (id: string, secret: string, fields: Partial<RegistryRow> = {}) =>
  evidence(id, { tier: 'E1', kind: 'token', value: id, secret_sha256: sha256(secret), ...fields });
const early = [
  token('id-1', tokens.ci, { value: 'ci' }),
  token('id-2', tokens.web, { value: 'web', org_id: 'labs' }),
  token('id-3', tokens.old, { value: 'old', valid_to: '2026-10-10' }),
  token('id-secret-4', tokens.bare),
  evidence('acme-net', { value: '20.1.0.0/24' }),
];
const late = [evidence('acme-more', { value: '20.9.0.0/24' })];

async function record(name: keyof typeof registryTables, rows: readonly RegistryRow[]): Promise<void> {
  const table = registryTables[name];
  await applyRegistry(house.warehouse, table, await compareRegistry(house.warehouse, table, rows), now());
}
const many = (count: number, day: string, address: string, secret?: string, agent = 'npm/11.0.0 node/v20.0.0 linux x64'): TestRequest[] =>
  Array.from({ length: count }, (_, i) => ({
    at: `${day}T10:${String(i % 60).padStart(2, '0')}:00Z`,
    address,
    userAgent: secret === undefined ? agent : `${agent} (fairshare-token: ${secret})`,
  })); // prettier-ignore
const requests = (day: string): TestRequest[] => [
  ...many(31, day, '20.7.0.9', tokens.ci),
  ...many(17, day, '20.7.0.9', tokens.web, 'npm/11.0.0 node/v20.0.0 linux x64 ci/github-actions'),
  ...many(11, day, '20.7.1.9', tokens.old),
  ...many(5, day, '20.7.2.9', tokens.bare),
  ...many(13, day, '20.1.0.9'),
  ...many(7, day, '20.9.0.9'),
  ...many(29, day, '20.99.0.9'),
];
/** Requests of both days. The old token counts until its last day; then nobody answers. */
const truth: Record<string, number> = { ci: 62, web: 34, old: 11, '(unnamed)': 10, '': 26 + 14 };

beforeAll(async () => {
  house = await House.open();
  writeFileSync(at('fairshare.yaml'), 'policy: policy.yaml\ncosts: costs.csv\nissuer: { name: Foundation, currency: EUR, contact: a@example.org, payment: [By transfer] }\n'); // prettier-ignore
  writeFileSync(at('policy.yaml'), policy);
  writeFileSync(at('costs.csv'), costs);
  const config = loadConfig({ file: at('fairshare.yaml'), env: {} });
  runtime = { config: () => config, now, warehouse: async () => house.warehouse, stderr: process.stderr } as unknown as Runtime; // prettier-ignore
  await record('org', ['acme', 'labs'].map((org_id) => ({ org_id, name: org_id, exempt: false, contact: '' }))); // prettier-ignore
  await record('orgEdge', [{ org_id: 'labs', family_id: 'acme' }]);
  await record('orgEvidence', early);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  await house.ingest([house.object('october.log', [...requests('2026-10-05'), ...requests('2026-10-20')])], {
    loader: house.loader({ now }),
  });
  for (const day of ['2026-10-05', '2026-10-20']) await house.seal(day);
  await attribute(house.warehouse, { now: now() });
  await record('orgEvidence', [...early, ...late]);
  await attribute(house.warehouse, { now: now() });
  report = await prepareReport(runtime, house.warehouse, { period: PERIOD });
});
afterAll(() => house.close());

const acme = () => report.statements.find(({ family }) => family === 'acme')!;
const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

describe('teams', () => {
  it('have the usage that their tokens carried, and the rest has no token', () => {
    const { teams, usage, share } = acme();
    expect(Object.fromEntries(teams.map(({ value, requests: count }) => [value, Number(count)]))).toEqual(truth);
    expect(teams.at(-1)!.value).toBe('');
    expect(sum(teams.map(({ bytes }) => bytes))).toBe(usage!.bytes);
    expect(sum(teams.map(({ billed_cents }) => billed_cents))).toBe(share.share!.billed_cents);
    expect(share.share!.billed_cents).toBeGreaterThan(0n);
  });

  it('stand on the statement and in its CSV', async () => {
    const files = await reportFiles(report, { html: true });
    const [, page] = [...files].find(([path]) => path.startsWith('statements/acme') && path.endsWith('.html'))!;
    expect(page).toContain('Tokens without a name');
    expect(page).toContain('No token');
    expect(page).not.toContain('id-secret-4');
    const [, csv] = [...files].find(([path]) => path.startsWith('statements/acme') && path.endsWith('.csv'))!;
    const ci = acme().teams.find(({ value }) => value === 'ci')!;
    expect(csv).toContain(`team,ci,,requests,${ci.requests},requests`);
    expect(csv).toMatch(/team,ci,,amount,\d+\.\d\d,EUR/);
  });

  it('cost the same in FOCUS, where rows sum to the amount of the closed month', async () => {
    await closePeriod(house.warehouse, PERIOD, fundingTerms(() => runtime.config()).of(PERIOD), now());
    report = await prepareReport(runtime, house.warehouse, { period: PERIOD });
    // The registry forgets a token and renames another: a closed month keeps its names.
    await record('orgEvidence', [token('id-1', tokens.ci, { value: 'builds' }), ...early.slice(2), ...late]);
    const { manifest } = await writeExport(runtime, house.warehouse, { org: 'acme', period: PERIOD, out: at('out') });
    expect(manifest.status).toBe('closed');
    const [parquet] = manifest.files.filter(({ path }) => /^focus-[0-9a-f]+\.parquet/.test(path));
    const rows = await house.warehouse.query<{ team: string; cents: string; tagged: string; requests: string }>(
      `SELECT ifNull(x_TeamName, '') AS team, toString(toInt64(sum(BilledCost) * 100)) AS cents, anyHeavy(JSONExtractString(Tags, 'fairshare/team')) AS tagged, toString(sum(ConsumedQuantity)) AS requests
       FROM file('${join(at('out'), parquet.path)}', Parquet) GROUP BY team`,
    );
    const statement = acme();
    const again = await prepareReport(runtime, house.warehouse, { period: PERIOD });
    expect(again.statements.find(({ family }) => family === 'acme')!.teams).toEqual(statement.teams);
    expect(new Map(rows.map(({ team, cents }) => [team, cents]))).toEqual(
      new Map(statement.teams.map(({ value, billed_cents }) => [value, String(billed_cents)])),
    );
    for (const { team, tagged, requests: count } of rows) expect([tagged, Number(count)]).toEqual([team, truth[team]]);
    expect(sum(rows.map(({ cents }) => BigInt(cents)))).toBe(payableCents(statement.share));
    const usage = manifest.files.find(({ path }) => /^usage-[0-9a-f]+\.csv/.test(path))!;
    expect(readFileSync(join(at('out'), usage.path), 'utf8')).toContain('"web"');
  });

  it('are what analysts see of tokens: names, and no ids', async () => {
    const database = analystDatabase(await currentDatabase(house.warehouse));
    const rows = await house.warehouse.query<{ team: string; requests: string }>(
      `SELECT team, sum(requests) AS requests FROM ${database}.team_usage_daily WHERE family_id = 'acme' GROUP BY team`,
    );
    // By the names of today.
    const { ci: builds, ...others } = truth;
    expect(Object.fromEntries(rows.map(({ team, requests: count }) => [team, Number(count)]))).toEqual({
      builds,
      ...others,
    });
    const objects = await house.warehouse.query<{ name: string; parameterised: string }>(
      `SELECT name, create_table_query LIKE '%{%:%}%' AS parameterised FROM system.tables WHERE database = '${database}'`,
    );
    for (const { name, parameterised } of objects)
      if (!Number(parameterised))
        expect(await house.warehouse.text(`SELECT * FROM ${database}.${name}`, 'CSV'), name).not.toContain(
          'id-secret-4',
        );
  });
});
