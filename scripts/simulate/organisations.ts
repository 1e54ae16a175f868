// The organisations of the simulation: their networks, and the evidence that a registry of organisations would hold.

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
  /** Legal family: the parent's id; undefined where it stands alone. */
  readonly family?: string;
  /** Registries do not charge it. */
  readonly exempt: boolean;
  readonly country: string;
  readonly asn: number;
  readonly networks: readonly Network[];
  /** Fixed outgoing addresses in a cloud, shared with nobody. */
  readonly egress: Network | null;
  /** The secret that its clients send; null: it has none. */
  readonly token: string | null;
  readonly tokenPlace: 'user-agent' | 'query';
  /** How many of `networks`, from the first, it has declared by CIDR (E2). */
  readonly declaredNetworks: number;
  /** Its AS is known as an enterprise's (E5). */
  readonly asKnown: boolean;
}

const first = ['Alder', 'Basalt', 'Cobalt', 'Dune', 'Ember', 'Fjord', 'Granite', 'Harbour', 'Indigo', 'Juniper', 'Kestrel',
  'Lumen', 'Marlin', 'Nimbus', 'Orchard', 'Pinnacle', 'Quartz', 'Raven', 'Sable', 'Tundra']; // prettier-ignore
const second = ['Analytics', 'Aviation', 'Bank', 'Foods', 'Games', 'Insurance', 'Logistics', 'Media', 'Mobility', 'Motors',
  'Networks', 'Payments', 'Pharma', 'Retail', 'Robotics', 'Semiconductors', 'Software', 'Steel', 'Telecom', 'Travel']; // prettier-ignore
const countries = ['US', 'US', 'DE', 'US', 'GB', 'FR', 'IN', 'JP', 'US', 'CA'];

function nameOf(i: number, kind: Organisation['kind']): string {
  const place = first[i % first.length]!;
  const trade = second[(i + 7 * Math.floor(i / first.length)) % second.length]!;
  if (kind === 'university') return `University of ${place} ${trade}`;
  if (kind === 'foundation') return `${place} ${trade} Foundation`;
  if (kind === 'agency') return `${place} ${trade} Agency`;
  return `${place} ${trade}`;
}

const slug = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

/**
 * Composes organisations. What can be known of the i-th follows i mod 5: 0 token and declared networks, 1 declared
 * networks and AS, 2 token alone, 3 AS alone, 4 nothing at all. Every eighth is a subsidiary of the one before it.
 */
export function composeOrganisations(count: number, seed: number): Organisation[] {
  const random = new Random(seed, 0x0a9);
  const organisations: Organisation[] = [];
  for (let i = 0; i < count; i++) {
    const kind = organisationKinds[i % organisationKinds.length]!;
    const name = nameOf(i, kind);
    const country = countries[i % countries.length]!;
    const evidence = i % 5;
    const hasToken = evidence === 0 || evidence === 2;
    const declares = evidence === 0 || evidence === 1;
    const secret = Array.from({ length: 4 }, () => random.next().toString(36).padStart(7, '0')).join('');
    organisations.push({
      id: slug(name),
      name,
      kind,
      ...(i % 8 === 1
        ? { family: organisations[i - 1]!.id }
        : i % 8 === 0 && i + 1 < count
          ? { family: slug(name) }
          : {}),
      exempt: kind === 'foundation' || kind === 'university',
      country,
      asn: ownNetwork(i, 0, country).asn,
      networks: Array.from({ length: NETWORKS_PER_ORGANISATION }, (_, j) => ownNetwork(i, j, country)),
      egress: declares ? egressNetwork(i, hyperscalers[i % hyperscalers.length]!) : null,
      token: hasToken ? `fst_${secret}` : null,
      tokenPlace: i % 10 === 2 ? 'query' : 'user-agent',
      declaredNetworks: declares ? NETWORKS_PER_ORGANISATION - (i % 2) : 0,
      asKnown: evidence === 1 || evidence === 3,
    });
  }
  return organisations;
}
