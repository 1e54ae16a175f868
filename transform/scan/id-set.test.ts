import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdSet } from './id-set.ts';

describe('IdSet', () => {
  it('knows what a Set of strings knows, through growth and after it was cleared', () => {
    const set = new IdSet();
    const ids = fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.uuid(), fc.nat().map(String)), { maxLength: 2000 });
    fc.assert(
      fc.property(ids, (given) => {
        set.clear();
        const expected = new Set<string>();
        for (const id of given) {
          const bytes = new TextEncoder().encode(`"${id}"`);
          expect(set.add(bytes, 1, bytes.length - 1)).toBe(expected.has(id));
          expected.add(id);
        }
        expect(set.size).toBe(expected.size);
      }),
      { numRuns: 30 },
    );
  });
});
