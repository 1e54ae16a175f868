// The simulated internet: which network owns which addresses. All of it is in 20.0.0.0/8 and 3ffe:db8::/32, and all ranges are
// invented: they say nothing about the real holder of these numbers. The check of evidence would question numbers for documentation
// and private use. So IPv6 is from the returned range of the old 6bone, and AS numbers are from a range that is not assigned yet.

import { mix32 } from './random.ts';

/** Published lists of a crawler's true addresses, named as in transform/networks/published. */
export const crawlerLists = [
  'openai-gptbot',
  'openai-searchbot',
  'openai-chatgpt-user',
  'anthropic-bots',
  'perplexity-bot',
  'perplexity-user',
  'google-googlebot',
  'microsoft-bingbot',
  'commoncrawl-ccbot',
] as const;
export type CrawlerList = (typeof crawlerLists)[number];

export const hyperscalers = ['aws', 'gcp', 'azure'] as const;
export type Hyperscaler = (typeof hyperscalers)[number];

/** `github` and `dependabot` are parts of azure; `own` is a network of an organisation. */
export type NetworkKind =
  Hyperscaler | 'github' | 'dependabot' | 'hosting' | 'isp' | 'mobile' | 'vpn' | 'own' | CrawlerList;

export const isHyperscale = (kind: NetworkKind): boolean =>
  kind === 'aws' || kind === 'gcp' || kind === 'azure' || kind === 'github' || kind === 'dependabot';

export interface Network {
  readonly name: string;
  readonly kind: NetworkKind;
  /** 3,900,000 and above */
  readonly asn: number;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  /** First IPv4 address as an unsigned integer, and the prefix length. */
  readonly v4: { readonly base: number; readonly bits: number };
  /** Third group of 3ffe:db8:GGGG::, and the number of consecutive /48 (256 = a /40, 1 = a /48); undefined: IPv4 only. */
  readonly v6?: { readonly group: number; readonly blocks: 1 | 256 };
}

const ip = (a: number, b: number, c = 0): number => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8;

/** Each cloud has these regions, with one /16 and one /40 each. */
const cloudRegions = [
  ['east-1', 'US'],
  ['east-2', 'US'],
  ['west-1', 'US'],
  ['west-2', 'US'],
  ['canada-1', 'CA'],
  ['ireland-1', 'IE'],
  ['frankfurt-1', 'DE'],
  ['paris-1', 'FR'],
  ['singapore-1', 'SG'],
  ['tokyo-1', 'JP'],
  ['mumbai-1', 'IN'],
  ['sydney-1', 'AU'],
] as const;

const CLOUD_ASN = 3_900_000;
const cloudSecondByte = { aws: 0, gcp: 16, azure: 32 } as const;

const eyeballs = [
  'US',
  'DE',
  'IN',
  'GB',
  'BR',
  'FR',
  'JP',
  'CN',
  'CA',
  'NL',
  'KR',
  'PL',
  'AU',
  'ES',
  'IT',
  'SE',
] as const;

/** Every network that belongs to no organisation of the registry, in a fixed order. */
export function publicNetworks(): Network[] {
  const networks: Network[] = [];
  hyperscalers.forEach((cloud, c) => {
    cloudRegions.forEach(([region, country], r) => {
      networks.push({
        name: `${cloud} ${region}`,
        kind: cloud,
        asn: CLOUD_ASN + c,
        country,
        v4: { base: ip(20, cloudSecondByte[cloud] + r), bits: 16 },
        v6: { group: 0x1000 * (c + 1) + 0x100 * r, blocks: 256 },
      });
    });
  });
  networks.push({
    name: 'github actions',
    kind: 'github',
    asn: CLOUD_ASN + 2,
    country: 'US',
    v4: { base: ip(20, 44), bits: 16 },
  });
  networks.push({
    name: 'github dependabot',
    kind: 'dependabot',
    asn: CLOUD_ASN + 2,
    country: 'US',
    v4: { base: ip(20, 45), bits: 24 },
  });
  let asn = CLOUD_ASN + 10;
  const add = (
    kind: NetworkKind,
    name: string,
    i: number,
    secondByte: number,
    bits: number,
    country: string,
    group?: number,
  ) =>
    networks.push({
      name: `${name} ${i + 1}`,
      kind,
      asn: asn++,
      country,
      v4: { base: ip(20, secondByte), bits },
      ...(group === undefined ? {} : { v6: { group, blocks: 256 as const } }),
    });
  for (let i = 0; i < 6; i++)
    add('hosting', 'Quayhost', i, 64 + i, 16, ['DE', 'FR', 'US', 'NL', 'FI', 'US'][i], 0x4000 + 0x100 * i);
  eyeballs.forEach((country, i) => add('isp', 'Fernline Broadband', i, 96 + 2 * i, 15, country, 0x5000 + 0x100 * i));
  for (let i = 0; i < 5; i++) add('mobile', 'Larkcell', i, 128 + i, 16, eyeballs[i], 0x6000 + 0x100 * i);
  for (let i = 0; i < 3; i++) add('vpn', 'Burrow VPN', i, 160 + i, 18, ['PA', 'CH', 'SE'][i]);
  crawlerLists.forEach((list, i) => {
    networks.push({
      name: list,
      kind: list,
      asn: CLOUD_ASN + 100 + i,
      country: 'US',
      v4: { base: ip(20, 176, i), bits: 24 },
      v6: { group: 0x7000 + i, blocks: 1 },
    });
  });
  return networks;
}

/** The address plan has room for this many organisations. */
export const MAX_ORGANISATIONS = 400;
export const NETWORKS_PER_ORGANISATION = 3;

/** The j-th own network of an organisation: a /21 and a /48. */
export const ownNetwork = (organisation: number, j: number, country: string): Network => ({
  name: `organisation ${organisation + 1} site ${j + 1}`,
  kind: 'own',
  asn: CLOUD_ASN + 1000 + organisation,
  country,
  v4: { base: ip(20, 192) + (organisation * 4 + j) * 2048, bits: 21 },
  v6: { group: 0x8000 + organisation * 4 + j, blocks: 1 },
});

/** An organisation's fixed outgoing addresses inside a cloud: a /24 of its own. */
export const egressNetwork = (organisation: number, cloud: Hyperscaler): Network => ({
  name: `${cloud} fixed addresses ${organisation + 1}`,
  kind: cloud,
  asn: CLOUD_ASN + hyperscalers.indexOf(cloud),
  country: 'US',
  v4: { base: ip(20, cloudSecondByte[cloud] + 14) + organisation * 256, bits: 24 },
});

/** The published cloud range of fixed addresses: the /15 with every egress network. */
export const egressPrefix = (cloud: Hyperscaler): string => `20.${cloudSecondByte[cloud] + 14}.0.0/15`;

export const v4Text = (address: number): string =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;

export const v4Cidr = ({ v4 }: Network): string => `${v4Text(v4.base)}/${v4.bits}`;

export const v6Cidr = ({ v6 }: Network): string | null =>
  v6 === undefined ? null : `3ffe:db8:${v6.group.toString(16)}::/${v6.blocks === 1 ? 48 : 40}`;

/** Returns the addresses of one network, each once, scattered over its range. */
export class AddressPool {
  readonly network: Network;
  private v4Given = 0;
  private v6Given = 0;

  constructor(network: Network) {
    this.network = network;
  }

  /** An IPv4 address as text, or null when the network is used up. */
  nextV4(): string | null {
    const { base, bits } = this.network.v4;
    const size = 2 ** (32 - bits);
    if (this.v4Given >= size) return null;
    // An odd factor visits every address of a power of two once.
    const host = (Math.imul(this.v4Given++, 0x9e3779b1) + mix32(base)) & (size - 1);
    return v4Text((base + host) >>> 0);
  }

  /** An IPv6 address as text in canonical form, or null if the network has none or is used up. */
  nextV6(): string | null {
    const { v6 } = this.network;
    if (v6 === undefined || this.v6Given >= v6.blocks * 0xffff) return null;
    const n = this.v6Given++;
    const block = v6.group + (n % v6.blocks);
    const subnet = 1 + Math.floor(n / v6.blocks);
    const host = 1 + (mix32(n) & 0xfffe);
    return `3ffe:db8:${block.toString(16)}:${subnet.toString(16)}::${host.toString(16)}`;
  }
}
