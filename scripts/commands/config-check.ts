// Checks what the schema cannot: names without a target, files that are missing or wrong. All faults at once.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '../../transform/fault.ts';
import { type CostsFile } from '../../transform/funding/costs.ts';
import { takesUnknownsWeight, type Policy } from '../../transform/funding/policy.ts';
import { OTHER_ECOSYSTEM, ecosystemByName } from '../../transform/packages/index.ts';
import { formatByName } from '../../transform/formats/index.ts';
import { openAsnDatabase } from '../orgs/asn.ts';
import { openCountryDatabase } from '../orgs/country.ts';
import { readOrgsFile, registryOf } from '../orgs/orgs-file.ts';
import { fieldsOf, type Config, type ConfigFault } from '../runtime/config.ts';
import { loadCosts, loadPolicy } from '../funding/files.ts';
import { contractFaults, type NamedFamily } from '../funding/named-families.ts';
import { missingPools } from '../funding/terms.ts';
import { timeZone, timeZoneForms } from '../../transform/time-zone.ts';

/** @returns faults, and notes on what is in force though nobody wrote it */
export function checkConfig(
  config: Config,
  env: NodeJS.ProcessEnv,
): { readonly faults: ConfigFault[]; readonly notes: readonly string[] } {
  const faults: ConfigFault[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  const at = (file: string) => resolve(config.base_dir, file);
  const mustExist = (path: string, file: string | undefined) => {
    if (file !== undefined && !existsSync(at(file))) fault(path, `there is no file ${at(file)}`);
  };

  const names = new Set<string>();
  for (const [i, source] of config.sources.entries()) {
    const path = `sources.${i}`;
    if (names.has(source.name)) fault(`${path}.name`, `${source.name} is named twice`);
    names.add(source.name);
    const format = source.format === 'auto' ? undefined : formatByName(source.format);
    if (format === undefined && source.format !== 'auto')
      fault(`${path}.format`, `there is no format ${source.format}`);
    try {
      format?.parser({ fields: fieldsOf(source) });
    } catch (error) {
      fault(`${path}.fields`, (error as Error).message);
    }
    for (const [key, ecosystem] of [['ecosystem', source.ecosystem] as const, ...hostPaths(source.hosts)])
      if (ecosystem !== undefined && ecosystem !== OTHER_ECOSYSTEM && ecosystemByName(ecosystem) === undefined)
        fault(`${path}.${key}`, `there is no ecosystem ${ecosystem}`);
    if (source.repository_url !== undefined && source.ecosystem === undefined)
      fault(`${path}.repository_url`, 'needs an ecosystem: it is the address of one registry');
    if (timeZone(source.timezone) === undefined)
      fault(`${path}.timezone`, `must be ${timeZoneForms}, not ${source.timezone}`);
  }
  const topics = new Set<string>();
  for (const [i, { topic, source }] of config.kafka.topics.entries()) {
    if (!names.has(source)) fault(`kafka.topics.${i}.source`, `${source} is none of the sources`);
    if (topics.has(topic)) fault(`kafka.topics.${i}.topic`, `${topic} is named twice`);
    topics.add(topic);
  }

  const { sasl, ssl } = config.kafka;
  if (sasl !== undefined) {
    const { password_env, password_file } = sasl;
    if ((password_env === undefined) === (password_file === undefined))
      fault('kafka.sasl', 'needs one of password_env and password_file');
    if (password_env !== undefined && !env[password_env])
      fault('kafka.sasl.password_env', `the environment has no ${password_env}`);
    mustExist('kafka.sasl.password_file', password_file);
  }
  if (typeof ssl === 'object') for (const [key, file] of Object.entries(ssl)) mustExist(`kafka.ssl.${key}`, file);
  const { endpoint, ca_file } = config.object_store;
  mustExist('object_store.ca_file', ca_file);
  if (endpoint !== undefined && new URL(endpoint).username !== '')
    fault('object_store.endpoint', 'holds credentials: they belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');

  const files: readonly (readonly [string, string | undefined, (path: string) => unknown])[] = [
    ['costs', config.costs, loadCosts],
    ['policy', config.policy, loadPolicy],
    ['registry', config.registry, readRegistry],
    ['networks.asn_database', config.networks.asn_database, openAsnDatabase],
    ['networks.country_database', config.networks.country_database, openCountryDatabase],
  ];
  const read = new Map<string, unknown>();
  for (const [key, file, load] of files) {
    if (file === undefined) continue;
    try {
      read.set(key, load(at(file)));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      fault(key, error.message);
    }
  }
  const policy = read.get('policy') as Policy | undefined;
  fundingFaults(config, read.get('costs') as CostsFile | undefined, policy, read.get('registry') as Orgs | undefined, fault); // prettier-ignore
  const notes =
    policy !== undefined && takesUnknownsWeight(policy)
      ? ["policy: class_weights_bp names no weight for hosted; it takes unknown's"]
      : [];
  return { faults, notes };
}

/** What policy, costs, registry and issuer say of each other. */
function fundingFaults(
  { issuer }: Config,
  costs: CostsFile | undefined,
  policy: Policy | undefined,
  orgs: Orgs | undefined,
  fault: (path: string, message: string) => void,
): void {
  const currency = policy?.currency ?? costs?.currency;
  if (policy !== undefined && costs !== undefined && policy.currency !== costs.currency)
    fault('costs', `the costs are in ${costs.currency}, the policy is in ${policy.currency}`);
  if (currency !== undefined && issuer.currency !== currency)
    fault('issuer.currency', `statements are in ${issuer.currency}, the policy and the costs are in ${currency}`);
  if (costs?.periods.has(''))
    fault('costs', 'no column period says which month the costs are of: the months of the warehouse need it');
  if (policy === undefined) return;
  for (const [period, own] of costs?.periods ?? [])
    for (const pool of missingPools(policy, own))
      fault('policy', `pools.${pool}: the costs${period === '' ? '' : ` of ${period}`} have no such pool`);
  for (const message of orgs === undefined ? [] : contractFaults(policy, orgs)) fault('policy', message);
}

type Orgs = ReadonlyMap<string, NamedFamily>;

const hostPaths = (hosts: Readonly<Record<string, string>>): (readonly [string, string])[] =>
  Object.entries(hosts).map(([host, ecosystem]) => [`hosts.${host}`, ecosystem] as const);

/** Does not check whether its secrets are in the environment: the import does that. */
function readRegistry(path: string): Orgs {
  const read = readOrgsFile(path);
  const { faults: all } = read;
  const faults = all.filter(({ code }) => code !== 'bad_secret');
  if (faults.length > 0)
    throw new Fault(
      'inputRefused',
      `${path}: ${faults.length} fault(s)\n${faults.map(({ line, message }) => `    line ${line}: ${message}`).join('\n')}`,
    );
  const { organisations, edges } = registryOf([read]);
  const heads = new Map(edges.map(({ org_id, family_id }) => [org_id, family_id]));
  return new Map(
    organisations.map(({ org_id, exempt }) => [org_id, { family_id: heads.get(org_id) ?? org_id, exempt }]),
  );
}
