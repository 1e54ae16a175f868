import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printableBytes } from './printable.ts';

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
