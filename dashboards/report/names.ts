// Names, dates and labels for people. Treat names of packages and organisations as hostile input.

import { sha256 } from '../../sql/sha256.ts';

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** '2026-10' → 'October 2026' */
export const monthName = (period: string): string => `${months[Number(period.slice(5, 7)) - 1]} ${period.slice(0, 4)}`;

/** '2026-11-01 00:00:00.000' → '2026-11-01 00:00 UTC' */
export const minute = (time: string): string => `${time.slice(0, 16)} UTC`;

/**
 * A file name for an id: the id itself if every file system accepts it, else its safe part and a hash of the whole id, so that
 * two ids never have the same name.
 */
export function fileName(id: string): string {
  const safe = id
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '_')
    .replace(/^(?:[.-]|$)/, '_')
    .slice(0, 80);
  return safe === id ? safe : `${safe}-${sha256(id).slice(0, 8)}`;
}

/** File name of a family's statement, without extension. @param period 'YYYY-MM' */
export const statementName = (family: string, period: string): string => `${fileName(family)}-${period}`;

/** Labels of requester classes, reasons, rules and tiers, by their names in the data. An unknown name is its own label. */
const labels: Readonly<Record<string, string>> = {
  mirror_proxy: 'Mirrors and proxies',
  update_bot: 'Update bots',
  security_scanner: 'Security scanners',
  ai_training: 'AI training crawlers',
  ai_search: 'AI search crawlers',
  ai_user_fetch: 'AI fetches for a user',
  ai_coding_agent: 'AI coding agents',
  search_bot: 'Search engines',
  other_crawler: 'Other crawlers',
  ci: 'Continuous integration',
  container_build: 'Container builds',
  automation: 'Automation',
  developer: 'Developers',
  hosted: 'Hosted machines, purpose not declared',
  attributed: 'Attributed to organisations',
  platform: 'Cloud or CI platform',
  negative: 'Internet providers, mobile, VPN',
  conflict: 'Conflicting evidence',
};
export const label = (name: string): string => (Object.hasOwn(labels, name) ? labels[name] : name);
/** `unknown` is both a class and a reason. */
export const classLabel = (name: string): string => (name === 'unknown' ? 'Class not known' : label(name));
export const reasonLabel = (name: string): string =>
  name === 'unknown' ? 'Nothing known of the network' : label(name);

export const reasonText: Readonly<Record<string, string>> = {
  platform: 'Came from a published cloud or CI range. The range names the provider, never its customer.',
  negative: 'Came from a network that many unrelated people share.',
  conflict: 'Equally strong evidence names two organisations. Never split: listed for review.',
  unknown: 'No token, no declared network, no published range.',
};

export const evidenceText: Readonly<Record<string, string>> = {
  E1: 'Organisation token, or identity claim of a CI job',
  E2: 'Network that the organisation declared and proved by a request from it',
  E3: 'Decision of an analyst, with proof attached',
  E4: 'Address range that an internet registry assigned to the organisation',
  E5: 'Autonomous system of the organisation',
  E6: 'Two or more IP-to-company sources agree',
  E7: 'A single source, or reverse DNS',
};
