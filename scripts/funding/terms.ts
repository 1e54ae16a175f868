// The terms of an allocation: policy.yaml and costs.csv. A command reads and checks them once and passes them on, with the texts
// that a run records and hashes.

import { resolve } from 'node:path';
import { Fault } from '../../transform/fault.ts';
import { type Costs } from '../../transform/funding/costs.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { type Config } from '../runtime/config.ts';
import { decodeText, readBytes } from '../runtime/text-file.ts';
import { parseCosts, parsePolicy } from './files.ts';

/** policy.yaml and costs.csv as they were read. */
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

/** The text of a file, and its parsed value. */
interface Read<Value> {
  readonly text: string;
  readonly value: Value;
}

/** Terms from recorded texts. @throws Fault(usage, inputRefused) with the faults of both */
export const termsOf = ({ policy, costs }: FundingTexts): FundingTerms =>
  readTerms(
    () => ({ text: costs, value: parseCosts(costs, 'costs.csv') }),
    () => ({ text: policy, value: parsePolicy(policy, 'policy.yaml') }),
  );

function readTerms(readCosts: () => Read<Costs>, readPolicy: () => Read<Policy>): FundingTerms {
  const [costs, policy] = together<[Read<Costs>, Read<Policy>]>(readCosts, readPolicy);
  const terms = { policy: policy.value, costs: costs.value, texts: { policy: policy.text, costs: costs.text } };
  return underPolicy(terms, policy.value);
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

/**
 * The terms in force: files named by flags first, then those of fairshare.yaml.
 * @param config read only where a flag is missing
 * @throws Fault(usage, inputRefused)
 */
export const fundingTerms = (config: () => Config, flags: TermsFlags = {}): FundingTerms =>
  readTerms(
    () => {
      const path = namedPath(config, flags, 'costs');
      const text = decodeText(readBytes(path), path);
      return { text, value: parseCosts(text, path) };
    },
    () => readPolicy(config, flags),
  );

/** The policy in force, without costs. @throws Fault(usage) */
export const fundingPolicy = (config: () => Config, flags: Pick<TermsFlags, 'policy'> = {}): Policy =>
  readPolicy(config, flags).value;

function readPolicy(config: () => Config, flags: TermsFlags): Read<Policy> {
  const path = namedPath(config, flags, 'policy');
  const text = decodeText(readBytes(path), path, 'usage');
  return { text, value: parsePolicy(text, path) };
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
