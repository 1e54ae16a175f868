// The format Native for clients that speak a revision of ClickHouse's protocol (client_protocol_version), as clickhouse-go and
// clickhouse-connect do. The embedded engine writes Native of revision 0. A later revision has the same columns, with more around
// them: facts of the block before it, and after the type of each column a byte that says whether its serialization is a special one.
// So this reads each column only to find where it ends. Computes only.

import { refused } from './errors.ts';

const REVISION_WITH_SERIALIZATION = 54_454;
/** Overflowing rows: no. Bucket of an aggregation: none. No more facts. */
const BLOCK_FACTS = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
const USUAL_SERIALIZATION = Buffer.from([0]);

/** Bytes of a value, by the name of the type without its parameters. */
const WIDTHS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, 'UInt8 Int8 Bool Enum8 Nothing'],
      [2, 'UInt16 Int16 Date Enum16 BFloat16'],
      [4, 'UInt32 Int32 Float32 Date32 DateTime Decimal32 IPv4 Time'],
      [8, 'UInt64 Int64 Float64 DateTime64 Decimal64 Time64'],
      [16, 'UInt128 Int128 UUID IPv6 Decimal128'],
      [32, 'UInt256 Int256 Decimal256'],
    ] as const
  ).flatMap(([width, names]) => names.split(' ').map((name) => [name, width] as const)),
);
/** The index of a dictionary: bytes of a position. */
const INDEX_WIDTHS = [1, 2, 4, 8];
const HAS_KEYS = 0x200n;

/** Finds the ends of columns in one block. */
class Walk {
  at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  count(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.skip(1)];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  text(): string {
    const length = this.count();
    const start = this.skip(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  column(type: string, rows: number): void {
    if (rows === 0) return;
    this.skip(8 * dictionaries(type));
    this.values(type, rows);
  }

  /** → the position before */
  private skip(length: number): number {
    const before = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new Error('a block of the format Native ends too early');
    return before;
  }

  private word(): bigint {
    return this.bytes.readBigUInt64LE(this.skip(8));
  }

  private values(type: string, rows: number): void {
    const { name, parts } = typeOf(type);
    const width = widthOf(name, parts);
    if (width !== undefined) this.skip(width * rows);
    else if (name === 'String') for (let row = 0; row < rows; row++) this.skip(this.count());
    else if (name === 'Nullable') {
      this.skip(rows);
      this.values(parts[0], rows);
    } else if (name === 'Array') this.values(parts[0], this.lastOffset(rows));
    else if (name === 'Map') {
      const all = this.lastOffset(rows);
      for (const part of parts) this.values(part, all);
    } else if (name === 'Tuple') for (const part of parts) this.values(part, rows);
    else if (name === 'SimpleAggregateFunction') this.values(parts[1], rows);
    else if (name === 'LowCardinality') this.dictionary(parts[0], rows);
    else
      throw refused.notOffered(
        `The door has no ${type} in the format Native of a later revision; write toString(…) around the column`,
      );
  }

  private lastOffset(rows: number): number {
    if (rows === 0) return 0;
    this.skip(8 * (rows - 1));
    return Number(this.word());
  }

  private dictionary(type: string, rows: number): void {
    if (rows === 0) return;
    const flags = this.word();
    const { name, parts } = typeOf(type);
    // Its first key stands for NULL.
    if ((flags & HAS_KEYS) !== 0n) this.values(name === 'Nullable' ? parts[0] : type, Number(this.word()));
    this.skip(Number(this.word()) * INDEX_WIDTHS[Number(flags & 0xffn)]);
  }
}

interface Type {
  readonly name: string;
  readonly parts: readonly string[];
}
const known = new Map<string, Type>();

/** `Map(String, UInt8)` → Map, [String, UInt8]. Elements of a tuple lose their names. */
function typeOf(text: string): Type {
  const before = known.get(text);
  if (before !== undefined) return before;
  const open = text.indexOf('(');
  const name = open < 0 ? text : text.slice(0, open);
  const inner = open < 0 || /^(?:Enum|DateTime)/.test(name) ? '' : text.slice(open + 1, -1);
  const parts = inner === '' ? [] : split(inner).map((part) => (name === 'Tuple' ? withoutName(part) : part));
  const type = { name, parts };
  if (known.size < 1_000) known.set(text, type);
  return type;
}

/** Splits at the commas that stand in no parentheses and no quotes. */
function split(text: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  let quote: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quote !== undefined) {
      if (character === '\\') at++;
      else if (character === quote) quote = undefined;
    } else if (character === "'" || character === '`') quote = character;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

const withoutName = (part: string): string => part.replace(/^(?:`(?:[^`\\]|\\.)*`|\w+) (?=\w)/s, '');

function widthOf(name: string, parts: readonly string[]): number | undefined {
  if (name === 'FixedString') return Number(parts[0]);
  if (name === 'Decimal') {
    const digits = Number(parts[0]);
    return digits <= 9 ? 4 : digits <= 18 ? 8 : digits <= 38 ? 16 : 32;
  }
  if (name.startsWith('Interval')) return 8;
  return WIDTHS.get(name);
}

/** How many dictionaries a type has: each has its version before the column. */
function dictionaries(type: string): number {
  const { name, parts } = typeOf(type);
  if (name === 'LowCardinality') return 1;
  return ['Nullable', 'Array', 'Map', 'Tuple'].includes(name)
    ? parts.reduce((sum, part) => sum + dictionaries(part), 0)
    : 0;
}

/**
 * @param bytes whole blocks as the engine writes them
 * @param revision what the client asks for; 0: the blocks stay as they are
 * @throws DoorError if a column has a type that cannot be walked through
 */
export function ofRevision(bytes: Uint8Array, revision: number): Uint8Array {
  if (revision <= 0) return bytes;
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const walk = new Walk(block);
  const pieces: Uint8Array[] = [];
  let start = 0;
  const upTo = (end: number): void => {
    pieces.push(block.subarray(start, end));
    start = end;
  };
  while (!walk.isAtEnd) {
    pieces.push(BLOCK_FACTS);
    const columns = walk.count();
    const rows = walk.count();
    for (let column = 0; column < columns; column++) {
      walk.text();
      const type = walk.text();
      upTo(walk.at);
      if (revision >= REVISION_WITH_SERIALIZATION) pieces.push(USUAL_SERIALIZATION);
      walk.column(type, rows);
      upTo(walk.at);
    }
  }
  return Buffer.concat(pieces);
}
