// The requesters: every address of the simulation with its segment, organisation, evidence and popularity, as typed arrays.

import {
  AddressPool,
  isHyperscale,
  publicNetworks,
  type Hyperscaler,
  type Network,
  type NetworkKind,
} from './networks.ts';
import { userOf, type Organisation, type WorldOptions } from './organisations.ts';
import { AliasTable, harmonicWeights, mix32, Random } from './random.ts';
import type { Segment } from './scenario.ts';
import { Fragment } from './text-buffer.ts';
import { platforms, type Platform } from './user-agents.ts';

/**
 * The strongest evidence of a request's organisation: 'cidr' a declared range; 'asn' only its AS number, which some formats do not
 * log; 'none' also if there is no organisation.
 */
export const evidenceKinds = ['none', 'token', 'cidr', 'asn'] as const;
const evidence = { none: 0, token: 1, cidr: 2, asn: 3 } as const;

/** Entry a of each array belongs to address a. */
export interface Population {
  readonly count: number;
  /** ASCII text of address a: bytes [addressStart[a], addressStart[a + 1]). */
  readonly addressBytes: Fragment;
  readonly addressStart: Uint32Array;
  readonly isV6: Uint8Array;
  /** 1 if its network is one of the hyperscale clouds'. */
  readonly inCloud: Uint8Array;
  readonly segment: Uint8Array;
  /** 0 none, else index of the organisation + 1. */
  readonly organisation: Uint16Array;
  /** Index into evidenceKinds. */
  readonly evidence: Uint8Array;
  /** Index into platforms. */
  readonly platform: Uint8Array;
  /** Index into `networks`. */
  readonly network: Uint16Array;
  readonly networks: readonly Network[];
  readonly salt: Uint32Array;
  /** Per segment: its first address, and the weighted choice among its addresses. */
  readonly segmentFirst: Uint32Array;
  readonly segmentChoice: readonly AliasTable[];
}

const v6Share: Partial<Record<NetworkKind, number>> = {
  aws: 0.12, gcp: 0.12, azure: 0.06, hosting: 0.2, isp: 0.3, mobile: 0.5, own: 0.15,
  'openai-gptbot': 0.1, 'anthropic-bots': 0.2, 'google-googlebot': 0.4,
}; // prettier-ignore

/** Always takes the choice that lags furthest behind its share, so that shares are kept even with few draws. */
class Quota {
  private readonly share: Float64Array;
  private readonly given: Float64Array;
  private total = 0;

  constructor(weights: ArrayLike<number>) {
    const sum = Array.from(weights).reduce((a, b) => a + b, 0);
    this.share = Float64Array.from(weights, (weight) => weight / sum);
    this.given = new Float64Array(weights.length);
  }

  take(weight: number): number {
    this.total += weight;
    let best = 0;
    let most = -Infinity;
    for (let i = 0; i < this.share.length; i++) {
      const lag = this.share[i] * this.total - this.given[i];
      if (this.share[i] > 0 && lag > most) {
        most = lag;
        best = i;
      }
    }
    this.given[best] += weight;
    return best;
  }
}

/** Relative number of requests per address of a segment, the busiest first. Sums to one. */
function segmentWeights({ head }: Segment, count: number): Float64Array {
  const headCount = Math.max(1, Math.min(count - 1, Math.round(count * head.addresses)));
  if (count === 1) return Float64Array.of(1);
  const top = harmonicWeights(headCount, headCount / 3 + 1);
  const topSum = top.reduce((a, b) => a + b, 0);
  return Float64Array.from({ length: count }, (_, i) =>
    i < headCount ? (top[i] / topSum) * head.requests : (1 - head.requests) / (count - headCount),
  );
}

/** Blocks of an organisation's network: eight /24 of its /21, and its /48. */
export const V6_BLOCK = 8;
const blockOf = (address: string): number => (address.includes(':') ? V6_BLOCK : Number(address.split('.')[2]) & 7);

/** The address plan has room for more than this. */
export const MAX_ADDRESSES = 400_000;

/**
 * @param addresses about how many addresses to compose (each segment has at least two)
 * @returns the same population for the same seed, segments, organisations and number
 */
export function composePopulation(
  segments: readonly Segment[],
  organisations: readonly Organisation[],
  addresses: number,
  seed: number,
  world?: WorldOptions,
): Population {
  const random = new Random(seed, 0x909);
  const networks = publicNetworks();
  const pools = networks.map((network) => new AddressPool(network));
  const byKind = new Map<NetworkKind, { choice: AliasTable; members: number[] }>();
  for (const kind of new Set(networks.map((network) => network.kind))) {
    const members = networks.flatMap((network, n) => (network.kind === kind ? [n] : []));
    byKind.set(kind, { members, choice: new AliasTable(harmonicWeights(members.length, 2)) });
  }
  const addNetwork = (network: Network): number => {
    networks.push(network);
    return pools.push(new AddressPool(network)) - 1;
  };
  const own = organisations.map((organisation) => organisation.networks.map(addNetwork));
  const egress = organisations.map((organisation) =>
    organisation.egress === null ? -1 : addNetwork(organisation.egress),
  );

  const total = segments.reduce((sum, segment) => sum + segment.addresses, 0);
  const counts = segments.map((segment) => Math.max(2, Math.round((addresses * segment.addresses) / total)));
  const count = counts.reduce((a, b) => a + b, 0);
  const texts: string[] = [];
  const population = {
    isV6: new Uint8Array(count),
    inCloud: new Uint8Array(count),
    segment: new Uint8Array(count),
    organisation: new Uint16Array(count),
    evidence: new Uint8Array(count),
    platform: new Uint8Array(count),
    network: new Uint16Array(count),
    salt: new Uint32Array(count),
    segmentFirst: new Uint32Array(segments.length),
    segmentChoice: [] as AliasTable[],
  };
  const organisationWeights = harmonicWeights(organisations.length, 3);
  const organisationChoice = new AliasTable(organisationWeights);

  const take = (n: number, v6Quota: ReadonlyMap<NetworkKind, Quota>, weight: number): string | null => {
    const pool = pools[n];
    const wantsV6 = v6Quota.get(pool.network.kind)?.take(weight) === 1;
    return (wantsV6 ? pool.nextV6() : null) ?? pool.nextV4() ?? pool.nextV6();
  };

  segments.forEach((segment, s) => {
    population.segmentFirst[s] = texts.length;
    const weights = segmentWeights(segment, counts[s]);
    const kinds = Object.keys(segment.placement) as NetworkKind[];
    const placementQuota = new Quota(kinds.map((kind) => segment.placement[kind]!));
    const v6Quota = new Map(kinds.map((kind) => [kind, new Quota([1 - (v6Share[kind] ?? 0), v6Share[kind] ?? 0])]));
    const membershipQuota = new Quota([1 - segment.organisations, segment.organisations]);
    const organisationQuota = new Quota(organisationWeights);
    const busy = 4 / weights.length;

    for (let i = 0; i < weights.length; i++) {
      const a = texts.length;
      const salt = random.next();
      const kind = kinds[placementQuota.take(weights[i])];
      const belongs = kind === 'own' || membershipQuota.take(weights[i]) === 1;
      let o = !belongs ? -1 : weights[i] > busy ? organisationQuota.take(weights[i]) : organisationChoice.pick(random);
      let n = -1;
      let text: string | null = null;
      let found: number = evidence.none;
      if (kind === 'own') {
        const j = salt % own[o].length;
        n = own[o][j]!;
        text = take(n, v6Quota, weights[i]);
        if (j < organisations[o].declaredNetworks) found = evidence.cidr;
        else if (organisations[o].asKnown) found = evidence.asn;
        if (world !== undefined && text !== null) {
          const user = userOf(world, seed, organisations.length, [o, j, blockOf(text)]);
          if (user !== o) found = evidence.none;
          o = user;
        }
      } else if (o >= 0 && organisations[o].egress?.kind === kind && salt % 3 === 0) {
        n = egress[o]!;
        text = take(n, v6Quota, weights[i]);
        found = evidence.cidr;
      }
      if (text === null) {
        // Without an own network, or if it is used up: any network of the kind.
        found = evidence.none;
        if (kind === 'own') o = -1;
        const { choice, members } = byKind.get(kind === 'own' ? 'isp' : kind)!;
        for (let tries = 0; text === null && tries < 64; tries++) {
          n = members[choice.pick(random)]!;
          text = take(n, v6Quota, weights[i]);
        }
      }
      if (text === null) throw new RangeError(`the address plan is used up for ${kind}`);
      const sendsToken =
        world === undefined ? (salt >>> 8) % 4 !== 0 : (salt >>> 8) % 1_000 < 1_000 * world.token_share;
      if (o >= 0 && organisations[o].token !== null && sendsToken) found = evidence.token;

      texts.push(text);
      const network = networks[n];
      population.isV6[a] = text.includes(':') ? 1 : 0;
      population.inCloud[a] = isHyperscale(network.kind) ? 1 : 0;
      population.segment[a] = s;
      population.organisation[a] = o + 1;
      population.evidence[a] = found;
      population.platform[a] = Math.max(0, platforms.indexOf(network.kind as Hyperscaler & Platform));
      population.network[a] = n;
      population.salt[a] = mix32(salt);
    }
    population.segmentChoice.push(new AliasTable(weights));
  });

  const addressStart = new Uint32Array(count + 1);
  texts.forEach((text, a) => (addressStart[a + 1] = addressStart[a] + text.length));
  return { count, ...population, networks, addressBytes: new Fragment(texts.join('')), addressStart };
}
