// Seeded chance for the simulation: a small fast generator and weighted choice. Only 32-bit integers and the four exact
// floating-point operations, so every machine draws the same numbers. Nothing else in this folder may be random.

/** Mixes 32 bits (the finaliser of MurmurHash3): neighbouring inputs give unrelated outputs. Unsigned. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const TWO_POW_MINUS_32 = 2 ** -32;

/** sfc32 (Chris Doty-Humphrey's Small Fast Counting generator): 128 bits of state, 32-bit operations. */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /** @param parts integers that name the stream: the same parts give the same stream, other parts an unrelated one. */
  constructor(...parts: readonly number[]) {
    let h = 0x9e3779b9;
    for (const part of parts) {
      h = mix32(h ^ mix32(part)); // low 32 bits
      h = mix32(h ^ mix32(Math.floor(part * TWO_POW_MINUS_32) + 0x51ed)); // the rest of a 53-bit seed
    }
    this.a = mix32(h + 1) | 0;
    this.b = mix32(h + 2) | 0;
    this.c = mix32(h + 3) | 0;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** An unsigned integer of 32 bits. */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return t >>> 0;
  }

  /** An integer in [0, limit), limit ≤ 2^32. */
  below(limit: number): number {
    return Math.floor(this.next() * TWO_POW_MINUS_32 * limit);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() * TWO_POW_MINUS_32 < probability;
  }
}

/** Weighted choice in constant time (Walker's alias method as built by Vose). */
export class AliasTable {
  private readonly threshold: Float64Array;
  private readonly alias: Uint32Array;

  /** @param weights not negative, finite, with a positive sum */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i]!;
    if (!(total > 0) || !Number.isFinite(total)) throw new RangeError('weights need a positive, finite sum');
    this.threshold = new Float64Array(n).fill(1);
    this.alias = Uint32Array.from({ length: n }, (_, i) => i);
    const scaled = Float64Array.from({ length: n }, (_, i) => (weights[i]! * n) / total);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) (scaled[i]! < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const s = small.pop()!;
      const l = large.at(-1)!;
      this.threshold[s] = scaled[s]!;
      this.alias[s] = l;
      scaled[l] = scaled[l]! - (1 - scaled[s]!);
      if (scaled[l]! < 1) {
        large.pop();
        small.push(l);
      }
    }
    // Rounding may leave an index without a partner; one of weight zero must still never be drawn.
    for (const s of small) {
      if (weights[s] !== 0) continue;
      this.threshold[s] = 0;
      this.alias[s] = Array.prototype.findIndex.call(weights, (weight) => weight > 0);
    }
  }

  /** An index, from two unsigned 32-bit draws. */
  at(u: number, v: number): number {
    const i = Math.floor(u * TWO_POW_MINUS_32 * this.threshold.length);
    return v * TWO_POW_MINUS_32 < this.threshold[i]! ? i : this.alias[i]!;
  }

  pick(random: Random): number {
    return this.at(random.next(), random.next());
  }
}

/** Weights of a popularity law: 1/(rank + flatten). Division only, so that every machine agrees. */
export const harmonicWeights = (n: number, flatten: number): Float64Array =>
  Float64Array.from({ length: n }, (_, rank) => 1 / (rank + flatten));
