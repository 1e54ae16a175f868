// The terms of an allocation: policy.yaml and the costs of a month in costs.csv. A command reads and checks the files once and
// passes the terms on, with the texts that a run records and hashes.

import { resolve } from 'node:path';
import { Fault } from '../../transform/fault.ts';
import { proRata, type Costs, type CostsFile } from '../../transform/funding/costs.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { daysBetween, daysIn, lastDay, periodStart } from '../../transform/periods.ts';
import { type Config } from '../runtime/config.ts';
import { decodeText, readBytes } from '../runtime/text-file.ts';
import { costsOfPeriod, onlyCosts, parseCosts, parsePolicy, type CostsText } from './files.ts';

/** policy.yaml, and the lines of costs.csv that the terms are of, as they were read. */
export interface FundingTexts {
  readonly policy: string;
  readonly costs: string;
}

export interface FundingTerms {
  readonly policy: Policy;
  readonly costs: Costs;
  readonly texts: FundingTexts;
}

/** Files named by flags. They replace those of fairshare.yaml. */
export type TermsFlags = Partial<Readonly<Record<keyof FundingTexts, string>>>;

/** policy.yaml and costs.csv, read and checked. */
export interface FundingFiles {
  readonly policy: Policy;
  /** The terms of a month of the warehouse. @throws Fault(inputRefused) if the files do not fit the month */
  of(period: string): FundingTerms;
  /** The terms for units from a file. @throws Fault(inputRefused) if the costs are of several months */
  all(): FundingTerms;
}

/** The text of a file, and its parsed value. */
interface Read<Value> {
  readonly text: string;
  readonly path: string;
  readonly value: Value;
}

/** Terms from texts that a run recorded: the costs of one month. @throws Fault(usage, inputRefused) with the faults of both */
export function termsOf({ policy, costs }: FundingTexts): FundingTerms {
  const files = readTerms(
    () => ({ text: costs, path: 'costs.csv', value: parseCosts(costs, 'costs.csv', { recorded: true }) }),
    () => ({ text: policy, path: 'policy.yaml', value: parsePolicy(policy, 'policy.yaml') }),
  );
  return files.all();
}

function readTerms(readCosts: () => Read<CostsFile>, readPolicy: () => Read<Policy>): FundingFiles {
  const [costs, policy] = together<[Read<CostsFile>, Read<Policy>]>(readCosts, readPolicy);
  const under = (own: CostsText): FundingTerms =>
    underPolicy(
      { policy: policy.value, costs: own.costs, texts: { policy: policy.text, costs: own.text } },
      policy.value,
    );
  return {
    policy: policy.value,
    of: (period) => requirePools(under(costsOfPeriod(costs.value, costs.text, costs.path, period)), period),
    all: () => under({ costs: onlyCosts(costs.value, costs.path), text: costs.text }),
  };
}

/** The same costs under another policy. @throws Fault(inputRefused) if their currencies differ */
export function underPolicy(terms: FundingTerms, policy: Policy): FundingTerms {
  if (policy.currency === terms.costs.currency) return { ...terms, policy };
  throw new Fault(
    'inputRefused',
    `policy ${policy.version} is in ${policy.currency}, the costs are in ${terms.costs.currency}`,
    'Convert one of them: an allocation has one currency.',
  );
}

/** Terms for the days of a month up to one of them: the costs are pro rata by days. The whole month's are as they are. */
export const termsUntil = (terms: FundingTerms, period: string, until: string): FundingTerms =>
  until === lastDay(period)
    ? terms
    : { ...terms, costs: proRata(terms.costs, daysBetween(periodStart(period), until) + 1, daysIn(period)) };

/** Pools that the policy names and the costs of a month do not have: a pool that was renamed would be shared in another way. */
export const missingPools = ({ pools }: Policy, costs: Costs): string[] => {
  const known = new Set(costs.pools.map(({ pool }) => pool));
  return [...pools.keys()].filter((pool) => !known.has(pool));
};

/** @throws Fault(usage) if the policy names a pool that the month does not have */
export function requirePools(terms: FundingTerms, period: string): FundingTerms {
  const missing = missingPools(terms.policy, terms.costs);
  if (missing.length === 0) return terms;
  throw new Fault(
    'usage',
    `policy ${terms.policy.version} names ${missing.map((pool) => `the pool ${pool}`).join(', ')}, and the costs of ${period} have none of that name: they have ${terms.costs.pools.map(({ pool }) => pool).join(', ')}`,
    'Write the same name in both; write a pool that costs nothing in a month with 0.00.',
  );
}

/**
 * The files in force: those named by flags first, then those of fairshare.yaml.
 * @param config read only where a flag is missing
 * @throws Fault(usage, inputRefused)
 */
export const fundingTerms = (config: () => Config, flags: TermsFlags = {}): FundingFiles =>
  readTerms(
    () => {
      const path = namedPath(config, flags, 'costs');
      const text = decodeText(readBytes(path), path);
      return { text, path, value: parseCosts(text, path) };
    },
    () => readPolicy(config, flags),
  );

/** The policy in force, without costs. @throws Fault(usage) */
export const fundingPolicy = (config: () => Config, flags: Pick<TermsFlags, 'policy'> = {}): Policy =>
  readPolicy(config, flags).value;

function readPolicy(config: () => Config, flags: TermsFlags): Read<Policy> {
  const path = namedPath(config, flags, 'policy');
  const text = decodeText(readBytes(path), path, 'usage');
  return { text, path, value: parsePolicy(text, path) };
}

function namedPath(config: () => Config, flags: TermsFlags, name: keyof FundingTexts): string {
  const flag = flags[name];
  if (flag !== undefined) return flag;
  const { base_dir, [name]: path } = config();
  if (path !== undefined) return resolve(base_dir, path);
  throw new Fault(
    'usage',
    `no ${name} to allocate by`,
    `Name a file with --${name}, or set ${name} in fairshare.yaml.`,
  );
}

/** Runs all readers before it throws, so that the faults of all files are reported at once. */
export function together<T extends readonly unknown[]>(...readers: { [K in keyof T]: () => T[K] }): T {
  const faults: Fault[] = [];
  const values = readers.map((read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push(error);
      return undefined;
    }
  });
  if (faults.length > 0) {
    const kind = faults.some((fault) => fault.kind === 'usage') ? 'usage' : 'inputRefused';
    const distinct = (texts: string[]) => [...new Set(texts)];
    throw new Fault(
      kind,
      distinct(faults.map(({ message }) => message)).join('\n'),
      distinct(faults.map(({ hint }) => hint)).join(' '),
      { cause: faults[0] },
    );
  }
  return values as unknown as T;
}
