// How many lines the generated tests make, from which seed, and what they report: few by default, millions by `make fuzz`.

import { appendFileSync } from 'node:fs';
import fc from 'fast-check';

const { FAIRSHARE_FUZZ_RUNS, FAIRSHARE_FUZZ_SEED, FAIRSHARE_FUZZ_REPORT } = process.env;

/** Lines of one suite, over all its formats. */
export const fuzzRuns = (byDefault: number): number => Number(FAIRSHARE_FUZZ_RUNS ?? byDefault);

/** For fc.assert; by default that of every property test (property-seed.ts). */
export const fuzzSeed = FAIRSHARE_FUZZ_SEED === undefined ? fc.readConfigureGlobal().seed : Number(FAIRSHARE_FUZZ_SEED);

export interface FuzzReport {
  /** 'agreement', 'mutations', 'random bytes' */
  readonly test: string;
  readonly format: string;
  /** Lines parsed; each counts once, however often it was parsed. */
  readonly lines: number;
}

/** Notes what a test has done, once it has passed. */
export function reportFuzz(report: FuzzReport): void {
  if (FAIRSHARE_FUZZ_REPORT !== undefined) appendFileSync(FAIRSHARE_FUZZ_REPORT, `${JSON.stringify(report)}\n`);
}
