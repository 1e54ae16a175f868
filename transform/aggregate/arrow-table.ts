// Columns → an Arrow IPC stream, and the hash by which a batch is read back.

import * as arrow from 'apache-arrow';
import { type LandingTable } from '../schema.ts';

/** A column's values: numbers as typed arrays, text as codes into values, raw bytes as slices. */
export type ColumnValues =
  | { readonly kind: 'dictionary'; readonly codes: Int32Array; readonly values: readonly string[] }
  | { readonly kind: 'uint32'; readonly values: Uint32Array }
  | { readonly kind: 'uint64'; readonly values: BigUint64Array }
  | { readonly kind: 'tri'; readonly values: Int8Array }
  | { readonly kind: 'binary'; readonly values: readonly Uint8Array[] };

export interface TableData {
  readonly table: LandingTable;
  readonly rows: number;
  /** Σ over rows of a 32-bit hash of all columns; sql/queries computes the same from what is stored. */
  readonly hash: bigint;
  /** Arrow IPC stream, one record batch. */
  readonly ipc: Uint8Array;
}

const encoder = new TextEncoder();

/** @param columns in the order of table.columns, all of `rows` values */
export function encodeTable(table: LandingTable, rows: number, columns: readonly ColumnValues[]): TableData {
  const vectors = Object.fromEntries(table.columns.map((column, i) => [column.name, vectorOf(columns[i]!, rows, i)]));
  return {
    table,
    rows,
    hash: tableHash(rows, columns),
    ipc: arrow.tableToIPC(new arrow.Table(vectors), 'stream'),
  };
}

function vectorOf(column: ColumnValues, rows: number, dictionaryId: number): arrow.Vector {
  switch (column.kind) {
    case 'dictionary':
      return arrow.makeVector(
        arrow.makeData({
          type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), dictionaryId),
          length: rows,
          nullCount: 0,
          data: column.codes,
          dictionary: variableVector(
            new arrow.Utf8(),
            column.values.map((value) => encoder.encode(value)),
          ),
        }),
      );
    case 'binary':
      return variableVector(new arrow.Binary(), column.values);
    default:
      return arrow.makeVector(column.values as Uint32Array);
  }
}

function variableVector<T extends arrow.Utf8 | arrow.Binary>(type: T, values: readonly Uint8Array[]): arrow.Vector<T> {
  const valueOffsets = new Int32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) valueOffsets[i + 1] = valueOffsets[i]! + values[i]!.length;
  const data = new Uint8Array(valueOffsets[values.length]!);
  for (let i = 0; i < values.length; i++) data.set(values[i]!, valueOffsets[i]);
  return arrow.makeVector(
    arrow.makeData({ type, length: values.length, nullCount: 0, valueOffsets, data } as never),
  ) as never;
}

/** A multiplier that SQL can use too: UInt32 × UInt32 fits UInt64, and toUInt32 keeps the low half. */
export const HASH_MULTIPLIER = 0x9e3779b1;

function tableHash(rows: number, columns: readonly ColumnValues[]): bigint {
  const hashes = new Uint32Array(rows);
  const fold = (row: number, value: number) => (hashes[row] = Math.imul(hashes[row]! ^ value, HASH_MULTIPLIER));
  for (const column of columns) {
    switch (column.kind) {
      case 'dictionary': {
        const crcs = Int32Array.from(column.values, (value) => crc32(encoder.encode(value)));
        for (let row = 0; row < rows; row++) fold(row, crcs[column.codes[row]!]!);
        break;
      }
      case 'binary':
        for (let row = 0; row < rows; row++) fold(row, crc32(column.values[row]!));
        break;
      case 'uint64': {
        const words = new Uint32Array(column.values.buffer, column.values.byteOffset, rows * 2);
        for (let row = 0; row < rows; row++) {
          fold(row, words[row * 2]!);
          fold(row, words[row * 2 + 1]!);
        }
        break;
      }
      default:
        for (let row = 0; row < rows; row++) fold(row, column.values[row]!);
    }
  }
  let sum = 0n;
  let part = 0;
  for (let row = 0; row < rows; row++) {
    part += hashes[row]!;
    if ((row & 0xfffff) === 0xfffff) {
      sum += BigInt(part);
      part = 0;
    }
  }
  return sum + BigInt(part);
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as zlib and ClickHouse's CRC32 compute it (ITU-T V.42), as a signed 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  let c = -1;
  for (let i = 0; i < bytes.length; i++) c = CRC_TABLE[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return ~c;
}
