// Columns → an Arrow IPC stream, and the hash with which a stored batch is checked.

import * as arrow from 'apache-arrow';
import { ByteDictionary } from '../scan/intern.ts';
import { type Texts, TextsWriter } from '../scan/texts.ts';
import { type LandingTable } from '../schema.ts';

/** As narrow as the number of values allows, because most columns have few values, and a batch has a million rows. */
export type DictionaryCodes = Int8Array | Int16Array | Int32Array;

/** Bytes of a code below `values`. */
export const codeBytes = (values: number): 1 | 2 | 4 => (values <= 0x80 ? 1 : values <= 0x8000 ? 2 : 4);

/** A column's values: numbers as typed arrays, text as codes into texts, raw bytes as they are. */
export type ColumnValues =
  | { readonly kind: 'dictionary'; readonly codes: DictionaryCodes; readonly texts: Texts }
  | { readonly kind: 'uint32'; readonly values: Uint32Array }
  | { readonly kind: 'uint64'; readonly values: BigUint64Array }
  | { readonly kind: 'tri'; readonly values: Int8Array }
  | { readonly kind: 'binary'; readonly texts: Texts };

export interface TableData {
  readonly table: LandingTable;
  readonly rows: number;
  /** Σ over rows of a 32-bit hash of all columns; sql/queries computes the same from what is stored. */
  readonly hash: bigint;
  /** Arrow IPC stream, one record batch. */
  readonly ipc: Uint8Array;
}

/** @param columns in the order of table.columns, all of `rows` values */
export function encodeTable(table: LandingTable, rows: number, columns: readonly ColumnValues[]): TableData {
  const vectors = Object.fromEntries(table.columns.map((column, i) => [column.name, vectorOf(columns[i], rows, i)]));
  return {
    table,
    rows,
    hash: tableHash(
      rows,
      columns,
      table.columns.map(({ added }) => added === true),
    ),
    ipc: arrow.tableToIPC(new arrow.Table(vectors), 'stream'),
  };
}

/**
 * Tables of one kind, none empty, as one Arrow IPC stream: their rows one after another, and before all other columns `batch`,
 * the number of the table that a row is of.
 */
export function joinTables(tables: readonly Pick<TableData, 'table' | 'rows' | 'ipc'>[]): Uint8Array {
  const { columns } = tables[0].table;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const batch = new Uint32Array(rows);
  let at = 0;
  tables.forEach((table, number) => batch.fill(number, at, (at += table.rows)));
  const parts = tables.map(({ ipc }) => arrow.tableFromIPC(ipc));
  const vectors = columns.map(({ name, arrow: kind }, i) => [
    name,
    vectorOf(
      joinColumns(
        kind,
        parts.map((part) => part.getChildAt(i)!.data[0]),
      ),
      rows,
      i,
    ),
  ]);
  return arrow.tableToIPC(
    new arrow.Table(Object.fromEntries([['batch', arrow.makeVector(batch)], ...vectors])),
    'stream',
  );
}

function joinColumns(kind: ColumnValues['kind'], parts: readonly arrow.Data[]): ColumnValues {
  switch (kind) {
    case 'binary':
      return { kind, texts: joinTexts(parts.map(textsIn)) };
    case 'dictionary': {
      // The engine refuses a dictionary with a value twice.
      const values = new ByteDictionary();
      const codesOf = parts.map((part) => {
        const { bytes, ends } = textsIn(part.dictionary!.data[0]);
        return Int32Array.from({ length: ends.length - 1 }, (_, i) => values.intern(bytes, ends[i], ends[i + 1]));
      });
      const rows = parts.reduce((sum, part) => sum + part.length, 0);
      const codes = new { 1: Int8Array, 2: Int16Array, 4: Int32Array }[codeBytes(values.size)](rows);
      let row = 0;
      parts.forEach((part, i) => {
        for (const code of valuesIn(part)) codes[row++] = codesOf[i][code]!;
      });
      return { kind, codes, texts: values.texts(Int32Array.from({ length: values.size }, (_, code) => code)) };
    }
    default:
      return { kind, values: joinArrays(parts.map(valuesIn)) } as ColumnValues;
  }
}

/** Cuts off the padding of Arrow's buffers. */
const valuesIn = ({ values, length }: arrow.Data): Uint32Array => (values as Uint32Array).subarray(0, length);

const textsIn = (data: arrow.Data): Texts => ({
  bytes: data.values as Uint8Array,
  ends: data.valueOffsets.subarray(0, data.length + 1),
});

function joinTexts(parts: readonly Texts[]): Texts {
  const texts = new TextsWriter();
  for (const { bytes, ends } of parts)
    for (let i = 1; i < ends.length; i++) texts.addBytes(bytes, ends[i - 1], ends[i]);
  return texts.done();
}

/** The arrays have one type. */
function joinArrays(arrays: readonly Uint32Array[]): Uint32Array {
  const Type = arrays[0].constructor as typeof Uint32Array;
  const joined = new Type(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}

function vectorOf(column: ColumnValues, rows: number, dictionaryId: number): arrow.Vector {
  switch (column.kind) {
    case 'dictionary':
      return arrow.makeVector(
        arrow.makeData({
          type: new arrow.Dictionary(new arrow.Utf8(), indexType(column.codes), dictionaryId),
          length: rows,
          nullCount: 0,
          data: column.codes,
          dictionary: textVector(new arrow.Utf8(), column.texts),
        }),
      );
    case 'binary':
      return textVector(new arrow.Binary(), column.texts);
    default:
      return arrow.makeVector(column.values as Uint32Array);
  }
}

function textVector<T extends arrow.Utf8 | arrow.Binary>(type: T, { bytes, ends }: Texts): arrow.Vector<T> {
  return arrow.makeVector(
    arrow.makeData({ type, length: ends.length - 1, nullCount: 0, valueOffsets: ends, data: bytes } as never),
  ) as never;
}

const indexType = (codes: DictionaryCodes) =>
  codes instanceof Int8Array ? new arrow.Int8() : codes instanceof Int16Array ? new arrow.Int16() : new arrow.Int32();

/** SQL can use this multiplier too: UInt32 × UInt32 fits UInt64, and toUInt32 keeps the low half. */
const HASH_MULTIPLIER = 0x9e3779b1;

/** Rows hashed at a time, so that their hashes stay in the cache while one column after another is added. */
const HASH_BLOCK = 4096;

/** @param added by column: a zero, or a text of the CRC-32 zero, such as the empty one, leaves the hash as it is */
function tableHash(rows: number, columns: readonly ColumnValues[], added: readonly boolean[]): bigint {
  const crcs = columns.map((column) =>
    column.kind === 'dictionary' || column.kind === 'binary' ? crcsOf(column.texts) : undefined,
  );
  const hashes = new Int32Array(HASH_BLOCK);
  let sum = 0n;
  for (let from = 0; from < rows; from += HASH_BLOCK) {
    const count = Math.min(HASH_BLOCK, rows - from);
    hashes.fill(0);
    columns.forEach((column, c) => {
      if (added[c] && column.kind === 'uint64') foldAdded(hashes, wordsOf(column, from, count), count);
      else if (added[c] && column.kind === 'dictionary') foldAddedCodes(hashes, column.codes, crcs[c]!, from, count);
      else foldColumn(hashes, column, crcs[c], from, count);
    });
    let part = 0;
    for (let i = 0; i < count; i++) part += hashes[i] >>> 0;
    sum += BigInt(part);
  }
  return sum;
}

function foldColumn(
  hashes: Int32Array,
  column: ColumnValues,
  crcs: Int32Array | undefined,
  from: number,
  count: number,
): void {
  switch (column.kind) {
    case 'dictionary': {
      const { codes } = column;
      if (codes instanceof Int8Array) foldCodes8(hashes, codes, crcs!, from, count);
      else if (codes instanceof Int16Array) foldCodes16(hashes, codes, crcs!, from, count);
      else foldCodes32(hashes, codes, crcs!, from, count);
      break;
    }
    case 'binary':
      for (let i = 0; i < count; i++) hashes[i] = Math.imul(hashes[i] ^ crcs![from + i], HASH_MULTIPLIER);
      break;
    case 'uint64':
      foldPairs(hashes, wordsOf(column, from, count), count);
      break;
    case 'tri':
      foldBytes(hashes, column.values, from, count);
      break;
    case 'uint32':
      foldWords(hashes, column.values, from, count);
      break;
  }
}

// One function for each type of array, because V8 compiles a loop over one type to a few instructions, over several to a search.
function foldCodes8(hashes: Int32Array, codes: Int8Array, crcs: Int32Array, from: number, count: number): void {
  for (let i = 0; i < count; i++) hashes[i] = Math.imul(hashes[i] ^ crcs[codes[from + i]], HASH_MULTIPLIER);
}
function foldCodes16(hashes: Int32Array, codes: Int16Array, crcs: Int32Array, from: number, count: number): void {
  for (let i = 0; i < count; i++) hashes[i] = Math.imul(hashes[i] ^ crcs[codes[from + i]], HASH_MULTIPLIER);
}
function foldCodes32(hashes: Int32Array, codes: Int32Array, crcs: Int32Array, from: number, count: number): void {
  for (let i = 0; i < count; i++) hashes[i] = Math.imul(hashes[i] ^ crcs[codes[from + i]], HASH_MULTIPLIER);
}
function foldBytes(hashes: Int32Array, values: Int8Array, from: number, count: number): void {
  for (let i = 0; i < count; i++) hashes[i] = Math.imul(hashes[i] ^ values[from + i], HASH_MULTIPLIER);
}
function foldWords(hashes: Int32Array, values: Uint32Array, from: number, count: number): void {
  for (let i = 0; i < count; i++) hashes[i] = Math.imul(hashes[i] ^ values[from + i], HASH_MULTIPLIER);
}
function foldPairs(hashes: Int32Array, words: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const low = Math.imul(hashes[i] ^ words[2 * i], HASH_MULTIPLIER);
    hashes[i] = Math.imul(low ^ words[2 * i + 1], HASH_MULTIPLIER);
  }
}

/** As foldPairs, but a value of zero leaves the hash as it is. */
function foldAdded(hashes: Int32Array, words: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    if ((words[2 * i] | words[2 * i + 1]) === 0) continue;
    const low = Math.imul(hashes[i] ^ words[2 * i], HASH_MULTIPLIER);
    hashes[i] = Math.imul(low ^ words[2 * i + 1], HASH_MULTIPLIER);
  }
}

/** As foldCodes, but a CRC-32 of zero leaves the hash as it is. */
function foldAddedCodes(
  hashes: Int32Array,
  codes: DictionaryCodes,
  crcs: Int32Array,
  from: number,
  count: number,
): void {
  if (crcs.includes(0)) foldSomeCodes(hashes, codes, crcs, from, count);
  else if (codes instanceof Int8Array) foldCodes8(hashes, codes, crcs, from, count);
  else if (codes instanceof Int16Array) foldCodes16(hashes, codes, crcs, from, count);
  else foldCodes32(hashes, codes, crcs, from, count);
}
function foldSomeCodes(
  hashes: Int32Array,
  codes: DictionaryCodes,
  crcs: Int32Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const crc = crcs[codes[from + i]];
    if (crc !== 0) hashes[i] = Math.imul(hashes[i] ^ crc, HASH_MULTIPLIER);
  }
}

const wordsOf = ({ values }: { readonly values: BigUint64Array }, from: number, count: number): Int32Array =>
  new Int32Array(values.buffer, values.byteOffset + from * 8, count * 2);

/** CRC-32 of each text. */
export function crcsOf({ bytes, ends }: Texts): Int32Array {
  const crcs = new Int32Array(ends.length - 1);
  for (let i = 0; i < crcs.length; i++) crcs[i] = crc32(bytes, ends[i], ends[i + 1]);
  return crcs;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 of bytes [start, end) as zlib and ClickHouse's CRC32 compute it (ITU-T V.42), as a signed 32-bit integer. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let c = -1;
  for (let i = start; i < end; i++) c = CRC_TABLE[(c ^ bytes[i]) & 0xff] ^ (c >>> 8);
  return ~c;
}
