import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collapseSlashes, decodeOnce, segmentsOf, splitAtVersion, splitFirst, withoutSuffix } from './paths.ts';

describe('decodeOnce', () => {
  it('agrees with decodeURIComponent wherever that decodes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, lower) => {
        const encoded = encodeURIComponent(text);
        expect(decodeOnce(lower ? encoded.replace(/%../g, (e) => e.toLowerCase()) : encoded)).toBe(text);
      }),
    );
  });

  it('leaves what is no escape as written, and decodes what stands beside it', () => {
    expect(decodeOnce('/a%2')).toBe('/a%2');
    expect(decodeOnce('/100%/%zz/%2B')).toBe('/100%/%zz/+');
    expect(decodeOnce('%FF%41%C3%A9%C3%28')).toBe('%FFAé%C3(');
    expect(decodeOnce('%C0%AF %ED%A0%80 %F4%90%80%80')).toBe('%C0%AF %ED%A0%80 %F4%90%80%80');
    expect(decodeOnce('%F0%9F%93%A6')).toBe('📦');
  });

  it('decodes once', () => expect(decodeOnce('%252B%25252F')).toBe('%2B%252F'));
});

describe('cutting', () => {
  it('collapses slashes and cuts segments', () => {
    expect(collapseSlashes('//a///b/')).toBe('/a/b/');
    expect(segmentsOf('/a/b/')).toEqual(['a', 'b']);
    expect(segmentsOf('/a')).toEqual(['a']);
    expect(segmentsOf('/')).toEqual([]);
    expect(segmentsOf('')).toEqual([]);
  });

  it('removes a suffix only where something is left', () => {
    expect(withoutSuffix('a.tar.gz', ['.gz', '.tar.gz'])).toBe('a.tar');
    expect(withoutSuffix('.gz', ['.gz'])).toBeUndefined();
    expect(withoutSuffix('a.b', ['.gz'])).toBeUndefined();
  });

  it('splits at the first separator with something on both sides', () => {
    expect(splitFirst('a-b-c', '-')).toEqual(['a', 'b-c']);
    expect(splitFirst('-b', '-')).toBeUndefined();
    expect(splitFirst('a-', '-')).toBeUndefined();
    expect(splitFirst('ab', '-')).toBeUndefined();
  });

  it('splits at the last hyphen before a version, and keeps a post-release with its version', () => {
    const isVersion = (text: string): boolean => /^\d+(?:\.\d+)*(?:-\d+)?$/.test(text);
    expect(splitAtVersion('a-2-b-1.0', isVersion)).toEqual(['a-2-b', '1.0']);
    expect(splitAtVersion('a-1.0-3', isVersion)).toEqual(['a', '1.0-3']);
    expect(splitAtVersion('a-2-3', isVersion)).toEqual(['a-2', '3']);
    expect(splitAtVersion('1.0', isVersion)).toBeUndefined();
    expect(splitAtVersion('-1.0', isVersion)).toBeUndefined();
  });
});
