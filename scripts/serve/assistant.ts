// Answers an assistant's calls over MCP: each runs in a session of a reader's engine, is cut to a size, and leaves a line in the audit.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { quoteString } from '../../sql/quote.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { instructions, namedQueries, ownStatement } from './assistant-tools.ts';
import { type Engine } from './engine.ts';
import { isOfChange, readEngineError, withoutPaths } from './errors.ts';
import { settingStatements } from './request.ts';
import { StatementError } from './statement.ts';
import { vet } from './vet.ts';

export interface AnswerLimits {
  readonly rows: number;
  readonly bytes: number;
}

export interface Call {
  readonly tool: string;
  readonly sql: string;
  readonly params: Readonly<Record<string, string>>;
}

/** One line of the audit. */
export interface CallRecord extends Call {
  readonly rows: number;
  readonly bytes: number;
  readonly truncated: boolean;
  readonly elapsed_ms: number;
  /** Of a call that was refused or failed. */
  readonly error?: string;
}

interface Answer {
  readonly rows: readonly string[];
  readonly bytes: number;
  readonly truncated: boolean;
}

const DATABASE = 'analyst';
/** How often a call is tried again after the warehouse changed beneath it. */
const TRIES = 3;

/** The server, not yet connected. */
export function assistantServer(
  engine: Engine,
  limits: AnswerLimits,
  audit: (record: CallRecord) => void,
  version: string,
): McpServer {
  const server = new McpServer({ name: 'fairshare', version }, { instructions });
  const answer = async (call: Call, signal: AbortSignal) => {
    const started = performance.now();
    const record = (of: Omit<CallRecord, keyof Call | 'elapsed_ms'>): void =>
      audit({ ...call, ...of, elapsed_ms: Math.round(performance.now() - started) });
    try {
      const { rows, bytes, truncated } = await tried(() => ask(engine, limits, call, signal));
      record({ rows: rows.length, bytes, truncated });
      return said(`{"row_count":${rows.length},"truncated":${truncated},"rows":[\n${rows.join(',\n')}\n]}`);
    } catch (failed) {
      const error = withoutPaths(failed instanceof StatementError ? failed.message : readEngineError(failed).body); // prettier-ignore
      record({ rows: 0, bytes: 0, truncated: false, error });
      return { ...said(error), isError: true };
    }
  };
  const annotations = { readOnlyHint: true, openWorldHint: false };
  for (const { name, file, description, input } of namedQueries)
    server.registerTool(name, { description, inputSchema: z.strictObject(input), annotations }, (given, { signal }) => {
      const params = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
      return answer({ tool: name, sql: sqlFile(`queries/${file}`), params }, signal);
    });
  const { name, description, input } = ownStatement;
  server.registerTool(name, { description, inputSchema: z.strictObject(input), annotations }, ({ sql, params }, { signal }) =>
    answer({ tool: name, sql, params }, signal),
  ); // prettier-ignore
  return server;
}

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

async function tried<T>(work: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 1 || !isOfChange(error)) throw error;
    }
  }
}

async function ask(engine: Engine, limits: AnswerLimits, { sql, params }: Call, signal: AbortSignal): Promise<Answer> {
  const session = await engine.session('assistant');
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
