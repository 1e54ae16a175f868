// The address plan: networks that do not overlap, and addresses that lie in theirs, each once.

import { describe, expect, it } from 'vitest';
import { cidrContains, cidrText, compareCidr, parseCidr, type Cidr } from '../../transform/networks/address.ts';
import {
  AddressPool,
  egressNetwork,
  egressPrefix,
  hyperscalers,
  MAX_ORGANISATIONS,
  NETWORKS_PER_ORGANISATION,
  ownNetwork,
  publicNetworks,
  v4Cidr,
  v6Cidr,
  type Network,
} from './networks.ts';

const textsOf = (network: Network): string[] => [v4Cidr(network), v6Cidr(network)].filter((text) => text !== null);
const cidrsOf = (network: Network): Cidr[] => textsOf(network).map((text) => parseCidr(text).cidr!);

const all = [
  ...publicNetworks(),
  ...Array.from({ length: MAX_ORGANISATIONS }, (_, o) => [
    ...Array.from({ length: NETWORKS_PER_ORGANISATION }, (_each, j) => ownNetwork(o, j, 'US')),
    egressNetwork(o, hyperscalers[o % hyperscalers.length]),
  ]).flat(),
];

describe('the address plan', () => {
  it('is written in canonical ranges that do not overlap', () => {
    const ranges = all.flatMap(cidrsOf);
    expect(ranges.map(cidrText)).toEqual(all.flatMap(textsOf));
    // In order, only a range before it can contain another.
    ranges.sort(compareCidr);
    expect(ranges.filter((inner, i) => i > 0 && cidrContains(ranges[i - 1], inner))).toEqual([]);
  });

  it('holds fixed cloud addresses in what the cloud publishes', () => {
    for (const cloud of hyperscalers) {
      const published = parseCidr(egressPrefix(cloud)).cidr!;
      for (const organisation of [0, MAX_ORGANISATIONS - 1]) {
        expect(cidrContains(published, parseCidr(v4Cidr(egressNetwork(organisation, cloud))).cidr!)).toBe(true);
      }
    }
  });

  it('gives each address once, inside its network, in canonical text, until it is used up', () => {
    for (const network of [all[0], ...all.filter(({ kind }) => kind === 'dependabot' || kind === 'own').slice(0, 2)]) {
      const pool = new AddressPool(network);
      const [v4, v6] = cidrsOf(network);
      const seen = new Set<string>();
      const size = Math.min(1_000, 2 ** (32 - network.v4.bits));
      for (let i = 0; i < size; i++) {
        const four = pool.nextV4()!;
        const six = pool.nextV6();
        for (const [text, network] of [
          [`${four}/32`, v4],
          [`${six}/128`, v6],
        ] as const) {
          if (text === 'null/128') continue;
          const cidr = parseCidr(text).cidr!;
          expect(cidrText(cidr)).toBe(text);
          expect(cidrContains(network, cidr)).toBe(true);
          expect(seen.has(text)).toBe(false);
          seen.add(text);
        }
      }
      if (network.v4.bits === 24) expect(pool.nextV4()).toBe(null);
    }
  });
});
