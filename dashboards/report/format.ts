// Numbers and names as people read them. Money is exact, from cents; names of packages and organisations are hostile input.

import { type Fraction } from './figures.ts';
import { sha256 } from '../../sql/sha256.ts';

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);
const signOf = (value: bigint): string => (value < 0n ? '-' : '');

/** 1234567n → '1,234,567' */
export const count = (value: bigint): string => signOf(value) + grouped(String(absolute(value)));

/** -123450n → '-1,234.50' */
export function money(cents: bigint): string {
  const digits = String(absolute(cents)).padStart(3, '0');
  return `${signOf(cents)}${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
}

/** A fraction rounded to so many places, halves away from zero: '30,682.9268'. */
export function decimal({ num, den }: Fraction, places: number): string {
  const scaled = (absolute(num) * 10n ** BigInt(places) * 2n + den) / (den * 2n);
  const digits = String(scaled).padStart(places + 1, '0');
  const whole = grouped(digits.slice(0, digits.length - places));
  return `${scaled === 0n ? '' : signOf(num)}${whole}${places > 0 ? `.${digits.slice(-places)}` : ''}`;
}

/** Units: whole where they are whole. */
export const units = (value: Fraction): string => decimal(value, value.den === 1n ? 0 : 2);

/** An exact share in cents as money with four places. */
export const exactMoney = ({ num, den }: Fraction): string => decimal({ num, den: den * 100n }, 4);

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
/** 1234567n → '1.23 MB'; powers of 1,000, three digits. */
export function bytes(value: bigint): string {
  let scaled = Number(absolute(value));
  let unit = 0;
  while (scaled >= 999.5 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const places = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${signOf(value)}${scaled.toFixed(places)} ${byteUnits[unit]}`;
}

/** '12.3 %'; '<0.1 %' where something rounds to nothing, '>99.9 %' where not all does to all; '–' of nothing. */
export function percent(part: bigint, whole: bigint): string {
  if (whole === 0n) return '–';
  const tenths = (absolute(part) * 2000n + absolute(whole)) / (absolute(whole) * 2n);
  if (tenths === 0n && part !== 0n) return '<0.1 %';
  if (tenths === 1000n && absolute(part) < absolute(whole)) return '>99.9 %';
  return `${signOf(part)}${tenths / 10n}.${tenths % 10n} %`;
}

/** 10,000 bp → '1', 12,500 bp → '1.25' */
export const factor = (basis_points: bigint): string =>
  decimal({ num: basis_points, den: 10_000n }, 4).replace(/\.?0+$/, '');

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

/** Control characters would reach a terminal, and direction marks would turn a line around. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu, '\u{fffd}');

/**
 * A file's name for an id: the id where every file system takes it as it is, else its safe part and a hash of the
 * whole, so that two ids never share a name.
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

/** Requester classes, reasons, rules and tiers by their names in the data; an unknown name stands for itself. */
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
  attributed: 'Attributed to organisations',
  platform: 'Cloud or CI platform',
  negative: 'Internet providers, mobile, VPN',
  conflict: 'Conflicting evidence',
};
export const label = (name: string): string => (Object.hasOwn(labels, name) ? labels[name] : name);
/** `unknown` is a class and a reason. */
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
