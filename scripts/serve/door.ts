// The HTTP door offers the embedded engine over ClickHouse's HTTP interface. So curl, Grafana and ClickHouse's clients can query it
// while this process goes on working. Each request has its own engine session.

import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { type Server } from 'node:http';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipelineDone } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve, type HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import type { Logger } from 'pino';
import { Fault } from '../../transform/fault.ts';
import { type ReaderLimits } from '../../sql/reader-configuration.ts';
import { REFRESH_SECONDS } from '../../sql/reading.ts';
import { recordDoor, type Warehouse } from '../../sql/warehouse.ts';
import { Access, credentialsOf, isLoopback, refuseOtherSites } from './access.ts';
import { encoded, nativeRevision, ofNativeRevision, wholeOfRevision } from './encoding.ts';
import { Engine, MAX_QUERY_BYTES, type Concurrency, type EngineSession, type Format } from './engine.ts';
import {
  DoorError,
  UNKNOWN_EXCEPTION,
  httpStatusOf,
  isOfChange,
  readEngineError,
  refused,
  withoutPaths,
} from './errors.ts';
import { decodeBody, peek, preparation, refuseUnknownWishes, settingStatements } from './request.ts';
import { addPages, opensInBrowser } from './pages.ts';
import { isOn } from './settings.ts';
import { StatementError, readStatement, type OutputStatement } from './statement.ts';
import { vet } from './vet.ts';

interface ListenOptions {
  /** Default 127.0.0.1. Any address other than loopback needs a password or users. */
  readonly host?: string;
  /** Default 8123; 0 uses a free port. */
  readonly port?: number;
  readonly log: Logger;
}

export interface DoorOptions extends ListenOptions {
  /** An embedded warehouse that this process has open. The door does not close it. */
  readonly warehouse: Warehouse;
  readonly password?: string;
  /** File of users; those with the scope `write` enter. */
  readonly users?: string;
}

export interface ReaderDoorOptions extends ListenOptions {
  /** Directory of an embedded warehouse. Any process may hold it; this one must not. */
  readonly location: string;
  readonly password?: string;
  /** File of users and the hashes of their tokens. */
  readonly users?: string;
  readonly limits: ReaderLimits;
  readonly concurrency: Concurrency;
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
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A statement in the URL; longer ones belong in the body. */
const MAX_READER_HEADER_BYTES = 256 * 1024;
const MAX_CONNECTIONS = 1_024;
const READER_DATABASE = 'analyst';
const QUERY_ID = /^[\w.:-]{1,128}$/;
/** How often a reader's statement is tried again after the warehouse changed beneath it. */
const LOOK_AGAIN = 4;

/** For browsers: no page of another site may use an answer, as a script, picture, style, frame or anything else. */
const BROWSER_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'cache-control': 'no-store',
} as const;

/**
 * The door of the process that holds the warehouse: whoever may enter has all its rights.
 * @throws Fault(usage) if the address cannot be used, or is not allowed
 */
export async function startDoor(options: DoorOptions): Promise<Door> {
  const { warehouse, password, users } = options;
  if (warehouse.engine !== 'embedded' || warehouse.isBeside)
    throw new Fault(
      'usage',
      `the warehouse ${warehouse.location} is not held by this process`,
      'A ClickHouse server has its own HTTP interface; a directory is served by the process that holds it.',
    );
  const access = new Access({ password, users, scope: 'write' });
  const door = await openDoor(await Engine.forWriters(warehouse.location), access, undefined, options);
  recordDoor(warehouse.location, door.url);
  return {
    url: door.url,
    async close() {
      recordDoor(warehouse.location, undefined);
      await door.close();
    },
  };
}

/**
 * The door of a process that only reads, beside whatever process holds the warehouse.
 * @throws Fault(usage) if the address cannot be used, or is not allowed
 */
export async function startReaderDoor(options: ReaderDoorOptions): Promise<Door> {
  const { location, password, users, limits, concurrency } = options;
  const access = new Access({ password, users, scope: 'read' });
  const engine = await Engine.forReaders(location, [READER_DATABASE], limits, concurrency);
  return openDoor(engine, access, limits, options);
}

/** @param limits of readers; undefined: the door of a writer */
async function openDoor(
  engine: Engine,
  access: Access,
  limits: ReaderLimits | undefined,
  { host = '127.0.0.1', port = 8123, log }: ListenOptions,
): Promise<Door> {
  if (!access.isGuarded && !isLoopback(host)) {
    await engine.close();
    throw new Fault(
      'usage',
      `${host} is not a loopback address: a door that others can reach needs a password or users`,
      'Name a password with --password-env, or a file of users with --users, or serve on 127.0.0.1.',
    );
  }
  const app = new Hono<{ Bindings: HttpBindings }>();
  const handler = new Handler(engine, { access, isReader: limits !== undefined, log });
  app.get('/ping', (c) => c.text('Ok.\n'));
  app.get('/replicas_status', (c) => c.text('Ok.\n'));
  if (limits !== undefined) addPages(app, { engine, access, log });
  app.on(['GET', 'POST'], '/', (c) =>
    limits !== undefined && c.req.method === 'GET' && opensInBrowser(c.req.raw.headers, new URL(c.req.url).searchParams)
      ? c.redirect('/pages/overview')
      : handler.handle(c),
  );
  app.notFound((c) => c.text(`There is no handle ${c.req.path}\nUse / or /ping for health checks.\n`, 404));

  const { server, boundPort } = await listen(app, host, port, limits).catch(async (error: NodeJS.ErrnoException) => {
    await engine.close();
    throw new Fault(
      'usage',
      `cannot serve on ${host}:${port}: ${error.message}`,
      'Choose another with --host and --port.',
      { cause: error },
    );
  });
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${boundPort}`,
    async close() {
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
  limits: ReaderLimits | undefined,
): Promise<{ server: Server; boundPort: number }> {
  return new Promise((resolve, reject) => {
    const server = serve(
      {
        fetch: app.fetch,
        hostname,
        port,
        overrideGlobalObjects: false,
        serverOptions: {
          // URLs contain queries, so headers may be large.
          maxHeaderSize: limits === undefined ? MAX_QUERY_BYTES : MAX_READER_HEADER_BYTES,
          headersTimeout: HEADERS_TIMEOUT_MS,
          // A reader sends no more than a statement; a writer's upload may take any time.
          requestTimeout: limits === undefined ? 0 : REQUEST_TIMEOUT_MS,
          connectionsCheckingInterval: 1_000,
          keepAliveTimeout: 30_000,
        },
      },
      (address) => resolve({ server, boundPort: address.port }),
    ) as Server;
    if (limits !== undefined) {
      server.maxConnections = MAX_CONNECTIONS;
      // A client that takes nothing of its result for so long has gone. A statement may compute in silence up to its limit.
      server.setTimeout(limits.seconds * 1000 + REQUEST_TIMEOUT_MS);
    }
    server.once('error', reject);
  });
}

interface HandlerOptions {
  readonly access: Access;
  readonly isReader: boolean;
  readonly log: Logger;
}

interface Ask {
  readonly params: URLSearchParams;
  readonly headers: Headers;
  readonly readOnly: boolean;
  /** Who asks, for the limits of each. */
  readonly reader: string;
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
    const given = params.get('query_id') ?? '';
    const common = {
      // What a header cannot carry is no id.
      'x-clickhouse-query-id': QUERY_ID.test(given) ? given : randomUUID(),
      'x-clickhouse-server-display-name': 'fairshare',
      'x-clickhouse-timezone': this.engine.facts.timezone,
    };
    let response: Response;
    try {
      response = await this.answer(c, params);
    } catch (error) {
      response = this.failure(error);
      // The rest of the request is not read, so the connection must not carry another one.
      if (!c.env.incoming.complete) response.headers.set('connection', 'close');
    }
    for (const [name, value] of Object.entries({ ...common, ...BROWSER_HEADERS })) response.headers.set(name, value);
    const elapsed_ms = Math.round(performance.now() - started);
    this.options.log.debug({ method: c.req.method, status: response.status, elapsed_ms, ...common }, 'door');
    return response;
  }

  private failure(error: unknown): Response {
    const { code, body: full } = readEngineError(error);
    const body = this.options.isReader ? withoutPaths(full) : full;
    if (code === UNKNOWN_EXCEPTION) this.options.log.error({ err: error }, 'the door failed');
    return new Response(`${body.trimEnd()} (version ${this.engine.facts.version})\n`, {
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
    refuseOtherSites(headers, this.options.access.isGuarded);
    const user = this.options.access.authenticate(credentialsOf(headers, params));
    if (method === 'HEAD' || (method === 'GET' && !params.has('query'))) return new Response('Ok.\n');
    refuseUnknownWishes(params);
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const ask: Ask = {
      params,
      headers,
      readOnly: this.isReadOnly(method, params),
      reader: user ?? incoming.socket.remoteAddress ?? '',
      gone: gone.signal,
      breakOff: () => outgoing.destroy(),
    };

    const body = decodeBody(incoming, headers.get('content-encoding') ?? undefined) as AsyncIterable<Buffer>;
    const contentType = headers.get('content-type');
    if (contentType?.startsWith('multipart/form-data')) {
      const { head, isComplete } = await peek(Buffer.alloc(0), body, MAX_QUERY_BYTES);
      if (!isComplete) throw refused.tooLarge(MAX_QUERY_BYTES);
      for (const [name, value] of await formOf(head, contentType)) {
        if (typeof value !== 'string' || !(name === 'query' || name.startsWith('param_')))
          throw refused.notOffered('Of a multipart request the door reads query and param_* only, no external tables');
        params.set(name, value);
      }
      return this.execute(params.get('query') ?? '', ask);
    }
    const urlQuery = params.get('query');
    const prefix = Buffer.from(urlQuery === null ? '' : `${urlQuery}\n`);
    const { head, isComplete, rest } = await peek(prefix, body, MAX_QUERY_BYTES);
    if (this.options.isReader) {
      if (!isComplete) throw refused.tooLarge(MAX_QUERY_BYTES);
      return this.execute(head.toString('utf8'), ask);
    }
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
    const only = this.options.isReader || method !== 'POST';
    if (only && asked === '0') throw refused.readOnly("Cannot modify 'readonly' setting");
    return only || isOn(asked);
  }

  private read(sql: string): ReturnType<typeof readStatement> {
    try {
      return readStatement(sql, (name) => this.engine.facts.formats.get(name.toLowerCase())?.isInput ?? false);
    } catch (error) {
      throw error instanceof StatementError ? new DoorError(62, 'SYNTAX_ERROR', error.message) : error;
    }
  }

  private async execute(sql: string, ask: Ask): Promise<Response> {
    if (this.options.isReader) return this.executeForReader(sql, ask);
    const statement = this.read(sql);
    if (statement.kind === 'other' && statement.verb === '' && statement.body === '') throw emptyQuery();
    if (ask.readOnly && statement.kind !== 'output') throw refused.readOnly('Cannot execute query in readonly mode');
    if (statement.kind === 'output')
      return this.inSession(ask, statement.settings, (session, keep) => this.output(statement, session, ask, keep));
    return this.inSession(ask, new Map(), async (session) => {
      const result = await session.run(sql, this.format(undefined, ask).name);
      return new Response(result as Uint8Array<ArrayBuffer>);
    });
  }

  /** A part that the writer has replaced meanwhile, or another writer: the reader's view is a moment old, so look again. */
  private async executeForReader(sql: string, ask: Ask): Promise<Response> {
    if (sql.trim() === '') throw emptyQuery();
    for (let again = 0; ; again++) {
      try {
        return await this.inSession(ask, new Map(), async (session, keep) => {
          const statement = await this.vetted(sql, session);
          await session.prepare(settingStatements(statement.settings));
          return this.output(statement, session, ask, keep);
        });
      } catch (error) {
        if (again === LOOK_AGAIN || !isOfChange(error) || ask.gone.aborted) throw error;
        await sleep(REFRESH_SECONDS * 500);
      }
    }
  }

  private async vetted(sql: string, session: EngineSession): Promise<OutputStatement> {
    try {
      return await vet(sql, session.functions, session.ask);
    } catch (error) {
      throw error instanceof StatementError ? new DoorError(62, 'SYNTAX_ERROR', error.message) : error;
    }
  }

  /** @param named in the statement; if absent, the header's or the URL's, else ClickHouse's default over HTTP */
  private format(named: string | undefined, { params, headers }: Ask): Format {
    const name = named ?? headers.get('x-clickhouse-format') ?? params.get('default_format') ?? 'TabSeparated';
    const format = this.engine.facts.formats.get(name.toLowerCase());
    if (format === undefined || !format.isOutput) throw new DoorError(73, 'UNKNOWN_FORMAT', `Unknown format ${name}`);
    return format;
  }

  /** Releases the session when the work is done. Work that goes on longer takes the session over. */
  private async inSession<T>(
    { params, headers, readOnly, reader, gone }: Ask,
    settings: ReadonlyMap<string, string>,
    work: (session: EngineSession, keep: () => void) => Promise<T>,
  ): Promise<T> {
    const named = headers.get('x-clickhouse-database') ?? params.get('database');
    // Clients name `default` where they are told nothing. A reader's is the analysts'.
    const isDefault = named === null || named === '' || named === 'default';
    const database = this.options.isReader && isDefault ? READER_DATABASE : named;
    // A table without a database would be one of the engine's own, and reading some of them blocks (vet.ts).
    if (this.options.isReader && database?.toLowerCase() === 'system')
      throw refused.notAllowed('system is not offered as default database: write system.NAME');
    const statements = preparation(params, settings, database, readOnly, this.options.isReader);
    const session = await this.engine.session(reader);
    let kept = false;
    try {
      gone.throwIfAborted();
      await session.prepare([...session.ownStatements, ...statements]);
      return await work(session, () => (kept = true));
    } finally {
      if (!kept) await session.release();
    }
  }

  private async output(
    statement: OutputStatement,
    session: EngineSession,
    ask: Ask,
    keep: () => void,
  ): Promise<Response> {
    const format = this.format(statement.format, ask);
    const revision = nativeRevision(format, ask.params);
    const oneArray = [
      statement.settings.get('output_format_json_array_of_rows'),
      ask.params.get('output_format_json_array_of_rows'),
    ];
    const piecewise =
      statement.isSelect &&
      PIECEWISE.has(format.name.toLowerCase()) &&
      // Blocks of a later revision are made from whole pieces, never from a file.
      (revision > 0 || !isOn(ask.params.get('wait_end_of_query'))) &&
      !oneArray.some(isOn);
    const headers = { 'content-type': contentType(format), 'x-clickhouse-format': format.name };
    const cancel = () => void session.cancel();
    ask.gone.addEventListener('abort', cancel, { once: true });
    if (!piecewise) {
      const started = performance.now();
      const file = await wholeOfRevision(await this.intoFile(session, statement.body, format), revision);
      if (!session.isCurrent()) throw changed();
      const summary = JSON.stringify({ elapsed_ns: String(Math.round((performance.now() - started) * 1e6)) });
      return encoded(file.stream, ask, {
        ...headers,
        'x-clickhouse-summary': summary,
        'content-length': String(file.size_bytes),
      });
    }
    const pieces = ofNativeRevision(session.stream(statement.body, format.name), revision);
    // An error of the query appears with its first piece, before the status is sent.
    const first = await pieces.next();
    if (!session.isCurrent()) throw changed();
    const tag = randomBytes(8).toString('hex');
    const stream = Readable.from(whole(first, pieces, session, tag, ask.breakOff), { objectMode: false });
    stream.once('close', () => void pieces.return().finally(() => session.release()));
    keep();
    return encoded(stream, ask, { ...headers, 'x-clickhouse-exception-tag': tag });
  }

  private async intoFile(
    session: EngineSession,
    sql: string,
    format: Format,
  ): Promise<{ stream: Readable; size_bytes: number }> {
    const path = join(this.engine.scratch, randomUUID());
    try {
      await session.intoFile(sql, path, format.name);
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
  session: EngineSession,
  tag: string,
  breakOff: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (first.done) return;
    yield first.value;
    yield* pieces;
    if (!session.isSameWriter()) throw changed();
  } catch (error) {
    const message = `${readEngineError(error).body}\n`;
    const size = Buffer.byteLength(message);
    yield Buffer.from(`\r\n__exception__\r\n${tag}\r\n${message}${size} ${tag}\r\n__exception__\r\n`);
    await sleep(50); // so that the error is sent before the connection closes
    breakOff();
  }
}

const emptyQuery = () => new DoorError(62, 'SYNTAX_ERROR', 'Empty query');
const changed = () => new DoorError(236, 'ABORTED', 'The warehouse changed while it was read; ask again');

/** Only types of which a browser runs or draws nothing. */
function contentType({ contentType: type }: Format): string {
  if (type === '') return 'text/plain; charset=UTF-8';
  return /^(?:text\/(?:plain|csv|tab-separated-values)|application\/(?:json|x-ndjson|octet-stream))\b/.test(type)
    ? type
    : 'application/octet-stream';
}

const formOf = (body: Buffer, type: string): Promise<FormData> =>
  new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData().catch((error: Error) => {
    throw new DoorError(27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED', `Cannot read the request: ${error.message}`);
  });
