// The interface of every contender of the transform benchmark, and the comparison of answers: rows as text, in any order.

import { createHash } from 'node:crypto';
import type { Month, Rules } from '../month.ts';

export interface Contender {
  /** Version of the engine behind it, if it is not Node's. */
  readonly version?: string;
  /** Builds lookup data. Not timed. */
  prepare(month: Month, rules: Rules): Promise<void>;
  /** Reads the file and groups it in memory. Called to warm up, and once more, timed. */
  run(log: string): Promise<void>;
  /** The groups of the last run, each one line of `answerColumns`, separated by tabs; absent values are empty. */
  answer(): AsyncIterable<string> | Iterable<string>;
  close?(): Promise<void>;
}

export const answerColumns = [
  'hour', // seconds since the epoch
  'package',
  'version',
  'artifact',
  'file',
  'requester_class',
  'identity',
  'client',
  'ci', // −1 not known
  'ci_provider',
  'container',
  'rule_id',
  'token',
  'prefix',
  'range_id',
  'network_type',
  'country',
  'network',
  'requests',
  'downloads',
  'bytes',
  'download_bytes',
  'max_download_bytes',
] as const;

export interface Digest {
  readonly rows: number;
  readonly requests: number;
  readonly downloads: number;
  readonly bytes: number;
  /** Σ over rows of 48 bits of their MD5, modulo 2^48: equal whatever the order. */
  readonly sum: string;
}

const column = Object.fromEntries(answerColumns.map((name, at) => [name, at])) as Record<
  (typeof answerColumns)[number],
  number
>;

/** @param onRow is called with each row, to dump it */
export async function digestOf(
  rows: AsyncIterable<string> | Iterable<string>,
  onRow?: (row: string) => void,
): Promise<Digest> {
  const digest = { rows: 0, requests: 0, downloads: 0, bytes: 0 };
  let sum = 0;
  for await (const row of rows) {
    const cells = row.split('\t');
    digest.rows++;
    digest.requests += Number(cells[column.requests]);
    digest.downloads += Number(cells[column.downloads]);
    digest.bytes += Number(cells[column.bytes]);
    sum = (sum + createHash('md5').update(row).digest().readUIntBE(0, 6)) % 2 ** 48;
    onRow?.(row);
  }
  return { ...digest, sum: sum.toString(16) };
}
