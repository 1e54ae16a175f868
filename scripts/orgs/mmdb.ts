// Opens a database in MaxMind's format. What its records mean is read elsewhere: asn.ts, country.ts.

import { Reader } from 'mmdb-lib';
import { sha256 } from '../../sql/sha256.ts';
import { Fault } from '../../transform/fault.ts';
import { addressText, type Address } from '../../transform/networks/address.ts';
import { readBytes } from '../runtime/text-file.ts';

export interface Mmdb {
  /** The record of the smallest network that contains the address; null if there is none. */
  readonly recordOf: (address: Address) => unknown;
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
export function openMmdb(path: string): Mmdb {
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
  return {
    recordOf: (address) => {
      // The reader would look up an IPv6 address by its first 32 bits.
      if (ipVersion === 4 && !address.isIpv4) return null;
      try {
        return reader.get(addressText(address));
      } catch (cause) {
        throw refused(cause);
      }
    },
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

/** A member of a record; undefined where there is none. */
export const field = (record: unknown, key: string): unknown =>
  typeof record === 'object' && record !== null ? (record as Record<string, unknown>)[key] : undefined;
