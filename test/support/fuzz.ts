// Number of lines and seed of the generated tests, and their report: few lines by default, millions by `make fuzz`.

import { appendFileSync } from 'node:fs';
import fc from 'fast-check';

const { FAIRSHARE_FUZZ_RUNS, FAIRSHARE_FUZZ_SEED, FAIRSHARE_FUZZ_REPORT } = process.env;

/** Number of lines of one suite, over all its formats. */
export const fuzzRuns = (byDefault: number): number => Number(FAIRSHARE_FUZZ_RUNS ?? byDefault);

/** Seed for fc.assert; by default the seed of every property test (property-seed.ts). */
export const fuzzSeed = FAIRSHARE_FUZZ_SEED === undefined ? fc.readConfigureGlobal().seed : Number(FAIRSHARE_FUZZ_SEED);

export interface FuzzReport {
  /** Kind of the test: 'agreement', 'mutations', 'random bytes'. */
  readonly test: string;
  readonly format: string;
  /** Number of parsed lines; each counts once, even if it was parsed several times. */
  readonly lines: number;
}

/** Reports the work of a test after it has passed. */
export function reportFuzz(report: FuzzReport): void {
  if (FAIRSHARE_FUZZ_REPORT !== undefined) appendFileSync(FAIRSHARE_FUZZ_REPORT, `${JSON.stringify(report)}\n`);
}
