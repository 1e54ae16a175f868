import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, lineBlocks } from './line-blocks.ts';

/** Chunks of these sizes, in turn, in one piece of memory that each of them overwrites. */
async function* arriving(content: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buf = new Uint8Array(Math.max(...sizes));
  for (let at = 0, turn = 0; at < content.length; turn++) {
    const chunk = content.subarray(at, at + sizes[turn % sizes.length]);
    buf.set(chunk);
    yield buf.subarray(0, chunk.length);
    at += chunk.length;
  }
}

async function read(content: Uint8Array, sizes: readonly number[], cuts: readonly number[]) {
  const blocks: { text: string; position: number }[] = [];
  for await (const { bytes, position } of lineBlocks(arriving(content, sizes), cuts))
    blocks.push({ text: Buffer.from(bytes).toString('latin1'), position });
  return blocks;
}

const lines = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom('a', 'b')), { minLength: 1, maxLength: 30 })
  .chain((given) => fc.tuple(fc.constant(given.map(([length, of]) => of.repeat(length)).join('\n')), fc.boolean()))
  .map(([text, endsLine]) => Buffer.from(endsLine ? `${text}\n` : text));
const sizes = fc.array(fc.integer({ min: 1000, max: 2 * BLOCK_BYTES }), { minLength: 1, maxLength: 4 });

describe('lineBlocks', () => {
  it('gives all bytes once, in whole lines, cut alike however they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(lines, sizes, sizes, fc.array(fc.nat()), async (content, some, others, places) => {
        const ends = [...content.keys()].filter((at) => content[at] === 10).map((at) => at + 1);
        const cuts = [...new Set(places.map((place) => ends[place % ends.length] ?? 0))].sort((a, b) => a - b);
        const blocks = await read(content, some, cuts);
        expect(blocks.map(({ text }) => text).join('')).toBe(content.toString('latin1'));
        let position = 0;
        for (const [i, block] of blocks.entries()) {
          expect(block.position).toBe(position);
          position += block.text.length;
          if (i < blocks.length - 1) expect(block.text.endsWith('\n')).toBe(true);
          else expect(block.text).not.toContain('\n');
        }
        const starts = blocks.map((block) => block.position);
        expect(starts).toEqual(expect.arrayContaining(cuts));
        expect(await read(content, others, cuts)).toEqual(blocks);
      }),
      { numRuns: 60 },
    );
  });

  it('ends blocks before multiples of its size alone', async () => {
    const content = Buffer.from(`${'x'.repeat(99)}\n`.repeat(10_000));
    const positions = (await read(content, [7777], [])).map(({ position }) => position);
    expect(positions).toEqual([0, 262_100, 524_200, 786_400, 1_000_000]);
  });

  it('refuses a line without an end in linear time', async () => {
    // 256 MiB and one block of one line. Searching all of it at each block took minutes.
    const chunk = new Uint8Array(BLOCK_BYTES).fill(0x61);
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield chunk;
    }
    const started = performance.now();
    const reading = (async () => {
      for await (const block of lineBlocks(endless())) expect(block.bytes.length).toBe(0);
    })();
    await expect(reading).rejects.toThrow('no line end within 256 MiB');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('gives an empty block for no content', async () => {
    expect(await read(new Uint8Array(0), [1], [])).toEqual([{ text: '', position: 0 }]);
  });
});
