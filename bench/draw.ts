// The random numbers of simulated worlds.

import { Random, TWO_POW_MINUS_32 } from '../transform/random.ts';

/** Random numbers of some distributions; the same seeds give the same numbers. */
export class Draw {
  private readonly random: Random;
  constructor(...seeds: number[]) {
    this.random = new Random(...seeds);
  }
  below(limit: number): number {
    return this.random.below(limit);
  }
  chance(probability: number): boolean {
    return this.random.chance(probability);
  }
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random.next() * TWO_POW_MINUS_32;
  }
  /** Log-uniform. */
  scale(low: number, high: number): number {
    return Math.exp(this.uniform(Math.log(low), Math.log(high)));
  }
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.random.next() * TWO_POW_MINUS_32));
    return radius * Math.cos(2 * Math.PI * this.random.next() * TWO_POW_MINUS_32);
  }
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    let count = 0;
    for (let left = Math.exp(-mean), at = this.uniform(0, 1); at > left; count++) at *= this.uniform(0, 1);
    return count;
  }
}
