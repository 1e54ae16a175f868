// Answers an assistant's calls over MCP: each runs in a session of a reader's engine, is cut to a size, and leaves a line in the audit.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { sqlFile } from '../../sql/sql-file.ts';
import { instructions, namedQueries, ownStatement } from './assistant-tools.ts';
import { type Engine } from './engine.ts';
import { readEngineError, withoutPaths } from './errors.ts';
import { askReader, type AnswerLimits } from './reader-query.ts';
import { StatementError } from './statement.ts';

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
      const { rows, bytes, truncated } = await askReader(engine, { ...call, reader: 'assistant', limits }, signal);
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
