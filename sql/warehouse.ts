// The only way to reach ClickHouse: one client over two engines, a server over HTTP(S) or the embedded engine.
// Differences between the two (Arrow input, binary output, the directory's lock) are handled in this file.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { ChdbConnection } from 'chdb/connection';
import { Fault } from '../transform/fault.ts';
import { isAlive } from './is-alive.ts';
import { quoteIdentifier, quoteString } from './quote.ts';

export type QueryParams = Record<string, unknown>;

/** An INSERT whose rows come as an Arrow IPC stream; the statement selects from {{input}}. */
export interface ArrowInsert {
  /** e.g. `INSERT INTO t SELECT {id:UUID}, a FROM {{input}} SETTINGS …` */
  readonly sql: string;
  /** Columns of the stream, with the types that the engine reads them as: `a String, b UInt64`. */
  readonly structure: string;
  readonly ipc: Uint8Array;
  readonly params?: QueryParams;
}

export interface Warehouse {
  readonly engine: 'embedded' | 'server';
  /** The URL without its password, or the directory. */
  readonly location: string;
  /** Rows as JSON objects: 64-bit integers are strings, times 'YYYY-MM-DD hh:mm:ss' in UTC. Buffers its result. */
  query<Row = Record<string, unknown>>(sql: string, params?: QueryParams): Promise<Row[]>;
  /** The result in any ClickHouse text format. */
  text(sql: string, format: string, params?: QueryParams): Promise<string>;
  /** Runs a statement without a result. */
  command(sql: string, params?: QueryParams): Promise<void>;
  /** Inserts JSON rows (small tables). Bigints and dates as strings. */
  insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void>;
  insertArrow(insert: ArrowInsert): Promise<void>;
  /** Writes a query's result to a new local file in any format (Parquet, ArrowStream, …), with its bytes unchanged. */
  writeFile(sql: string, path: string, format: string, params?: QueryParams): Promise<void>;
  /** Another session on the same warehouse. Its queries run in parallel to this one's. It must be closed separately. */
  session(options?: SessionOptions): Promise<Warehouse>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly readOnly?: boolean;
  /** Database of unqualified names; default: the warehouse's own. */
  readonly database?: string;
}

export interface WarehouseOptions {
  /** `https://user@host:8443/db`, or a directory for the embedded engine. */
  readonly location: string;
  /** For a server; must not be in the URL. */
  readonly password?: string;
  /** This session rejects writes. */
  readonly readOnly?: boolean;
  /** How long to wait until another process leaves the directory. */
  readonly lockTimeout_ms?: number;
  /** A reader uses the holder's HTTP door, if there is one, instead of waiting. */
  readonly throughDoor?: boolean;
  /** Called once, when waiting begins. */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal;
}

/** Settings of every session. 64-bit integers are quoted, because bytes exceed 2^53 in practice. */
const SESSION_SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  // The engine's default, set against any server profile, so that views give the same on every client.
  join_use_nulls: 0,
  date_time_input_format: 'best_effort',
  input_format_null_as_default: 0,
  // The engine of 26.x batches small inserts by itself and answers before they are stored.
  async_insert: 0,
  // A repeated insert must store its rows again: their key collapses them. A deduplication token would drop them silently.
  deduplicate_insert: 'disable',
} as const;

/**
 * Resolves if the warehouse answers. TypeScript contains no SQL but this, and the SET and FORMAT of sessions and inserts here and
 * in scripts/serve: they are commands of the engine's protocol and query no data.
 */
export const ping = async (warehouse: Pick<Warehouse, 'query'>): Promise<void> =>
  void (await warehouse.query('SELECT 1'));

export const isServerUrl = (location: string): boolean => /^https?:\/\//.test(location);

/** @throws Fault(warehouseUnreachable) */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  return isServerUrl(options.location) ? openServer(options) : openEmbedded(options);
}

abstract class ClientWarehouse implements Warehouse {
  abstract readonly engine: 'embedded' | 'server';
  abstract readonly location: string;
  protected readonly client: ClickHouseClient;

  constructor(client: ClickHouseClient) {
    this.client = client;
  }

  async query<Row>(sql: string, params?: QueryParams): Promise<Row[]> {
    const result = await this.attempt(() =>
      this.client.query({ query: sql, format: 'JSONEachRow', query_params: params }),
    );
    return result.json<Row>();
  }

  async text(sql: string, format: string, params?: QueryParams): Promise<string> {
    const result = await this.attempt(() =>
      this.client.query({ query: sql, format: format as 'CSV', query_params: params }),
    );
    return result.text();
  }

  async command(sql: string, params?: QueryParams): Promise<void> {
    await this.attempt(() => this.client.command({ query: sql, query_params: params }));
  }

  async insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
    if (rows.length === 0) return;
    await this.attempt(() => this.client.insert({ table, values: rows, format: 'JSONEachRow' }));
  }

  abstract insertArrow(insert: ArrowInsert): Promise<void>;
  abstract session(options?: SessionOptions): Promise<Warehouse>;
  abstract close(): Promise<void>;

  /** The engine completes the file even of a failed query, so only a whole result gets its final name. */
  async writeFile(sql: string, path: string, format: string, params?: QueryParams): Promise<void> {
    if (existsSync(path)) throw new Fault('usage', `${path} exists already`, 'Remove it, or name another file.');
    const part = `${path}.part-${process.pid}`;
    try {
      await this.writeResult(sql, part, format, params);
      renameSync(part, path);
    } finally {
      rmSync(part, { force: true });
    }
  }

  protected abstract writeResult(sql: string, path: string, format: string, params?: QueryParams): Promise<void>;

  /** If the server is out of reach, the failed connection becomes a Fault. Errors of the engine pass unchanged. */
  protected async attempt<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (this.engine === 'embedded' || error instanceof ClickHouseError || error instanceof Fault) throw error;
      throw new Fault(
        'warehouseUnreachable',
        `the warehouse ${this.location} does not answer: ${(error as Error).message}`,
        'Check that it runs and that --warehouse (FAIRSHARE_WAREHOUSE) names it.',
        { cause: error },
      );
    }
  }
}

class ServerWarehouse extends ClientWarehouse {
  readonly engine = 'server';
  readonly location: string;
  private readonly options: WarehouseOptions & SessionOptions;

  constructor(options: WarehouseOptions & SessionOptions) {
    const url = new URL(options.location);
    const database = options.database ?? (url.pathname.replace(/^\//, '') || 'default');
    const username = decodeURIComponent(url.username) || 'default';
    const password = options.password ?? (decodeURIComponent(url.password) || '');
    super(
      createClient({
        url: url.origin,
        database,
        // The client does not send the database `default`, so a door would choose the analysts' database.
        http_headers: { 'X-ClickHouse-Database': database },
        username,
        password,
        request_timeout: 300_000,
        application: 'fairshare',
        // Callers receive all errors; the client's own log would repeat them.
        log: { level: ClickHouseLogLevel.OFF },
        clickhouse_settings: {
          ...SESSION_SETTINGS,
          ...(options.readOnly ? { readonly: '2' } : {}),
          wait_end_of_query: 1,
        },
      }),
    );
    url.password = '';
    this.location = url.href;
    this.options = options;
  }

  async insertArrow({ sql, structure, ipc, params }: ArrowInsert): Promise<void> {
    const query = `${sql.replace('{{input}}', `input('${structure}')`)} FORMAT ArrowStream`;
    await this.attempt(async () => {
      const { stream } = await this.client.exec({
        query,
        query_params: params,
        values: Readable.from([ipc], { objectMode: false }),
      });
      stream.resume();
    });
  }

  protected override async writeResult(sql: string, path: string, format: string, params?: QueryParams): Promise<void> {
    await this.attempt(async () => {
      const { stream } = await this.client.exec({ query: `${sql} FORMAT ${format}`, query_params: params });
      await pipeline(stream, createWriteStream(path, { flags: 'wx' }));
    });
  }

  async session(options: SessionOptions = {}): Promise<Warehouse> {
    return new ServerWarehouse({ ...this.options, ...options });
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}

async function openServer(options: WarehouseOptions): Promise<Warehouse> {
  let warehouse: ServerWarehouse;
  try {
    warehouse = new ServerWarehouse(options);
  } catch (cause) {
    throw new Fault(
      'usage',
      `not a warehouse URL: ${options.location.replace(/:[^:@/]+@/, ':…@')}`,
      'Write it as https://user@host:8443/database',
      { cause },
    );
  }
  await ping(warehouse).catch(async (error: Error) => {
    await warehouse.close();
    if (
      error instanceof ClickHouseError &&
      (error.type === 'AUTHENTICATION_FAILED' || error.type === 'REQUIRED_PASSWORD')
    )
      throw new Fault(
        'warehouseUnreachable',
        `the warehouse ${warehouse.location} refuses this user: ${error.message}`,
        'Give its password in FAIRSHARE_WAREHOUSE_PASSWORD.',
        { cause: error },
      );
    throw error;
  });
  return warehouse;
}

/** Names the process that holds a directory, for other processes. The engine's own lock on the directory does the locking. */
const HOLDER_FILE = 'fairshare-holder.json';

class EmbeddedWarehouse extends ClientWarehouse {
  readonly engine = 'embedded';
  readonly location: string;
  private readonly connection: ChdbConnection;
  private readonly factory: (path: string) => ChdbConnection;
  private files = 0;

  constructor(location: string, connection: ChdbConnection, factory: (path: string) => ChdbConnection) {
    super(createClient({ connection } as unknown as Parameters<typeof createClient>[0]));
    this.location = location;
    this.connection = connection;
    this.factory = factory;
  }

  /** The statement that runs now. Statements run one after the other, as in the engine. */
  private running: Promise<unknown> = Promise.resolve();
  private isSpoilt = false;

  /**
   * A query that fails after its first rows leaves them in the session, and the engine puts them before the result of the next
   * query (chdb 3.4.0). So each query waits for the end of the one before, and removes the rows that a failure left.
   */
  protected override attempt<T>(call: () => Promise<T>): Promise<T> {
    const done = this.running.then(async () => {
      if (this.isSpoilt) throw new Error('this session of the embedded engine holds rows of a failed query');
      try {
        return await super.attempt(call);
      } catch (error) {
        await this.discardLeftRows();
        throw error;
      }
    });
    this.running = done.catch(() => undefined);
    return done;
  }

  /** Never throws, because the caller reports the failure that led here. */
  private async discardLeftRows(): Promise<void> {
    const mark = `clean ${performance.now()}`;
    for (let again = 0; again < 3; again++) {
      const result = await this.client
        .query({ query: `SELECT '${mark}'`, format: 'TabSeparated' })
        .catch(() => undefined);
      if ((await result?.text()) === `${mark}\n`) return;
    }
    this.isSpoilt = true;
  }

  /** Settings of one call would stay in the session anyway, so they are set once, before anything else. */
  async prepare(readOnly: boolean): Promise<this> {
    for (const [name, value] of Object.entries(SESSION_SETTINGS)) await this.command(`SET ${name} = '${value}'`);
    if (readOnly) await this.command('SET readonly = 2');
    return this;
  }

  async insertArrow({ sql, structure, ipc, params }: ArrowInsert): Promise<void> {
    const directory = join(this.location, 'fairshare-arrow');
    mkdirSync(directory, { recursive: true });
    const path = join(
      directory,
      `${process.pid}-${this.connection.chdb.session.path.length}-${Math.trunc(performance.now() * 1000)}-${this.files++}.arrow`,
    );
    writeFileSync(path, ipc);
    try {
      await this.command(sql.replace('{{input}}', `file('${path}', 'ArrowStream', '${structure}')`), params);
    } finally {
      rmSync(path, { force: true });
    }
  }

  protected override async writeResult(sql: string, path: string, format: string, params?: QueryParams): Promise<void> {
    await this.command(`${sql} INTO OUTFILE ${quoteString(path)} COMPRESSION 'none' FORMAT ${format}`, params);
  }

  async session({ readOnly = false, database }: SessionOptions = {}): Promise<Warehouse> {
    const session = new EmbeddedWarehouse(this.location, this.factory(this.location), this.factory);
    if (database !== undefined) await session.command(`USE ${quoteIdentifier(database)}`);
    return session.prepare(readOnly);
  }

  /** Set by the process that holds the directory. */
  onClose: () => void = () => {};

  async close(): Promise<void> {
    // First, so that it never deletes the next holder's file.
    this.onClose();
    await this.client.close();
  }
}

async function openEmbedded(options: WarehouseOptions): Promise<Warehouse> {
  const { lockTimeout_ms = 30_000, onWait, signal } = options;
  const directory = resolve(options.location);
  const { createChdbConnection } = await import('chdb/connection').catch((cause: unknown) => {
    throw new Fault(
      'warehouseUnreachable',
      'the embedded engine is not installed: the optional package chdb is missing',
      'Install it with: npm install chdb — or name a server with --warehouse https://…',
      { cause },
    );
  });
  mkdirSync(directory, { recursive: true });
  const deadline = performance.now() + lockTimeout_ms;
  let told = false;
  let triedDoor: string | undefined;
  /** When the engine was last asked. Until it is asked again, a live holder is trusted, because not every kernel lists its locks. */
  let asked_ms = performance.now();
  /** Not because of a lock that this machine shows: another machine has it, or a table of it cannot be loaded. */
  let hasFailed = false;
  for (;;) {
    const held = readHolder(directory);
    const lives = isOther(held.pid);
    if (options.throughDoor && lives && held.door !== undefined && held.door !== triedDoor) {
      triedDoor = held.door;
      const behind = await openServer({ ...options, location: held.door, readOnly: true }).catch(() => undefined);
      if (behind !== undefined) return behind;
    }
    const now_ms = performance.now();
    let cause: unknown;
    const mayBeFree = (!lives && !hasFailed) || now_ms - asked_ms > ASK_ENGINE_EVERY_MS || now_ms >= deadline;
    // Do not ask in vain: the engine prints its own error on stderr each time.
    if (mayBeFree && !isLocked(directory, held.pid)) {
      asked_ms = now_ms;
      try {
        return await hold(directory, createChdbConnection, options.readOnly ?? false);
      } catch (error) {
        if (!isLockFailure(error)) throw error;
        cause = error;
        hasFailed = !lives && !isLocked(directory, held.pid);
      }
    }
    const holder = describeHolder(held);
    if (performance.now() >= deadline && hasFailed)
      throw new Fault(
        'warehouseUnreachable',
        `the engine cannot open the warehouse ${directory}, and no process of this machine is seen to hold it`,
        'The engine has printed its reason above. If it names a table, the table is damaged: restore the backup (docs/OPERATIONS.md, "Damage").',
        { cause },
      );
    if (performance.now() >= deadline || signal?.aborted)
      throw new Fault(
        'warehouseUnreachable',
        `the warehouse ${directory} is held by ${holder}`,
        held.door === undefined
          ? 'Wait for it to end, raise --lock-timeout, or let the holder serve it: fairshare serve.'
          : `Wait for it to end, raise --lock-timeout, or go through its door: --warehouse ${held.door}`,
        { cause },
      );
    if (!told) onWait?.(holder);
    told = true;
    await sleep(200);
  }
}

const ASK_ENGINE_EVERY_MS = 2_000;

/** Opens the directory and names this process in it. */
async function hold(
  directory: string,
  createChdbConnection: (options: { path: string }) => ChdbConnection,
  readOnly: boolean,
): Promise<Warehouse> {
  const connect = (path: string) => createChdbConnection({ path });
  const warehouse = new EmbeddedWarehouse(directory, connect(directory), connect);
  await warehouse.prepare(readOnly);
  const holder: Holder = {
    pid: process.pid,
    command: process.argv.slice(2).join(' '),
    since: new Date().toISOString(),
  };
  writeFileSync(join(directory, HOLDER_FILE), JSON.stringify(holder));
  warehouse.onClose = () => rmSync(join(directory, HOLDER_FILE), { force: true });
  return warehouse;
}

/** Whether another process with this id runs. Our own process may open a directory again. */
const isOther = (pid: number | undefined): boolean => pid !== undefined && pid !== process.pid && isAlive(pid);

/**
 * Whether Linux reports that another process has the engine's lock on the directory. False if it reports nothing: the engine
 * decides then.
 * @param holder the process that the directory names
 */
function isLocked(directory: string, holder: number | undefined): boolean {
  try {
    const { dev, ino } = statSync(join(directory, 'status'), { bigint: true });
    const device = [((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn), (dev & 0xffn) | ((dev >> 12n) & ~0xffn)]
      .map((part) => part.toString(16).padStart(2, '0'))
      .join(':');
    // 1: FLOCK  ADVISORY  WRITE 27263 fe:00:5350984 0 EOF
    const locks = readFileSync('/proc/locks', 'utf8').matchAll(/^\d+: \S+ +\S+ +WRITE (\d+) (\S+):(\d+) /gm);
    // Some file systems show another device here than in stat().
    return [...locks].some(
      ([, pid, on, inode]) =>
        inode === `${ino}` && Number(pid) !== process.pid && (on === device || Number(pid) === holder),
    );
  } catch {
    return false;
  }
}

const isLockFailure = (error: unknown): boolean =>
  error instanceof Error && /Failed to create connection|CANNOT_OPEN_FILE|Cannot lock file/.test(error.message);

interface Holder {
  readonly pid: number;
  readonly command: string;
  readonly since: string;
  /** URL of the HTTP door while it is open. */
  readonly door?: string;
}

/** Records the address of the holder's HTTP door, or that it has closed. */
export function recordDoor(directory: string, door: string | undefined): void {
  writeFileSync(join(directory, HOLDER_FILE), JSON.stringify({ ...readHolder(directory), door }));
}

function readHolder(directory: string): Partial<Holder> {
  try {
    return JSON.parse(readFileSync(join(directory, HOLDER_FILE), 'utf8')) as Holder;
  } catch {
    return {};
  }
}

const describeHolder = ({ pid, command, since }: Partial<Holder>): string =>
  pid === undefined ? 'another process' : `process ${pid} (fairshare ${command}, since ${since})`;
