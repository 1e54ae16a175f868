import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteDictionary, INTERN_BATCH } from './intern.ts';

const encoder = new TextEncoder();
const values = fc.array(
  fc.oneof(fc.string({ maxLength: 12 }), fc.string({ maxLength: 3 }), fc.string({ unit: 'binary', maxLength: 80 })),
  {
    maxLength: 400,
  },
);

/** Codes as a Map over strings gives them. */
function reference(texts: readonly string[]): number[] {
  const codes = new Map<string, number>();
  return texts.map((text) => {
    if (!codes.has(text)) codes.set(text, codes.size);
    return codes.get(text)!;
  });
}

describe('ByteDictionary', () => {
  it('gives equal bytes equal codes, in order of first appearance, and keeps them through growth', () => {
    fc.assert(
      fc.property(values, (texts) => {
        const dictionary = new ByteDictionary(1);
        const codes = texts.map((text) => {
          const bytes = encoder.encode(`<${text}>`);
          return dictionary.intern(bytes, 1, bytes.length - 1);
        });
        expect(codes).toEqual(reference(texts));
        texts.forEach((text, i) => expect(dictionary.view(codes[i])).toEqual(encoder.encode(text)));
        expect(dictionary.size).toBe(new Set(texts).size);
      }),
    );
  });

  it('interns many at once as one by one, in a buffer that starts anywhere, leaving out what is marked', () => {
    const dictionary = new ByteDictionary(1);
    fc.assert(
      fc.property(values, fc.nat({ max: 9 }), fc.nat({ max: 5 }), (texts, offset, skipEvery) => {
        dictionary.clear();
        const parts = texts.map((text) => encoder.encode(text));
        const total = parts.reduce((sum, part) => sum + part.length, 0);
        const buf = new Uint8Array(new ArrayBuffer(offset + total), offset);
        const out = new Int32Array(texts.length + 1).fill(-7);
        const kept: string[] = [];
        let end = 0;
        for (let at = 0; at < texts.length; at += INTERN_BATCH) {
          const count = Math.min(INTERN_BATCH, texts.length - at);
          const starts = new Int32Array(INTERN_BATCH);
          const ends = new Int32Array(INTERN_BATCH);
          for (let i = 0; i < count; i++) {
            buf.set(parts[at + i], end);
            const skip = skipEvery > 0 && (at + i) % skipEvery === 0;
            starts[i] = skip ? -1 : end;
            ends[i] = end += parts[at + i].length;
            if (!skip) kept.push(texts[at + i]);
          }
          dictionary.internMany(buf, starts, ends, count, out, at + 1);
        }
        const isSkipped = (i: number) => skipEvery > 0 && i % skipEvery === 0;
        expect([...out.subarray(1)].filter((_, i) => !isSkipped(i))).toEqual(reference(kept));
        expect([...out].filter((_, i) => i === 0 || isSkipped(i - 1)).every((code) => code === -7)).toBe(true);
      }),
    );
  });

  it('holds many thousands and forgets all on clear', () => {
    const dictionary = new ByteDictionary();
    for (let round = 0; round < 2; round++) {
      const codes = Array.from({ length: 50_000 }, (_, i) => {
        const bytes = encoder.encode(`value ${i}`);
        return dictionary.intern(bytes, 0, bytes.length);
      });
      expect(codes.every((code, i) => code === i)).toBe(true);
      dictionary.clear();
      expect(dictionary.size).toBe(0);
    }
  });
});
