// The HTTP door as its clients see it: plain fetch, ClickHouse's own client, another process; and the actions that it
// refuses.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDoor, type Door } from '../../scripts/serve/door.ts';
import { Fault } from '../../transform/fault.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { startReader } from '../support/doors.ts';
import { rawRequest as raw } from '../support/http.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const PASSWORD = 'pässword: with colon';
const log = pino({ level: 'silent' });
const directory = temporaryDirectory();
let warehouse: Warehouse;
/** Three doors of one warehouse: a reader's, the holder's, a reader's with a password. */
let reader: ReaderProcess, writer: Door, locked: ReaderProcess;

beforeAll(async () => {
  warehouse = await openWarehouse({ location: directory.path });
  await warehouse.command(
    'CREATE TABLE fruit (id UInt64, name String, price Nullable(Float64)) ENGINE = MergeTree ORDER BY id',
  );
  await warehouse.insert('fruit', [{ id: '18446744073709551615', name: 'äpple', price: 1.5 }, { id: 2, name: 'fig', price: null }]); // prettier-ignore
  await warehouse.command('CREATE DATABASE analyst');
  await warehouse.command('CREATE VIEW analyst.fruit DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM default.fruit'); // prettier-ignore
  writer = await startDoor({ warehouse, port: 0, log });
  [reader, locked] = await Promise.all([startReader(directory.path), startReader(directory.path, { password: PASSWORD })]); // prettier-ignore
});
afterAll(async () => {
  for (const door of [reader, writer, locked]) await door?.close();
  await warehouse?.close();
  directory.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
const ask = async (
  door: Pick<Door, 'url'>,
  sql: string | null,
  url: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Answer> => {
  const response = await fetch(`${door.url}/?${new URLSearchParams(url)}`, { method: 'POST', body: sql, ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
describe('asking', () => {
  it('is alive', async () => {
    for (const path of ['/ping', '/replicas_status'])
      expect((await raw(reader.url + path)).body.toString()).toBe('Ok.\n');
    expect((await raw(`${reader.url}/nowhere`)).status).toBe(404);
    expect((await raw(`${reader.url}/play`)).headers.location).toBe('/pages/questions');
    expect((await raw(`${reader.url}/`)).body.toString()).toBe('Ok.\n');
  });

  it('takes the query from the URL, the body, or both in turn', async () => {
    const sql = 'SELECT name FROM fruit ORDER BY id LIMIT 1';
    expect((await raw(`${reader.url}/?query=${encodeURIComponent(sql)}`)).body.toString()).toBe('fig\n');
    expect((await ask(reader, sql)).text).toBe('fig\n');
    expect((await ask(reader, 'FROM fruit WHERE id = 2', { query: 'SELECT name' })).text).toBe('fig\n');
    expect((await ask(reader, `${sql};`)).text).toBe('fig\n');
    expect((await ask(reader, ' ')).text).toMatch(/^Code: 62\. .*Empty query/);
  });

  it('gives the format asked for: statement, header, URL, in that order; and says which', async () => {
    const sql = 'SELECT name FROM fruit WHERE id = 2';
    const expectations = [
      [sql, {}, {}, 'fig\n', 'TabSeparated', 'text/tab-separated-values; charset=UTF-8'],
      [sql, { default_format: 'CSV' }, {}, '"fig"\n', 'CSV', 'text/csv; charset=UTF-8; header=absent'],
      [sql, { default_format: 'CSV' }, { 'x-clickhouse-format': 'JSONCompactEachRow' }, '["fig"]\n', 'JSONCompactEachRow', 'text/plain; charset=UTF-8'],
      [`${sql} FORMAT JSONEachRow`, { default_format: 'CSV' }, {}, '{"name":"fig"}\n', 'JSONEachRow', 'application/x-ndjson; charset=UTF-8'],
    ] as const; // prettier-ignore
    for (const [query, url, headers, text, format, type] of expectations) {
      const answer = await ask(reader, query, url, { headers });
      expect([answer.text, answer.headers.get('x-clickhouse-format'), answer.headers.get('content-type')]).toEqual([text, format, type]); // prettier-ignore
    }
    expect((await ask(reader, `${sql} FORMAT Nonsense`)).text).toMatch(
      /^Code: 73\. DB::Exception: .*\(UNKNOWN_FORMAT\)/,
    );
  });

  it('knows parameters, databases and settings, and forgets them with the request', async () => {
    const text = "tab\\tback\\\\slash 'quote' ü";
    const answer = await ask(reader, 'SELECT {x:String} AS x, {n:UInt8} + 1 AS n FORMAT JSONEachRow', { param_x: text, param_n: '2' }); // prettier-ignore
    expect(JSON.parse(answer.text)).toEqual({ x: "tab\tback\\slash 'quote' ü", n: 3 });
    expect((await ask(reader, 'SELECT {x:String}')).text).toMatch(/^Code: 456\./);
    expect((await ask(writer, 'SELECT currentDatabase()', { database: 'system' })).text).toBe('system\n');
    expect((await ask(writer, 'SELECT currentDatabase()', {}, { headers: { 'x-clickhouse-database': 'system' } })).text).toBe('system\n'); // prettier-ignore
    expect((await ask(writer, 'SELECT currentDatabase()')).text).toBe('default\n');
    // A reader's own database, whatever default a client names.
    for (const named of [{}, { database: 'default' }] as Record<string, string>[])
      expect((await ask(reader, 'SELECT currentDatabase()', named)).text).toBe('analyst\n');
    expect((await ask(reader, 'SELECT 1', { database: 'none' })).status).toBe(403);
    expect((await ask(writer, 'SELECT 1', { database: 'none' })).status).toBe(404);
    const quoted = { output_format_json_quote_64bit_integers: '1' };
    const sql = 'SELECT max(id) AS id FROM fruit FORMAT JSONEachRow';
    expect((await ask(reader, sql, quoted)).text).toBe('{"id":"18446744073709551615"}\n');
    expect((await ask(reader, sql)).text).toBe('{"id":18446744073709551615}\n');
    expect((await ask(reader, `${sql} SETTINGS output_format_json_quote_64bit_integers = 1`)).text).toBe('{"id":"18446744073709551615"}\n'); // prettier-ignore
  });

  it('answers errors as ClickHouse does', async () => {
    const answer = await ask(reader, 'SELECT nope FROM fruit', { query_id: 'my-query' });
    expect([answer.status, answer.headers.get('x-clickhouse-exception-code'), answer.headers.get('x-clickhouse-query-id')]).toEqual([404, '47', 'my-query']); // prettier-ignore
    expect(answer.text).toMatch(/^Code: 47\. DB::Exception: .*nope.* \(UNKNOWN_IDENTIFIER\) \(version [\d.]+\)\n$/s);
    expect((await ask(reader, 'SELECT 1', { no_such_setting: '1' })).text).toMatch(/^Code: 115\./);
    expect((await ask(reader, 'SELECT 1', { allow_ddl: '0' })).status).toBe(403);
    expect((await ask(writer, 'SELECT 1', { no_such_setting: '1' })).text).toMatch(/^Code: 115\./);
    expect((await ask(reader, 'SELECT 1', { decompress: '1' })).text).toMatch(/decompress=1.*Content-Encoding: gzip/);
    expect((await ask(reader, 'SELECT 1; SELECT 2')).status).toBe(400);
  });

  it('shows an error in the middle of a result, and breaks the response off', async () => {
    const sql = 'SELECT throwIf(number = 900000) FROM numbers(1000000)';
    const late = raw(`${reader.url}/?default_format=CSV`, { method: 'POST', body: sql });
    await expect(late).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    const whole = await ask(reader, sql, { wait_end_of_query: '1' });
    expect([whole.status, whole.headers.get('x-clickhouse-exception-code')]).toEqual([500, '395']);
    expect(whole.text).toMatch(/^Code: 395\./);
  });

  it('takes long queries, in URL and body, and says when one is too long', async () => {
    const list = Array.from({ length: 50_000 }, (_, i) => i).join(',');
    expect((await ask(reader, `SELECT length([${list}])`)).text).toBe('50000\n');
    expect((await ask(reader, null, { query: `SELECT '${'x'.repeat(100_000)}' = ''` })).text).toBe('0\n');
    expect((await ask(writer, null, { query: `SELECT '${'x'.repeat(1_000_000)}' = ''` })).text).toBe('0\n');
    expect((await ask(reader, `SELECT '${'x'.repeat(5_000_000)}'`)).status).toBe(413);
  });

  it('reads multipart parameters', async () => {
    const form = new FormData();
    form.set('query', 'SELECT {x:String}');
    form.set('param_x', 'from the form');
    expect((await ask(reader, null, {}, { body: form })).text).toBe('from the form\n');
    form.set('t', new Blob(['1']));
    expect((await ask(reader, null, {}, { body: form })).status).toBe(501);
  });
});

describe('results', () => {
  const sql = "SELECT number AS n, unhex('00FF0A') AS b FROM numbers(70000) ORDER BY n";

  it('are untouched where they are binary', async () => {
    const bytes = async (format: string, settings = {}) => {
      const response = await fetch(`${reader.url}/?${new URLSearchParams({ default_format: format, ...settings })}`, { method: 'POST', body: sql }); // prettier-ignore
      return Buffer.from(await response.arrayBuffer());
    };
    const arrow = tableFromIPC(await bytes('ArrowStream', { output_format_arrow_compression_method: 'none', output_format_arrow_string_as_string: '0' })); // prettier-ignore
    expect([arrow.numRows, arrow.get(69_999)!.toJSON()]).toEqual([
      70_000,
      { n: 69_999n, b: Uint8Array.of(0, 255, 10) },
    ]);
    const parquet = await bytes('Parquet');
    expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
    expect((await bytes('RowBinary')).length).toBe(70_000 * (8 + 4));
    for (const format of ['Native', 'Parquet', 'RowBinary']) {
      const path = join(directory.path, `back.${format}`);
      writeFileSync(path, await bytes(format));
      const rows = `file('${path}', '${format}', 'n UInt64, b String')`;
      expect(await warehouse.query(`SELECT count() AS c, sum(n) AS s, uniqExact(b) AS u FROM ${rows}`)).toEqual([{ c: '70000', s: '2449965000', u: '1' }]); // prettier-ignore
    }
  });

  it('are whole in formats with a beginning and an end', async () => {
    const json = JSON.parse((await ask(reader, `${sql} FORMAT JSON`)).text) as { rows: number; data: { n: number }[] };
    expect([json.rows, json.data.length, json.data.at(-1)!.n]).toEqual([70_000, 70_000, 69_999]);
    const csv = (await ask(reader, 'SELECT number FROM numbers(70000) FORMAT CSVWithNames')).text;
    expect(csv.match(/number/g)).toHaveLength(1);
    const array = await ask(reader, 'SELECT number FROM numbers(70000) FORMAT JSONEachRow', { output_format_json_array_of_rows: '1' }); // prettier-ignore
    expect(JSON.parse(array.text)).toHaveLength(70_000);
    expect((await ask(reader, 'SELECT 1 FORMAT Null')).text).toBe('');
    expect((await ask(reader, 'SELECT 1 WHERE 0')).text).toBe('');
  });

  it('are compressed where the client can read that, and not where it forbids it', async () => {
    const url = `${reader.url}/?query=${encodeURIComponent('SELECT number FROM numbers(1000)')}`;
    const headers = { 'accept-encoding': 'br, gzip;q=0.5' };
    const zipped = await raw(url, { headers });
    expect(zipped.headers['content-encoding']).toBe('gzip');
    const plain = await raw(url);
    expect(gunzipSync(zipped.body)).toEqual(plain.body);
    expect(plain.headers['content-encoding']).toBeUndefined();
    for (const [option, accept] of [['&enable_http_compression=0', 'gzip'], ['', 'gzip;q=0']] as const) // prettier-ignore
      expect((await raw(url + option, { headers: { 'accept-encoding': accept } })).headers['content-encoding']).toBeUndefined(); // prettier-ignore
  });

  it('of any size pass through in pieces, and stop when nobody listens', async () => {
    const abort = new AbortController();
    const body = "SELECT repeat('x', 1000) FROM numbers(100000000)";
    const response = await fetch(`${reader.url}/`, { method: 'POST', body, signal: abort.signal });
    let bytes = 0;
    for await (const chunk of response.body!) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > 50_000_000) break;
    }
    abort.abort();
    await idle();
    expect(memoryOf(reader.pid)).toBeLessThan(1_500_000_000);
  });

  it('that nobody waits for any more are not computed', async () => {
    const abort = new AbortController();
    const body = "SELECT count() FROM numbers(4000000000) WHERE sipHash64(number, 'marker') = 0";
    const answer = fetch(`${reader.url}/`, { method: 'POST', body, signal: abort.signal });
    await until(async () => (await busy()) > 0.5);
    abort.abort();
    await expect(answer).rejects.toThrow();
    await idle();
  });

  /** Cores that the reader's process uses. */
  const busy = async (): Promise<number> => {
    const ticks = () => {
      const fields = readFileSync(`/proc/${reader.pid}/stat`, 'latin1').split(') ')[1].split(' ');
      return Number(fields[11]) + Number(fields[12]);
    };
    const [before, from] = [ticks(), performance.now()];
    await sleep(500);
    return ((ticks() - before) * 10) / (performance.now() - from);
  };
  const until = async (done: () => Promise<boolean>) => {
    for (let tries = 0; !(await done()); tries++) if (tries > 60) throw new Error('it never came');
  };
  const idle = () => until(async () => (await busy()) < 0.2);
  const memoryOf = (pid: number): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
});

describe('writing', () => {
  const count = async (table: string) =>
    (await ask(writer, `SELECT count(), sum(a), max(length(s)) FROM ${table}`)).text;
  const created = async (name: string) => {
    expect((await ask(writer, `CREATE TABLE ${name} (a UInt32, s String DEFAULT 'd') ENGINE = MergeTree ORDER BY a`)).status).toBe(200); // prettier-ignore
    return name;
  };

  it('takes rows behind the statement, in any format, from URL or body', async () => {
    const table = await created('rows_in');
    const insert = (sql: string, query?: string) => ask(writer, sql, query === undefined ? {} : { query });
    expect((await insert(`INSERT INTO ${table} FORMAT JSONEachRow\n{"a":1,"s":"ü;"}\n{"a":2}`)).status).toBe(200);
    expect((await insert('3,"x\ny"\n', `INSERT INTO ${table} FORMAT CSV`)).status).toBe(200);
    expect((await insert(`INSERT INTO ${table} VALUES (4, 'a;b'), (5, '')`)).status).toBe(200);
    expect((await insert("(6, 'v')", `INSERT INTO ${table} VALUES`)).status).toBe(200);
    expect((await insert('\t7\n', `INSERT INTO ${table} (s, a) FORMAT TSV`)).status).toBe(200);
    expect((await insert('', `INSERT INTO ${table} FORMAT JSONEachRow`)).status).toBe(200);
    expect((await insert(`INSERT INTO ${table} SELECT 8, 'eight'`)).status).toBe(200);
    expect(await count(table)).toBe('8\t36\t5\n');
  });

  it('takes compressed and binary rows, and Arrow through input()', async () => {
    const table = await created('binary_in');
    const rows = `${'{"a":1}\n'.repeat(1000)}`;
    const query = `INSERT INTO ${table} FORMAT JSONEachRow`;
    const zipped = await ask(
      writer,
      null,
      { query },
      { body: gzipSync(rows), headers: { 'content-encoding': 'gzip' } },
    );
    expect(zipped.status).toBe(200);
    const ipc = Buffer.from(tableToIPC(tableFromArrays({ k: Uint32Array.of(1, 2, 3) }), 'stream'));
    const arrow = `INSERT INTO ${table} SELECT k * {f:UInt8}, 'arrow' FROM input('k UInt32') WHERE k > 1 SETTINGS async_insert = 0 FORMAT ArrowStream`; // prettier-ignore
    expect((await ask(writer, null, { query: arrow, param_f: '10' }, { body: ipc })).text).toBe('');
    const binary = Buffer.concat([Buffer.from(`INSERT INTO ${table} FORMAT RowBinary\n`), Buffer.of(5, 0, 0, 0, 3, 0, 0xff, 0x0a)]); // prettier-ignore
    expect((await ask(writer, null, {}, { body: binary })).text).toBe('');
    expect(await count(table)).toBe('1003\t1055\t5\n');
  });

  it('takes a large upload without holding it in memory', async () => {
    const table = await created('large_in');
    const line = `{"a":1,"s":"${'x'.repeat(980)}"}\n`;
    const before = process.memoryUsage().rss;
    const chunk = Buffer.from(line.repeat(1000));
    const body = Readable.toWeb(Readable.from((function* () { for (let i = 0; i < 200; i++) yield chunk; })())); // prettier-ignore
    const query = `INSERT INTO ${table} FORMAT JSONEachRow`;
    const answer = await ask(writer, null, { query }, { body: body, duplex: 'half' }); // prettier-ignore
    expect(answer.text).toBe('');
    expect(await count(table)).toBe('200000\t200000\t980\n');
    expect(process.memoryUsage().rss - before).toBeLessThan(900_000_000);
  });

  it('leaves nothing behind, and stores nothing of a bad insert', async () => {
    const table = await created('bad_in');
    const bad = await ask(writer, `INSERT INTO ${table} FORMAT JSONEachRow\n{"a":1}\n{"a":"x"}`);
    expect([bad.status, bad.headers.get('x-clickhouse-exception-code')]).toEqual([400, '27']);
    expect((await ask(writer, null, { query: `INSERT INTO ${table} FORMAT CSV` }, { body: 'no gzip', headers: { 'content-encoding': 'gzip' } })).status).toBe(400); // prettier-ignore
    expect(await count(table)).toBe('0\t0\t0\n');
    const scratch = readdirSync(directory.path).filter((name) => name.startsWith('fairshare-door-'));
    expect(scratch.flatMap((name) => readdirSync(join(directory.path, name)))).toEqual([]);
  });

  it('is never done by GET, nor by a client that asked for readonly', async () => {
    const table = await created('get_in');
    const sql = encodeURIComponent(`INSERT INTO ${table} VALUES (1, '')`);
    expect((await raw(`${writer.url}/?query=${sql}`)).status).toBe(403);
    expect((await ask(writer, `INSERT INTO ${table} VALUES (1, '')`, { readonly: '2' })).status).toBe(403);
    expect(await count(table)).toBe('0\t0\t0\n');
  });
});

describe('a reader', () => {
  it('changes nothing, and lifts no limit by the URL', async () => {
    for (const sql of [
      "INSERT INTO fruit VALUES (3, 'x', 1)",
      'INSERT INTO fruit FORMAT JSONEachRow\n{"id":3}',
      'DROP TABLE fruit',
    ]) {
      const answer = await ask(reader, sql); // prettier-ignore
      expect([sql, answer.status]).toEqual([sql, 403]);
    }
    expect((await ask(reader, 'SELECT 1', { readonly: '0' })).status).toBe(403);
    expect((await ask(reader, 'SELECT 1', { max_execution_time: '0' })).status).toBe(403);
    expect((await ask(reader, 'SELECT count() FROM fruit')).text).toBe('2\n');
  });

  it('sees the warehouse as it was a second ago, while another process writes', async () => {
    await warehouse.command('CREATE TABLE live (a UInt64) ENGINE = MergeTree ORDER BY a');
    await warehouse.command('CREATE VIEW analyst.live DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT * FROM default.live'); // prettier-ignore
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await warehouse.command('INSERT INTO live SELECT number FROM numbers(1000)');
    })();
    const seen: number[] = [];
    for (let i = 0; i < 20; i++) seen.push(Number((await ask(reader, 'SELECT count() FROM live')).text));
    await writing;
    expect(seen.every((n, i) => n % 1000 === 0 && n >= (seen[i - 1] ?? 0))).toBe(true);
    await sleep(2_000);
    expect((await ask(reader, 'SELECT count() FROM live')).text).toBe('20000\n');
  });

  it('waits for no more than a few others, and every one gets its own answer', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(reader, 'SELECT {i:UInt32}', { param_i: String(i) }))); // prettier-ignore
    expect(answers.map(({ text }) => text)).toEqual(answers.map((_, i) => `${i}\n`));
  });
});

describe('the password', () => {
  const get = (headers: Record<string, string> = {}, url = '') =>
    raw(`${locked.url}/?query=SELECT+1${url}`, { headers });
  const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }); // prettier-ignore

  it('opens by every way ClickHouse knows', async () => {
    const encoded = encodeURIComponent(PASSWORD);
    // Headers are Latin-1, so the client sends the bytes.
    const key = Buffer.from(PASSWORD, 'latin1').toString('latin1');
    expect((await get(basic('default', PASSWORD))).body.toString()).toBe('1\n');
    expect((await get({}, `&user=default&password=${encoded}`)).body.toString()).toBe('1\n');
    expect((await get({ 'x-clickhouse-user': 'default', 'x-clickhouse-key': key })).status).toBe(200);
    expect((await raw(`${locked.url}/ping`)).status).toBe(200);
  });

  it('is asked for, and wrong ones are refused', async () => {
    const missing = await get();
    expect([missing.status, missing.headers['www-authenticate'], missing.headers['x-clickhouse-exception-code']]).toEqual([401, 'Basic realm="fairshare"', '194']); // prettier-ignore
    for (const headers of [basic('default', 'wrong'), basic('root', PASSWORD), { authorization: 'Bearer x' }]) {
      const answer = await get(headers);
      expect(answer.status).toBe(403);
      expect(answer.body.toString()).toMatch(/^Code: 516\. DB::Exception: .*Authentication failed/);
    }
  });

  it('is needed where others could reach the door', async () => {
    const others = { host: '0.0.0.0', port: 0, log };
    await expect(startDoor({ warehouse, ...others })).rejects.toThrow(Fault);
    const open = await startDoor({ warehouse, password: 'p', ...others });
    await open.close();
  });

  it('is not there: then no page of another site gets in', async () => {
    const url = `${reader.url}/?query=SELECT+1`;
    expect((await raw(url, { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await raw(url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect((await raw(url, { headers: { origin: 'http://localhost:3000' } })).status).toBe(403);
    expect((await raw(url, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await raw(url, { headers: { 'sec-fetch-site': 'same-origin', origin: reader.url } })).status).toBe(200);
  });
});

describe('ClickHouse’s own client', () => {
  const client = (door: Pick<Door, 'url'>, options = {}) =>
    createClient({ url: door.url, log: { level: ClickHouseLogLevel.OFF }, ...options });

  it('pings, asks, streams, inserts and reads errors, compressed or not', async () => {
    for (const compression of [{}, { request: true, response: true }]) {
      const guest = client(writer, { compression, application: 'test' });
      expect(await guest.ping()).toEqual({ success: true });
      expect(await guest.ping({ select: true })).toEqual({ success: true });
      await guest.command({
        query: 'CREATE OR REPLACE TABLE guest (a UInt64, s String) ENGINE = MergeTree ORDER BY a',
      });
      const values = Array.from({ length: 5000 }, (_, a) => ({ a, s: 'é' }));
      await guest.insert({ table: 'guest', values, format: 'JSONEachRow' });
      await guest.insert({ table: 'guest', values: Readable.from(['1,"x"\n', '2,"y"\n'], { objectMode: false }), format: 'CSV' }); // prettier-ignore
      const result = await guest.query({ query: 'SELECT a, s FROM guest WHERE a >= {from:UInt64} ORDER BY a', format: 'JSONEachRow', query_params: { from: 4998 } }); // prettier-ignore
      expect(await result.json()).toEqual([{ a: 4998, s: 'é' }, { a: 4999, s: 'é' }]); // prettier-ignore
      let rows = 0;
      const stream = (
        await guest.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSONEachRow' })
      ).stream();
      for await (const batch of stream) rows += batch.length;
      expect(rows).toBe(300_000);
      await expect(guest.query({ query: 'SELECT nope' })).rejects.toMatchObject({
        code: '47',
        type: 'UNKNOWN_IDENTIFIER',
      });
      const json = (await guest.query({ query: 'SELECT count() AS n FROM guest', format: 'JSON' })).json<{
        n: number;
      }>();
      expect((await json).data).toEqual([{ n: 5002 }]);
      await guest.close();
    }
  });

  it('sees an error in mid-stream', async () => {
    const guest = client(reader);
    const result = await guest.query({ query: 'SELECT throwIf(number = 900000) AS x FROM numbers(1000000)', format: 'JSONEachRow' }); // prettier-ignore
    await expect(result.json()).rejects.toThrow();
    await guest.close();
  });

  it('is told what is wrong with its password', async () => {
    const guest = client(locked, { username: 'default', password: PASSWORD });
    expect(await (await guest.query({ query: 'SELECT 1 AS x', format: 'JSONEachRow' })).json()).toEqual([{ x: 1 }]);
    const stranger = client(locked, { username: 'default', password: 'x' });
    await expect(stranger.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516', type: 'AUTHENTICATION_FAILED' }); // prettier-ignore
    await guest.close();
    await stranger.close();
  });
});

describe('curl', () => {
  it('pipes rows in and out', async () => {
    const curl = (...args: string[]) =>
      new Promise<string>((resolve, reject) => {
        const child = spawn('curl', ['-sS', '--fail-with-body', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        child.on('error', (error: NodeJS.ErrnoException) =>
          error.code === 'ENOENT' ? resolve('no curl') : reject(error),
        );
        child.on('close', () => resolve(text));
      });
    const answer = await curl(
      '--compressed',
      `${reader.url}/`,
      '--data-binary',
      'SELECT sum(number) FROM numbers(10) FORMAT TSV',
    );
    expect(['45\n', 'no curl']).toContain(answer);
  });
});

describe('closing', () => {
  it('ends what runs, tells nobody the address any more, and leaves the warehouse open', async () => {
    const door = await startDoor({ warehouse, port: 0, log });
    const holder = () =>
      (JSON.parse(readFileSync(join(directory.path, 'fairshare-holder.json'), 'utf8')) as { door?: string }).door;
    expect(holder()).toBe(door.url);
    const endless = ask(door, 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 0').catch((error: unknown) => error); // prettier-ignore
    await sleep(300);
    const started = performance.now();
    await door.close();
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await endless).toBeDefined();
    expect(holder()).toBeUndefined();
    await expect(fetch(`${door.url}/ping`)).rejects.toThrow();
    expect(await warehouse.query('SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  it('says when an address is taken', async () => {
    const { port } = new URL(reader.url);
    await expect(startDoor({ warehouse, port: Number(port), log })).rejects.toThrow(
      /cannot serve on 127\.0\.0\.1:\d+: .*EADDRINUSE/,
    );
  });
});
