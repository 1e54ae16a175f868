import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileName, monthName } from './names.ts';

describe('names', () => {
  it('names months', () => expect(monthName('2026-10')).toBe('October 2026'));

  it('gives every id a file name of its own, whatever it holds', () => {
    expect(fileName('acme-labs')).toBe('acme-labs');
    expect(fileName('Acme')).toMatch(/^acme-[0-9a-f]{8}$/);
    expect(fileName('../../etc/passwd')).toMatch(/^_\._.._etc_passwd-[0-9a-f]{8}$/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(fileName(a)).toMatch(/^[a-z0-9_][a-z0-9._-]*$/);
        if (a !== b) expect(fileName(a)).not.toBe(fileName(b));
      }),
    );
  });
});
