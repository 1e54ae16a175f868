import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteDictionary } from './intern.ts';

const encoder = new TextEncoder();

describe('ByteDictionary', () => {
  it('gives equal bytes equal codes, in order of first appearance, and keeps them through growth', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { maxLength: 400 }), (values) => {
        const dictionary = new ByteDictionary(1);
        const expected = new Map<string, number>();
        for (const value of values) {
          const bytes = encoder.encode(`<${value}>`);
          const code = dictionary.intern(bytes, 1, bytes.length - 1);
          if (!expected.has(value)) expected.set(value, expected.size);
          expect(code).toBe(expected.get(value));
        }
        for (const [value, code] of expected) expect(dictionary.view(code)).toEqual(encoder.encode(value));
        expect(dictionary.size).toBe(expected.size);
      }),
    );
  });

  it('holds many thousands and forgets all on clear', () => {
    const dictionary = new ByteDictionary();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 50_000; i++) {
        const bytes = encoder.encode(`value ${i}`);
        expect(dictionary.intern(bytes, 0, bytes.length)).toBe(i);
      }
      dictionary.clear();
      expect(dictionary.size).toBe(0);
    }
  });
});
