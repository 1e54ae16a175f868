// Joined tables hold what the tables held, whatever widths their dictionaries have.

import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textsOf } from '../scan/texts.ts';
import { quarantine, rateBatch } from '../schema.ts';
import { encodeTable, joinTables, type TableData } from './arrow-table.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const uint64 = fc.bigInt(0n, (1n << 64n) - 1n);
const uint32 = fc.nat(0xffffffff);
type Row = readonly [slot: number, evidence: bigint, network: string, requests: bigint, bytes: bigint];

function rates(rows: readonly Row[]): TableData {
  const networks = [...new Set(rows.map(([, , network]) => network))];
  const codes = rows.map(([, , network]) => networks.indexOf(network));
  const values = (pick: (row: Row) => bigint) => BigUint64Array.from(rows, pick);
  return encodeTable(rateBatch, rows.length, [
    { kind: 'uint32', values: Uint32Array.from(rows.keys()) },
    { kind: 'uint32', values: Uint32Array.from(rows, ([slot]) => slot) },
    { kind: 'uint64', values: values(([, evidence]) => evidence) },
    {
      kind: 'dictionary',
      codes: networks.length <= 0x80 ? Int8Array.from(codes) : Int16Array.from(codes),
      texts: textsOf(networks),
    },
    { kind: 'uint64', values: values(([, , , requests]) => requests) },
    { kind: 'uint64', values: values(([, , , , bytes]) => bytes) },
  ]);
}

/** Rows as arrays of texts, in the order of the columns. */
const rowsOf = (ipc: Uint8Array): string[][] =>
  [...arrow.tableFromIPC(ipc)].map((row) => Object.values(row!.toJSON()).map(String));
const numbered = (tables: readonly TableData[]): string[][] =>
  tables.flatMap(({ ipc }, batch) => rowsOf(ipc).map((row) => [String(batch), ...row]));

describe('joined tables', () => {
  it('hold the rows of each, one after another, with its number', () => {
    const table = fc.array(fc.tuple(uint32, uint64, text, uint64, uint64), { minLength: 1, maxLength: 20 }).map(rates);
    fc.assert(
      fc.property(fc.array(table, { minLength: 2, maxLength: 5 }), (tables) => {
        const joined = joinTables(tables);
        expect(rowsOf(joined)).toEqual(numbered(tables));
        const values = [...arrow.tableFromIPC(joined).getChild('network')!.data[0].dictionary!] as string[];
        expect(new Set(values).size).toBe(values.length);
        expect(arrow.tableFromIPC(joined).schema.fields.map(({ name }) => name)).toEqual([
          'batch',
          ...rateBatch.columns.map(({ name }) => name),
        ]);
      }),
    );
  });

  it('hold dictionaries that are too wide for the codes of each', () => {
    const many = (from: number, count: number) =>
      rates(Array.from({ length: count }, (_, i): Row => [i, 1n, `10.${from}.${i}.0/24`, 1n, 2n]));
    const networks = (ipc: Uint8Array) => [...arrow.tableFromIPC(ipc).getChild('network')!] as string[];
    for (const counts of [
      [100, 100],
      [17_000, 17_000],
    ]) {
      const tables = counts.map((count, i) => many(i, count));
      expect(networks(joinTables(tables))).toEqual(tables.flatMap(({ ipc }) => networks(ipc)));
    }
  });

  it('hold raw bytes', () => {
    const lines = (texts: readonly string[]) =>
      encodeTable(quarantine, texts.length, [
        { kind: 'uint32', values: Uint32Array.from(texts.keys()) },
        { kind: 'uint64', values: BigUint64Array.from(texts, () => 7n) },
        { kind: 'dictionary', codes: Int8Array.from(texts, () => 0), texts: textsOf(['malformed']) },
        { kind: 'uint32', values: Uint32Array.from(texts, (one) => one.length) },
        { kind: 'binary', texts: textsOf(texts) },
      ]);
    const tables = [lines(['a', '', 'é\u0000']), lines(['b'])];
    expect(rowsOf(joinTables(tables))).toEqual(numbered(tables));
  });
});
