// Network settings of the configuration: the database of AS numbers, and how old a crawler list may be.

import { resolve } from 'node:path';
import { type ListAge } from '../../sql/network-lists.ts';
import { type Runtime } from '../runtime/command.ts';
import { openAsnDatabase, type AsnDatabase } from './asn.ts';
import { type Config } from '../runtime/config.ts';

/** @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is not such a database */
export const configuredAsnDatabase = ({ base_dir, networks }: Config): AsnDatabase | undefined =>
  networks.asn_database === undefined ? undefined : openAsnDatabase(resolve(base_dir, networks.asn_database));

export const crawlerListAge = ({ now }: Pick<Runtime, 'now'>, { networks }: Config): ListAge => ({
  now: now(),
  maxAge_days: networks.crawler_list_days,
});
