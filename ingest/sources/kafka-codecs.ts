// The four compressions of Kafka's record batches. The unpacked size of a batch has a limit, and corrupt input is a typed error,
// because kafkajs's own gzip has no limit, and kafkajs lacks the other three. The library of a codec is imported when a batch
// needs it.

import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type * as zstdLibrary from '@foxglove/wasm-zstd';
import type xxh32Library from 'lz4js/xxh32.js';
import type snappyLibrary from 'snappy';

export const compressionIds = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
export type Compression = keyof typeof compressionIds;
export type CodecName = Exclude<Compression, 'none'>;

export const defaultMaxBatch_bytes = 256 << 20;
/** The zstd module's memory ends at 2 GiB; an allocation above half of it may fail. */
const highestMaxBatch_bytes = 1 << 30;

export class CodecError extends Error {
  override readonly name = 'CodecError';
  constructor(
    readonly codec: CodecName,
    readonly reason: 'corrupt' | 'too_large' | 'not_installed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${codec}: ${message}`, options);
  }
}

export interface Codec {
  compress(bytes: Uint8Array): Promise<Buffer>;
  /** @throws CodecError */
  decompress(bytes: Uint8Array): Promise<Buffer>;
}

const tooLarge = (codec: CodecName, cap: number): CodecError =>
  new CodecError(codec, 'too_large', `a record batch unpacks to more than ${cap} bytes`);
const corrupt = (codec: CodecName, message: string, cause?: unknown): CodecError =>
  new CodecError(codec, 'corrupt', message, { cause });

/** @param max_batch_bytes limit of the unpacked size of one record batch */
export function boundedCodecs(max_batch_bytes = defaultMaxBatch_bytes): Record<CodecName, Codec> {
  const cap = Math.min(max_batch_bytes, highestMaxBatch_bytes);
  const bounded = (
    compress: Codec['compress'],
    decompress: (bytes: Buffer, cap: number) => Promise<Buffer>,
  ): Codec => ({
    compress,
    decompress: (bytes) => decompress(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), cap),
  });
  return {
    gzip: bounded(promisify<Uint8Array, Buffer>(gzip), gunzipBounded),
    snappy: bounded(
      async (bytes) => snappyCompress(bytes, await loadSnappy()),
      async (bytes) => snappyDecompress(bytes, cap, await loadSnappy()),
    ),
    lz4: bounded(
      async (bytes) => lz4Compress(bytes, await loadXxh32()),
      async (bytes) => lz4Decompress(bytes, cap, await loadXxh32()),
    ),
    zstd: bounded(zstdCompress, zstdDecompress),
  };
}

const gunzipAsync = promisify(gunzip) as (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

async function gunzipBounded(bytes: Buffer, cap: number): Promise<Buffer> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: cap });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge('gzip', cap);
    throw corrupt('gzip', (error as Error).message, error);
  }
}

// snappy: Java's clients write xerial's framing (a 16-byte header, then blocks with 32-bit big-endian lengths);
// librdkafka writes one raw block. Each raw block begins with its unpacked length as a varint.

type Snappy = typeof snappyLibrary;

/** @throws CodecError if npm omitted the optional package with snappy's code for this machine */
async function loadSnappy(): Promise<Snappy> {
  try {
    return (await import('snappy')).default;
  } catch (cause) {
    const message =
      'the library of the package snappy is not installed for this machine; install it with: npm install --include=optional';
    throw new CodecError('snappy', 'not_installed', message, { cause });
  }
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeader = Buffer.concat([xerialMagic, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const xerialBlock_bytes = 64 << 10;

function snappyCompress(bytes: Uint8Array, snappy: Snappy): Buffer {
  const parts: Buffer[] = [xerialHeader];
  for (let start = 0; start < bytes.length; start += xerialBlock_bytes) {
    const block = snappy.compressSync(bytes.subarray(start, start + xerialBlock_bytes));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

function snappyDecompress(bytes: Buffer, cap: number, snappy: Snappy): Buffer {
  if (!bytes.subarray(0, 8).equals(xerialMagic)) return snappyBlock(bytes, cap, snappy);
  if (bytes.length < 16) throw corrupt('snappy', 'the frame header is cut off');
  const parts: Buffer[] = [];
  let room = cap;
  for (let at = 16; at < bytes.length;) {
    if (at + 4 > bytes.length) throw corrupt('snappy', 'a block length is cut off');
    const length = bytes.readUInt32BE(at);
    at += 4;
    if (at + length > bytes.length) throw corrupt('snappy', 'a block is cut off');
    const part = snappyBlock(bytes.subarray(at, at + length), room, snappy);
    room -= part.length;
    parts.push(part);
    at += length;
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

function snappyBlock(block: Buffer, room: number, snappy: Snappy): Buffer {
  let length = 0;
  for (let at = 0, scale = 1; ; at++, scale *= 128) {
    if (at >= block.length || at === 5) throw corrupt('snappy', 'a block has no length');
    length += (block[at] & 0x7f) * scale;
    if (block[at] < 0x80) break;
  }
  if (length > room) throw tooLarge('snappy', room);
  // A copy of 64 bytes takes 2 bytes or more. A far greater length is false, and is rejected before memory is allocated.
  if (length > block.length * 64) throw corrupt('snappy', 'a block claims more than it can hold');
  try {
    return snappy.uncompressSync(block, { asBuffer: true }) as Buffer;
  } catch (error) {
    throw corrupt('snappy', (error as Error).message, error);
  }
}

// lz4: the frame format, written and read here, because lz4js's reader trusts its input and silently cuts at a maximum, and its
// writer ends blocks in a way that brokers refuse. Only its checksum is used.

type Xxh32 = typeof xxh32Library;
const loadXxh32 = async (): Promise<Xxh32> => (await import('lz4js/xxh32.js')).default;

const lz4Magic = 0x184d2204;
const lz4BlockBytes: Record<number, number> = { 4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20 };
const lz4Uncompressed = 0x80000000;

/** Independent blocks of 64 KiB, as Java's clients write and brokers require. */
function lz4Compress(bytes: Uint8Array, xxh32: Xxh32): Buffer {
  const header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0]);
  header[6] = lz4HeaderCheck(header, 4, 2, xxh32);
  const parts: Uint8Array[] = [header];
  const size = lz4BlockBytes[4];
  for (let start = 0; start < bytes.length; start += size) {
    const block = bytes.subarray(start, start + size);
    const packed = lz4Pack(block);
    const word = Buffer.alloc(4);
    word.writeUInt32LE(packed?.length ?? (block.length | lz4Uncompressed) >>> 0);
    parts.push(word, packed ?? block);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
}

/**
 * Compresses one block, greedily; null if it would not become smaller. By the format's rules the last match begins 12 bytes before
 * the end or earlier, and the last 5 bytes are literals.
 */
export function lz4Pack(src: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(src.length);
  let end = 0;
  let anchor = 0;
  const lengthBytes = (length: number): void => {
    for (; length >= 255; length -= 255) out[end++] = 255;
    out[end++] = length;
  };
  /** → false if there is no room left. */
  const sequence = (literalEnd: number, offset: number, extra: number): boolean => {
    const literals = literalEnd - anchor;
    if (end + literals + literals / 255 + extra / 255 + 5 > out.length) return false;
    out[end++] = (Math.min(literals, 15) << 4) | Math.min(extra, 15);
    if (literals >= 15) lengthBytes(literals - 15);
    out.set(src.subarray(anchor, literalEnd), end);
    end += literals;
    if (offset === 0) return true;
    out[end++] = offset & 255;
    out[end++] = offset >> 8;
    if (extra >= 15) lengthBytes(extra - 15);
    return true;
  };
  const word = (i: number): number => src[i] | (src[i + 1] << 8) | (src[i + 2] << 16) | (src[i + 3] << 24);
  const seen = new Int32Array(1 << 13).fill(-1);
  const lastStart = src.length - 12;
  const lastMatched = src.length - 5;
  let misses = 0;
  for (let at = 0; at <= lastStart;) {
    const here = word(at);
    const slot = Math.imul(here, 0x9e3779b1) >>> 19;
    const from = seen[slot];
    seen[slot] = at;
    if (from === -1 || at - from > 65_535 || word(from) !== here) {
      at += 1 + (misses++ >> 6);
      continue;
    }
    misses = 0;
    let length = 4;
    while (at + length < lastMatched && src[from + length] === src[at + length]) length++;
    if (!sequence(at, at - from, length - 4)) return null;
    at += length;
    anchor = at;
  }
  return sequence(src.length, 0, 0) ? out.subarray(0, end) : null;
}

const lz4HeaderCheck = (bytes: Uint8Array, start: number, length: number, xxh32: Xxh32): number =>
  (xxh32.hash(0, bytes, start, length) >>> 8) & 0xff;

function lz4Decompress(bytes: Buffer, cap: number, xxh32: Xxh32): Buffer {
  const need = (at: number, length: number): void => {
    if (at + length > bytes.length) throw corrupt('lz4', 'the frame is cut off');
  };
  const verify = (at: number, part: Uint8Array, what: string): void => {
    need(at, 4);
    const expected = bytes.readUInt32LE(at);
    if (xxh32.hash(0, part, 0, part.length) >>> 0 !== expected)
      throw corrupt('lz4', `the ${what} checksum does not hold`);
  };
  need(0, 7);
  if (bytes.readUInt32LE(0) !== lz4Magic) throw corrupt('lz4', 'no frame');
  const flags = bytes[4];
  if (flags >> 6 !== 1 || (flags & 0b11) !== 0) throw corrupt('lz4', 'a frame version or dictionary that is not known');
  const maxBlock = lz4BlockBytes[(bytes[5] >> 4) & 7];
  if (maxBlock === undefined) throw corrupt('lz4', 'a block size that is not known');
  const independent = (flags & 0x20) !== 0;
  const blockChecksums = (flags & 0x10) !== 0;
  const contentChecksum = (flags & 0x04) !== 0;
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0);
  need(at, 1);
  if (bytes[at] !== lz4HeaderCheck(bytes, 4, at - 4, xxh32)) throw corrupt('lz4', 'the header checksum does not hold');
  at++;

  let out = Buffer.allocUnsafe(Math.min(cap, Math.max(maxBlock, bytes.length * 4)));
  let length = 0;
  for (;;) {
    need(at, 4);
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) break;
    const size = word & ~lz4Uncompressed;
    need(at, size);
    const block = bytes.subarray(at, at + size);
    at += size;
    if (blockChecksums) {
      verify(at, block, 'block');
      at += 4;
    }
    if (out.length - length < maxBlock && out.length < cap) {
      const larger = Buffer.allocUnsafe(Math.min(cap, Math.max(out.length * 2, length + maxBlock)));
      out.copy(larger, 0, 0, length);
      out = larger;
    }
    const limit = Math.min(out.length, length + maxBlock);
    const end =
      (word & lz4Uncompressed) !== 0
        ? lz4Literal(block, out, length, limit)
        : lz4Block(block, out, length, limit, independent ? length : 0);
    // The block exceeds its limit: the cap, or the size that its frame declared.
    if (end === -1)
      throw limit < length + maxBlock
        ? tooLarge('lz4', cap)
        : corrupt('lz4', 'a block is longer than its frame allows');
    length = end;
  }
  if (contentChecksum) verify(at, out.subarray(0, length), 'content');
  return out.subarray(0, length);
}

function lz4Literal(block: Buffer, out: Buffer, at: number, limit: number): number {
  if (at + block.length > limit) return -1;
  block.copy(out, at);
  return at + block.length;
}

/** Unpacks one block to `out` from `at`; → the new end, or −1 beyond `limit`. `floor`: the earliest byte that a match may use. */
function lz4Block(src: Buffer, out: Buffer, at: number, limit: number, floor: number): number {
  let i = 0;
  const long = (length: number): number => {
    for (;;) {
      if (i >= src.length) throw corrupt('lz4', 'a length is cut off');
      const byte = src[i++];
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (i < src.length) {
    const token = src[i++];
    let literals = token >> 4;
    if (literals === 15) literals = long(literals);
    if (i + literals > src.length) throw corrupt('lz4', 'literals are cut off');
    if (at + literals > limit) return -1;
    src.copy(out, at, i, i + literals);
    i += literals;
    at += literals;
    if (i === src.length) return at;
    if (i + 2 > src.length) throw corrupt('lz4', 'a match is cut off');
    const from = at - (src[i] | (src[i + 1] << 8));
    i += 2;
    let length = (token & 15) + 4;
    if (length === 19) length = long(length);
    if (from < floor || from >= at) throw corrupt('lz4', 'a match points outside its block');
    if (at + length > limit) return -1;
    // Byte by byte if source and target overlap, because the format repeats bytes in this way.
    if (from + length <= at) out.copyWithin(at, from, from + length);
    else for (let k = 0; k < length; k++) out[at + k] = out[from + k]!;
    at += length;
  }
  throw corrupt('lz4', 'a block ends without literals');
}

type Zstd = typeof zstdLibrary;

async function loadZstd(): Promise<Zstd> {
  const { default: zstd } = await import('@foxglove/wasm-zstd');
  await zstd.isLoaded;
  return zstd;
}

const zstdCompress = async (bytes: Uint8Array): Promise<Buffer> => (await loadZstd()).compress(bytes);

/**
 * The module unpacks into memory that is allocated first. Java's clients do not write the unpacked size, so the sizes grow in
 * steps of four: a third more work at most, and no 256 MiB for every batch.
 */
async function zstdDecompress(bytes: Buffer, cap: number): Promise<Buffer> {
  const zstd = await loadZstd();
  const declared = zstdContentSize(bytes);
  if (declared !== null && declared > cap) throw tooLarge('zstd', cap);
  if (declared !== null) {
    // If several frames follow each other, the first one's size is not the whole.
    const whole = zstdAttempt(zstd, bytes, declared);
    if (whole !== null) return whole;
  }
  for (let room = Math.max(64 << 10, bytes.length * 8); ; room *= 4) {
    const unpacked = zstdAttempt(zstd, bytes, Math.min(room, cap));
    if (unpacked !== null) return unpacked;
    if (room >= cap) break;
  }
  throw new CodecError('zstd', 'corrupt', `a record batch is corrupt, or unpacks to more than ${cap} bytes`);
}

function zstdAttempt(zstd: Zstd, bytes: Buffer, room: number): Buffer | null {
  try {
    return zstd.decompress(bytes, room);
  } catch {
    return null;
  }
}

/** The unpacked size in the first frame's header (RFC 8878, 3.1.1.1); null if it is not given. @throws CodecError */
function zstdContentSize(bytes: Buffer): number | null {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== 0xfd2fb528) throw corrupt('zstd', 'no frame');
  const descriptor = bytes[4];
  const singleSegment = (descriptor & 0x20) !== 0;
  const size_bytes = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const at = 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  if (size_bytes === 0) return null;
  if (at + size_bytes > bytes.length) throw corrupt('zstd', 'the frame header is cut off');
  if (size_bytes === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, size_bytes) + (size_bytes === 2 ? 256 : 0);
}
