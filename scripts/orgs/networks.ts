// Network settings of the configuration: the databases of AS numbers and of countries, and how old a crawler list may be.

import { resolve } from 'node:path';
import { type ListAge } from '../../sql/network-lists.ts';
import { type Runtime } from '../runtime/command.ts';
import { openAsnDatabase, type AsnDatabase } from './asn.ts';
import { openCountryDatabase, type CountryDatabase } from './country.ts';
import { type Config } from '../runtime/config.ts';

/** @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is not such a database */
export const configuredAsnDatabase = ({ base_dir, networks }: Config): AsnDatabase | undefined =>
  networks.asn_database === undefined ? undefined : openAsnDatabase(resolve(base_dir, networks.asn_database));

/** @throws as configuredAsnDatabase */
export const configuredCountryDatabase = ({ base_dir, networks }: Config): CountryDatabase | undefined =>
  networks.country_database === undefined
    ? undefined
    : openCountryDatabase(resolve(base_dir, networks.country_database));

export const crawlerListAge = ({ now }: Pick<Runtime, 'now'>, { networks }: Config): ListAge => ({
  now: now(),
  maxAge_days: networks.crawler_list_days,
});
