// AS numbers and network types from a MaxMind-format database (GeoLite2-ASN, GeoIP2-ISP, Anonymous-IP, Connection-Type,
// IPinfo, DB-IP …), as look-ups for transform/networks.

import type { Address } from '../../transform/networks/address.ts';
import type { NetworkType } from '../../transform/networks/facts.ts';
import { parseAsn } from '../../transform/networks/published/network-types.ts';
import { field, openMmdb, type Mmdb } from './mmdb.ts';

export interface AsnDatabase extends Omit<Mmdb, 'recordOf'> {
  readonly asnLookup: (address: Address) => number | null;
  readonly typeLookup: (address: Address) => NetworkType | null;
}

/** @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is not such a database */
export function openAsnDatabase(path: string): AsnDatabase {
  const { recordOf, ...database } = openMmdb(path);
  return {
    ...database,
    asnLookup: (address) => asnOf(recordOf(address)),
    typeLookup: (address) => typeOf(recordOf(address)),
  };
}

/** MaxMind: autonomous_system_number, or within traits; IPinfo: asn, 'AS64500'. */
function asnOf(record: unknown): number | null {
  const found = [
    field(record, 'autonomous_system_number'),
    field(field(record, 'traits'), 'autonomous_system_number'),
    field(record, 'asn'),
  ].find((value) => typeof value === 'number' || typeof value === 'string');
  return found === undefined ? null : parseAsn(String(found));
}

/** Flags count before words: a Tor exit in a hosting centre is a Tor exit. */
const flags: readonly (readonly [string, NetworkType])[] = [
  ['is_tor_exit_node', 'tor'],
  ['tor', 'tor'],
  ['is_anonymous_vpn', 'vpn'],
  ['vpn', 'vpn'],
  ['is_hosting_provider', 'hosting'],
  ['hosting', 'hosting'],
];
const words: ReadonlyMap<string, NetworkType> = new Map([
  ['cellular', 'mobile'],
  ['mobile', 'mobile'],
  ['hosting', 'hosting'],
  ['content_delivery_network', 'hosting'],
  ['residential', 'isp'],
  ['dialup', 'isp'],
  ['isp', 'isp'],
  ['cable/dsl', 'isp'],
  ['business', 'enterprise'],
  ['government', 'enterprise'],
  ['college', 'enterprise'],
  ['school', 'enterprise'],
  ['education', 'enterprise'],
]);

/** MaxMind: flags and words at the top or within traits; IPinfo: type and privacy flags. Unknown words are ignored. */
function typeOf(record: unknown): NetworkType | null {
  const places = [record, field(record, 'traits')];
  const flagged = flags.find(([flag]) => places.some((place) => field(place, flag) === true));
  if (flagged !== undefined) return flagged[1];
  for (const key of ['user_type', 'connection_type', 'type'])
    for (const place of places) {
      const word = field(place, key);
      const type = typeof word === 'string' ? words.get(word.toLowerCase()) : undefined;
      if (type !== undefined) return type;
    }
  return null;
}
