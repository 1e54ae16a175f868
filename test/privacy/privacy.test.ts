// Addresses and tokens are where docs/PRIVACY.md says, and nowhere else: after a whole run, every column of every table, every file and
// everything that a command printed is searched for planted ones. Then an erasure removes what it says.

import { cpSync, readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../sql/sha256.ts';
import { quoteIdentifier, quoteString } from '../../sql/quote.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { fairshareHere, type RunResult } from '../support/cli.ts';
import {
  allPlants,
  cloudfrontLines,
  combinedLines,
  edgeLines,
  orgToken,
  plantsIn,
  usageLines,
  versionLine,
} from '../support/planted.ts';
import { asGranted } from '../support/granted.ts';
import { storedBytes } from '../support/stored-bytes.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (...parts: string[]): string => join(directory.path, ...parts);
const put = (path: string, text: string): void => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), path.endsWith('.gz') ? gzipSync(text) : text);
};

const NAME = 'Zephyrine Quillfeather GmbH';
const CONTACT = 'quillfeather@corp.example';
const SOURCE = 'phone call with Quillfeather';
/** What must be gone after the erasure of the organisation. */
const PERSONAL = ['Quillfeather', 'quillfeather'];
/** A declared network of one address, which lines of the log have, too. */
const DECLARED = '203.0.113.250';

const ORGS = `organisations:
  - id: acme
    name: ${NAME}
    contact: ${CONTACT}
    billing: { name: Quillfeather Holdings, address: [c/o Quillfeather], tax_id: quillfeather-1, purchase_order: quillfeather-2, reference: quillfeather-3 }
    evidence:
      - { id: acme-ci, tier: E1, kind: token, secret_sha256: ${sha256(orgToken)}, valid_from: '2026-01-01', source: ${SOURCE} }
      - { id: acme-hq, tier: E2, kind: cidr, value: 192.0.2.0/24, valid_from: '2026-01-01', source: ${SOURCE}, proof: seen }
      - { id: acme-one, tier: E2, kind: cidr, value: ${DECLARED}/32, valid_from: '2026-01-01', source: ${SOURCE}, proof: seen }
  - id: acme-labs
    name: Labs
    family: acme
    evidence:
      - { id: acme-labs-net, tier: E4, kind: cidr, value: 198.51.100.0/24, valid_from: '2026-01-01', source: registry }
`;
const CONFIG = `warehouse: ./data
issuer: { name: Example Package Foundation, currency: USD, contact: funding@example.org }
sources:
  - { name: npm, format: nginx-edge, ecosystem: npm, retired_after: '2026-10-02' }
  - { name: web, format: combined, ecosystem: npm, retired_after: '2026-10-01' }
  - { name: cdn, format: cloudfront, hosts: { registry.example.org: npm }, retired_after: '2026-10-01' }
completeness: { max_unreadable_share: 1 }
registry: ./orgs.yaml
costs: ./costs.csv
policy: ./policy.yaml
output: ./out
late_window_hours: 0
`;

/** What commands printed, by command. */
const printed = new Map<string, string>();
async function run(...args: string[]): Promise<RunResult> {
  const result = await fairshareHere([...args, '--log-level', 'trace'], { cwd: directory.path });
  printed.set(`${printed.size} ${args.join(' ')}`, `${result.stdout}\n${result.stderr}`);
  return result;
}
async function must(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args);
  expect(status, `fairshare ${args.join(' ')}\n${stderr}`).toBe(0);
  return stdout;
}
const verified = async (): Promise<Record<string, unknown>[]> =>
  (await must('verify', '--json')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore

async function inWarehouse<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = await openWarehouse({ location: at('data') });
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

/** Table below a heading of docs/PRIVACY.md: cells of each row. */
function listOf(heading: string): string[][] {
  const page = readFileSync(fileURLToPath(new URL('../../docs/PRIVACY.md', import.meta.url)), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim())); // prettier-ignore
}
const codes = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text);
const listed = listOf('Where a full address or a token may be');
/** 'table.column' */
const listedColumns = new Set(listed.flatMap(([places, columns]) => codes(places).flatMap((place) => codes(columns).map((column) => `${place}.${column}`)))); // prettier-ignore
const listedNames = new Set(codes(listed.map(([, columns]) => columns).join(' ')));
const listedTables = new Set(listed.flatMap(([places]) => codes(places)));
const listedCommands = codes(listed.filter(([place]) => place === 'output of a command').map(([, what]) => what).join(' ')); // prettier-ignore

/** Columns of tables and views that have one of these texts: 'table.column' → an example. */
async function columnsWith(warehouse: Warehouse, isWanted: (text: string) => boolean, coarse: readonly string[]) {
  const columns = await warehouse.query<{ database: string; table: string; name: string }>(
    "SELECT database, table, name FROM system.columns WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') ORDER BY database, table, position",
  );
  const tables = new Map<string, typeof columns>();
  for (const column of columns) {
    const table = `${quoteIdentifier(column.database)}.${quoteIdentifier(column.table)}`;
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  const found = new Map<string, string>();
  const needles = `[${coarse.map(quoteString).join(', ')}]`;
  for (const [table, own] of tables) {
    const parts = own.map(({ name }) => `groupUniqArrayIf(1000)(toString(${quoteIdentifier(name)}), multiSearchAnyCaseInsensitive(toString(${quoteIdentifier(name)}), ${needles}))`); // prettier-ignore
    const [row] = await warehouse.query<{ found: string[][] }>(`SELECT [${parts.join(', ')}] AS found FROM ${table}`);
    for (const [i, texts] of row.found.entries()) {
      const example = texts.find(isWanted);
      if (example !== undefined) found.set(`${own[i].database === 'default' ? '' : `${own[i].database}.`}${own[i].table}.${own[i].name}`, example); // prettier-ignore
    }
  }
  return { found, searched: columns.length };
}
const COARSE = ['plnt', '203.0.113', '203-0', '203%2e', 'c0de', '34058'];

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)).filter((name) => statSync(name).isFile()); // prettier-ignore

beforeAll(async () => {
  copyMigratedWarehouse(at('data'));
  put('fairshare.yaml', CONFIG);
  put('orgs.yaml', ORGS);
  for (const name of ['policy.yaml', 'costs.csv'])
    put(name, readFileSync(fileURLToPath(new URL(`../../scripts/init/${name}`, import.meta.url)), 'utf8').replace('Example CDN', NAME).replace('free_allowance: 5000', 'free_allowance: 5')); // prettier-ignore
  const day = '2026-10-01';
  put('logs/npm/1.log.gz', `${[...edgeLines(day), versionLine(day)].join('\n')}\n`);
  put('logs/npm/2.log', `${[...usageLines(day, '192.0.2', 300), ...usageLines(day, '198.51.100', 200), ...usageLines('2026-10-02', '192.0.2', 50)].join('\n')}\n`); // prettier-ignore
  put('logs/npm/3.log', `${usageLines(day, DECLARED.slice(0, DECLARED.lastIndexOf('.')), 1).join('\n').replace('203.0.113.1"', `${DECLARED}"`)}\n`); // prettier-ignore
  put('logs/web.log', `${combinedLines(day).join('\n')}\n`);
  put('logs/cdn.log', `${cloudfrontLines(day).join('\n')}\n`);
  put('logs/november.log', `${usageLines('2026-11-01', '192.0.2', 60).join('\n')}\n`);
  put('logs/late.log', `${usageLines('2026-10-02', '192.0.2', 40).join('\n').replaceAll('/p1/', '/late/')}\n`);
  put('logs/garbage.log', `${edgeLines(day).map((line) => line.slice(10, -10)).join('\n')}\n`); // prettier-ignore
  put('bad-orgs.yaml', ORGS.replace(/secret_sha256: \w+/, `secret: ${orgToken}`).replace('tier: E4', 'tier: E9'));

  await must('config', 'check');
  await must('orgs', 'import', 'orgs.yaml');
  for (const source of ['npm', 'web', 'cdn'])
    await must('ingest', 'files', source === 'npm' ? 'logs/npm' : `logs/${source}.log`, '--source', source, '--metrics', '127.0.0.1:0'); // prettier-ignore
  await must('quarantine', 'list');
  const [{ sample_id }] = (await must('quarantine', 'list', '--json')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as { sample_id: string }); // prettier-ignore
  await must('quarantine', 'show', sample_id, '--json');
  await must('quarantine', 'replay', '--source', 'npm', '--dry-run');
  await must('nightly', '--day', '2026-10-31', '--incomplete');
  await must('close', '--period', '2026-10');
  await must('ingest', 'files', 'logs/november.log', 'logs/late.log', '--source', 'npm');
  put('corrections.csv', `id,period,of_period,family,amount,currency,reason\nc1,2026-11,2026-10,acme,-12.34,USD,"agreed with ${NAME}, by letter"\n`); // prettier-ignore
  await must('correct', 'corrections.csv', '--yes');
  await must('seal', '--booked-day', '2026-11-02');
  await must('nightly', '--day', '2026-11-02', '--incomplete');
  await must('report', '--period', '2026-10', '--out', 'out');
  await must('export', '--org', 'acme', '--period', '2026-10', '--out', 'exports/2026-10');
  for (const command of ['waste', 'tiers']) await run(command, '--period', '2026-10');
  await must('doctor', '--json');
  await must('retain', '--dry-run');
  await must('orgs', 'prove', 'acme-one');
  await must('orgs', 'show');
  await must('query', 'SHOW TABLES');
  await must('quarantine', 'replay', '--source', 'npm');
  // Messages of failures.
  for (const args of [
    ['ingest', 'files', 'logs/garbage.log', '--source', 'garbage'],
    ['ingest', 'files', 'logs/garbage.log', '--source', 'npm'],
    ['ingest', 'retract', '--source', 'npm', '--object', 'nothing'],
    ['orgs', 'check', 'bad-orgs.yaml'],
    ['orgs', 'import', 'bad-orgs.yaml'],
    ['ranges', 'import', 'logs/garbage.log'],
    ['query', 'SELECT toUInt8(line) FROM default.quarantine LIMIT 1'],
    ['export', '--org', 'nobody', '--period', '2026-10', '--out', 'exports/none'],
  ])
    expect((await run(...args)).status, args.join(' ')).not.toBe(0);
});
afterAll(() => directory.remove());

describe('after a whole run, planted addresses and tokens', () => {
  it('are in no column but those of the list', async () => {
    await inWarehouse(async (warehouse) => {
      const { found, searched } = await columnsWith(warehouse, (text) => plantsIn(text).length > 0 || text.includes(DECLARED), COARSE); // prettier-ignore
      expect(searched).toBeGreaterThan(600);
      const views = new Set((await warehouse.query<{ name: string }>("SELECT concat(if(database = 'default', '', concat(database, '.')), name) AS name FROM system.tables WHERE engine = 'View'")).map(({ name }) => name)); // prettier-ignore
      const isListed = (place: string) => {
        const dot = place.lastIndexOf('.');
        return listedColumns.has(place) || (views.has(place.slice(0, dot)) && listedNames.has(place.slice(dot + 1)));
      };
      expect([...found].filter(([place]) => !isListed(place))).toEqual([]);
      // The search finds them where they may be.
      for (const place of [
        'quarantine.line',
        'usage_batch.file',
        'org_evidence.value',
        'evidence_set.prefix',
        'proof_nonce.cidr',
      ])
        // prettier-ignore
        expect([...found.keys()], place).toContain(place);
    });
  });

  it('were all read: each is in the logs, and those of quarantined lines are in quarantine', async () => {
    const logs = filesBelow(at('logs')).map((path) => readFileSync(path));
    expect(allPlants().length).toBeGreaterThan(100);
    const [{ lines }] = (await inWarehouse((warehouse) => warehouse.query<{ lines: string }>("SELECT count() AS lines FROM quarantine WHERE line != ''"))) as [{ lines: string }]; // prettier-ignore
    expect(Number(lines)).toBeGreaterThan(40);
    expect(logs.length).toBeGreaterThan(4);
    const stored = await inWarehouse((warehouse) => warehouse.query<{ line: string }>('SELECT line FROM quarantine'));
    const found = new Set(stored.flatMap(({ line }) => plantsIn(line)).map(({ what }) => what));
    for (const what of [
      'X-Forwarded-For, cut off',
      'client IPv6, too old',
      'agent URL, too old',
      'combined, broken',
      'combined, end',
    ])
      // prettier-ignore
      expect([...found], what).toContain(what);
    // A word replaces credentials, also those of a line that is cut off, before the line is stored.
    expect([...found].filter((what) => /organisation token|^Authorization/.test(what))).toEqual([]);
  });

  it('are in nothing that a command printed, but those of the list', () => {
    expect(printed.size).toBeGreaterThan(29);
    const isListed = (command: string) => listedCommands.some((name) => command.replace(/^\d+ /, '').startsWith(name));
    const found = [...printed].flatMap(
      ([command, text]) =>
      isListed(command) ? [] : text.split('\n').filter((line) => plantsIn(line).length > 0 || line.includes(DECLARED)).slice(0, 2).map((line) => `${command}: ${line.slice(0, 300)}`), // prettier-ignore
    );
    expect(found).toEqual([]);
    // A listed command shows declared networks, and nothing of the logs.
    const declared = [...printed].filter(([command]) => /^\d+ orgs /.test(command));
    expect(declared.filter(([, text]) => plantsIn(text).length > 0).map(([command]) => command)).toEqual([]);
  });

  it('are in no report, statement, export or manifest, but versions of an export', async () => {
    const files = [...filesBelow(at('out')), ...filesBelow(at('exports'))];
    expect(files.map((path) => path.slice(path.lastIndexOf('.') + 1)).sort()).toEqual(
      expect.arrayContaining(['csv', 'html', 'json', 'parquet']),
    );
    const found: string[] = [];
    for (const path of files) {
      const text = path.endsWith('.parquet')
        ? await inWarehouse((warehouse) =>
            warehouse.text(`SELECT * FROM file(${quoteString(path)}, Parquet)`, 'JSONEachRow'),
          )
        : readFileSync(path, 'utf8');
      for (const line of text.split('\n'))
        if (plantsIn(line).some(({ what }) => what !== 'version') || line.includes(DECLARED)) found.push(`${path}: ${line.slice(0, 200)}`); // prettier-ignore
    }
    expect(found).toEqual([]);
  });

  it('are in no other file of the embedded directory', async () => {
    const paths = await inWarehouse(
      (warehouse) =>
      warehouse.query<{ name: string; path: string }>('SELECT name, arrayJoin(data_paths) AS path FROM system.tables WHERE database = currentDatabase()'), // prettier-ignore
    );
    const allowed = paths.filter(({ name }) => listedTables.has(name)).map(({ path }) => path);
    const found: string[] = [];
    let files = 0;
    for (const { path, bytes } of storedBytes(at('data'))) {
      files++;
      if (path.startsWith('data/')) continue; // links into store/
      if (allowed.some((own) => at('data', path).startsWith(own))) continue;
      const plants = plantsIn(bytes);
      if (plants.length > 0) found.push(`${path}: ${plants[0].what}`);
    }
    expect(files).toBeGreaterThan(200);
    expect(found).toEqual([]);
  });
});

describe('the right on quarantine', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/PRIVACY.md', import.meta.url)), 'utf8');
  /** The statements of the page for a role, as rights of the user of this warehouse. */
  const rightsOf = (role: string): string[] =>
    [...page.matchAll(new RegExp(`^ {4}((?:GRANT|REVOKE) SELECT ON .*) (?:TO|FROM) ${role}$`, 'gm'))].map(([, right]) =>
      right.replaceAll('fairshare.', 'default.'),
    );
  // A copy: the engine obeys a config.xml in the working directory, and the view gets another definer.
  const place = { warehouse: at('granted/data'), directory: at('granted') };
  const wanted = [
    'SELECT count() > 0, any(shape) FROM default.quarantined_line WHERE is_stored',
    'SELECT count() > 0 FROM default.quarantine WHERE length(line) > 0',
  ];

  it('is not in the rights of an operator, who sees shapes, and is given by its own role', async () => {
    expect(rightsOf('fairshare_operator').length).toBeGreaterThan(1);
    cpSync(at('data'), at('granted/data'), { recursive: true });
    await asGranted(place, [], ['ALTER TABLE default.quarantined_line MODIFY SQL SECURITY DEFINER DEFINER = owner']);
    const [shape, content] = await asGranted(place, rightsOf('fairshare_operator'), wanted);
    expect(shape.result).toMatch(/^1\t.*9999/);
    expect(content.error).toMatch(/ACCESS_DENIED/);
    const both = [...rightsOf('fairshare_operator'), ...rightsOf('fairshare_quarantine')];
    expect((await asGranted(place, both, wanted)).map(({ result }) => result?.slice(0, 1))).toEqual(['1', '1']);
  });

  it('is asked for with --raw', async () => {
    const list = await fairshareHere(['quarantine', 'list', '--raw'], { cwd: directory.path });
    expect(list.stdout).toContain('203.0.113.');
    expect(list.stderr).toContain('may hold personal data');
    const [{ sample_id }] = (await must('quarantine', 'list', '--json')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as { sample_id: string }); // prettier-ignore
    const shown = await fairshareHere(['quarantine', 'show', '--raw', sample_id], { cwd: directory.path });
    expect(shown.stdout).toMatch(/2026|1999/);
    expect(await must('quarantine', 'show', sample_id)).toMatch(/9999/);
  });
});

/** Figures and texts of a statement's file. */
const statementOf = (period: string): Record<string, unknown> =>
  JSON.parse(readFileSync(at('out/statements', `acme-${period}.json`), 'utf8')) as Record<string, unknown>;
const textsIn = (path: string): string => filesBelow(at(path)).map((file) => readFileSync(file, 'latin1')).join('\n'); // prettier-ignore

describe('a closed period', () => {
  it('keeps the names that it was closed with, when an organisation is renamed', async () => {
    const before = statementOf('2026-10');
    put('renamed.yaml', ORGS.replace(`name: ${NAME}`, 'name: Quillfeather Renamed'));
    await must('orgs', 'import', 'renamed.yaml');
    await must('report', '--period', '2026-10', '--out', 'out', '--no-html');
    expect(statementOf('2026-10')).toEqual(before);
    await must('report', '--period', '2026-11', '--out', 'out', '--no-html');
    expect(JSON.stringify(statementOf('2026-11'))).toContain('Quillfeather Renamed');
  });
});

describe('erase --org', () => {
  const erasing = ['erase', '--org', 'acme', '--reason', 'request 17'];

  it('refuses what it cannot do, and does nothing without --yes', async () => {
    const before = await inWarehouse((warehouse) => warehouse.query('SELECT * FROM org ORDER BY ALL'));
    expect((await run(...erasing)).status).toBe(2);
    expect((await run('erase', '--org', 'acme', '--yes')).status).toBe(2);
    expect((await run('erase', '--org', 'acme', '--network', '192.0.2.0/24', '--dry-run')).status).toBe(2);
    expect((await run('erase', '--network', 'acme', '--dry-run')).status).toBe(2);
    expect((await run('erase', '--org', 'nobody', '--reason', 'x', '--yes')).status).toBe(3);
    const plan = JSON.parse(await must('erase', '--org', 'acme', '--dry-run', '--json')) as { rows: Record<string, number> }; // prettier-ignore
    expect(Object.keys(plan.rows).sort()).toEqual(['allocation_run', 'correction', 'org', 'org_evidence', 'period_name', 'quarantine']); // prettier-ignore
    expect(await inWarehouse((warehouse) => warehouse.query('SELECT * FROM org ORDER BY ALL'))).toEqual(before);
  });

  it('removes names and contacts from every version, file and report; figures and verify stay', async () => {
    const runs = await verified();
    const figures = async () => ({
      lines: await inWarehouse((warehouse) => warehouse.query('SELECT * FROM allocation_line WHERE has({runs:Array(String)}, run_id) ORDER BY ALL', { runs: runs.map(({ run_id }) => run_id) })), // prettier-ignore
      // The name and the recipient go; all else stays.
      statement: JSON.parse(
        JSON.stringify({ ...statementOf('2026-10'), recipient: null }).replaceAll(NAME, 'acme'),
      ) as object,
    });
    const before = await figures();
    expect(statementOf('2026-10')).toMatchObject({ recipient: { name: 'Quillfeather Holdings' } });
    expect(runs.length).toBeGreaterThan(1);
    expect(textsIn('exports/2026-10')).toContain('Quillfeather');
    const refused = await run(...erasing, '--yes');
    expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('costs.csv:2 has a name of acme')]);
    put('costs.csv', readFileSync(at('costs.csv'), 'utf8').replace(NAME, 'acme'));
    const out = await must(...erasing, '--yes');
    expect(out).toContain('reports rendered again: 2026-10, 2026-11');

    await inWarehouse(async (warehouse) => {
      const { found } = await columnsWith(warehouse, () => true, PERSONAL);
      expect([...found]).toEqual([]);
      const [record] = await warehouse.query<Record<string, unknown>>('SELECT * FROM erasure FINAL');
      expect(record).toMatchObject({ kind: 'organisation', org_id: 'acme', reason: 'request 17', state: 1 });
    });
    const stored = [...storedBytes(at('data'))].filter(({ bytes }) => PERSONAL.some((text) => bytes.includes(text)));
    expect(stored.map(({ path }) => path)).toEqual([]);
    expect(textsIn('out')).not.toMatch(/quillfeather/i);
    expect(await figures()).toEqual(before);

    const after = await verified();
    expect(after.map(({ run_id, same }) => [run_id, same])).toEqual(after.map(({ run_id }) => [run_id, true]));
    expect(after.map(({ run_id }) => run_id)).toEqual(expect.arrayContaining(runs.map(({ run_id }) => run_id)));
    const today = new Date().toISOString().slice(0, 10);
    const text = (await must('verify')).trim().split('\n');
    // The open month was allocated again when its report was rendered.
    expect(text.filter((line) => line.includes(`acme: names erased on ${today}`))).toHaveLength(runs.length);
  });

  it('holds when the registry is imported and reports and exports are made again', async () => {
    const { stderr } = await run('orgs', 'import', 'orgs.yaml');
    expect(stderr).toContain('acme was erased on');
    await must('export', '--org', 'acme', '--period', '2026-10', '--out', 'exports/2026-10');
    await must('report', '--period', '2026-10', '--out', 'out', '--no-html');
    expect(textsIn('exports') + textsIn('out')).not.toMatch(/quillfeather/i);
    const { found } = await inWarehouse((warehouse) => columnsWith(warehouse, () => true, PERSONAL));
    expect([...found]).toEqual([]);
    expect(JSON.parse(await must('erase', '--org', 'acme', '--dry-run', '--json'))).toMatchObject({ rows: {} });
  });

  it('fails verify, if a text is changed by somebody else afterwards', async () => {
    const change = (to: string) => inWarehouse((warehouse) => warehouse.command(`ALTER TABLE allocation_run UPDATE policy = ${to} WHERE period = '2026-10' SETTINGS mutations_sync = 2`)); // prettier-ignore
    await change("concat(policy, '# more')");
    expect((await run('verify')).status).toBe(4);
    await change('substring(policy, 1, length(policy) - 6)');
    await must('verify');
  });
});

describe('erase --network', () => {
  const sums = () =>
    inWarehouse(async (warehouse) =>
      Promise.all(
        ['usage_batch', 'rate_batch', 'usage_daily', 'network_daily', 'request_rate', 'interval_input'].map(
          (table) =>
          warehouse.query(`SELECT '${table}', ${table === 'network_daily' ? '' : 'count(), '}sum(requests), sum(bytes) FROM ${table} ${/daily$|_rate$/.test(table) ? '' : 'FINAL'}`), // prettier-ignore
        ),
      ),
    );
  const NETWORK = /\b(?:192\.0\.2|198\.51\.100)\.\d/;

  it('replaces the network everywhere, keeps every sum, and verify says so', async () => {
    await must('seal', '--force', '--booked-day', '2026-11-03');
    const before = await sums();
    const networks = ['192.0.2.0/24', '198.51.100.0/24'];
    const wait = await inWarehouse((warehouse) => warehouse.query("SELECT count() AS n FROM interval_input WHERE prefix = '198.51.100.0/24'")); // prettier-ignore
    expect(wait).not.toEqual([{ n: '0' }]);
    for (const network of networks) {
      const plan = JSON.parse(await must('erase', '--network', network, '--dry-run', '--json')) as { rows: object; notes: string[] }; // prettier-ignore
      expect(plan.notes.join()).toContain('in force');
      const done = JSON.parse(await must('erase', '--network', network, '--reason', 'request 18', '--yes', '--json')) as typeof plan; // prettier-ignore
      expect(done.rows).toEqual(plan.rows);
    }
    await inWarehouse(async (warehouse) => {
      const { found } = await columnsWith(warehouse, (text) => NETWORK.test(text), ['192.0.2.', '198.51.100.']);
      expect([...found]).toEqual([]);
    });
    const stored = [...storedBytes(at('data'))].filter(({ bytes }) => NETWORK.test(bytes.toString('latin1')));
    expect(stored.map(({ path }) => path)).toEqual([]);
    expect(await sums()).toEqual(before);
    expect((await must('verify')).split('\n').filter((line) => line.includes('a network of its intervals was erased')).length).toBeGreaterThan(0); // prettier-ignore
    await must('doctor');
  });

  it('books nothing when the days are sealed again', async () => {
    const before = await sums();
    await must('seal', '--force', '--booked-day', '2026-11-03');
    expect(await sums()).toEqual(before);
  });
});
