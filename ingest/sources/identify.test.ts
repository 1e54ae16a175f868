// Which contents another one begins with: compared with a search that tries all.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sha256 } from '../../sql/sha256.ts';
import { HEAD_BYTES, HEAD_SIZES, headFirst, headOf, shared_bytes } from './content-head.ts';
import { identify } from './identify.ts';

async function* inChunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const memory = Buffer.alloc(Math.max(...sizes, 1));
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const part = bytes.subarray(from, from + sizes[i % sizes.length]);
    // The memory of a chunk is used again.
    memory.set(part);
    yield memory.subarray(0, part.length);
    from += part.length;
  }
}

/** The furthest place that a chain of wholes reaches, tried one by one. */
function furthest(text: string, wholes: readonly string[]): number {
  const reached = new Set([0]);
  for (const at of reached) for (const whole of wholes) if (text.startsWith(whole, at)) reached.add(at + whole.length);
  return Math.max(...reached);
}

const line = fc.constantFrom('a\n', 'b\n', 'ab\n', 'c');
const text = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join(''));

it('finds all that a content begins with, in any chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { maxLength: 5 }),
      fc.array(text, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
      async (wholes, parts, sizes) => {
        const content = [...parts, ...wholes.slice(0, 2)].join('');
        const known = wholes.map((whole) => ({ partition: whole, sha256: sha256(whole), content_bytes: whole.length }));
        const found = await identify(inChunks(Buffer.from(content), sizes), known);
        expect(found.content).toMatchObject({ sha256: sha256(content), content_bytes: content.length });
        const covered = furthest(content, wholes);
        expect(found.covered?.bytes ?? 0).toBe(covered);
        expect(found.covered?.partitions.join('') ?? '').toBe(content.slice(0, covered));
        const rest = content.slice(covered);
        if (found.covered !== undefined)
          expect(found.covered.endsLine).toBe(
            rest === '' || rest.startsWith('\n') || content.slice(0, covered).endsWith('\n'),
          );
      },
    ),
    { numRuns: 300 },
  );
});

it('heads leave out directives, and tell how much two contents share', () => {
  const directives = '#Version: 1.0\n#Fields: a b c\n';
  const body = 'x'.repeat(9000);
  const whole = headOf(Buffer.from(directives + body));
  expect(whole).toMatchObject({ bodyAt_bytes: directives.length, heads: { length: 3 } });
  expect(headOf(Buffer.from(body)).heads).toEqual(whole.heads);
  expect(shared_bytes(whole, headOf(Buffer.from(`${'x'.repeat(2000)}y`)))).toBe(HEAD_SIZES[1]);
  expect(shared_bytes(whole, headOf(Buffer.from(`y${body}`)))).toBe(0);
  expect(headOf(Buffer.from(directives)).heads).toEqual([]);
  expect(headOf(Buffer.from('#'.repeat(200_000))).bodyAt_bytes).toBe(65536);
});

it('the first bytes are seen before any is passed on, and none is lost', async () => {
  const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `${i}\n`).join(''));
  for (const sizes of [[1000], [HEAD_BYTES - 1, 2], [HEAD_BYTES], [1 << 20]]) {
    let seen = 0;
    const parts: Buffer[] = [];
    for await (const chunk of headFirst(inChunks(bytes, sizes), (head) => void (seen = head.length))) {
      expect(seen).toBeGreaterThanOrEqual(HEAD_BYTES);
      parts.push(Buffer.from(chunk));
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  }
});
