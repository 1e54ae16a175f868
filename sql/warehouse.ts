// The only way to reach ClickHouse: one client over two engines, a server over HTTP(S) or the embedded engine.
// Differences between the two (Arrow input, binary output, the directory's lock) are handled in this file.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { ChdbConnection } from 'chdb/connection';
import { Fault } from '../transform/fault.ts';
import { ChangeMark, isInSteps } from './change-mark.ts';
import { requireRoom, requireWhole } from './disk-room.ts';
import { openEngine } from './embedded-engine.ts';
import { isAlive } from './is-alive.ts';
import { quoteIdentifier, quoteString } from './quote.ts';
import { SESSION_SETTINGS } from './reader-configuration.ts';
import { HOLDER_FILE, openReading } from './reading.ts';

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
  /** Whether it reads beside another process that holds the directory: nothing can be written then. */
  readonly isBeside: boolean;
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

/** The engine's default limit. */
const USUAL_STATEMENT_BYTES = 256 * 1024;
/** Exports write their rows into a statement. */
export const LONGEST_STATEMENT_BYTES = 32 * 1024 * 1024;

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
  /** While another process holds the directory, this one reads beside it instead of waiting: it cannot write then. */
  readonly besideHolder?: boolean;
  /** Called once, when waiting begins. */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal;
}

/** Whether an error is one of a local file, into which an answer is written. */
const isOwnDisk = (error: unknown): boolean =>
  ['write', 'open', 'fsync', 'close', 'rename'].includes((error as NodeJS.ErrnoException).syscall ?? '') &&
  !['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '');

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
  isBeside = false;
  protected readonly client: ClickHouseClient;

  constructor(client: ClickHouseClient) {
    this.client = client;
  }

  async query<Row>(sql: string, params?: QueryParams): Promise<Row[]> {
    return this.attempt(async () => {
      const result = await this.client.query({ query: sql, format: 'JSONEachRow', query_params: params });
      return result.json<Row>();
    });
  }

  async text(sql: string, format: string, params?: QueryParams): Promise<string> {
    return this.attempt(async () => {
      const result = await this.client.query({ query: sql, format: format as 'CSV', query_params: params });
      return result.text();
    });
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

  /**
   * If the server is out of reach, also while its answer is read, the failed connection becomes a Fault. Errors of the engine and of
   * our own disk pass unchanged.
   */
  protected async attempt<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (this.engine === 'embedded' || error instanceof ClickHouseError || error instanceof Fault) throw error;
      if (isOwnDisk(error)) throw error;
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
      // Read to its end, so that a connection that breaks now is an error of this call.
      await finished(stream.resume());
    });
  }

  protected override async writeResult(sql: string, path: string, format: string, params?: QueryParams): Promise<void> {
    await this.attempt(async () => {
      const { stream } = await this.client.exec({
        query: `${sql} FORMAT ${format}`,
        query_params: params,
        // A reader's door refuses a higher limit than its own, so only a statement that needs it asks for one.
        ...(sql.length > USUAL_STATEMENT_BYTES && {
          clickhouse_settings: { max_query_size: String(LONGEST_STATEMENT_BYTES) },
        }),
      });
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

interface Checks {
  before(): Promise<void>;
  after(): void;
}

/** A statement that writes the definition of a table or view. */
const DEFINES = /^\s*(?:--[^\n]*\n\s*)*(?:CREATE|ALTER|RENAME|EXCHANGE)\b(?!.*\bDROP PARTITION\b)/is;

/** Files of batches that are being inserted. They have quarantined lines, so nothing may stay there. */
const ARROW_DIRECTORY = 'fairshare-arrow';

class EmbeddedWarehouse extends ClientWarehouse {
  readonly engine = 'embedded';
  readonly location: string;
  private readonly connection: ChdbConnection;
  private readonly connect: () => ChdbConnection;
  private readonly changes: ChangeMark | undefined;
  private readonly checks: Checks | undefined;
  private files = 0;

  /**
   * @param changes for a writer
   * @param checks for a reader: called before and after each statement; what they throw takes the result's place
   */
  constructor(location: string, connect: () => ChdbConnection, changes?: ChangeMark, checks?: Checks) {
    const connection = connect();
    super(createClient({ connection } as unknown as Parameters<typeof createClient>[0]));
    this.location = location;
    this.connection = connection;
    this.connect = connect;
    this.changes = changes;
    this.checks = checks;
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
        await this.checks?.before();
        const result = await super.attempt(call);
        this.checks?.after();
        return result;
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
    await this.command(readOnly ? 'SET readonly = 2' : `SET max_query_size = ${LONGEST_STATEMENT_BYTES}`);
    return this;
  }

  override async command(sql: string, params?: QueryParams): Promise<void> {
    if (DEFINES.test(sql)) requireRoom(this.location);
    const run = () => super.command(sql, params);
    return this.changes !== undefined && isInSteps(sql) ? this.changes.around(run) : run();
  }

  async insertArrow({ sql, structure, ipc, params }: ArrowInsert): Promise<void> {
    const directory = join(this.location, ARROW_DIRECTORY);
    mkdirSync(directory, { recursive: true });
    const path = join(
      directory,
      `${process.pid}-${this.connection.chdb.session.path.length}-${Math.trunc(performance.now() * 1000)}-${this.files++}.arrow`,
    );
    try {
      writeFileSync(path, ipc);
      await this.command(sql.replace('{{input}}', `file('${path}', 'ArrowStream', '${structure}')`), params);
    } finally {
      rmSync(path, { force: true });
    }
  }

  protected override async writeResult(sql: string, path: string, format: string, params?: QueryParams): Promise<void> {
    await this.command(`${sql} INTO OUTFILE ${quoteString(path)} COMPRESSION 'none' FORMAT ${format}`, params);
    requireWhole(path);
  }

  async session({ readOnly = false, database }: SessionOptions = {}): Promise<Warehouse> {
    const session = new EmbeddedWarehouse(this.location, this.connect, this.changes, this.checks);
    session.isBeside = this.isBeside;
    if (database !== undefined) await session.command(`USE ${quoteIdentifier(database)}`);
    return session.prepare(readOnly);
  }

  /** Set for the session that opened the engine. */
  onClose: () => void | Promise<void> = () => {};
  afterClose: () => void = () => {};

  async close(): Promise<void> {
    // First, so that it never deletes the next holder's file.
    await this.onClose();
    await this.client.close();
    this.afterClose();
  }
}

async function openEmbedded(options: WarehouseOptions): Promise<Warehouse> {
  const { lockTimeout_ms = 30_000, onWait, signal } = options;
  const directory = resolve(options.location);
  mkdirSync(directory, { recursive: true });
  if (!existsSync(join(directory, 'metadata'))) requireRoom(directory);
  const deadline = performance.now() + lockTimeout_ms;
  let told = false;
  /** When the engine was last asked. Until it is asked again, a live holder is trusted, because not every kernel lists its locks. */
  let asked_ms = performance.now();
  /** Not because of a lock that this machine shows: another machine has it, or a table of it cannot be loaded. */
  let hasFailed = false;
  for (;;) {
    const held = readHolder(directory);
    const lives = isOther(held.pid);
    if (options.besideHolder && lives) return openBeside(directory);
    const now_ms = performance.now();
    let cause: unknown;
    const mayBeFree = (!lives && !hasFailed) || now_ms - asked_ms > ASK_ENGINE_EVERY_MS || now_ms >= deadline;
    // Do not ask in vain: the engine prints its own error on stderr each time.
    if (mayBeFree && !isLocked(directory, held.pid)) {
      asked_ms = now_ms;
      try {
        return await hold(directory, options.readOnly ?? false);
      } catch (error) {
        if (!isLockFailure(error)) throw error;
        // The engine's error is the same if the directory cannot be written, or if a definition in it is empty.
        requireRoom(directory);
        requireDefinitions(directory, error);
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
          ? 'Wait for it to end, or raise --lock-timeout.'
          : `Wait for it to end, raise --lock-timeout, or go through its door: --warehouse ${held.door}`,
        { cause },
      );
    if (!told) onWait?.(holder);
    told = true;
    await sleep(200);
  }
}

const ASK_ENGINE_EVERY_MS = 2_000;

/** Reads an embedded warehouse beside whatever process holds it, for this program's own statements. */
async function openBeside(directory: string): Promise<Warehouse> {
  const reading = await openReading(directory);
  const control = reading.engine.connect();
  const warehouse = new EmbeddedWarehouse(directory, () => reading.engine.connect(), undefined, {
    before: async () => {
      if (!reading.isSameWriter() || !(await reading.settle(control))) throw changedBeneath(directory);
    },
    after: () => {
      if (!reading.isCurrent()) throw changedBeneath(directory);
    },
  });
  warehouse.isBeside = true;
  warehouse.onClose = () => control.close();
  warehouse.afterClose = () => reading.close();
  return warehouse.prepare(true);
}

/** A reader's result would mix two states of the warehouse. */
export const changedBeneath = (directory: string): Fault =>
  new Fault(
    'warehouseUnreachable',
    `another process changed the warehouse ${directory} while this one read it`,
    'Run the command again.',
  );

/** Opens the directory and names this process in it. */
async function hold(directory: string, readOnly: boolean): Promise<Warehouse> {
  const engine = await openEngine(directory);
  const changes = new ChangeMark(directory);
  const warehouse = new EmbeddedWarehouse(directory, () => engine.connect(), changes);
  await warehouse.prepare(readOnly);
  // A killed process leaves its file. Nobody else has the directory now, unless this process opened it before.
  if (readHolder(directory).pid !== process.pid)
    rmSync(join(directory, ARROW_DIRECTORY), { recursive: true, force: true });
  const holder: Holder = {
    pid: process.pid,
    command: process.argv.slice(2).join(' '),
    since: new Date().toISOString(),
  };
  writeFileSync(join(directory, HOLDER_FILE), JSON.stringify(holder));
  warehouse.onClose = () => rmSync(join(directory, HOLDER_FILE), { force: true });
  warehouse.afterClose = () => {
    engine.close();
    changes.close();
  };
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

/** @throws Fault(checkFailed) if a table's definition is empty: the engine cannot open such a directory */
function requireDefinitions(directory: string, cause: unknown): void {
  const store = join(directory, 'store');
  const empty = existsSync(store)
    ? readdirSync(store, { recursive: true, encoding: 'utf8' }).find(
        (name) => name.endsWith('.sql') && statSync(join(store, name), { throwIfNoEntry: false })?.size === 0,
      )
    : undefined;
  if (empty === undefined) return;
  throw new Fault(
    'checkFailed',
    `the warehouse ${directory} cannot be opened: the definition ${join(store, empty)} is empty`,
    'The disk was full, or the machine lost power, when it was written. Restore the warehouse from its backup (docs/OPERATIONS.md).',
    { cause },
  );
}

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
