// The blocks are read back by a decoder of its own. ClickHouse's drivers for Java and Go read them in `make test-clients`.

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cityHash128 } from './city-hash.ts';
import { blockCompression, compressedBlock } from './compressed-blocks.ts';

/** LZ4's block format. */
function unpacked(source: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let [from, to] = [0, 0];
  const length = (start: number): number => {
    if (start < 15) return start;
    for (let sum = start; ;) {
      const byte = source[from++];
      sum += byte;
      if (byte !== 255) return sum;
    }
  };
  while (from < source.length) {
    const token = source[from++];
    const literals = length(token >> 4);
    to += source.copy(out, to, from, from + literals);
    from += literals;
    if (from === source.length) break;
    const back = source.readUInt16LE(from);
    from += 2;
    for (let left = length(token & 15) + 4; left > 0; left--, to++) out[to] = out[to - back];
  }
  expect(to).toBe(size);
  return out;
}

function read(answer: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < answer.length;) {
    const size = answer.readUInt32LE(at + 17);
    const checked = answer.subarray(at + 16, at + 16 + size);
    expect(cityHash128(checked)).toEqual([answer.readBigUInt64LE(at), answer.readBigUInt64LE(at + 8)]);
    expect(checked[0]).toBe(0x82);
    parts.push(unpacked(checked.subarray(9), checked.readUInt32LE(5)));
    at += 16 + size;
  }
  return Buffer.concat(parts);
}

const through = (pieces: readonly Uint8Array[]): Promise<Buffer> =>
  buffer(Readable.from(pieces.map((piece) => Buffer.from(piece))).pipe(blockCompression()));

describe('compressed blocks', () => {
  it('give back what was put in, however it is cut', async () => {
    const text = fc.array(fc.constantFrom('npm', 'left-pad', ' ', '\t1000\n'), { maxLength: 400 }).map((words) => Buffer.from(words.join(''))); // prettier-ignore
    const noise = fc.uint8Array({ maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, noise), { maxLength: 8 }), async (pieces) => {
        expect(read(await through(pieces)).equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('hold a MiB at most, and are small where the bytes repeat', async () => {
    const bytes = Buffer.from('2026-11-22\tnpm\tleft-pad\t1000\n'.repeat(100_000));
    const answer = await through([bytes.subarray(0, 5), bytes.subarray(5)]);
    expect(answer.readUInt32LE(21)).toBe(1024 * 1024);
    expect(answer.length).toBeLessThan(bytes.length / 50);
    expect(read(answer).equals(bytes)).toBe(true);
  });

  it('are LZ4 even where nothing repeats, because not every client takes another method', () => {
    for (const length of [1, 14, 15, 16, 269, 270, 271]) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 151) % 256));
      expect(read(compressedBlock(bytes))).toEqual(bytes);
    }
  });

  it('are none for an empty answer', async () => expect((await through([])).length).toBe(0));
});
