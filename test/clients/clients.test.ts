// The door with ClickHouse's own drivers, each with its default settings: a driver for Python, SQLAlchemy on it, JDBC, and Go. They
// list databases, tables and columns the way that Superset (SQLAlchemy's inspector) and DBeaver (JDBC's metadata) do.
// docs/ANALYSTS.md has the table of clients.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analystObjects } from '../../sql/analysts.ts';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { goClient, jdbcLibraries, pythonClients, versions } from '../provide/door-clients.ts';
import { run } from '../provide/tools.ts';
import { startReader } from '../support/doors.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const PASSWORD = 'pässword: with colon';
const TYPES = `${here}types.sql`;
const directory = temporaryDirectory();
let door: ReaderProcess;

beforeAll(async () => {
  copyMigratedWarehouse(`${directory.path}/warehouse`);
  door = await startReader(`${directory.path}/warehouse`, { password: PASSWORD });
});
afterAll(async () => {
  await door?.close();
  directory.remove();
});

const answerOf = async <T>(program: string, words: readonly string[]): Promise<T> =>
  JSON.parse((await run(program, words, { maxBuffer: 64 << 20, timeout: 200_000 })).stdout) as T;

const tables = [...analystObjects].sort();
const columns = ['source', 'batches', 'lines', 'duplicates', 'last_record_at', 'complete_until', 'last_day', 'loaded_at', 'last_sealed_day']; // prettier-ignore
const SUM = (300_000 * 299_999) / 2;
const UINT256 = String(2n ** 256n - 1n);
const unknown = /47.*Unknown expression identifier `nope`.*UNKNOWN_IDENTIFIER/s;
const readOnly = /164.*this door is read-only.*READONLY/s;
const noEntry = /516.*Authentication failed: password is incorrect/s;

interface Found {
  readonly version: string;
  readonly databases: readonly string[];
  readonly tables: readonly string[];
  readonly parameters: readonly unknown[];
  readonly types: readonly unknown[];
  readonly rows: readonly unknown[];
  readonly none: number;
  readonly error: string;
  readonly refused: string;
  readonly wrongPassword: string;
}

describe('in Python', () => {
  interface Answer {
    readonly connect: Found & { readonly columns: readonly (readonly [string, string])[] };
    readonly sqlalchemy: Omit<Found, 'rows'> & { readonly columns: readonly string[]; readonly rows: number };
  }
  /** As JSON: Python reads an integer of any length, and JSON.parse rounds it. */
  const types = [
    -(2 ** 63), 2 ** 64, Number(UINT256), null, 7, '2026-11-22', '2026-11-22 10:11:12', '2026-11-22 10:11:12.345000', 'npm', 'x',
    [1, 2], ['a', 'b'], '1.25', true, 'b', "{'number': 1, 'name': 'ü'}",
  ]; // prettier-ignore
  let answer: Answer;
  beforeAll(async () => {
    const { hostname, port } = new URL(door.url);
    answer = await answerOf(await pythonClients(), [`${here}client.py`, hostname, port, PASSWORD, TYPES]);
  });

  it('clickhouse-connect', () => {
    const { connect } = answer;
    expect(`clickhouse-connect==${connect.version}`).toBe(versions.python[0]);
    expect([connect.databases, connect.tables, connect.columns.map(([name]) => name)]).toEqual([['analyst'], tables, columns]); // prettier-ignore
    expect(connect.columns[0]).toEqual(['source', 'LowCardinality(String)']);
    expect(connect.parameters).toEqual(['2026-11-02', ["a'b", 'ü'], 2 ** 64]);
    expect(connect.types).toEqual(types);
    expect([connect.rows, connect.none]).toEqual([[300_000, '299999', SUM], 0]);
    expect(connect.error).toMatch(unknown);
    expect(connect.refused).toMatch(readOnly);
    expect(connect.wrongPassword).toMatch(noEntry);
  });

  it('SQLAlchemy, as Superset inspects a database', () => {
    const { sqlalchemy } = answer;
    expect(`sqlalchemy==${sqlalchemy.version}`).toBe(versions.python[1]);
    expect([sqlalchemy.databases, sqlalchemy.tables, sqlalchemy.columns]).toEqual([['analyst'], tables, columns]);
    expect([sqlalchemy.parameters, sqlalchemy.rows]).toEqual([["it's", 3], 300_000]);
    expect(sqlalchemy.types).toEqual(types);
    expect(sqlalchemy.error).toMatch(unknown);
  });
});

describe('in Java', () => {
  it('JDBC, with the metadata that DBeaver reads, and compressed blocks', async () => {
    const words = ['-cp', `${await jdbcLibraries()}/*`, `${here}DoorClient.java`];
    const found = await answerOf<Found & { readonly columns: readonly string[]; readonly product: string }>('java', [...words, `jdbc:clickhouse://${new URL(door.url).host}`, PASSWORD, TYPES]); // prettier-ignore
    expect([found.version, found.product]).toEqual([versions.jdbc, 'ClickHouse']);
    expect([found.databases, found.tables, found.columns]).toEqual([['analyst'], tables, columns]);
    expect(found.parameters).toEqual(['2026-11-02', "a'b ü", '9223372036854775807']);
    // The driver gives a tuple no text.
    expect(found.types.slice(0, -1)).toEqual([
      '-9223372036854775808', '18446744073709551615', UINT256, null, '7', '2026-11-22', '2026-11-22 10:11:12', '2026-11-22 10:11:12.345',
      'npm', 'x', '[1, 2]', "['a', 'b']", '1.25', 'true', 'b',
    ]); // prettier-ignore
    expect([found.rows, found.none]).toEqual([[300_000, SUM], 0]);
    expect(found.error).toMatch(unknown);
    expect(found.refused).toMatch(readOnly);
    expect(found.wrongPassword).toMatch(noEntry);
  });
});

describe('in Go', () => {
  it('clickhouse-go over HTTP: Native blocks of its revision, as they are and in compressed blocks', async () => {
    type Answer = Readonly<Record<'plain' | 'lz4', Found & { columns: string[]; bound: string[]; server: string }>> & { readonly wrongPassword: string }; // prettier-ignore
    const answer = await answerOf<Answer>(await goClient(), [new URL(door.url).host, PASSWORD, TYPES]);
    expect(readFileSync(`${here}go/go.mod`, 'utf8')).toContain(`clickhouse-go/v2 ${versions.go}`);
    for (const found of [answer.plain, answer.lz4]) {
      expect(found.server).toBe('fairshare');
      expect([found.databases, found.tables, found.columns]).toEqual([['analyst'], tables, columns]);
      expect([found.parameters, found.bound]).toEqual([
        ['2026-11-02T00:00:00Z', "a'b ü"],
        ["it's", '3'],
      ]);
      expect(found.types).toEqual([
        '-9223372036854775808', '18446744073709551615', UINT256, '<nil>', '7', '2026-11-22T00:00:00Z', '2026-11-22T10:11:12Z',
        '2026-11-22T10:11:12Z', 'npm', 'x', '[1 2]', '[a b]', '1.25', 'true', 'b', 'map[name:ü number:1]',
      ]); // prettier-ignore
      expect([found.rows, found.none]).toEqual([[300_000, SUM], 0]);
      expect(found.error).toMatch(unknown);
      expect(found.refused).toMatch(readOnly);
    }
    expect(answer.wrongPassword).toMatch(noEntry);
  });
});
