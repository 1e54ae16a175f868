// An attack on a reader's door, run as a process: what a reader may not do fails, however it is written and sent. The lists of
// functions, table functions, settings and tables are the engine's own, asked of the engine. `make test-security` (FAIRSHARE_ATTACK=every)
// tries every place in every form; `make test` tries each function in some places.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analystObjects } from '../../sql/analysts.ts';
import { readerMaySet } from '../../sql/reader-configuration.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { parserFunctions, readerFunctions, readerTableFunctions } from '../../scripts/serve/reader-functions.ts';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { startReader } from '../support/doors.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';
import { attemptsWith, counter, otherAttempts, type Attempt, type Targets } from './attacks.ts';
import { outcomesOf, type Outcome } from './attacker.ts';

const every = process.env.FAIRSHARE_ATTACK === 'every';
const seed = Number(process.env.FAIRSHARE_ATTACK_SEED ?? 1);
const next = counter(seed);
const directory = temporaryDirectory();
const at = (name: string): string => join(directory.path, name);
const location = at('warehouse');
/** Without `every`, a function is tried in so many of the places; those that reach furthest in all of them. */
const SHARE = 0.08;
const reachesFar = /^(?:file|url|s3|remote|executable|dictGet|getSetting|sleep|merge|filesystem)$/;
/** Stands in files, rows and the environment, and in no answer. */
const SECRET = 'planted-8d1f6c';
const ADDRESS = '203.0.113.77';

// eslint-disable-next-line no-console -- what was tried belongs to the result
const say = (text: string): void => console.log(text);

let warehouse: Warehouse;
let door: ReaderProcess;
let listener: Server;
let visitors = 0;
let targets: Targets;

beforeAll(async () => {
  copyMigratedWarehouse(location);
  warehouse = await openWarehouse({ location });
  await plant(warehouse);
  process.env.PLANTED = SECRET;
  writeFileSync(at('secret.txt'), `${SECRET}\n`);
  listener = createServer((socket) => {
    visitors++;
    socket.destroy();
  });
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  targets = {
    file: at('secret.txt'),
    output: at('written.txt'),
    listener: `127.0.0.1:${(listener.address() as AddressInfo).port}`,
  };
  door = await startReader(location);
});
afterAll(async () => {
  delete process.env.PLANTED;
  await door?.close();
  listener?.close();
  await warehouse?.close();
  directory.remove();
});

/** A row with the secret and an address in every table that analysts do not see. */
async function plant(target: Warehouse): Promise<void> {
  const columns = await target.query<{ table: string; name: string; type: string }>(
    `SELECT table, name, type FROM system.columns WHERE database = 'default' AND default_kind NOT IN ('ALIAS', 'MATERIALIZED')
     AND table IN (SELECT name FROM system.tables WHERE database = 'default' AND engine LIKE '%MergeTree')
     AND table NOT LIKE '%staging%' ORDER BY table, position`,
  );
  const shown = new Set(['allocation_correction', 'allocation_line', 'allocation_run', 'day_seal', 'ingest_ledger', 'object_seen', 'interval_precision', 'org', 'period_close', 'usage_daily', 'usage_hourly', 'usage_interval', 'usage_move', 'evidence_set', 'evidence_verdict', 'attribution_run', 'schema_migration']); // prettier-ignore
  for (const table of new Set(columns.map(({ table: name }) => name))) {
    if (shown.has(table)) continue;
    const row = Object.fromEntries(
      columns
        .filter((column) => column.table === table && /^(?:LowCardinality\()?String/.test(column.type))
        .map(({ name }) => [name, `${SECRET} ${ADDRESS}`]),
    );
    if (Object.keys(row).length > 0) await target.insert(table, [row]);
  }
}

const ask = async (sql: string, params: Record<string, string> = {}): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${door.url}/?${new URLSearchParams(params)}`, { method: 'POST', body: sql });
  return { status: response.status, text: await response.text() };
};
const names = async (sql: string): Promise<string[]> => (await ask(sql)).text.split('\n').filter(Boolean);

/** What an answer must not have in it, whatever was asked. */
const hidden = (text: string): boolean =>
  [SECRET, ADDRESS, location, 'fairshare-reader-', '/proc/', 'root:x:'].some((mark) => text.includes(mark));

/** Sends attempts of which none may be answered. */
async function allRefused(attempts: Iterable<Attempt>): Promise<{ tried: number; leaks: Outcome[] }> {
  let tried = 0;
  const leaks: Outcome[] = [];
  for await (const outcome of outcomesOf(door.url, attempts)) {
    tried++;
    if (outcome.status === 200 || outcome.status === 0 || hidden(outcome.text)) leaks.push(outcome);
  }
  return { tried, leaks };
}
const shortened = ({ attempt, status, text }: Outcome) => [status, attempt.form, attempt.sql, text.slice(0, 200)];

describe('a reader of the door', () => {
  it('calls no function that is not allowed, in no place, spelling and form', async () => {
    const rows = await names('SELECT name, alias_to FROM system.functions');
    const forbidden = rows
      .map((row) => row.split('\t'))
      .filter(
        ([name = '', alias = '']) => !readerFunctions.has(alias === '' ? name : alias) && !parserFunctions.has(name),
      ) // prettier-ignore
      .map(([name = '']) => name);
    expect(forbidden.length).toBeGreaterThan(150);
    expect(forbidden).toEqual(expect.arrayContaining(['file', 'sleep', 'getSetting', 'dictGet', 'showCertificate', 'catboostEvaluate'])); // prettier-ignore
    const { tried, leaks } = await allRefused(
      (function* () {
        for (const name of forbidden)
          yield* attemptsWith(name, 'function', targets, next, every, reachesFar.test(name) ? 1 : SHARE);
      })(),
    );
    say(`functions of the engine: ${rows.length}, not for readers: ${forbidden.length}, all tried; statements: ${tried}, answered: ${leaks.length}`); // prettier-ignore
    expect(leaks.slice(0, 20).map(shortened)).toEqual([]);
  });

  it('calls no table function that is not allowed', async () => {
    const all = (await warehouse.query<{ name: string }>('SELECT name FROM system.table_functions')).map(({ name }) => name); // prettier-ignore
    const forbidden = all.filter((name) => !readerTableFunctions.has(name));
    expect(forbidden).toEqual(expect.arrayContaining(['file', 'url', 's3', 'remote', 'executable', 'merge', 'dictionary', 'cluster', 'sqlite', 'eval'])); // prettier-ignore
    const { tried, leaks } = await allRefused(
      (function* () {
        for (const name of forbidden)
          yield* attemptsWith(name, 'table function', targets, next, every, reachesFar.test(name) ? 1 : 3 * SHARE);
      })(),
    );
    say(`table functions of the engine: ${all.length}, not for readers: ${forbidden.length}, all tried; statements: ${tried}, answered: ${leaks.length}`); // prettier-ignore
    expect(leaks.slice(0, 20).map(shortened)).toEqual([]);
  });

  it('writes nothing, changes nothing, sends no second statement, and lifts no limit', async () => {
    const { tried, leaks } = await allRefused(otherAttempts(targets));
    say(`other statements: ${tried}, answered: ${leaks.length}`);
    expect(leaks.slice(0, 20).map(shortened)).toEqual([]);
  });

  it('changes no setting but those that shape results', async () => {
    const settings = await warehouse.query<{ name: string; value: string }>('SELECT name, value FROM system.settings');
    const forbidden = settings.filter(({ name }) => !readerMaySet(name) && !/insert|dedup/.test(name));
    expect(forbidden.length).toBeGreaterThan(800);
    const changed: string[] = [];
    const limits = new Set(['max_execution_time', 'max_memory_usage', 'max_rows_to_read', 'max_result_rows', 'max_result_bytes', 'max_threads', 'max_query_size']); // prettier-ignore
    const own = new Set(['log_comment', 'readonly']);
    for (const [number, { name, value }] of forbidden.entries()) {
      if (!every && !limits.has(name) && number % 8 !== seed % 8) continue;
      // A value that differs, of the setting's own type.
      const other =
        name === 'max_threads'
          ? '1000'
          : limits.has(name)
            ? '0'
            : value === '1'
              ? '0'
              : /^\d+$/.test(value)
                ? String(Number(value) + 1)
                : '1';
      const sql = `SELECT 1 SETTINGS ${name} = '${other}'`;
      if (!own.has(name) && (await ask(sql)).status === 200) changed.push(name);
    }
    // Obsolete ones have no effect.
    const obsolete = new Set((await warehouse.query<{ name: string }>('SELECT name FROM system.settings WHERE is_obsolete')).map(({ name }) => name)); // prettier-ignore
    expect(changed.filter((name) => !obsolete.has(name))).toEqual([]);
  });

  it('sees of the engine’s and the warehouse’s tables only what analysts see', async () => {
    const tables = await warehouse.query<{ database: string; name: string }>(
      "SELECT database, name FROM system.tables WHERE database IN ('system', 'default', 'information_schema', 'INFORMATION_SCHEMA')",
    );
    expect(tables.length).toBeGreaterThan(150);
    const seen = new Set<string>();
    for (const form of ['system.models', '`system`.`models`', '(SELECT * FROM system . models)'])
      expect((await ask(`SELECT * FROM ${form}`)).text).toContain('not offered');
    expect((await ask('SELECT 1 WHERE 1 IN system.models')).text).toContain('not offered');
    for (const database of ['system', 'SYSTEM'])
      expect((await ask('SELECT * FROM models', { database })).text).toMatch(/not offered|does not exist/);
    for (const { database, name } of tables) {
      const { status, text } = await ask(`SELECT * FROM ${database}.\`${name}\` LIMIT 100 FORMAT JSONEachRow`);
      expect(hidden(text), `${database}.${name}: ${text.slice(0, 300)}`).toBe(false);
      if (status === 200 && text !== '') seen.add(`${database}.${name}`);
    }
    expect([...seen].filter((name) => name.startsWith('default.'))).toEqual([]);
    expect([...seen].filter((name) => name.startsWith('system.')).sort()).toEqual(
      `aggregate_function_combinators collations columns data_type_families formats functions keywords numbers
       numbers_mt one settings table_functions tables time_zones zeros zeros_mt`
        .split(/\s+/)
        .map((name) => `system.${name}`),
    );
    for (const listed of ['tables', 'columns'])
      expect(await names(`SELECT DISTINCT database FROM system.${listed}`)).toEqual(['analyst']);
    expect(await names('SELECT name FROM system.databases')).toEqual(['analyst']);
    expect(await names('SHOW DATABASES')).toEqual(['analyst']);
    // Where the reader's own directory is stays hidden, in every spelling.
    for (const columns of [
      '*',
      'd.*',
      'data_path',
      'd.data_path',
      '`metadata_path`',
      "COLUMNS('path')",
      'd.COLUMNS(data_path)',
      'tuple(d.*).3',
      'name, * EXCEPT (name)',
      'upper(data_path) AS name',
    ])
      for (const table of [
        'system.databases AS d',
        '`system`.`databases` AS d',
        '(SELECT * FROM system . databases) AS d',
        'view(SELECT * FROM system.databases) AS d',
      ]) {
        const { status, text } = await ask(`SELECT ${columns} FROM ${table}`);
        expect([status === 200, hidden(text)], `${columns} ${table}: ${text}`).toEqual([false, false]);
      }
    expect((await ask('SELECT 1 WHERE (1, 2) IN system.databases ORDER BY data_path')).status).not.toBe(200);
    expect((await ask('SELECT displayName()')).text).toBe('fairshare\n');
    expect(new Set(await names('SHOW TABLES'))).toEqual(new Set(analystObjects));
  });

  it('reads what analysts read, with every function that is allowed', async () => {
    const parameters: Readonly<Record<string, string>> = {
      org_known_at: "(known_at = '2199-01-01 00:00:00.000')",
      period_usage: "(period = '2026-10', until = '2026-10-31', with_late = false, attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = ['E1'])", // prettier-ignore
    };
    for (const name of analystObjects)
      expect(await ask(`SELECT count() FROM ${name}${parameters[name] ?? ''}`)).toMatchObject({ status: 200 });
    const refused: string[] = [];
    for (const name of [...readerFunctions].filter((_, number) => every || number % 16 === seed % 16))
      if (/is not offered to readers|ACCESS_DENIED/.test((await ask(`SELECT ${name}()`)).text)) refused.push(name);
    expect(refused).toEqual([]);
  });

  it('left nothing behind', () => {
    expect(readdirSync(directory.path).sort()).toEqual(['secret.txt', 'warehouse']);
    expect(readFileSync(at('secret.txt'), 'utf8')).toBe(`${SECRET}\n`);
    expect(statSync(at('secret.txt')).mode & 0o777).toBe(0o644);
    expect(visitors).toBe(0);
  });
});
