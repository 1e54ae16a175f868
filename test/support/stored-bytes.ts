// Everything that the engine has stored in a directory, as plain bytes: blocks that it compressed are uncompressed.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One LZ4 block (lz4.org, block format). */
function lz4(block: Buffer, size_bytes: number): Buffer {
  const out = Buffer.alloc(size_bytes);
  let at = 0;
  let end = 0;
  const length = (first: number): number => {
    let total = first;
    if (first === 15)
      for (let byte = 255; byte === 255;) {
        byte = block[at++];
        total += byte;
      }
    return total;
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = length(token >> 4);
    block.copy(out, end, at, at + literals);
    at += literals;
    end += literals;
    if (at >= block.length) break;
    const back = block[at] | (block[at + 1] << 8);
    at += 2;
    for (let left = length(token & 15) + 4; left > 0; left--, end++) out[end] = out[end - back];
  }
  return out;
}

const HEAD_BYTES = 25;
const METHODS = { none: 0x02, lz4: 0x82 };

/** The content of a file of compressed blocks: checksum (16), method, size with head, size of the content. Undefined if it is none. */
function uncompressed(file: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    if (file.length - at < HEAD_BYTES) return undefined;
    const method = file[at + 16];
    const [stored, size_bytes] = [file.readUInt32LE(at + 17), file.readUInt32LE(at + 21)];
    const block = file.subarray(at + HEAD_BYTES, at + 16 + stored);
    if (stored < 9 || at + 16 + stored > file.length) return undefined;
    if (method === METHODS.lz4) parts.push(lz4(block, size_bytes));
    else if (method === METHODS.none) parts.push(block);
    else return undefined;
    at += 16 + stored;
  }
  return Buffer.concat(parts);
}

/** Path below the directory → bytes as stored, and content. */
export function* storedBytes(directory: string): Generator<{ readonly path: string; readonly bytes: Buffer }> {
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = join(directory, path);
    if (!statSync(file).isFile()) continue;
    const bytes = readFileSync(file);
    yield { path, bytes };
    // A compact part is one file with blocks of several columns; a file of marks or an index has blocks, too.
    const content = uncompressed(bytes);
    if (content !== undefined) yield { path, bytes: content };
  }
}
