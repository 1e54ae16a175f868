// Published ranges from a file, a directory or an address. They are read, recognised and parsed. One error refuses all of them.

import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Fault } from '../../transform/fault.ts';
import type { NetworkRange } from '../../transform/networks/facts.ts';
import {
  detectPublished,
  type AsnType,
  type Published,
  type PublishedList,
} from '../../transform/networks/published/index.ts';
import { networkTypeColumns, parseNetworkTypes, slug } from '../../transform/networks/published/network-types.ts';
import { plainList } from '../../transform/networks/published/plain.ts';
import { readCsv } from '../../transform/csv.ts';
import { readHolders } from './holders-file.ts';
import { decodeText, MAX_FILE_BYTES, readBytes, refuse } from '../runtime/text-file.ts';
import { sha256 } from '../../sql/sha256.ts';

/** One published list. Its rows replace all rows of the same provider. */
export interface RangesFile {
  /** Name of the list: 'google-cloud', 'openai-gptbot'; for a table or plain list, its provider. */
  readonly list: string;
  readonly provider: string;
  /** Path or address. */
  readonly source: string;
  /** The vendor's own version, else 'sha256:' and the first 12 digits. */
  readonly version: string;
  /** When the vendor made it, RFC 3339; null if the vendor does not say. */
  readonly published_at: string | null;
  readonly fetched_at: string;
  /** Hash of the original bytes. */
  readonly sha256: string;
  readonly ranges: readonly NetworkRange[];
  /** Types of whole ASs (only in tables of network types). */
  readonly asnTypes: readonly AsnType[];
}

/** Provider and type for a list of CIDRs whose shape does not tell them. */
export interface UnknownList {
  readonly provider: string;
  readonly type: NetworkRange['type'];
}

export interface ReadRangesOptions {
  /** Reads the list as this provider's, whatever its shape. */
  readonly as?: UnknownList;
  /** Reads a list of unknown shape as this provider's. */
  readonly otherwise?: UnknownList;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Limit for one address, from start to end. Default: 60,000. */
  readonly timeout_ms?: number;
  /** Default: 128 MiB. */
  readonly max_bytes?: number;
}

const hint = 'Correct the file, or name an unknown list with --as PROVIDER:TYPE.';

/**
 * @param location path of a file or directory, or an http(s) address
 * @throws Fault(usage) if there is nothing to read, Fault(inputRefused) with every fault of every file
 */
export async function readRanges(location: string, options: ReadRangesOptions): Promise<RangesFile[]> {
  const max_bytes = options.max_bytes ?? MAX_FILE_BYTES;
  const sources = isUrl(location) ? [location] : filesOf(location);
  const faults: string[] = [];
  const files: RangesFile[] = [];
  for (const source of sources) {
    const bytes = isUrl(source) ? await fetchBytes(source, options, max_bytes) : readBytes(source, max_bytes);
    const text = decodeText(bytes, source);
    const found = parse(text, source, options);
    if (typeof found === 'string') {
      faults.push(`${source}: ${found}`);
      continue;
    }
    const { list, published } = found;
    const twin = files.find((file) => file.list === list);
    if (twin !== undefined) faults.push(`${source}: is ${list}, as ${twin.source} is: keep one`);
    faults.push(...published.faults.map(({ path, message }) => [source, path, message].filter(Boolean).join(': ')));
    const hash = sha256(bytes);
    files.push({
      list,
      provider: published.ranges[0]?.provider ?? published.asnTypes[0]?.provider ?? list,
      source,
      version: published.version || `sha256:${hash.slice(0, 12)}`,
      published_at: published.publishedAt,
      fetched_at: options.now().toISOString(),
      sha256: hash,
      ranges: published.ranges,
      asnTypes: published.asnTypes,
    });
  }
  if (faults.length > 0) refuse(faults, hint);
  return files;
}

const isUrl = (location: string): boolean => /^https?:\/\//i.test(location);

/** The file itself, or all files of a directory except hidden ones and notes. */
function filesOf(path: string): string[] {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
    throw new Fault('usage', `${path}: only http and https addresses are read`, 'Download it and give the file.');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new Fault('usage', `there is no ${path}`, 'Check the path.');
  if (!stats.isDirectory()) return [path];
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^\.|\.md$/i.test(entry.name))
    .map((entry) => join(path, entry.name))
    .sort();
  if (files.length === 0) throw new Fault('usage', `${path} holds no files`, 'Give a directory of published lists.');
  return files;
}

/** @returns the parsed list, or why it cannot be read */
function parse(
  text: string,
  source: string,
  { as, otherwise }: ReadRangesOptions,
): { list: string; published: Published } | string {
  const header = text
    .slice(0, 200)
    .split(/\r?\n/)[0]
    .split(',')
    .map((cell) => cell.trim());
  if (networkTypeColumns.every((column) => header.includes(column))) {
    const provider = as?.provider ?? slug(basename(source).replace(/\.[a-z]+$/i, ''));
    const { records, faults } = readCsv(text, networkTypeColumns);
    const published = parseNetworkTypes(records, provider);
    const tableFaults = faults.map(({ line, message }) => ({ path: `line ${line ?? 1}`, message }));
    return { list: provider, published: { ...published, faults: [...tableFaults, ...published.faults] } };
  }
  if (readHolders(text, source) !== undefined)
    return 'names holders of networks, and no type of network: give it to fairshare orgs import, with the registry';
  let content: unknown = text;
  if (/^\s*[[{]/.test(text)) {
    try {
      content = JSON.parse(text);
    } catch (cause) {
      return `not valid JSON: ${(cause as Error).message}`;
    }
  }
  const known = as === undefined ? detectPublished(content, source) : null;
  const named = as ?? otherwise;
  const list: PublishedList | null = known ?? (named === undefined ? null : plainList({ ...named, service: '' }));
  return list === null ? 'no list that is known' : { list: list.name, published: list.parse(content) };
}

async function fetchBytes(url: string, options: ReadRangesOptions, max_bytes: number): Promise<Uint8Array> {
  const timeout = AbortSignal.timeout(options.timeout_ms ?? 60_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const failed = (reason: string, cause?: unknown): Fault =>
    new Fault('inputRefused', `cannot fetch ${url}: ${reason}`, 'Try again later, or download it and give the file.', {
      cause,
    });
  try {
    const response = await fetch(url, { signal, headers: { accept: 'application/json, text/*;q=0.9, */*;q=0.1' } });
    if (!response.ok || response.body === null) throw failed(`HTTP status ${response.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > max_bytes) throw failed(`more than ${max_bytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    options.signal?.throwIfAborted();
    const { message, cause: inner } = cause as Error;
    throw failed(timeout.aborted ? 'no answer in time' : inner instanceof Error ? inner.message : message, cause);
  }
}
