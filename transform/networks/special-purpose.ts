// Networks that never send public traffic (IANA special-purpose address registries, RFC 6890; RFC 9637).

import { cidrContains, parseCidr, type Cidr } from './address.ts';

export type SpecialPurpose =
  'private' | 'local' | 'shared' | 'documentation' | 'benchmarking' | 'translation' | 'multicast' | 'reserved';

const table: readonly (readonly [string, SpecialPurpose])[] = [
  ['0.0.0.0/8', 'local'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'local'],
  ['169.254.0.0/16', 'local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'translation'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarking'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['2001:db8::/32', 'documentation'],
  ['3fff::/20', 'documentation'],
  ['2001:2::/48', 'benchmarking'],
  ['2001::/23', 'translation'],
  ['2002::/16', 'translation'],
  ['64:ff9b::/96', 'translation'],
  ['64:ff9b:1::/48', 'translation'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'local'],
  ['ff00::/8', 'multicast'],
];

const entries = table.map(([text, purpose]) => ({ cidr: parseCidr(text).cidr!, purpose }));
/** All IPv6 addresses that are assigned for global unicast. */
const globalUnicast = parseCidr('2000::/3').cidr!;

/** The special purpose of a network that lies in, or contains, a special one; null for ordinary networks. */
export function specialPurposeOf(cidr: Cidr): SpecialPurpose | null {
  const found = entries.find((entry) => cidrContains(entry.cidr, cidr) || cidrContains(cidr, entry.cidr));
  if (found !== undefined) return found.purpose;
  return cidr.family === 6 && !cidrContains(globalUnicast, cidr) ? 'reserved' : null;
}

/** Wider than any network that one organisation or list can own: /8 (IPv4), /16 (IPv6). */
export const isTooWide = (cidr: Cidr): boolean => cidr.prefixLength < (cidr.family === 4 ? 8 : 16);
