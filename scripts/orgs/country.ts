// Countries from a MaxMind-format database (GeoLite2-Country, GeoIP2-City, DB-IP, IPinfo …), as a look-up for transform/networks.
// Only the code of the country is read: no city, no place, no postal code.

import { Fault } from '../../transform/fault.ts';
import type { Address } from '../../transform/networks/address.ts';
import { countryCode } from '../../transform/networks/country.ts';
import { field, openMmdb, type Mmdb } from './mmdb.ts';

export interface CountryDatabase extends Omit<Mmdb, 'recordOf'> {
  /** `countryCode` of an address; 0 if the database does not say it. */
  readonly countryLookup: (address: Address) => number;
}

/** Names of the vendors' types whose records have a country. */
const OF_COUNTRIES = /country|city|location|enterprise|ipinfo[ _]lite/i;

/** @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is not such a database */
export function openCountryDatabase(path: string): CountryDatabase {
  const { recordOf, ...database } = openMmdb(path);
  if (!OF_COUNTRIES.test(database.databaseType))
    throw new Fault(
      'inputRefused',
      `${path}: ${database.databaseType || 'a database without a type'} is no database of countries`,
      'Give a database of countries or cities, for example GeoLite2-Country; networks.asn_database takes those of AS numbers.',
    );
  return { ...database, countryLookup: (address) => countryOf(recordOf(address)) };
}

/** MaxMind, DB-IP: country.iso_code; IPinfo: country, or country_code where country is a name. */
function countryOf(record: unknown): number {
  const country = field(record, 'country');
  for (const code of [field(country, 'iso_code'), country, field(record, 'country_code')])
    if (typeof code === 'string' && /^[A-Za-z]{2}$/.test(code)) return countryCode(code);
  return 0;
}
