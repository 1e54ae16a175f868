// Seeded random numbers: a small fast generator. It uses only 32-bit integers and the four exact floating-point operations, so that
// every machine draws the same numbers.

/** Mixes 32 bits (the finaliser of MurmurHash3), so that neighbouring inputs give unrelated outputs. Unsigned. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export const TWO_POW_MINUS_32 = 2 ** -32;

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
