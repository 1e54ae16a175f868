// Text as bytes: what is written is what JavaScript would have written.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fragment, TextBuffer } from './text-buffer.ts';

function written(write: (out: TextBuffer) => void): string {
  const out = new TextBuffer(4_096);
  write(out);
  return out.bytes.toString('utf8', 0, out.length);
}

const time = fc.integer({ min: 946_684_800_000, max: 4_102_444_799_999 });
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

describe('TextBuffer', () => {
  it('writes fragments one after the other, whatever their length', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 70 }), { maxLength: 8 }), (texts) => {
        expect(written((out) => texts.forEach((text) => out.fragment(new Fragment(text))))).toBe(texts.join(''));
      }),
    );
  });

  it('writes parts of a fragment', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 90 }), fc.nat(90), fc.nat(90), (text, a, b) => {
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        const twice = written((out) => {
          out.slice(new Fragment(text), start, end);
          out.slice(new Fragment(text), start, end);
        });
        expect(twice).toBe(text.slice(start, end).repeat(2));
      }),
    );
  });

  it('writes numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (n) => {
        expect(written((out) => out.decimal(n))).toBe(String(n));
        expect(written((out) => out.two(n % 100))).toBe(String(n % 100).padStart(2, '0'));
        expect(written((out) => out.three(n % 1000))).toBe(String(n % 1000).padStart(3, '0'));
        expect(written((out) => out.hex(n % 2 ** 32))).toBe((n % 2 ** 32).toString(16).padStart(8, '0'));
      }),
    );
    for (const edge of [0, 9, 10, 2 ** 31 - 1, 2 ** 31, 2 ** 32])
      expect(written((out) => out.decimal(edge))).toBe(String(edge));
  });

  it('writes times in UTC, turning from day to day and back', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 5 }), (times) => {
        const out = new TextBuffer(4_096);
        for (const time_ms of times) {
          const iso = new Date(time_ms).toISOString();
          out.length = 0;
          out.isoTime(time_ms, 'T'.charCodeAt(0));
          out.byte(32);
          out.clfTime(time_ms);
          const [year, month, day] = iso.slice(0, 10).split('-');
          expect(out.bytes.toString('utf8', 0, out.length)).toBe(
            `${iso.slice(0, 19)} ${day}/${months[Number(month) - 1]}/${year}:${iso.slice(11, 19)}`,
          );
        }
      }),
    );
  });
});
