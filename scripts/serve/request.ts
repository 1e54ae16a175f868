// Parses a request's URL, headers and body, before any engine is involved.

import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { pipeline, type Readable } from 'node:stream';
import { quoteIdentifier, quoteString } from '../../sql/quote.ts';
import { DoorError, refused } from './errors.ts';
import { concernsWriters, isInterfaceParameter, isOn } from './settings.ts';

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The body without its Content-Encoding. */
export function decodeBody(incoming: Readable, encoding: string | undefined): Readable {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return incoming;
  const decoder = DECODERS[encoding.toLowerCase()];
  if (decoder === undefined)
    throw refused.notOffered(`Content-Encoding ${encoding} is not offered; use ${Object.keys(DECODERS).join(', ')}`);
  // The consumer of the decoded stream sees the error.
  return pipeline(incoming, decoder(), () => {}) as unknown as Readable;
}

export interface Peeked {
  /** The body up to the limit, or all of it. */
  readonly head: Buffer;
  readonly isComplete: boolean;
  /** The body after the head; can be read once. */
  readonly rest: AsyncIterable<Buffer>;
}

/** Reads the first bytes of prefix + body. */
export async function peek(prefix: Buffer, body: AsyncIterable<Buffer>, limit: number): Promise<Peeked> {
  const source = body[Symbol.asyncIterator]();
  const parts = [prefix];
  let size = prefix.length;
  let isComplete = false;
  while (size <= limit && !isComplete) {
    const { done, value } = await source.next().catch((error: Error) => {
      throw new DoorError(27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED', `Cannot read the request: ${error.message}`);
    });
    if (done) isComplete = true;
    else {
      parts.push(value);
      size += value.length;
    }
  }
  return { head: Buffer.concat(parts), isComplete, rest: { [Symbol.asyncIterator]: () => source } };
}

/**
 * SQL that runs before the query: it sets the database, parameters and settings.
 * @param isReader the engine's own rights decide which settings may change; otherwise `readonly` comes last where the request only
 * reads
 */
export function preparation(
  params: URLSearchParams,
  statementSettings: ReadonlyMap<string, string>,
  database: string | null,
  readOnly: boolean,
  isReader: boolean,
): string[] {
  const settings = new Map<string, string>();
  for (const [name, value] of params) {
    if (name.startsWith('param_')) settings.set(name, quoteString(value));
    else if (isInterfaceParameter(name) || name === 'readonly') continue;
    else if (!readOnly || !concernsWriters(name)) settings.set(name, quoteString(value));
  }
  for (const [name, value] of statementSettings) settings.set(name, value);
  return [
    ...(database !== null && database !== '' ? [`USE ${quoteIdentifier(database)}`] : []),
    ...settingStatements(settings),
    ...(readOnly && !isReader ? ['SET readonly = 1'] : []),
  ];
}

/** @param settings name → value as SQL; the door finds its queries by log_comment, so that one is its own */
export function settingStatements(settings: ReadonlyMap<string, string>): string[] {
  return [...settings]
    .filter(([name]) => name !== 'log_comment')
    .map(([name, value]) => {
      if (!/^\w+$/.test(name)) throw new DoorError(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`);
      return `SET ${name} = ${value}`;
    });
}

/** @throws DoorError if the request asks for a feature that the door does not have */
export function refuseUnknownWishes(params: URLSearchParams): void {
  if (isOn(params.get('decompress')))
    throw refused.notOffered(
      'Requests in ClickHouse’s own block compression (decompress=1) are not offered; send Content-Encoding: gzip',
    );
  if (params.has('role')) throw refused.notOffered('The embedded engine has no roles');
  if (isOn(params.get('session_check')))
    throw new DoorError(372, 'SESSION_NOT_FOUND', 'Every request to this door has a session of its own');
}
