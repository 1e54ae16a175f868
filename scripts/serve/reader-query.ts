// Runs one statement of a reader in a session of its own, and gives its rows as lines of JSON: for the assistant's tools and the web pages.

import { setTimeout as sleep } from 'node:timers/promises';
import { quoteString } from '../../sql/quote.ts';
import { REFRESH_SECONDS } from '../../sql/reading.ts';
import { type Engine } from './engine.ts';
import { isOfChange } from './errors.ts';
import { settingStatements } from './request.ts';
import { vet } from './vet.ts';

export interface AnswerLimits {
  readonly rows: number;
  readonly bytes: number;
}

export interface ReaderQuery {
  /** Who asks, for the limits of each. */
  readonly reader: string;
  readonly sql: string;
  readonly params: Readonly<Record<string, string>>;
  readonly limits: AnswerLimits;
}

export interface Answer {
  /** JSON objects; 64-bit numbers are texts. */
  readonly rows: readonly string[];
  readonly bytes: number;
  readonly truncated: boolean;
}

const DATABASE = 'analyst';
/** How often a statement is tried after the warehouse changed beneath it. */
const TRIES = 5;

/** @throws DoorError, StatementError or the engine's error if the reader may not run it, or it fails */
export async function askReader(engine: Engine, query: ReaderQuery, signal: AbortSignal): Promise<Answer> {
  for (let left = TRIES; ; left--) {
    try {
      return await ask(engine, query, signal);
    } catch (error) {
      if (left === 1 || !isOfChange(error) || signal.aborted) throw error;
      await sleep(REFRESH_SECONDS * 500);
    }
  }
}

async function ask(engine: Engine, { reader, sql, params, limits }: ReaderQuery, signal: AbortSignal): Promise<Answer> {
  const session = await engine.session(reader);
  const stop = (): void => void session.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const given = Object.entries(params).map(([name, value]) => [`param_${name}`, quoteString(value)] as const);
    const quoted = 'SET output_format_json_quote_64bit_integers = 1';
    await session.prepare([...session.ownStatements, `USE ${DATABASE}`, quoted, ...settingStatements(new Map(given))]);
    const statement = await vet(sql, session.functions, session.ask);
    await session.prepare(settingStatements(statement.settings));
    const rows = statement.isSelect
      ? session.stream(statement.body, 'JSONEachRow')
      : (async function* () {
          yield await session.run(statement.body, 'JSONEachRow');
        })();
    return await cut(rows, limits);
  } finally {
    signal.removeEventListener('abort', stop);
    await session.release();
  }
}

/** Whole rows up to the limits. What is more is not computed. */
async function cut(pieces: AsyncGenerator<Uint8Array, void, void>, limits: AnswerLimits): Promise<Answer> {
  const rows: string[] = [];
  let bytes = 0;
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const size = Buffer.byteLength(line);
      if (rows.length === limits.rows || bytes + size > limits.bytes) return { rows, bytes, truncated: true };
      rows.push(line);
      bytes += size;
    }
  }
  return { rows, bytes, truncated: false };
}
