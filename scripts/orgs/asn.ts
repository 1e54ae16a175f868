// AS numbers and network types from a MaxMind-format database (GeoLite2-ASN, GeoIP2-ISP, Anonymous-IP, Connection-Type,
// IPinfo, DB-IP …), as look-ups for transform/networks.

import { Reader } from 'mmdb-lib';
import { Fault } from '../../transform/fault.ts';
import { addressText, type Address } from '../../transform/networks/address.ts';
import type { NetworkType } from '../../transform/networks/facts.ts';
import { parseAsn } from '../../transform/networks/published/network-types.ts';
import { readBytes } from '../runtime/text-file.ts';
import { sha256 } from '../../sql/sha256.ts';

export interface AsnDatabase {
  readonly asnLookup: (address: Address) => number | null;
  readonly typeLookup: (address: Address) => NetworkType | null;
  /** The database's own name for its type: 'GeoLite2-ASN'. */
  readonly databaseType: string;
  /** When it was built, RFC 3339. */
  readonly builtAt: string;
  readonly sha256: string;
}

/** A database of all cities has 200 MB; a larger file is something else. */
const MAX_DATABASE_BYTES = 2 ** 30;
/** Decoded records in the cache; an ASN database has about 80,000. */
const MAX_CACHED_RECORDS = 100_000;

/** @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is not such a database */
export function openAsnDatabase(path: string): AsnDatabase {
  const bytes = readBytes(path, MAX_DATABASE_BYTES);
  const refused = (cause: unknown): Fault =>
    new Fault('inputRefused', `${path}: not a MaxMind-format database, or damaged`, 'Download it again (.mmdb).', {
      cause,
    });
  let reader: Reader<Record<string, unknown>>;
  try {
    reader = new Reader(bytes, { cache: boundedCache() });
  } catch (cause) {
    throw refused(cause);
  }
  const { ipVersion, databaseType, buildEpoch } = reader.metadata;
  const recordOf = (address: Address): unknown => {
    // The reader would look up an IPv6 address by its first 32 bits.
    if (ipVersion === 4 && !address.isIpv4) return null;
    try {
      return reader.get(addressText(address));
    } catch (cause) {
      throw refused(cause);
    }
  };
  return {
    asnLookup: (address) => asnOf(recordOf(address)),
    typeLookup: (address) => typeOf(recordOf(address)),
    databaseType,
    builtAt: buildEpoch.toISOString(),
    sha256: sha256(bytes),
  };
}

function boundedCache() {
  const records = new Map<string | number, unknown>();
  return {
    get: (offset: string | number) => records.get(offset),
    set(offset: string | number, record: unknown) {
      if (records.size >= MAX_CACHED_RECORDS) records.clear();
      records.set(offset, record);
    },
  };
}

const field = (record: unknown, key: string): unknown =>
  typeof record === 'object' && record !== null ? (record as Record<string, unknown>)[key] : undefined;

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
