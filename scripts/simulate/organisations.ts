// The organisations of the simulation: their networks, and their evidence for a registry of organisations.

import { egressNetwork, hyperscalers, NETWORKS_PER_ORGANISATION, ownNetwork, type Network } from './networks.ts';
import { Random } from './random.ts';

export const organisationKinds = [
  'company',
  'company',
  'company',
  'university',
  'company',
  'foundation',
  'company',
  'agency',
] as const;

export interface Organisation {
  /** Stable id: kebab-case. */
  readonly id: string;
  readonly name: string;
  readonly kind: (typeof organisationKinds)[number];
  /** Legal family: the parent's id; undefined if it has no parent. */
  readonly family?: string;
  /** Registries do not bill it. */
  readonly exempt: boolean;
  readonly country: string;
  readonly asn: number;
  readonly networks: readonly Network[];
  /** Fixed outgoing addresses in a cloud that only it uses; null: none. */
  readonly egress: Network | null;
  /** The secret that its clients send; null: none. */
  readonly token: string | null;
  readonly tokenPlace: 'user-agent' | 'query';
  /** It has declared this many of `networks`, from the first, by CIDR (E2). */
  readonly declaredNetworks: number;
  /** Its AS number is registered as an enterprise's (E5). */
  readonly asKnown: boolean;
}

/**
 * The evidence on organisations, for measuring attribution: `full` has everything (a token everywhere, all networks declared),
 * `inferred` has no declared network, a token for every second organisation, and an AS number for every third.
 */
export type Knowledge = 'mixed' | 'full' | 'inferred';

/** Differences between a measured world and the usual one. */
export interface WorldOptions {
  readonly knowledge: Knowledge;
  /** Tokens per organisation, one for each of its teams. */
  readonly teams: number;
  /** Share of its addresses that send a token, if it has one. */
  readonly token_share: number;
  /** Which user agents send the token, where an address has one; default: all. */
  readonly sends_token?: (userAgent: string) => boolean;
  /** Share of the /24 and /48 of organisations' own networks that another organisation uses. */
  readonly lent: number;
  /** Whether that share differs between organisations: from 0 to twice as much. */
  readonly uneven: boolean;
}

/** The secret that a team sends. */
export const teamToken = (token: string, team: number, teams: number): string =>
  teams === 1 ? token : `${token}t${team}`;

/** The user of a block of an organisation's own network: itself, or the borrower. Indices of organisations. */
export function userOf(
  { lent, uneven }: Pick<WorldOptions, 'lent' | 'uneven'>,
  seed: number,
  organisations: number,
  [organisation, network, block]: readonly [number, number, number],
): number {
  const share = uneven ? (lent * new Random(seed, 0x1e57, organisation).below(2_001)) / 1_000 : lent;
  const random = new Random(seed, 0x1e47, organisation, network, block);
  if (organisations < 2 || !random.chance(share)) return organisation;
  const other = random.below(organisations - 1);
  return other < organisation ? other : other + 1;
}

const first = ['Alder', 'Basalt', 'Cobalt', 'Dune', 'Ember', 'Fjord', 'Granite', 'Harbour', 'Indigo', 'Juniper', 'Kestrel',
  'Lumen', 'Marlin', 'Nimbus', 'Orchard', 'Pinnacle', 'Quartz', 'Raven', 'Sable', 'Tundra']; // prettier-ignore
const second = ['Analytics', 'Aviation', 'Bank', 'Foods', 'Games', 'Insurance', 'Logistics', 'Media', 'Mobility', 'Motors',
  'Networks', 'Payments', 'Pharma', 'Retail', 'Robotics', 'Semiconductors', 'Software', 'Steel', 'Telecom', 'Travel']; // prettier-ignore
const countries = ['US', 'US', 'DE', 'US', 'GB', 'FR', 'IN', 'JP', 'US', 'CA'];

function nameOf(i: number, kind: Organisation['kind']): string {
  const place = first[i % first.length];
  const trade = second[(i + 7 * Math.floor(i / first.length)) % second.length];
  if (kind === 'university') return `University of ${place} ${trade}`;
  if (kind === 'foundation') return `${place} ${trade} Foundation`;
  if (kind === 'agency') return `${place} ${trade} Agency`;
  return `${place} ${trade}`;
}

const slug = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

/**
 * Composes organisations. The evidence of the i-th depends on i mod 5: 0 token and declared networks, 1 declared networks and AS,
 * 2 token alone, 3 AS alone, 4 none. Every eighth is a subsidiary of the one before it.
 */
export function composeOrganisations(count: number, seed: number, knowledge: Knowledge = 'mixed'): Organisation[] {
  const random = new Random(seed, 0x0a9);
  const organisations: Organisation[] = [];
  for (let i = 0; i < count; i++) {
    const kind = organisationKinds[i % organisationKinds.length];
    const name = nameOf(i, kind);
    const country = countries[i % countries.length];
    const evidence = i % 5;
    const [hasToken, declares, asKnown] = {
      mixed: [evidence === 0 || evidence === 2, evidence === 0 || evidence === 1, evidence === 1 || evidence === 3],
      full: [true, true, false],
      inferred: [i % 2 === 0, false, i % 3 === 0],
    }[knowledge] as [boolean, boolean, boolean];
    const secret = Array.from({ length: 4 }, () => random.next().toString(36).padStart(7, '0')).join('');
    organisations.push({
      id: slug(name),
      name,
      kind,
      ...(i % 8 === 1
        ? { family: organisations[i - 1].id }
        : i % 8 === 0 && i + 1 < count
          ? { family: slug(name) }
          : {}),
      exempt: kind === 'foundation' || kind === 'university',
      country,
      asn: ownNetwork(i, 0, country).asn,
      networks: Array.from({ length: NETWORKS_PER_ORGANISATION }, (_, j) => ownNetwork(i, j, country)),
      egress: declares ? egressNetwork(i, hyperscalers[i % hyperscalers.length]) : null,
      token: hasToken ? `fst_${secret}` : null,
      tokenPlace: i % 10 === 2 ? 'query' : 'user-agent',
      declaredNetworks: !declares ? 0 : NETWORKS_PER_ORGANISATION - (knowledge === 'full' ? 0 : i % 2),
      asKnown,
    });
  }
  return organisations;
}
