// Names, dates and labels for people. Treat names of packages and organisations as hostile input.

import { sha256 } from '../../sql/sha256.ts';
import { en } from './texts/en.ts';
import { english, named } from './texts/words.ts';

/** '2026-10' → 'October 2026' */
export const monthName = (period: string): string => english.month(period);

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

/**
 * Number of a statement: '202610-3F9A21C07B44'. It is the same for the same period, family and run, and it tells nothing of the family to
 * a third party.
 */
export const statementNumber = (period: string, family: string, runId: string): string =>
  `${period.replace('-', '')}-${sha256(JSON.stringify([period, family, runId]))
    .slice(0, 12)
    .toUpperCase()}`;

/** File name of the summary, without extension. @param period 'YYYY-MM' */
export const summaryName = (period: string): string => `summary-${period}`;

/** File name of the queries behind a document. @param name the document's, without extension */
export const queriesName = (name: string): string => `${name}.sql`;

/** File name of a family's statement, without extension. @param period 'YYYY-MM' */
export const statementName = (family: string, period: string): string => `${fileName(family)}-${period}`;

/** Labels of reasons and rules, by their names in the data. An unknown name is its own label. */
export const label = (name: string): string =>
  name === 'attributed'
    ? 'Attributed to organisations'
    : named({ ...en.classes, ...en.reasons, unknown: 'unknown' }, name);
/** `unknown` is both a class and a reason. */
export const classLabel = (name: string): string => english.className(name);
export const reasonLabel = (name: string): string => english.reasonName(name);
