// The HTTP door offers the embedded engine over ClickHouse's HTTP interface. So curl, Grafana and ClickHouse's clients can query it
// while this process goes on working. Each request has its own engine session.

import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { type Server } from 'node:http';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { pipeline as pipelineDone } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { serve, type HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import type { Logger } from 'pino';
import { Fault } from '../../transform/fault.ts';
import { existingAnalystDatabase } from '../../sql/analysts.ts';
import { quoteString } from '../../sql/quote.ts';
import { recordDoor, type Warehouse } from '../../sql/warehouse.ts';
import { authenticate, credentialsOf, isLoopback, refuseOtherSites } from './access.ts';
import { Engine, MAX_QUERY_BYTES, type EngineSession, type Format } from './engine.ts';
import { DoorError, UNKNOWN_EXCEPTION, httpStatusOf, readEngineError, refused } from './errors.ts';
import { decodeBody, peek, preparation, refuseUnknownWishes } from './request.ts';
import { isOn } from './settings.ts';
import { StatementError, reachesOutside, readStatement, type OutputStatement } from './statement.ts';

export interface DoorOptions {
  /** An embedded warehouse that this process has open. The door does not close it. */
  readonly warehouse: Warehouse;
  /** Default 127.0.0.1. Any address other than loopback needs a password. */
  readonly host?: string;
  /** Default 8123; 0 uses a free port. */
  readonly port?: number;
  readonly password?: string;
  /** The door rejects writes unless this is set. */
  readonly allowWrites?: boolean;
  readonly log: Logger;
}

export interface Door {
  /** e.g. http://127.0.0.1:8123 */
  readonly url: string;
  /** Gives running requests a moment to end; then ends them. */
  close(): Promise<void>;
}

/** Formats whose pieces can be joined. A result in any other format is written to a file first. */
const PIECEWISE = new Set(
  `jsoneachrow ndjson jsonl jsonlines jsonstringseachrow jsoncompacteachrow jsoncompactstringseachrow tabseparated tsv
   tabseparatedraw tsvraw raw tskv csv lineasstring rowbinary rawblob native`.split(/\s+/),
);
const CLOSE_GRACE_MS = 3_000;

/** @throws Fault(usage) if the address cannot be used, or is not allowed */
export async function startDoor(options: DoorOptions): Promise<Door> {
  const { warehouse, host = '127.0.0.1', port = 8123, password, allowWrites = false, log } = options;
  if (warehouse.engine !== 'embedded')
    throw new Fault(
      'usage',
      `the warehouse ${warehouse.location} is a server and has its own HTTP interface`,
      'serve is for the embedded engine.',
    );
  if (password === undefined && !isLoopback(host))
    throw new Fault(
      'usage',
      `${host} is not a loopback address: a door that others can reach needs a password`,
      'Set one in an environment variable and name it with --password-env, or serve on 127.0.0.1.',
    );
  const engine = await Engine.open(warehouse.location);
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get('/ping', (c) => c.text('Ok.\n'));
  app.get('/replicas_status', (c) => c.text('Ok.\n'));
  // Readers use the analysts' database; a door with writes uses the warehouse's own tables.
  const database = allowWrites ? undefined : await existingAnalystDatabase(warehouse);
  const handler = new Handler(engine, { password, allowWrites, database, log });
  app.on(['GET', 'POST'], '/', (c) => handler.handle(c));
  app.notFound((c) => c.text(`There is no handle ${c.req.path}\nUse / or /ping for health checks.\n`, 404));

  const { server, boundPort } = await listen(app, host, port).catch(async (error: NodeJS.ErrnoException) => {
    await engine.close();
    throw new Fault(
      'usage',
      `cannot serve on ${host}:${port}: ${error.message}`,
      'Choose another with --host and --port.',
      {
        cause: error,
      },
    );
  });
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}:${boundPort}`;
  recordDoor(warehouse.location, url);
  return {
    url,
    async close() {
      recordDoor(warehouse.location, undefined);
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      await Promise.race([closed, sleep(CLOSE_GRACE_MS, undefined, { ref: false })]);
      server.closeAllConnections();
      await engine.close();
    },
  };
}

function listen(
  app: Hono<{ Bindings: HttpBindings }>,
  hostname: string,
  port: number,
): Promise<{ server: Server; boundPort: number }> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: app.fetch,
        hostname,
        port,
        overrideGlobalObjects: false,
        // URLs contain queries, so headers may be large; uploads may take any time; idle connections stay open for 30 s.
        serverOptions: { maxHeaderSize: MAX_QUERY_BYTES, requestTimeout: 0, keepAliveTimeout: 30_000 },
      },
      (address) => resolve({ server, boundPort: address.port }),
    ) as Server;
    server.once('error', reject);
  });
}

interface HandlerOptions {
  readonly password: string | undefined;
  readonly allowWrites: boolean;
  /** The database of requests that name none. */
  readonly database: string | undefined;
  readonly log: Logger;
}

interface Ask {
  readonly params: URLSearchParams;
  readonly headers: Headers;
  readonly readOnly: boolean;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  /** Cuts the connection in the middle of a response. */
  readonly breakOff: () => void;
}

type HandlerContext = Context<{ Bindings: HttpBindings }>;

class Handler {
  private readonly engine: Engine;
  private readonly options: HandlerOptions;

  constructor(engine: Engine, options: HandlerOptions) {
    this.engine = engine;
    this.options = options;
  }

  async handle(c: HandlerContext): Promise<Response> {
    const started = performance.now();
    const params = new URL(c.req.url).searchParams;
    const common = {
      'x-clickhouse-query-id': params.get('query_id') || randomUUID(),
      'x-clickhouse-server-display-name': 'fairshare',
      'x-clickhouse-timezone': this.engine.timezone,
    };
    let response: Response;
    try {
      response = await this.answer(c, params);
    } catch (error) {
      response = this.failure(error);
      // The rest of the request is not read, so the connection must not carry another one.
      if (!c.env.incoming.complete) response.headers.set('connection', 'close');
    }
    for (const [name, value] of Object.entries(common)) response.headers.set(name, value);
    const elapsed_ms = Math.round(performance.now() - started);
    this.options.log.debug({ method: c.req.method, status: response.status, elapsed_ms, ...common }, 'door');
    return response;
  }

  private failure(error: unknown): Response {
    const { code, body } = readEngineError(error);
    if (code === UNKNOWN_EXCEPTION) this.options.log.error({ err: error }, 'the door failed');
    return new Response(`${body.trimEnd()} (version ${this.engine.version})\n`, {
      status: httpStatusOf(code),
      headers: {
        'content-type': 'text/plain; charset=UTF-8',
        'x-clickhouse-exception-code': String(code),
        ...(code === 194 ? { 'www-authenticate': 'Basic realm="fairshare"' } : {}),
      },
    });
  }

  private async answer(c: HandlerContext, params: URLSearchParams): Promise<Response> {
    const { incoming, outgoing } = c.env;
    const { headers, method } = c.req.raw;
    authenticate(credentialsOf(headers, params), this.options.password);
    if (this.options.password === undefined) refuseOtherSites(headers);
    if (method === 'HEAD' || (method === 'GET' && !params.has('query'))) return new Response('Ok.\n');
    refuseUnknownWishes(params);
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const ask: Ask = {
      params,
      headers,
      readOnly: this.isReadOnly(method, params),
      gone: gone.signal,
      breakOff: () => outgoing.destroy(),
    };

    if (headers.get('content-type')?.startsWith('multipart/form-data')) {
      for (const [name, value] of await c.req.raw.formData()) {
        if (typeof value !== 'string' || !(name === 'query' || name.startsWith('param_')))
          throw refused.notOffered('Of a multipart request the door reads query and param_* only, no external tables');
        params.set(name, value);
      }
      return this.execute(params.get('query') ?? '', ask);
    }
    const urlQuery = params.get('query');
    const prefix = Buffer.from(urlQuery === null ? '' : `${urlQuery}\n`);
    const body = decodeBody(incoming, headers.get('content-encoding') ?? undefined);
    const { head, isComplete, rest } = await peek(prefix, body as AsyncIterable<Buffer>, MAX_QUERY_BYTES);
    // Latin-1 gives one character per byte, so that positions are byte positions.
    const statement = this.read(head.toString('latin1'));
    if (statement.kind === 'insert') {
      const fromFile = (path: string) =>
        Buffer.from(statement.fromFile(Buffer.from(path).toString('latin1')), 'latin1').toString();
      return this.insert(fromFile, head.subarray(statement.dataStart), rest, ask);
    }
    if (!isComplete) throw refused.tooLarge(MAX_QUERY_BYTES);
    return this.execute(head.toString('utf8'), ask);
  }

  /** GET never writes, as in ClickHouse. A client may also ask for readonly itself. */
  private isReadOnly(method: string, params: URLSearchParams): boolean {
    const asked = params.get('readonly');
    const only = !this.options.allowWrites || method !== 'POST';
    if (only && asked === '0') throw refused.readOnly("Cannot modify 'readonly' setting");
    return only || isOn(asked);
  }

  private read(sql: string): ReturnType<typeof readStatement> {
    try {
      return readStatement(sql, (name) => this.engine.formats.get(name.toLowerCase())?.isInput ?? false);
    } catch (error) {
      throw error instanceof StatementError ? new DoorError(62, 'SYNTAX_ERROR', error.message) : error;
    }
  }

  private async execute(sql: string, ask: Ask): Promise<Response> {
    const statement = this.read(sql);
    if (statement.kind === 'other' && statement.verb === '' && statement.body === '')
      throw new DoorError(62, 'SYNTAX_ERROR', 'Empty query');
    if (ask.readOnly) this.refuseToReader(sql, statement.kind === 'output', ask.params);
    if (statement.kind === 'output') return this.output(statement, ask);
    return this.inSession(ask, new Map(), async (session) => {
      const result = await session.run(sql, this.format(undefined, ask).name);
      return new Response(result as Uint8Array<ArrayBuffer>);
    });
  }

  private refuseToReader(sql: string, isOutput: boolean, params: URLSearchParams): void {
    if (!isOutput) throw refused.readOnly('Cannot execute query in readonly mode');
    const reason = reachesOutside(sql);
    if (reason !== undefined) throw refused.readOnly(reason);
    // A parameter {name:Identifier} could name an object that the text does not show.
    for (const [name, value] of params)
      if (name.startsWith('param_') && /\bidentifier\b/i.test(sql) && (value === 'file' || value.includes('\\')))
        throw refused.readOnly(`the identifier ${value} is not allowed`);
  }

  /** @param named in the statement; if absent, the header's or the URL's, else ClickHouse's default over HTTP */
  private format(named: string | undefined, { params, headers }: Ask): Format {
    const name = named ?? headers.get('x-clickhouse-format') ?? params.get('default_format') ?? 'TabSeparated';
    const format = this.engine.formats.get(name.toLowerCase());
    if (format === undefined || !format.isOutput) throw new DoorError(73, 'UNKNOWN_FORMAT', `Unknown format ${name}`);
    return format;
  }

  /** Releases the session when the work is done. Work that goes on longer takes the session over. */
  private async inSession<T>(
    { params, headers, readOnly, gone }: Ask,
    settings: ReadonlyMap<string, string>,
    work: (session: EngineSession, keep: () => void) => Promise<T>,
  ): Promise<T> {
    const database = headers.get('x-clickhouse-database') ?? params.get('database') ?? this.options.database ?? null;
    const statements = preparation(params, settings, database, readOnly);
    const session = await this.engine.session();
    let kept = false;
    try {
      gone.throwIfAborted();
      await session.prepare(statements);
      return await work(session, () => (kept = true));
    } finally {
      if (!kept) await session.release();
    }
  }

  private output(statement: OutputStatement, ask: Ask): Promise<Response> {
    const format = this.format(statement.format, ask);
    const oneArray = [
      statement.settings.get('output_format_json_array_of_rows'),
      ask.params.get('output_format_json_array_of_rows'),
    ];
    const piecewise =
      statement.isSelect &&
      PIECEWISE.has(format.name.toLowerCase()) &&
      !isOn(ask.params.get('wait_end_of_query')) &&
      !oneArray.some(isOn);
    const headers = {
      'content-type': format.contentType || 'text/plain; charset=UTF-8',
      'x-clickhouse-format': format.name,
    };
    return this.inSession(ask, statement.settings, async (session, keep) => {
      const cancel = () => void session.cancel();
      ask.gone.addEventListener('abort', cancel, { once: true });
      if (!piecewise) {
        const started = performance.now();
        const file = await this.intoFile(session, statement.body, format);
        const summary = JSON.stringify({ elapsed_ns: String(Math.round((performance.now() - started) * 1e6)) });
        return compressed(file.stream, ask, {
          ...headers,
          'x-clickhouse-summary': summary,
          'content-length': String(file.size_bytes),
        });
      }
      const pieces = session.stream(statement.body, format.name);
      // An error of the query appears with its first piece, before the status is sent.
      const first = await pieces.next();
      keep();
      const tag = randomBytes(8).toString('hex');
      const stream = Readable.from(whole(first, pieces, tag, ask.breakOff), { objectMode: false });
      stream.once('close', () => void pieces.return().finally(() => session.release()));
      return compressed(stream, ask, { ...headers, 'x-clickhouse-exception-tag': tag });
    });
  }

  private async intoFile(
    session: EngineSession,
    sql: string,
    format: Format,
  ): Promise<{ stream: Readable; size_bytes: number }> {
    const path = join(this.engine.scratch, randomUUID());
    try {
      await session.run(`${sql}\nINTO OUTFILE ${quoteString(path)} COMPRESSION 'none' FORMAT ${format.name}`);
      const file = await open(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined; // a result of no bytes makes no file
        throw error;
      });
      if (file === undefined) return { stream: Readable.from([]), size_bytes: 0 };
      return { stream: file.createReadStream(), size_bytes: (await file.stat()).size };
    } finally {
      // Open files stay readable.
      await rm(path, { force: true });
    }
  }

  private async insert(
    fromFile: (path: string) => string,
    head: Buffer,
    rest: AsyncIterable<Buffer>,
    ask: Ask,
  ): Promise<Response> {
    if (ask.readOnly) throw refused.readOnly('Cannot execute query in readonly mode');
    const path = join(this.engine.scratch, randomUUID());
    try {
      const rows = async function* () {
        if (head.length > 0) yield head;
        yield* rest;
      };
      await pipelineDone(rows, createWriteStream(path, { flags: 'wx' }));
      const isEmpty = (await stat(path)).size === 0;
      return await this.inSession(ask, new Map(), async (session) => {
        if (!isEmpty) await session.run(fromFile(path));
        return new Response('');
      });
    } finally {
      await rm(path, { force: true });
    }
  }
}

/**
 * Yields all pieces. On an error after the first piece, it yields the error in ClickHouse's mid-stream form and then aborts the
 * response, so that no client takes a part for the whole.
 */
async function* whole(
  first: IteratorResult<Uint8Array, void>,
  pieces: AsyncGenerator<Uint8Array, void, void>,
  tag: string,
  breakOff: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (first.done) return;
    yield first.value;
    yield* pieces;
  } catch (error) {
    const message = `${readEngineError(error).body}\n`;
    const size = Buffer.byteLength(message);
    yield Buffer.from(`\r\n__exception__\r\n${tag}\r\n${message}${size} ${tag}\r\n__exception__\r\n`);
    await sleep(50); // so that the error is sent before the connection closes
    breakOff();
  }
}

function compressed(stream: Readable, { headers, params }: Ask, responseHeaders: Record<string, string>): Response {
  const accepts = /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[\d.]+\s*)?(?:,|$)/i.test(
    headers.get('accept-encoding') ?? '',
  );
  const enabled = params.get('enable_http_compression');
  if (!accepts || (enabled !== null && !isOn(enabled)))
    return new Response(Readable.toWeb(stream) as ReadableStream, { headers: responseHeaders });
  const { 'content-length': _size, ...rest } = responseHeaders;
  const zipped = pipeline(stream, createGzip({ level: 3 }), () => {});
  return new Response(Readable.toWeb(zipped) as ReadableStream, {
    headers: { ...rest, 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
  });
}
