// ClickHouse's own compression of an answer (compress=1): blocks of a checksum, a method, two sizes and the bytes. JDBC drivers ask
// for it unless they are told otherwise.

import { Transform } from 'node:stream';
import { lz4Pack } from '../../ingest/sources/kafka-codecs.ts';
import { cityHash128 } from './city-hash.ts';

const BLOCK_BYTES = 1024 * 1024;
const CHECKSUM_BYTES = 16;
/** The method, and both sizes. */
const HEADER_BYTES = 9;
const LZ4 = 0x82;

/** LZ4 of bytes that do not become smaller: one run of literals. Not every client takes blocks of another method. */
function literals(bytes: Uint8Array): Buffer {
  const { length } = bytes;
  if (length < 15) return Buffer.concat([Buffer.from([length << 4]), bytes]);
  const more = Buffer.alloc(Math.floor((length - 15) / 255) + 1, 255);
  more[more.length - 1] = (length - 15) % 255;
  return Buffer.concat([Buffer.from([0xf0]), more, bytes]);
}

/** One block. */
export function compressedBlock(bytes: Uint8Array): Buffer {
  const stored = lz4Pack(bytes) ?? literals(bytes);
  const block = Buffer.alloc(CHECKSUM_BYTES + HEADER_BYTES + stored.length);
  const checked = block.subarray(CHECKSUM_BYTES);
  checked.writeUInt8(LZ4, 0);
  checked.writeUInt32LE(HEADER_BYTES + stored.length, 1);
  checked.writeUInt32LE(bytes.length, 5);
  checked.set(stored, HEADER_BYTES);
  const [low, high] = cityHash128(checked);
  block.writeBigUInt64LE(low, 0);
  block.writeBigUInt64LE(high, 8);
  return block;
}

/** Turns an answer into compressed blocks. */
export function blockCompression(): Transform {
  let waiting: Uint8Array[] = [];
  let waiting_bytes = 0;
  const take = function* (atLeast: number): Generator<Buffer> {
    if (waiting_bytes < atLeast) return;
    const all = Buffer.concat(waiting);
    let at = 0;
    for (; all.length - at >= atLeast; at += BLOCK_BYTES) yield compressedBlock(all.subarray(at, at + BLOCK_BYTES));
    waiting = at < all.length ? [all.subarray(at)] : [];
    waiting_bytes = Math.max(0, all.length - at);
  };
  return new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      waiting.push(piece);
      waiting_bytes += piece.length;
      for (const block of take(BLOCK_BYTES)) this.push(block);
      done();
    },
    flush(done) {
      for (const block of take(1)) this.push(block);
      done();
    },
  });
}
