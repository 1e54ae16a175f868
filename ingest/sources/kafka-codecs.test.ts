// Round trips, bombs, cut and flipped input, for each codec: an error of ours or the right bytes, within the cap.

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import snappy from 'snappy';
import xxh32 from 'lz4js/xxh32.js';
import { describe, expect, it } from 'vitest';
import { boundedCodecs, CodecError, type CodecName } from './kafka-codecs.ts';
import { Random } from '../../transform/random.ts';

const names: CodecName[] = ['gzip', 'snappy', 'lz4', 'zstd'];
const codecs = boundedCodecs(1 << 20);
const lines = Buffer.from(
  Array.from({ length: 3_000 }, (_, i) => `{"path":"/simple/pkg-${i % 97}/","bytes":${i * 7919}}\n`).join(''),
);

describe.each(names)('%s', (name) => {
  const codec = codecs[name];

  it('gives back what was put in, of any size', async () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 64 }), fc.constantFrom(65_535, 65_536, 65_537, 200_000));
    await fc.assert(
      fc.asyncProperty(size, fc.integer(), fc.boolean(), async (length, seed, random) => {
        const bytes = random ? noise(length, seed) : lines.subarray(0, length);
        const back = await codec.decompress(await codec.compress(bytes));
        expect(back.equals(bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('makes log lines smaller', async () => {
    expect((await codec.compress(lines)).length).toBeLessThan(lines.length / 2);
  });

  it('takes exactly the cap, and refuses one byte more', async () => {
    const full = Buffer.alloc(1 << 20, 'a');
    expect((await codec.decompress(await codec.compress(full))).length).toBe(1 << 20);
    const over = codec.decompress(await codec.compress(Buffer.alloc((1 << 20) + 1, 'a')));
    await expect(over).rejects.toSatisfy((e) => e instanceof CodecError && e.codec === name);
  });

  it('refuses a bomb before it fills the memory', async () => {
    const bomb = await codec.compress(Buffer.alloc(200 << 20));
    const before = process.memoryUsage().rss;
    await expect(codec.decompress(bomb)).rejects.toMatchObject({ codec: name, reason: 'too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20);
  });

  it('a cut input is an error at every length', async () => {
    const packed = await codec.compress(lines);
    // Nothing tells the end of xerial's framing: a cut between two of its blocks shows only in the records (16: no block).
    for (const length of [0, 1, 4, 7, 15, 17, 20, 100, packed.length >> 1, packed.length - 1]) {
      await expect(codec.decompress(packed.subarray(0, length)), `${length} bytes`).rejects.toBeInstanceOf(CodecError);
    }
  });

  it('flipped bits and random bytes give an error of ours or bytes within the cap, never another error', async () => {
    const packed = await codec.compress(lines);
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length * 8 - 1), async (bit) => {
        const damaged = Buffer.from(packed);
        damaged[bit >> 3] ^= 1 << (bit & 7);
        await harmless(codec.decompress(damaged));
      }),
      { numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(40), async (bytes, keep) => {
        await harmless(codec.decompress(Buffer.concat([packed.subarray(0, keep), bytes])));
      }),
      { numRuns: 300 },
    );
  });
});

it('gzip notices every flipped bit of its content', async () => {
  const packed = gzipSync(lines);
  for (let at = 20; at < packed.length; at += 997) {
    const damaged = Buffer.from(packed);
    damaged[at] ^= 0x10;
    await expect(codecs.gzip.decompress(damaged)).rejects.toMatchObject({ reason: 'corrupt' });
  }
});

describe('snappy', () => {
  it('reads one raw block, as librdkafka writes it', async () => {
    expect((await codecs.snappy.decompress(snappy.compressSync(lines))).equals(lines)).toBe(true);
  });

  it('believes no length that the bytes cannot hold', async () => {
    const lie = Buffer.concat([Buffer.from([0xff, 0xff, 0x3f]), snappy.compressSync('short').subarray(1)]);
    await expect(codecs.snappy.decompress(lie)).rejects.toMatchObject({ reason: 'corrupt' });
  });
});

describe('lz4', () => {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    return bytes;
  };
  const check = (part: Uint8Array): number => xxh32.hash(0, part, 0, part.length) >>> 0;
  /** A frame of literal blocks with every checksum, written by hand. */
  const frame = (blocks: Buffer[], flags = 0x74): Buffer => {
    const descriptor = Buffer.from([flags, 0x40]);
    const body = blocks.flatMap((block) => [word(block.length | 0x80000000), block, word(check(block))]);
    const head = [word(0x184d2204), descriptor, Buffer.from([(check(descriptor) >>> 8) & 0xff])];
    return Buffer.concat([...head, ...body, word(0), word(check(Buffer.concat(blocks)))]);
  };

  it('reads blocks and checksums of other writers', async () => {
    const whole = frame([Buffer.from('hello, '), Buffer.from('world')]);
    expect((await codecs.lz4.decompress(whole)).toString()).toBe('hello, world');
  });

  it.each([
    ['block', 20],
    ['content', -2],
    ['header', 6],
  ])('a wrong %s checksum is an error', async (_what, at) => {
    const damaged = frame([Buffer.from('hello, '), Buffer.from('world')]);
    damaged[at < 0 ? damaged.length + at : at] ^= 1;
    await expect(codecs.lz4.decompress(damaged)).rejects.toMatchObject({ reason: 'corrupt' });
  });

  it('ends its blocks as the format demands: 5 literals at least, no match within the last 12 bytes', async () => {
    for (let length = 13; length < 2_000; length += 7) {
      const packed = await codecs.lz4.compress(Buffer.from('abcdefg'.repeat(300).slice(0, length)));
      const block = packed.subarray(11, 11 + (packed.readUInt32LE(7) & 0x7fffffff));
      if ((packed.readUInt32LE(7) & 0x80000000) !== 0) continue;
      const { literals, lastMatchAt } = tail(block);
      expect(literals, `${length} bytes`).toBeGreaterThanOrEqual(5);
      expect(length - lastMatchAt, `${length} bytes`).toBeGreaterThanOrEqual(12);
    }
  });

  it('repeats overlapping matches, and reaches into earlier blocks only where they are linked', async () => {
    // Token: 2 literals, match of 4 + 6 at distance 2; then 1 literal.
    const block = Buffer.from([0x26, 0x61, 0x62, 2, 0, 0x10, 0x21]);
    const head = (flags: number): Buffer[] => {
      const descriptor = Buffer.from([flags, 0x40]);
      return [word(0x184d2204), descriptor, Buffer.from([(check(descriptor) >>> 8) & 0xff])];
    };
    const one = Buffer.concat([...head(0x60), word(block.length), block, word(0)]);
    expect((await codecs.lz4.decompress(one)).toString()).toBe('abababababab!');
    // A second block that begins with a match into the first.
    const reach = Buffer.from([0x00, 4, 0, 0x10, 0x3f]);
    const two = (flags: number): Buffer =>
      Buffer.concat([...head(flags), word(4 | 0x80000000), Buffer.from('wxyz'), word(reach.length), reach, word(0)]);
    expect((await codecs.lz4.decompress(two(0x40))).toString()).toBe('wxyzwxyz?');
    await expect(codecs.lz4.decompress(two(0x60))).rejects.toMatchObject({ reason: 'corrupt' });
  });
});

/** Walks a block's sequences: the literals of the last one, and where the last match begins. */
function tail(block: Buffer): { literals: number; lastMatchAt: number } {
  let at = 0;
  let written = 0;
  let lastMatchAt = -Infinity;
  const more = (length: number, limit: number): number => {
    if (length < limit) return length;
    let byte;
    do length += byte = block[at++]!;
    while (byte === 255);
    return length;
  };
  for (;;) {
    const token = block[at++];
    const literals = more(token >> 4, 15);
    at += literals;
    written += literals;
    if (at >= block.length) return { literals, lastMatchAt };
    lastMatchAt = written;
    at += 2;
    written += more(token & 15, 15) + 4;
  }
}

async function harmless(outcome: Promise<Buffer>): Promise<void> {
  try {
    expect((await outcome).length).toBeLessThanOrEqual(1 << 20);
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
  }
}

function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  const random = new Random(seed);
  for (let i = 0; i < length; i++) bytes[i] = random.below(256);
  return bytes;
}
