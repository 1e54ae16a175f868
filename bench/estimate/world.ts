// Worlds for the estimate of undeclared CI: the traffic of one client in a month, by network, with its hidden truth. Shares no code with
// the estimate, which is a view (sql/views/0011_undeclared_ci.sql).

import { Draw } from '../draw.ts';

/** A difference of the unknown traffic of a world. */
export const differences = ['none', 'all', 'some', 'within', 'never'] as const;
/**
 * none: its coverage is drawn as that of the known groups. all: the flag is rarer or more frequent in all its networks. some: in a third
 * to two thirds of them. within: a share of its jobs never sends the flag. never: some of its CI networks never send it.
 */
export type Difference = (typeof differences)[number];

/** Requests of one network. Its client said that it runs in CI, or nothing. */
export interface WorldNetwork {
  /** 'provider:P', 'company:C', or '' for traffic of unknown truth. */
  readonly group: string;
  /** Numbered within the world; the number of its /24. */
  readonly number: number;
  readonly flagged: number;
  readonly silent: number;
}

export interface EstimateWorld {
  readonly seed: number;
  readonly difference: Difference;
  readonly networks: readonly WorldNetwork[];
  /** Silent requests that CI made, in all networks: what the view estimates. */
  readonly truth: number;
  readonly silent: number;
  /** True coverage of the unknown traffic. */
  readonly coverage: number;
}

const chanceOf = (logit: number): number => 1 / (1 + Math.exp(-logit));
const logitOf = (chance: number): number => Math.log(chance / (1 - chance));

/** How the jobs of a world are spread. */
interface Habits {
  /** Mean and spread of the logarithm of the jobs of a network. */
  readonly jobs: number;
  readonly jobs_spread: number;
  readonly requests_spread: number;
}

interface Jobs {
  flagged: number;
  silent: number;
}

/** A job sends the flag with all its requests, or with none. */
function runJobs(draw: Draw, { jobs, jobs_spread, requests_spread }: Habits, coverage: number, share = 1): Jobs {
  const sum = { flagged: 0, silent: 0 };
  const count = Math.max(1, Math.round(share * Math.exp(jobs + jobs_spread * draw.normal())));
  for (let job = 0; job < count; job++) {
    const requests = Math.max(1, Math.round(40 * Math.exp(requests_spread * draw.normal())));
    sum[draw.chance(coverage) ? 'flagged' : 'silent'] += requests;
  }
  return sum;
}

export function simulateWorld(seed: number, difference: Difference): EstimateWorld {
  const draw = new Draw(seed, differences.indexOf(difference), 0xe57);
  const habits: Habits = {
    jobs: Math.log(draw.scale(3, 40)),
    jobs_spread: draw.uniform(0.2, 1.4),
    requests_spread: draw.uniform(0.3, 1.5),
  };
  const typical = logitOf(draw.uniform(0.3, 0.96));
  const between = draw.chance(0.3) ? 0 : draw.uniform(0.05, 0.6);
  const within = draw.uniform(0.1, 1);
  const networks: WorldNetwork[] = [];
  let truth = 0;
  let silent = 0;
  const add = (group: string, ci: Jobs, other = 0): void => {
    if (ci.flagged + ci.silent + other === 0) return;
    networks.push({ group, number: networks.length, flagged: ci.flagged, silent: ci.silent + other });
    truth += ci.silent;
    silent += ci.silent + other;
  };

  const providers = draw.below(5);
  const companies = Math.max(draw.below(7), 3 - providers);
  for (let g = 0; g < providers + companies; g++) {
    const isProvider = g < providers;
    const own = typical + between * draw.normal();
    const size = Math.round(isProvider ? draw.scale(12, 150) : draw.scale(5, 40));
    for (let i = 0; i < size; i++)
      add(
        isProvider ? `provider:${g}` : `company:${g - providers}`,
        runJobs(draw, habits, chanceOf(own + within * draw.normal())),
      );
  }

  // The unknown traffic: of one kind of users, or of many, each with habits of their own.
  const oneKind = draw.chance(0.3);
  const kind = typical + between * draw.normal();
  const shift = (draw.chance(0.6) ? -1 : 1) * draw.scale(0.5, 3);
  const affected =
    difference === 'some' ? draw.uniform(1 / 3, 2 / 3) : difference === 'never' ? draw.uniform(0.1, 0.4) : 1;
  const hiding = draw.uniform(0.2, 0.7);
  const size = Math.round(draw.scale(25, 400));
  /** Share of the CI networks that do nothing else, and share of networks without CI. */
  const pure = draw.uniform(0.3, 1);
  const machines = draw.uniform(0.05, 0.6);
  const sum = { flagged: 0, silent: 0 };
  for (let i = 0; i < size; i++) {
    if (draw.chance(machines)) {
      add('', { flagged: 0, silent: 0 }, Math.round(draw.scale(5, 5000)));
      continue;
    }
    const own = (oneKind ? kind : typical + between * draw.normal()) + within * draw.normal();
    const isAffected = draw.chance(affected);
    const coverage =
      difference === 'none' || !isAffected
        ? chanceOf(own)
        : difference === 'never'
          ? 0
          : difference === 'within'
            ? chanceOf(own) * (1 - hiding)
            : chanceOf(own + shift);
    const ci = runJobs(draw, habits, coverage);
    sum.flagged += ci.flagged;
    sum.silent += ci.silent;
    const other = draw.chance(pure) ? 0 : Math.round((ci.flagged + ci.silent) * draw.scale(0.05, 5));
    add('', ci, other);
  }
  return { seed, difference, networks, truth, silent, coverage: sum.flagged / (sum.flagged + sum.silent) };
}
