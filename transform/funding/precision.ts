// The precision of evidence of E4–E6, measured by hiding tokens, and random draws of it. The counts of organisations with tokens
// decide how much organisations differ: beta-binomial on a grid (Gelman et al., Bayesian Data Analysis, 5.3). The counts do not
// decide which organisations are better. docs/METHODOLOGY.md, Intervals

import { mix32, Random } from '../random.ts';

/** Results of hiding tokens, for an organisation's evidence of one kind, in prefixes. */
export interface Precision {
  /** E4, E5, E6 */
  readonly tier: string;
  /**
   * The organisation that the evidence names. '': all without a token of their own, counted together. No token shows where their
   * evidence is right, so their counts do not show how organisations differ.
   */
  readonly org: string;
  /** Prefixes whose evidence names the organisation of the token, and another one. */
  readonly right: number;
  readonly wrong: number;
}
type Counts = Pick<Precision, 'right' | 'wrong'>;

/** The published shape, tier by tier: integers as text. */
export const precisionJson = ({
  tier,
  right,
  wrong,
}: Precision): Readonly<Record<'tier' | 'prefixes_right' | 'prefixes_wrong', string>> => ({
  tier,
  prefixes_right: String(right),
  prefixes_wrong: String(wrong),
});

/** Counts of a tier over all its organisations; nothing if no prefix was tested. */
export const precisionOfTier = (precision: readonly Precision[], tier: string): Counts =>
  summed(precision.filter((one) => one.tier === tier));

/** All organisations of a tier together; tiers in order of appearance. */
export const precisionByTier = (precision: readonly Precision[]): Precision[] =>
  [...new Set(precision.map(({ tier }) => tier))].map((tier) => ({
    tier,
    org: '',
    ...precisionOfTier(precision, tier),
  }));

const summed = (counts: readonly Counts[]): Counts =>
  counts.reduce(({ right, wrong }, one) => ({ right: right + one.right, wrong: wrong + one.wrong }), {
    right: 0,
    wrong: 0,
  });

/**
 * For each draw, the precision of an organisation's evidence of a tier, times 2^32: a prefix is kept if its 32-bit number is below.
 * Whole numbers, so that a different last bit of log or sqrt on another machine changes nothing.
 */
export function precisionDraws(
  precision: readonly Precision[],
  seed: number,
  draws: number,
): (tier: string, org: string) => Float64Array {
  const tiers = new Map<string, TierDraws>();
  return (tier, org) => {
    let drawn = tiers.get(tier);
    if (drawn === undefined) {
      drawn = new TierDraws(
        precision.filter((one) => one.tier === tier),
        [seed, hashText(tier)],
        draws,
      );
      tiers.set(tier, drawn);
    }
    return drawn.of(org);
  };
}

/** The draws of one tier. */
class TierDraws {
  /** For each draw: the common precision of all organisations, by all counts. */
  private readonly means: Float64Array;
  /** For each draw: organisations are Beta(mean · strength, (1 − mean) · strength); Infinity: alike. */
  private readonly strengths: Float64Array;
  private readonly stream: readonly number[];

  constructor(precision: readonly Precision[], stream: readonly number[], draws: number) {
    this.stream = stream;
    const { right, wrong } = summed(precision);
    const random = new Random(...stream);
    this.means = Float64Array.from({ length: draws }, () => drawBeta(random, right + 0.5, wrong + 0.5));
    const posterior = spreadPosterior(precision.filter(({ org }) => org !== ''));
    const chance = new Random(...stream, 1);
    this.strengths = Float64Array.from({ length: draws }, () => {
      const at = uniform(chance);
      return 1 / posterior.find(({ upTo }) => at < upTo)!.spread ** 2;
    });
  }

  of(org: string): Float64Array {
    const random = new Random(...this.stream, hashText(org), hashText(`${org}\n`));
    return this.means.map((mean, draw) => {
      const strength = this.strengths[draw];
      return threshold(strength === Infinity ? mean : drawBeta(random, mean * strength, (1 - mean) * strength));
    });
  }
}

const threshold = (precision: number): number => Math.round(precision * 2 ** 32);

/**
 * Spreads 1/√strength, all equally likely before any count; 0: organisations are alike. At 0.5 they differ as if four prefixes had
 * been seen of each.
 */
const SPREADS = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5] as const;
/** Number of points of the mean, evenly spaced in its arcsine: Jeffreys' prior. */
const MEANS = 64;
/** Means less likely than the likeliest by more than e^-14 are left out. */
const LOG_NEGLIGIBLE = 14;

/** Probability of each spread given the organisations' counts, cumulated up to 1. Without counts: they are alike. */
export function spreadPosterior(counts: readonly Counts[]): { readonly spread: number; readonly upTo: number }[] {
  if (counts.length === 0) return [{ spread: 0, upTo: 1 }];
  const logs = SPREADS.map((spread) => {
    const likelihood = likelihoodOf(counts, 1 / spread ** 2);
    const [from, to] = likelyArcs(likelihood);
    const likelihoods = arcs(from, to).map((arc) => likelihood(Math.sin(arc) ** 2));
    const top = Math.max(...likelihoods);
    return top + Math.log(likelihoods.reduce((sum, log) => sum + Math.exp(log - top), 0) * (to - from));
  });
  const top = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  let upTo = 0;
  return SPREADS.map((spread, i) => ({
    spread,
    upTo: i === SPREADS.length - 1 ? 1 : (upTo += weights[i] / sum),
  }));
}

/** Midpoints of MEANS equal parts. */
const arcs = (from: number, to: number): number[] =>
  Array.from({ length: MEANS }, (_, i) => from + ((i + 0.5) / MEANS) * (to - from));

/** The range of likely means, roughly: arcsine from and to. */
function likelyArcs(likelihood: (mean: number) => number): [from: number, to: number] {
  const logs = arcs(0, Math.PI / 2).map((arc) => likelihood(Math.sin(arc) ** 2));
  const least = Math.max(...logs) - LOG_NEGLIGIBLE;
  const part = Math.PI / 2 / MEANS;
  const first = logs.findIndex((log) => log >= least);
  const last = logs.findLastIndex((log) => log >= least);
  return [Math.max(0, (first - 1) * part), Math.min(Math.PI / 2, (last + 2) * part)];
}

/** Log of the chance of the counts, up to a constant, if organisations differ with this strength; Infinity: alike. */
function likelihoodOf(counts: readonly Counts[], strength: number): (mean: number) => number {
  if (strength === Infinity) {
    const { right, wrong } = summed(counts);
    return (mean) => right * Math.log(mean) + wrong * Math.log(1 - mean);
  }
  const most = (of: (one: Counts) => number) => counts.reduce((top, one) => Math.max(top, of(one)), 0);
  const [mostRight, mostWrong] = [most(({ right }) => right), most(({ wrong }) => wrong)];
  const all = risingLogs(
    strength,
    most(({ right, wrong }) => right + wrong),
  );
  const base = counts.reduce((sum, { right, wrong }) => sum - all[right + wrong], 0);
  return (mean) => {
    const rights = risingLogs(mean * strength, mostRight);
    const wrongs = risingLogs((1 - mean) * strength, mostWrong);
    return counts.reduce((sum, { right, wrong }) => sum + rights[right] + wrongs[wrong], base);
  };
}

/** log(x (x + 1) … (x + n − 1)) for n = 0 … most */
function risingLogs(x: number, most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let n = 1; n <= most; n++) logs[n] = logs[n - 1] + Math.log(x + n - 1);
  return logs;
}

/** 32-bit hash of a text. */
export function hashText(text: string): number {
  let hash = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) hash = mix32(hash ^ text.charCodeAt(i)) + i;
  return mix32(hash);
}

/** Uniform in (0, 1). */
const uniform = (random: Random): number => (random.next() + 0.5) / 2 ** 32;

/** Standard normal, by Marsaglia's polar method. */
function drawNormal(random: Random): number {
  for (;;) {
    const u = 2 * uniform(random) - 1;
    const v = 2 * uniform(random) - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Gamma(shape, 1), by Marsaglia and Tsang; below one through Gamma(shape + 1) · U^(1/shape). */
function drawGamma(random: Random, shape: number): number {
  if (shape < 1) {
    const u = uniform(random);
    return drawGamma(random, shape + 1) * u ** (1 / shape);
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const t = 1 + c * x;
    if (t <= 0) continue;
    const v = t * t * t;
    if (Math.log(uniform(random)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Beta(a, b), a and b above 0, one of them at least ½. */
export function drawBeta(random: Random, a: number, b: number): number {
  const x = drawGamma(random, a);
  return x / (x + drawGamma(random, b));
}
