import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableBytes, printableCsv, printableJson, printableLines } from './printable.ts';

it.each([
  ['plain text, ünïcode', 'plain text, ünïcode'],
  ['\u001b[31mred\u0007\r\n\t', '\\x1b[31mred\\x07\\x0d\\x0a\\x09'],
  ['a\\x1b', 'a\\x5cx1b'],
  ['\ufeffbyte order', '\\xef\\xbb\\xbfbyte order'],
  ['right\u202eto left\u2028', 'right\\xe2\\x80\\xaeto left\\xe2\\x80\\xa8'],
])('%j', (text, printed) => expect(printableBytes(Buffer.from(text))).toBe(printed));

it('shows bytes that are no text', () => {
  expect(printableBytes(Uint8Array.of(0x61, 0xff, 0x00, 0xc3))).toBe('a\\xff\\x00\\xc3');
});

it('prints nothing that acts on a terminal, and loses no byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const printed = printableBytes(bytes);
      expect(printed).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      const back = [...printed.matchAll(/\\x([0-9a-f]{2})|([^\\])/gu)].flatMap(([, hex, character]) =>
        hex === undefined ? [...Buffer.from(character)] : [parseInt(hex, 16)],
      );
      expect(back).toEqual([...bytes]);
    }),
  );
});

describe('text', () => {
  it.each([
    ['@scope/näme 日本 🦀', '@scope/näme 日本 🦀'],
    ['a\u001b[31mb\u202ec\u0000', 'a\\u{1b}[31mb\\u{202e}c\\u{0}'],
    ['zero\u200bwidth\u200d\ufeff\u2066isolate', 'zero\\u{200b}width\\u{200d}\\u{feff}\\u{2066}isolate'],
    [
      'Hangul \u3164 filler, tag \u{e0041}, selector \ufe0f',
      'Hangul \\u{3164} filler, tag \\u{e0041}, selector \\u{fe0f}',
    ],
    ['lone \ud800 surrogate', 'lone \\u{d800} surrogate'],
    ['two\nlines', 'two\\u{a}lines'],
  ])('%j is shown as %s', (text, shown) => expect(printable(text)).toBe(shown));

  const anything = fc.string({ unit: fc.oneof(fc.constantFrom('\n', '\r\n', '\u202e', '\u{e0041}', ','), fc.string({ unit: 'binary', maxLength: 1 })) }); // prettier-ignore
  it('shows nothing hidden; lines, CSV and JSON keep their line ends and their content', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
        expect(printable(text)).not.toMatch(hidden);
        expect(printableLines(text).split('\n').map(printable)).toEqual(text.split('\n').map(printable));
        expect(printableLines(text).replaceAll('\n', '')).not.toMatch(hidden);
        expect(printableCsv(text).replaceAll(/\r?\n/g, '')).not.toMatch(hidden);
        const json = printableJson(JSON.stringify({ text }, null, 2));
        expect(json.replaceAll('\n', '')).not.toMatch(hidden);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});
