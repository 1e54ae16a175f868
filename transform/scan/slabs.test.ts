import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { giveSlab, Slabs, takeSlab, takeZeroedSlab } from './slabs.ts';

describe('slabs', () => {
  it('are large enough, never shared, and zero where that is asked for', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 4096 }), fc.integer({ min: 60_000, max: 300_000 }));
    const step = fc.record({ size, zeroed: fc.boolean(), givesBack: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const taken: ArrayBuffer[] = [];
        for (const { size, zeroed, givesBack } of steps) {
          const slab = zeroed ? takeZeroedSlab(size) : takeSlab(size);
          expect(slab.byteLength).toBeGreaterThanOrEqual(size);
          expect(taken).not.toContain(slab);
          if (zeroed) expect(new Uint8Array(slab).every((byte) => byte === 0)).toBe(true);
          new Uint8Array(slab).fill(0xff);
          taken.push(slab);
          if (givesBack % 2 === 0) giveSlab(taken.splice(givesBack % taken.length, 1)[0]);
        }
        taken.forEach(giveSlab);
      }),
      { numRuns: 50 },
    );
  });

  it('are used again', () => {
    const slabs = new Slabs();
    const slab = slabs.take(1 << 20);
    slabs.giveBack();
    expect(takeSlab((1 << 20) - 1)).toBe(slab);
  });
});
