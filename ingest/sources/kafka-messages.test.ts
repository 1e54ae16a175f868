// Lines in messages: none lost, none doubled, however the bytes arrive.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, cutMessages, MAX_LINE_BYTES } from './kafka-messages.ts';

async function* from(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}
async function cut(chunks: Uint8Array[], limit: number | 'line'): Promise<{ text: string; lines: number }[]> {
  const out = [];
  for await (const { value, lines } of cutMessages(from(chunks), limit))
    out.push({ text: Buffer.from(value).toString('latin1'), lines });
  return out;
}
/** The same bytes in pieces of these sizes. */
function pieces(bytes: Buffer, sizes: number[]): Buffer[] {
  const out = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length];
    out.push(bytes.subarray(at, at + size));
    at += size;
  }
  return out;
}
const file = fc
  .array(fc.constantFrom('a', 'bc', '\n', '\r\n', 'x'.repeat(40), ''), { maxLength: 60 })
  .map((parts) => Buffer.from(parts.join('')));
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });

describe('cutMessages', () => {
  it('many lines: the messages in a row are the file; each is whole lines, and as full as it may be', async () => {
    await fc.assert(
      fc.asyncProperty(file, sizes, fc.integer({ min: 1, max: 100 }), async (bytes, chunkSizes, limit) => {
        const messages = await cut(pieces(bytes, chunkSizes), limit);
        expect(messages.map(({ text }) => text).join('')).toBe(bytes.toString());
        expect(messages.reduce((sum, { lines }) => sum + lines, 0)).toBe(countLines(bytes));
        for (const [i, { text, lines }] of messages.entries()) {
          expect(text.length <= limit || lines === 1).toBe(true);
          if (i === messages.length - 1) continue;
          expect(text.endsWith('\n')).toBe(true);
          const next = messages[i + 1].text;
          expect(text.length + next.slice(0, next.indexOf('\n') + 1 || next.length).length).toBeGreaterThan(limit);
        }
      }),
    );
  });

  it('one line each: the lines of the file, blank ones kept apart from none', async () => {
    await fc.assert(
      fc.asyncProperty(file, sizes, async (bytes, chunkSizes) => {
        const messages = await cut(pieces(bytes, chunkSizes), 'line');
        const lines = bytes.toString().split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(messages.map(({ text }) => text)).toEqual(lines.map((line) => line || '\n'));
        for (const { text } of messages) expect(countLines(Buffer.from(text))).toBe(1);
      }),
    );
  });

  it('the size of the chunks does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(file, sizes, fc.integer({ min: 1, max: 100 }), async (bytes, chunkSizes, limit) => {
        expect(await cut(pieces(bytes, chunkSizes), limit)).toEqual(await cut([bytes], limit));
      }),
    );
  });

  it('a line without end is refused before it fills the memory', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    const endless = Array.from({ length: (MAX_LINE_BYTES >> 20) + 1 }, () => chunk);
    await expect(cut(endless, 1_000)).rejects.toThrow(RangeError);
  });
});
