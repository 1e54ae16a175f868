// Weighted choice for the simulation, with seeded random numbers (transform/random.ts). It uses only exact floating-point operations,
// so that every machine draws the same numbers. Nothing else in this folder may be random.

import { mix32, Random, TWO_POW_MINUS_32 } from '../../transform/random.ts';

export { mix32, Random };

/** Weighted choice in constant time (Walker's alias method as built by Vose). */
export class AliasTable {
  private readonly threshold: Float64Array;
  private readonly alias: Uint32Array;

  /** @param weights not negative, finite, with a positive sum */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i];
    if (!(total > 0) || !Number.isFinite(total)) throw new RangeError('weights need a positive, finite sum');
    this.threshold = new Float64Array(n).fill(1);
    this.alias = Uint32Array.from({ length: n }, (_, i) => i);
    const scaled = Float64Array.from({ length: n }, (_, i) => (weights[i] * n) / total);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) (scaled[i] < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const s = small.pop()!;
      const l = large.at(-1)!;
      this.threshold[s] = scaled[s]!;
      this.alias[s] = l;
      scaled[l] = scaled[l] - (1 - scaled[s]);
      if (scaled[l] < 1) {
        large.pop();
        small.push(l);
      }
    }
    // Rounding may leave an index without a partner. An index of weight zero must never be drawn even then.
    for (const s of small) {
      if (weights[s] !== 0) continue;
      this.threshold[s] = 0;
      this.alias[s] = Array.prototype.findIndex.call(weights, (weight) => weight > 0);
    }
  }

  /** An index, from two unsigned 32-bit draws. */
  at(u: number, v: number): number {
    const i = Math.floor(u * TWO_POW_MINUS_32 * this.threshold.length);
    return v * TWO_POW_MINUS_32 < this.threshold[i] ? i : this.alias[i];
  }

  pick(random: Random): number {
    return this.at(random.next(), random.next());
  }
}

/** Weights of a popularity law: 1/(rank + flatten). Division only, so that every machine gets the same result. */
export const harmonicWeights = (n: number, flatten: number): Float64Array =>
  Float64Array.from({ length: n }, (_, rank) => 1 / (rank + flatten));
