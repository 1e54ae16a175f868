// Writes test/fixtures/warehouses/NAME.tar.gz, a small warehouse with rows in nearly every table, by the commands of a checkout. It
// also writes NAME.json with the figures that this checkout reads from it. test/integration/migrations.test.ts migrates a copy and
// expects the same figures.
// Usage: tsx scripts/tools/warehouse-fixture.ts CHECKOUT NAME    (CHECKOUT has its node_modules; `tar` is needed)

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse, stringify } from 'yaml';

const [checkout, name] = process.argv.slice(2);
if (checkout === undefined || name === undefined) {
  process.stderr.write('Usage: tsx scripts/tools/warehouse-fixture.ts CHECKOUT NAME\n');
  process.exit(2);
}
const program = join(resolve(checkout), 'scripts/fairshare.ts');
const out = fileURLToPath(new URL('../../test/fixtures/warehouses/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'fairshare-fixture-'));
const at = (...parts: string[]): string => join(directory, ...parts);

/** Runs a command of the checkout in the fixture's directory. @returns its output */
function fairshare(...args: string[]): string {
  process.stderr.write(`fairshare ${args.join(' ')}\n`);
  return execFileSync(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: resolve(checkout),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, FAIRSHARE_CONFIG: at('fairshare.yaml'), FAIRSHARE_WAREHOUSE: at('warehouse') },
  });
}
const printed = <Row = Record<string, unknown>>(...args: string[]): Row[] =>
  fairshare(...args)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
const rows = <Row>(sql: string): Row[] => printed<Row>('query', sql, '--format', 'JSONEachRow');

/** Every table and view: its columns, its rows, and a hash of them. */
function contents(): { name: string; rows: string; hash: string; columns: string[] }[] {
  const found = rows<{ name: string; final: string; columns: string[] }>(
    `SELECT tables.name AS name, if(engine IN ('ReplacingMergeTree', 'SummingMergeTree'), 'FINAL', '') AS final,
        arrayMap(pair -> pair.2, arraySort(groupArray((columns.position, columns.name)))) AS columns
      FROM system.tables AS tables
      INNER JOIN system.columns AS columns ON columns.database = tables.database AND columns.table = tables.name
      WHERE tables.database = currentDatabase() AND default_kind NOT IN ('ALIAS', 'MATERIALIZED')
      GROUP BY name, engine ORDER BY name`,
  );
  const hashed = found.map(({ name: table, final, columns }) => {
    const tuple = columns.map((column) => `\`${column}\``).join(', ');
    return `SELECT '${table}' AS of_table, count() AS rows, hex(sum(cityHash64(toString(tuple(${tuple}))))) AS hash FROM ${table} ${final}`;
  });
  const hashes = rows<{ of_table: string; rows: string; hash: string }>(hashed.join('\nUNION ALL\n'));
  const of = new Map(hashes.map(({ of_table, ...row }) => [of_table, row]));
  return found.map(({ name: table, columns }) => ({ name: table, ...of.get(table)!, columns }));
}

interface Registry {
  organisations: { id: string; evidence: { id: string; kind: string; tier: string; value?: string }[] }[];
}

/** The registry without the ranges of one organisation. They are declared after their traffic was read. */
function withoutRangesOf(organisation: string, text: string): string {
  const registry = parse(text) as Registry;
  for (const { id, evidence } of registry.organisations)
    if (id === organisation) evidence.splice(0, evidence.length, ...evidence.filter(({ kind }) => kind !== 'cidr'));
  return stringify(registry);
}

try {
  // Two months, six days, two sources. One object is loaded late, and one is taken back.
  const simulated = ['--lines', '4000', '--start', '2026-10-29', '--days', '6', '--objects-per-day', '2'];
  fairshare('simulate', '--out', at('scenario'), ...simulated, '--organisations', '10', '--sources', 'npm,pypi');
  for (const part of ['logs', 'registry', 'fairshare.yaml']) execFileSync('cp', ['-r', at('scenario', part), at(part)]);
  const late = at('logs/npm/2026/10/30/12-00.log.gz');
  const wrong = at('logs/pypi/2026/10/31/00-00.log.gz');
  const dirty = at('logs/npm/2026/11/02/00-00.log.gz');
  writeFileSync(dirty, gzipSync(Buffer.concat([gunzipSync(readFileSync(dirty)), Buffer.from('{"no": "request"\n')])));
  const waiting = at('late.log.gz');
  execFileSync('mv', [late, waiting]);

  const registry = readFileSync(at('registry/orgs.yaml'), 'utf8');
  const [first] = (parse(registry) as Registry).organisations;
  if (first === undefined) throw new Error('the simulation has no organisation');
  writeFileSync(at('registry/orgs.yaml'), withoutRangesOf(first.id, registry));
  fairshare('orgs', 'import', at('registry/orgs.yaml'));
  fairshare('ranges', 'import', at('registry/ranges'), at('registry/networks.csv'));
  for (const source of ['npm', 'pypi']) fairshare('ingest', 'files', at('logs', source), '--source', source);
  fairshare('nightly', '--day', '2026-10-31', '--incomplete', '--out', at('reports'));
  fairshare('attribute', '--period', '2026-10');
  fairshare('close', '--period', '2026-10');

  // After the close: the ranges are declared, an object is loaded late, another is taken back, and a person records a correction.
  writeFileSync(at('registry/orgs.yaml'), registry);
  fairshare('orgs', 'import', at('registry/orgs.yaml'));
  mkdirSync(at('logs/npm/2026/10/30'), { recursive: true });
  execFileSync('mv', [waiting, late]);
  fairshare('ingest', 'files', at('logs/npm'), '--source', 'npm');
  fairshare('ingest', 'retract', '--source', 'pypi', '--object', wrong.slice(at('logs/pypi/').length));
  fairshare('seal', '--booked-day', '2026-11-02');
  fairshare('attribute', '--period', '2026-11');
  writeFileSync(
    at('corrections.csv'),
    `id,period,of_period,family,amount,currency,reason\nc1,2026-11,2026-10,${first.id},-12.34,USD,agreed by letter\n`,
  );
  fairshare('correct', at('corrections.csv'), '--yes');
  const [range] = rows<{ evidence_id: string }>(
    `SELECT evidence_id FROM org_evidence WHERE org_id = '${first.id}' AND kind = 'cidr' ORDER BY evidence_id LIMIT 1`,
  );
  if (range === undefined) throw new Error('the organisation has declared no range');
  fairshare('orgs', 'prove', range.evidence_id);
  fairshare('allocate', '--period', '2026-11');
  for (const period of ['2026-10', '2026-11'])
    fairshare('export', '--org', first.id, '--period', period, '--out', at('exports', period));

  // Rows that a Kafka worker or a proof would write.
  const write = (sql: string) => fairshare('query', sql, '--allow-writes');
  write(
    `INSERT INTO partition_stop VALUES ('npm', 'requests/0', 1, 'stopped', 'gap', 'offsets are missing', 'look', 7, '2026-11-03 10:00:00')`,
  );
  write(
    `INSERT INTO proof_seen SELECT nonce_id, evidence_id, org_id, cidr, cidr, '2026-11-03 10:00:00', '2027-11-03', '2026-11-04 00:00:00' FROM proof_nonce`,
  );

  const kept = ['warehouse', 'policy.yaml', 'costs.csv'];
  for (const file of kept.slice(1)) execFileSync('cp', [at('registry', file), at(file)]);
  const verified = printed('verify', '--json').map(({ run_id, recorded_sha256 }) => ({ run_id, recorded_sha256 }));
  const texts = ['--policy', at('policy.yaml'), '--costs', at('costs.csv')];
  const reports = ['2026-10', '2026-11'].map((period) => {
    const text = fairshare('report', '--period', period, ...texts, '--json');
    const { queries: _queries, ...report } = JSON.parse(text) as Record<string, unknown>;
    return report;
  });
  const made_by = execFileSync('git', ['-C', resolve(checkout), 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  // Read the contents last, because a report records its new computations.
  const figures = { made_by, contents: contents(), verified, reports };
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify(figures, null, 1)}\n`);
  execFileSync('tar', ['-C', directory, '-czf', join(out, `${name}.tar.gz`), ...kept]);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
