// One contract for both engines, embedded and over HTTP: the behaviour that the program relies on, in a zone that is not UTC.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Binary,
  Dictionary,
  Int32,
  RecordBatchStreamWriter,
  Uint64,
  Uint8,
  Utf8,
  tableFromIPC,
  tableToIPC,
  vectorFromArray,
  Table,
} from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, pendingMigrations } from '../../sql/migrate.ts';
import type { Warehouse } from '../../sql/warehouse.ts';
import {
  embeddedPlace,
  openPlace,
  serverPlace,
  temporaryDirectory,
  type WarehousePlace,
} from '../support/warehouse.ts';

// The engine uses this zone; the values that the program stores or reads must not depend on it.
const ZONE = 'Asia/Kathmandu';
process.env.TZ = ZONE;

const MAX_UINT64 = '18446744073709551615';
const MIN_INT64 = '-9223372036854775808';

const engines: readonly (readonly [string, () => Promise<WarehousePlace>])[] = [
  ['embedded', () => Promise.resolve(embeddedPlace())],
  ['over HTTP', () => serverPlace({ TZ: ZONE })],
];

describe.each(engines)('the warehouse, %s', (name, provide) => {
  let place: WarehousePlace;
  let warehouse: Warehouse;
  const files = temporaryDirectory();

  beforeAll(async () => {
    place = await provide();
    // eslint-disable-next-line no-console -- what was tested belongs to the result
    console.log(`warehouse contract, ${name}: ${place.how}`);
    warehouse = await openPlace(place);
  });
  afterAll(async () => {
    await warehouse?.close();
    await place?.remove();
    files.remove();
  });

  /** An empty table of its own for each test. */
  const table = async (columns: string, order = 'tuple()'): Promise<string> => {
    const name = `t${Math.trunc(performance.now() * 1000)}`;
    await warehouse.command(`CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY ${order}`);
    return name;
  };
  const failure = async (work: () => Promise<unknown>) => {
    const error = await work().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(error instanceof Error)) throw new Error('nothing failed');
    return error as Error & { code?: string; type?: string };
  };

  describe('query', () => {
    it('gives 64-bit integers as strings, smaller ones as numbers, NULL as null', async () => {
      const rows = await warehouse.query(
        `SELECT toUInt64('${MAX_UINT64}') AS u, toInt64('${MIN_INT64}') AS i, toUInt32(7) AS n, CAST(NULL, 'Nullable(String)') AS z, sum(number) AS s FROM numbers(3)`,
      );
      expect(rows).toEqual([{ u: MAX_UINT64, i: MIN_INT64, n: 7, z: null, s: '3' }]);
    });

    it('gives times in UTC, whatever the zone of the process', async () => {
      const rows = await warehouse.query(
        "SELECT toDateTime('2026-11-22 23:30:00', 'UTC') AS t, toDate(t) AS d, toDateTime64('2026-11-22 23:30:00.125', 3, 'UTC') AS m",
      );
      expect(rows).toEqual([{ t: '2026-11-22 23:30:00', d: '2026-11-22', m: '2026-11-22 23:30:00.125' }]);
      if (name === 'embedded' || place.how.includes('fairshare serve'))
        expect(await warehouse.query('SELECT timezone() AS z')).toEqual([{ z: ZONE }]);
    });

    it('joins with the type’s default for what is missing', async () => {
      const sql =
        'SELECT a.number AS a, b.s FROM numbers(2) AS a LEFT JOIN (SELECT 0 AS k, 7 AS s) AS b ON a.number = b.k ORDER BY a';
      expect(await warehouse.query(sql)).toEqual([{ a: '0', s: 7 }, { a: '1', s: 0 }]); // prettier-ignore
    });

    it('gives no rows and many rows', async () => {
      expect(await warehouse.query('SELECT 1 WHERE 0')).toEqual([]);
      const rows = await warehouse.query<{ number: string }>('SELECT number FROM numbers(200000) ORDER BY number');
      expect([rows.length, rows.at(-1)]).toEqual([200_000, { number: '199999' }]);
    });
  });

  describe('parameters', () => {
    it.each([
      "it's",
      'back\\slash',
      'tab\tnew\nline\r',
      '{x:String}',
      'ünï – 漢字 🦀',
      '',
      "\\'; DROP TABLE t --",
      '\\N',
    ])('passes %j through unchanged', async (text) =>
      expect(await warehouse.query('SELECT {text:String} AS text', { text })).toEqual([{ text }]),
    );

    it('passes numbers, big integers, lists, dates, NULL and identifiers', async () => {
      const params = {
        n: 1.5,
        big: 2n ** 64n - 1n,
        list: ['a', "b'c"],
        day: '2026-11-22',
        none: null,
        name: 'number',
      };
      const sql =
        'SELECT {n:Float64} AS n, {big:UInt64} AS big, {list:Array(String)} AS list, {day:Date} AS day, {none:Nullable(String)} AS none, {name:Identifier} AS number FROM numbers(1)';
      expect(await warehouse.query(sql, params)).toEqual([
        { n: 1.5, big: MAX_UINT64, list: ['a', "b'c"], day: '2026-11-22', none: null, number: '0' },
      ]);
    });

    it('says which one is missing', async () => {
      expect(await failure(() => warehouse.query('SELECT {gone:String}'))).toMatchObject({ code: '456' });
    });
  });

  describe('text', () => {
    it.each([
      ['CSVWithNames', '"a","b"\n1,"x"\n2,"y, ""z"""\n'],
      ['TSV', '1\tx\n2\ty, "z"\n'],
      ['JSONEachRow', '{"a":"1","b":"x"}\n{"a":"2","b":"y, \\"z\\""}\n'],
    ])('gives %s', async (format, expected) => {
      const sql = `SELECT toUInt64(number + 1) AS a, ['x', 'y, "z"'][a] AS b FROM numbers(2) ORDER BY a`;
      expect(await warehouse.text(sql, format)).toBe(expected);
    });

    it('takes parameters', async () =>
      expect(await warehouse.text('SELECT {x:UInt8} + 1', 'TSV', { x: 1 })).toBe('2\n'));
  });

  describe('insert', () => {
    it('stores rows, big integers as strings, times in any ISO form', async () => {
      const name = await table(
        "u UInt64, s String, n Nullable(Float64), at DateTime64(3, 'UTC'), l Array(String), k UInt8 DEFAULT 9",
        'u',
      );
      await warehouse.insert(name, [
        { u: MAX_UINT64, s: 'ü\n\\ "q"', n: null, at: '2026-11-22T23:30:00.125Z', l: ['a', ''] },
        { u: '1', s: '', n: 0.5, at: '2026-11-22 05:00:00+05:30', l: [], k: 2 },
      ]);
      expect(await warehouse.query(`SELECT * FROM ${name} ORDER BY u`)).toEqual([
        { u: '1', s: '', n: 0.5, at: '2026-11-21 23:30:00.000', l: [], k: 2 },
        { u: MAX_UINT64, s: 'ü\n\\ "q"', n: null, at: '2026-11-22 23:30:00.125', l: ['a', ''], k: 9 },
      ]);
    });

    it('does nothing with no rows', async () => {
      const name = await table('a UInt8');
      await warehouse.insert(name, []);
      expect(await warehouse.query(`SELECT count() AS n FROM ${name}`)).toEqual([{ n: '0' }]);
    });

    it('refuses NULL where there is none, and stores nothing of that insert', async () => {
      // This holds for texts: for numbers the engine reads JSON's null as 0, with every setting. The program checks rows
      // before.
      const name = await table('s String');
      const error = await failure(() => warehouse.insert(name, [{ s: 'a' }, { s: null }]));
      expect(error.code).toMatch(/^\d+$/);
      expect(await warehouse.query(`SELECT count() AS n FROM ${name}`)).toEqual([{ n: '0' }]);
    });

    it('has stored when it returns, from any session', async () => {
      const name = await table('a UInt32');
      const other = await warehouse.session();
      for (let i = 0; i < 5; i++) {
        await warehouse.insert(name, [{ a: i }]);
        expect(await other.query(`SELECT count() AS n FROM ${name}`)).toEqual([{ n: String(i + 1) }]);
      }
      await other.close();
    });
  });

  describe('insertArrow', () => {
    const raw = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const columns = {
      key: vectorFromArray(['b', 'a', null, 'b'], new Dictionary(new Utf8(), new Int32())),
      big: vectorFromArray([2n ** 64n - 1n, 0n, 2n ** 53n + 1n, 1n], new Uint64()),
      bytes: vectorFromArray([raw, new Uint8Array(), Uint8Array.of(0), Uint8Array.of(0xff, 0x0a)], new Binary()),
      flag: vectorFromArray([1, null, 0, 255], new Uint8()),
    };
    const structure = 'key Nullable(String), big UInt64, bytes String, flag Nullable(UInt8)';
    const rows = new Table(columns);

    it('stores dictionaries, 64-bit integers, bytes and NULLs as they are', async () => {
      const name = await table('batch String, key Nullable(String), big UInt64, bytes String, flag Nullable(UInt8)');
      await warehouse.insertArrow({
        sql: `INSERT INTO ${name} SELECT {batch:String}, key, big, bytes, flag FROM {{input}} SETTINGS deduplicate_insert = 'disable'`,
        structure,
        ipc: tableToIPC(rows, 'stream'),
        params: { batch: "b'1" },
      });
      expect(
        await warehouse.query(`SELECT batch, key, big, hex(bytes) AS h, flag FROM ${name} ORDER BY big DESC`),
      ).toEqual([
        { batch: "b'1", key: 'b', big: MAX_UINT64, h: Buffer.from(raw).toString('hex').toUpperCase(), flag: 1 },
        { batch: "b'1", key: null, big: '9007199254740993', h: '00', flag: 0 },
        { batch: "b'1", key: 'b', big: '1', h: 'FF0A', flag: 255 },
        { batch: "b'1", key: 'a', big: '0', h: '', flag: null },
      ]);
    });

    it('reads every record batch of a stream, and a stream without rows', async () => {
      const name = await table('big UInt64');
      const writer = new RecordBatchStreamWriter();
      for (const batch of [...rows.batches, ...rows.batches]) writer.write(batch);
      writer.finish();
      const sql = `INSERT INTO ${name} SELECT big FROM {{input}}`;
      await warehouse.insertArrow({ sql, structure, ipc: await writer.toUint8Array() });
      await warehouse.insertArrow({ sql, structure, ipc: tableToIPC(rows.slice(0, 0), 'stream') });
      expect(await warehouse.query(`SELECT count() AS n, sum(big) AS s FROM ${name}`)).toMatchObject([{ n: '8' }]);
    });

    it('says when the stream is broken, and stores nothing', async () => {
      const name = await table('big UInt64');
      const sql = `INSERT INTO ${name} SELECT big FROM {{input}}`;
      const ipc = tableToIPC(rows, 'stream');
      for (const broken of [ipc.subarray(0, ipc.length / 2), Uint8Array.of(1, 2, 3)])
        expect((await failure(() => warehouse.insertArrow({ sql, structure, ipc: broken }))).code).toMatch(/^\d+$/);
      expect(await warehouse.query(`SELECT count() AS n FROM ${name}`)).toEqual([{ n: '0' }]);
    });
  });

  describe('writeFile', () => {
    const sql =
      "SELECT number AS n, if(n % 2 = 0, NULL, repeat('é', n)) AS s, unhex('00FF0A') AS b FROM numbers(1000) ORDER BY n";

    it('writes Arrow that reads back exactly', async () => {
      const path = join(files.path, `${name.replace(' ', '-')}.arrow`);
      await warehouse.writeFile(
        `${sql} SETTINGS output_format_arrow_compression_method = 'none', output_format_arrow_string_as_string = 0`,
        path,
        'ArrowStream',
      );
      const back = tableFromIPC(readFileSync(path));
      expect(back.numRows).toBe(1000);
      const at = (row: number) => back.get(row)!.toJSON() as { n: bigint; s: Uint8Array | null; b: Uint8Array };
      expect([at(999).n, Buffer.from(at(999).s!).toString(), at(998).s]).toEqual([999n, 'é'.repeat(999), null]);
      expect([...at(5).b]).toEqual([0, 255, 10]);
    });

    it('writes Parquet that the engine reads back, with parameters', async () => {
      const path = join(files.path, `${name.replace(' ', '-')}.parquet`);
      await warehouse.writeFile('SELECT number AS n FROM numbers({rows:UInt32})', path, 'Parquet', { rows: 5000 });
      const bytes = readFileSync(path);
      expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
      if (name === 'embedded')
        expect(await warehouse.query(`SELECT sum(n) AS s FROM file('${path}', Parquet)`)).toEqual([{ s: '12497500' }]);
    });

    it('never overwrites a file', async () => {
      const path = join(files.path, `${name.replace(' ', '-')}.once`);
      await warehouse.writeFile('SELECT 1', path, 'TSV');
      await failure(() => warehouse.writeFile('SELECT 2', path, 'TSV'));
      expect(readFileSync(path, 'utf8')).toBe('1\n');
    });

    it('leaves no file where the query fails: a part of a result can look whole', async () => {
      const path = join(files.path, `${name.replace(' ', '-')}.failed`);
      await failure(() => warehouse.writeFile('SELECT throwIf(number = 90000) FROM numbers(100000)', path, 'Parquet'));
      expect(readdirSync(files.path).filter((entry) => entry.includes('.failed'))).toEqual([]);
    });
  });

  describe('sessions', () => {
    it('run side by side: a long query does not hold up a short one', async () => {
      const other = await warehouse.session();
      const order: string[] = [];
      const long = warehouse.query('SELECT sleep(2)').then(() => order.push('long'));
      await sleep(50);
      for (let i = 0; i < 3; i++) await other.query('SELECT 1').then(() => order.push('short'));
      await long;
      await other.close();
      expect(order).toEqual(['short', 'short', 'short', 'long']);
    });

    it('take parameters side by side without mixing them', async () => {
      const sessions = await Promise.all(Array.from({ length: 4 }, () => warehouse.session()));
      const wrong: unknown[] = [];
      await Promise.all(
        sessions.map(async (session, s) => {
          for (let i = 0; i < 50; i++) {
            const [row] = await session.query<{ x: string }>('SELECT {x:String} AS x', { x: `${s}/${i}` });
            if (row?.x !== `${s}/${i}`) wrong.push(row);
          }
        }),
      );
      for (const session of sessions) await session.close();
      expect(wrong).toEqual([]);
    });

    it('are closed one by one', async () => {
      await (await warehouse.session()).close();
      expect(await warehouse.query('SELECT 1 AS x')).toEqual([{ x: 1 }]);
    });
  });

  describe('a read-only session', () => {
    it('reads, and changes nothing', async () => {
      const name = await table('a UInt8');
      await warehouse.insert(name, [{ a: 1 }]);
      const reader = await warehouse.session({ readOnly: true });
      expect(await reader.query(`SELECT a + {x:UInt8} AS a FROM ${name}`, { x: 1 })).toEqual([{ a: 2 }]);
      expect(await reader.text(`SELECT a FROM ${name}`, 'CSV')).toBe('1\n');
      const attempts = [
        () => reader.insert(name, [{ a: 2 }]),
        () => reader.command(`INSERT INTO ${name} VALUES (2)`),
        () => reader.command(`ALTER TABLE ${name} DELETE WHERE 1`),
        () => reader.command(`DROP TABLE ${name}`),
        () => reader.command(`CREATE TABLE ${name}_2 (a UInt8) ENGINE = Memory`),
        () => reader.command('SET readonly = 0'),
      ];
      for (const attempt of attempts) expect(await failure(attempt)).toMatchObject({ code: '164', type: 'READONLY' });
      await reader.close();
      expect(await warehouse.query(`SELECT count() AS n FROM ${name}`)).toEqual([{ n: '1' }]);
    });
  });

  describe('errors', () => {
    it.each([
      ['SELECT 1 FROM nowhere', '60', 'UNKNOWN_TABLE'],
      ['SELECT nope', '47', 'UNKNOWN_IDENTIFIER'],
      ['SELECT (', '62', 'SYNTAX_ERROR'],
      ['SELECT throwIf(1)', '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
      ['SELECT 1 SETTINGS no_such_setting = 1', '115', 'UNKNOWN_SETTING'],
    ])('%s → %s', async (sql, code, type) => {
      expect(await failure(() => warehouse.query(sql))).toMatchObject({ code, type });
      expect(await warehouse.query('SELECT 1 AS x')).toEqual([{ x: 1 }]);
    });

    it('come as errors, not as half a result', async () => {
      const late = 'SELECT throwIf(number = 900000) AS x FROM numbers(1000000)';
      expect(await failure(() => warehouse.query(late))).toMatchObject({ code: '395' });
      expect(await failure(() => warehouse.text(late, 'TSV'))).toMatchObject({ code: '395' });
    });

    it('leave none of their rows to the next query, or to one that waits', async () => {
      const late = 'SELECT throwIf(number = 900000) AS x FROM numbers(1000000)';
      for (const fails of [() => warehouse.query(late), () => warehouse.text(late, 'TSV')]) {
        expect(await failure(fails)).toMatchObject({ code: '395' });
        expect(await warehouse.query('SELECT 1 AS next')).toEqual([{ next: 1 }]);
        const [, rows, text] = await Promise.all([
          failure(fails),
          warehouse.query('SELECT 2 AS waiting'),
          warehouse.text('SELECT {a:UInt8}', 'TSV', { a: 3 }),
          warehouse.command('SELECT 4'),
        ]);
        expect([rows, text]).toEqual([[{ waiting: 2 }], '3\n']);
      }
    });
  });

  it('is migrated once, by the same files', async () => {
    expect((await migrate(warehouse)).upToDate).toBe(false);
    expect((await migrate(warehouse)).upToDate).toBe(true);
    expect(await pendingMigrations(warehouse)).toEqual([]);
    const bare = await warehouse.query(
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND comment = '' AND engine != 'View' AND NOT match(name, '^t[0-9]+')",
    );
    expect(bare).toEqual([]);
  });
});
