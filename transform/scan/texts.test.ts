import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textsOf, TextsWriter, type Texts } from './texts.ts';

const decoder = new TextDecoder();
const read = ({ bytes, ends }: Texts): string[] =>
  Array.from({ length: ends.length - 1 }, (_, i) => decoder.decode(bytes.subarray(ends[i], ends[i + 1])));

// Surrogates without a partner have no UTF-8.
const texts = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 300 });

describe('texts', () => {
  it('are read as they were written, as strings or as bytes', () => {
    fc.assert(
      fc.property(texts, (given) => {
        expect(read(textsOf(given))).toEqual(given);
        const writer = new TextsWriter();
        for (const text of given) {
          const bytes = new TextEncoder().encode(`<${text}>`);
          writer.addBytes(bytes, 1, bytes.length - 1);
        }
        expect(read(writer.done())).toEqual(given);
      }),
    );
  });
});
