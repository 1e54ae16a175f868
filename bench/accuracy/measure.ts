// What an accuracy run measures in a world: errors of shares, usage billed to the wrong organisation, and how often intervals
// contain the truth. docs/ACCURACY.md explains the figures.

import { readFileSync } from 'node:fs';
import { parseUserAgent } from '../../transform/clients/index.ts';
import { precisionOfTier } from '../../transform/funding/precision.ts';
import { World, type AccuracyWorld, type Usage, type UsageCells } from './world.ts';

export const coverages = [1, 0.8, 0.6, 0.4, 0.2] as const;

/** All usage of an organisation carries evidence: tokens of five teams, declared networks, fixed cloud addresses. */
export const fullWorld = (seed: number, lines: number): AccuracyWorld => ({
  seed,
  lines,
  days: 2,
  organisations: 30,
  scenario: 'default',
  sources: ['npm', 'pypi'],
  knowledge: 'full',
  teams: 5,
  token_share: 1,
  lent: 0,
  uneven: false,
  wrong_sources: 0,
});

/** Clients that were found by their token in a recorded run, as docs/ENROLMENT.md names them. */
export function provenClients(page = readFileSync('docs/ENROLMENT.md', 'utf8')): Set<string> {
  const rows = [...page.matchAll(/^\| [^|]+ \| [^|]+ \| [^|]+ \| (\d+) of (\d+) requests \| ([^|]+) \|$/gm)];
  return new Set(rows.filter(([, found, sent]) => found === sent).map(([, , , name]) => name.trim()));
}

/** The same organisations. Each of their programs sends its team's token, if a recorded run proves that this client can. */
export function enrolledWorld(seed: number, lines: number): AccuracyWorld {
  const proven = provenClients();
  return { ...fullWorld(seed, lines), sends_token: (userAgent) => proven.has(parseUserAgent(userAgent).client) };
}

/** Only E4, E5 and E6 name the networks, and some networks are used by another organisation than the registered one. */
export const erringWorld = (seed: number, lines: number, uneven: boolean): AccuracyWorld => ({
  seed,
  lines,
  days: 2,
  organisations: 18,
  scenario: 'offices',
  sources: ['pypi', 'openvsx'],
  knowledge: 'inferred',
  teams: 1,
  token_share: 0.35,
  lent: [0.05, 0.1, 0.2, 0.3][seed % 4],
  uneven,
  wrong_sources: 0.1,
});

export interface ShareError {
  readonly coverage: number;
  /** Part of the organisations' true bytes that was attributed. */
  readonly attributed: number;
  /** Number of organisations with at least one piece of evidence. */
  readonly attributable: number;
  readonly organisations: number;
  /** Half the L1 distance between attributed and true shares, among the attributable. */
  readonly requests_error: number;
  readonly bytes_error: number;
  /** Requests that E1–E3 attributed beyond the truth, summed over organisation, day and ecosystem. */
  readonly wrong_requests: number;
  /** Bytes that were not attributed, by client, as parts of all; only where all of it is known. */
  readonly missing_by_client?: Readonly<Record<string, number>>;
  /** Requests attributed by E4–E6 evidence that claims networks of clouds, hosters, providers and VPNs. */
  readonly claimed_requests: number;
}

type Measure = keyof Usage;
const total = (usage: ReadonlyMap<string, Usage> | undefined, measure: Measure): bigint =>
  [...(usage?.values() ?? [])].reduce((sum, cell) => sum + cell[measure], 0n);
const totals = (cells: UsageCells, ids: Iterable<string>, measure: Measure): Map<string, bigint> =>
  new Map([...ids].map((id) => [id, total(cells.get(id), measure)]));
const sumOf = (values: ReadonlyMap<string, bigint>): bigint => [...values.values()].reduce((a, b) => a + b, 0n);

export function shareError(truth: ReadonlyMap<string, bigint>, found: ReadonlyMap<string, bigint>): number {
  const [true_sum, found_sum] = [Number(sumOf(truth)), Number(sumOf(found))];
  if (true_sum === 0 || found_sum === 0) return true_sum === found_sum ? 0 : 1;
  let distance = 0;
  for (const [id, value] of truth) distance += Math.abs(Number(value) / true_sum - Number(found.get(id)!) / found_sum);
  return distance / 2;
}

type ByClient = ReadonlyMap<string, bigint>;

/** What is attributed by client if everything is known. */
export async function attributedByClient(options: AccuracyWorld): Promise<ByClient> {
  const world = await World.make(options);
  try {
    await world.know(1);
    return await world.bytesByClient();
  } finally {
    await world.close();
  }
}

function missingOf(all: ByClient, found: ByClient): Record<string, number> {
  const sum = Number(sumOf(all));
  return Object.fromEntries(
    [...all].flatMap(([client, bytes]) => {
      const missing = bytes - (found.get(client) ?? 0n);
      return missing === 0n ? [] : [[client, Number(missing) / sum]];
    }),
  );
}

/**
 * A world with all evidence, then with less and less of it.
 * @param tokens the part of the tokens that is known, whatever the rest; default: as much as of the rest
 * @param all what would be attributed by client if everything were known
 */
export async function measureShares(options: AccuracyWorld, tokens?: number, all?: ByClient): Promise<ShareError[]> {
  const world = await World.make(options);
  try {
    const truth = world.truth();
    const errors: ShareError[] = [];
    for (const coverage of coverages) {
      const pieces = await world.know(coverage, tokens);
      const proved = await world.attributed("tier <= 'E3'");
      const ids = world.organisations.map(({ id }) => id).filter((id) => pieces.has(id));
      const error = (measure: Measure) => shareError(totals(truth, ids, measure), totals(proved, ids, measure));
      let wrong = 0n;
      for (const [id, cells] of proved)
        for (const [key, { requests }] of cells) {
          const beyond = requests - (truth.get(id)?.get(key)?.requests ?? 0n);
          if (beyond > 0n) wrong += beyond;
        }
      const claimed = await world.attributed("tier > 'E3'");
      errors.push({
        coverage,
        attributed:
          Number(sumOf(totals(proved, proved.keys(), 'bytes'))) / Number(sumOf(totals(truth, truth.keys(), 'bytes'))),
        attributable: ids.length,
        organisations: world.organisations.length,
        requests_error: error('requests'),
        bytes_error: error('bytes'),
        ...(all && { missing_by_client: missingOf(all, await world.bytesByClient()) }),
        wrong_requests: Number(wrong),
        claimed_requests: Number(sumOf(totals(claimed, claimed.keys(), 'requests'))),
      });
    }
    return errors;
  } finally {
    await world.close();
  }
}

export interface IntervalCase {
  readonly seed: number;
  readonly organisation: string;
  readonly prefixes: number;
  /** −1: the truth is below the interval, 0: inside, 1: above. */
  readonly requests: number;
  readonly bytes: number;
  /** Width of the interval of requests, as a part of the attributed requests. */
  readonly width: number;
}
export interface ErringWorld {
  readonly cases: readonly IntervalCase[];
  /** For each tier: prefixes seen right and wrong, and the true precision of the evidence of all attributed prefixes. */
  readonly precision: readonly {
    readonly tier: string;
    readonly right: number;
    readonly wrong: number;
    readonly truth: number;
  }[];
}

/** Returns one case for each organisation with usage that E4–E6 attribute. */
export async function measureIntervals(options: AccuracyWorld): Promise<ErringWorld> {
  const world = await World.make(options);
  try {
    await world.know(1);
    const { intervals, usage, precision } = await world.intervals();
    const users = world.users();
    const isTrue = ({ org_id, tier, prefix }: (typeof usage)[number]): boolean => {
      if (tier < 'E4') return true;
      const user = users.get(prefix);
      if (user === undefined) throw new Error(`${tier} of ${org_id} attributes ${prefix}, which is no organisation's`);
      return user === org_id;
    };
    const cases = intervals
      .filter(({ org, tier }) => org !== '' && tier === '')
      .flatMap(({ org, intervals: found }): IntervalCase[] => {
        const own = usage.filter((row) => row.org_id === org);
        const prefixes = new Set(own.filter(({ tier }) => tier > 'E3').map(({ tier, prefix }) => `${tier} ${prefix}`));
        if (prefixes.size === 0) return [];
        const side = (measure: Measure): number => {
          const truth = own.filter(isTrue).reduce((sum, row) => sum + BigInt(row[measure]), 0n);
          const { low, high } = found[measure];
          return truth < low.num ? -1 : truth > high.num ? 1 : 0;
        };
        const { attributed, low, high } = found.requests;
        return [
          {
            seed: options.seed,
            organisation: org,
            prefixes: prefixes.size,
            requests: side('requests'),
            bytes: side('bytes'),
            width: Number(high.num - low.num) / Number(attributed.num),
          },
        ];
      });
    const tiers = [...new Set(precision.map(({ tier }) => tier))];
    const truths = tiers.map((tier) => {
      const { right, wrong } = precisionOfTier(precision, tier);
      const all = new Map(
        usage.filter((row) => row.tier === tier).map((row) => [`${row.org_id} ${row.prefix}`, isTrue(row)]),
      );
      return { tier, right, wrong, truth: [...all.values()].filter(Boolean).length / all.size };
    });
    return { cases, precision: truths };
  } finally {
    await world.close();
  }
}

/** A measured world, as bench/results/accuracy.jsonl stores it. */
export type WorldResult = {
  readonly seed: number;
  readonly at: string;
  readonly version: string;
  readonly node: string;
} & (
  | { readonly kind: 'shares' | 'enrolled'; readonly result: readonly ShareError[] }
  | { readonly kind: 'intervals'; readonly uneven: boolean; readonly result: ErringWorld }
);
