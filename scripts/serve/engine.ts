// The embedded engine for the door. Every request gets a fresh session, so that it sees no setting, parameter or database of another.
// Few enough sessions run at once that the process keeps threads of its own. Every query can be ended.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChdbConnection } from 'chdb/connection';
import { requireWhole } from '../../sql/disk-room.ts';
import { quoteString } from '../../sql/quote.ts';
import { type ReaderLimits } from '../../sql/reader-configuration.ts';
import { openReading, type Reading } from '../../sql/reading.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { DoorError } from './errors.ts';
import { FunctionRights, type Ask } from './vet.ts';

/** The engine's own limit is 262,144 bytes; long IN lists exceed it in practice. */
export const MAX_QUERY_BYTES = 4 * 1024 * 1024;

export interface Format {
  /** In the engine's own spelling. */
  readonly name: string;
  readonly contentType: string;
  readonly isInput: boolean;
  readonly isOutput: boolean;
}

/** How many statements may run, and wait. */
export interface Concurrency {
  readonly running: number;
  /** Of one reader. */
  readonly perReader: number;
  readonly waiting: number;
}

const SCRATCH = 'fairshare-door-';
/** A query occupies a thread of Node's pool while it runs; files, DNS and compression need the others. */
export const SPARE_THREADS = 2;
const KILL_AGAIN_MS = 500;
const RENEW_AT_MOST = 3;

/** An engine that is open: the writer's, or a reader's until its warehouse gets another writer. */
interface Opened {
  readonly connect: () => ChdbConnection;
  /** Ends the queries of the others. */
  readonly control: ChdbConnection;
  /** undefined: all rights. */
  readonly functions: FunctionRights | undefined;
  readonly reading: Reading | undefined;
  readonly scratch: string;
}

interface EngineFacts {
  readonly version: string;
  readonly timezone: string;
  readonly formats: ReadonlyMap<string, Format>;
}

export class Engine {
  readonly facts: EngineFacts;
  private opened: Opened;
  private readonly reopen: (() => Promise<Opened>) | undefined;
  private renewing: Promise<void> | undefined;
  private readonly queue: Queue;
  private readonly sessions = new Set<EngineSession>();
  private closed = false;

  private constructor(opened: Opened, facts: EngineFacts, queue: Queue, reopen?: () => Promise<Opened>) {
    this.opened = opened;
    this.facts = facts;
    this.queue = queue;
    this.reopen = reopen;
  }

  /** @param directory of an embedded warehouse that this process has open; every session has all rights */
  static async forWriters(directory: string): Promise<Engine> {
    const { createChdbConnection } = await import('chdb/connection');
    const connect = () => createChdbConnection({ path: directory });
    const control = connect();
    // Remove files of a door whose process has ended.
    for (const entry of readdirSync(directory))
      if (entry.startsWith(SCRATCH) && !entry.startsWith(`${SCRATCH}${process.pid}-`))
        rmSync(join(directory, entry), { recursive: true, force: true });
    const scratch = mkdtempSync(join(directory, `${SCRATCH}${process.pid}-`));
    const running = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE ?? 4) - SPARE_THREADS);
    const queue = new Queue({ running, perReader: running, waiting: Infinity });
    return new Engine(
      { connect, control, functions: undefined, reading: undefined, scratch },
      await factsOf(control),
      queue,
    );
  }

  /**
   * A reader's engine, beside whatever process holds the warehouse.
   * @param databases that its sessions may read
   * @param limits undefined: none
   */
  static async forReaders(
    warehouse: string,
    databases: readonly string[],
    limits: ReaderLimits | undefined,
    concurrency: Concurrency,
  ): Promise<Engine> {
    const open = async (): Promise<Opened> => {
      const reading = await openReading(warehouse, { databases, limits });
      const control = reading.engine.connect();
      const ask: Ask = async (sql) => (await control.chdb.queryAsync(sql, { format: 'TabSeparatedRaw' })).text();
      await ask(`SET log_comment = ${quoteString(reading.controlMark)}`);
      return {
        connect: () => reading.engine.connect(),
        control,
        functions: await FunctionRights.of(ask),
        reading,
        scratch: reading.scratch,
      };
    };
    const opened = await open();
    return new Engine(opened, await factsOf(opened.control), new Queue(concurrency), open);
  }

  get scratch(): string {
    return this.opened.scratch;
  }

  /**
   * A new session, for the given reader. Waits for its turn. The caller must release it.
   * @throws DoorError if too many wait already, or the door is closed meanwhile
   */
  async session(reader: string): Promise<EngineSession> {
    const leave = await this.queue.enter(reader);
    try {
      if (this.reopen !== undefined) await this.bringUpToDate(this.reopen);
      if (this.closed) throw new DoorError(236, 'ABORTED', 'The door is being closed');
      const session = new EngineSession(this.opened, () => {
        this.sessions.delete(session);
        leave();
      });
      this.sessions.add(session);
      return session;
    } catch (error) {
      leave();
      throw error;
    }
  }

  private async bringUpToDate(reopen: () => Promise<Opened>): Promise<void> {
    for (let again = 0; ; again++) {
      await this.renewing;
      const { reading, control } = this.opened;
      if (reading === undefined || this.closed) return;
      if (reading.isSameWriter() && (await reading.settle(control))) return;
      if (again === RENEW_AT_MOST)
        throw new DoorError(236, 'ABORTED', 'The warehouse changes too quickly to be read; ask again in a moment');
      await (this.renewing ??= this.renew(reopen));
    }
  }

  /** What runs now would mix two writers' tables, so it ends. */
  private async renew(open: () => Promise<Opened>): Promise<void> {
    try {
      await Promise.all([...this.sessions].map((session) => session.end()));
      // After a renewal that failed, it is closed already.
      await this.opened.control.close().catch(() => undefined);
      this.opened.reading?.close();
      this.opened = await open();
    } finally {
      this.renewing = undefined;
    }
  }

  /** Ends running queries. */
  async close(): Promise<void> {
    this.closed = true;
    this.queue.close();
    await this.renewing?.catch(() => undefined);
    await Promise.all([...this.sessions].map((session) => session.cancel()));
    if (this.opened.reading !== undefined) await Promise.all([...this.sessions].map((session) => session.end()));
    await this.opened.control.close();
    rmSync(this.opened.scratch, { recursive: true, force: true });
    this.opened.reading?.close();
  }
}

async function factsOf(control: ChdbConnection): Promise<EngineFacts> {
  const ask = async <Row>(sql: string): Promise<Row[]> => {
    const text = (await control.chdb.queryAsync(sql, { format: 'JSONEachRow' })).text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  };
  const [about] = await ask<{ version: string; timezone: string }>(sqlFile('queries/door/about.sql'));
  const formats = await ask<{ name: string; content_type: string; is_input: 0 | 1; is_output: 0 | 1 }>(
    sqlFile('queries/door/formats.sql'),
  );
  return {
    ...about,
    formats: new Map(
      formats.map(({ name, content_type, is_input, is_output }) => [
        name.toLowerCase(),
        { name, contentType: content_type, isInput: is_input === 1, isOutput: is_output === 1 },
      ]),
    ),
  };
}

/** Lets so many in at once, and so many of one reader; the others wait, first come first served. */
class Queue {
  private readonly limits: Concurrency;
  private readonly running = new Map<string, number>();
  private total = 0;
  private waiting: { readonly reader: string; readonly go: () => void }[] = [];

  constructor(limits: Concurrency) {
    this.limits = limits;
  }

  /** @returns the way out */
  async enter(reader: string): Promise<() => void> {
    if (!this.hasRoom(reader)) {
      if (this.waiting.length >= this.limits.waiting)
        throw new DoorError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `${this.waiting.length} statements wait already`);
      await new Promise<void>((go) => this.waiting.push({ reader, go }));
    } else this.count(reader, 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.count(reader, -1);
      this.admit();
    };
  }

  /** Lets all in, so that they see that the door is closed. */
  close(): void {
    for (const { reader, go } of this.waiting.splice(0)) {
      this.count(reader, 1);
      go();
    }
  }

  private admit(): void {
    for (let at = 0; at < this.waiting.length && this.total < this.limits.running;) {
      const { reader, go } = this.waiting[at];
      if (!this.hasRoom(reader)) at++;
      else {
        this.waiting.splice(at, 1);
        this.count(reader, 1);
        go();
      }
    }
  }

  private hasRoom(reader: string): boolean {
    return this.total < this.limits.running && (this.running.get(reader) ?? 0) < this.limits.perReader;
  }

  private count(reader: string, by: 1 | -1): void {
    this.total += by;
    const now = (this.running.get(reader) ?? 0) + by;
    if (now === 0) this.running.delete(reader);
    else this.running.set(reader, now);
  }
}

export class EngineSession {
  /** What it may call; undefined: everything. */
  readonly functions: FunctionRights | undefined;
  private readonly connection: ChdbConnection;
  private readonly control: ChdbConnection;
  private readonly reading: Reading | undefined;
  private readonly onRelease: () => void;
  /** The setting log_comment of this session: it finds the session's query in system.processes. */
  private readonly mark = randomUUID();
  private running: Promise<unknown> | undefined;
  private released: Promise<void> | undefined;

  constructor({ connect, control, functions, reading }: Opened, onRelease: () => void) {
    this.connection = connect();
    this.control = control;
    this.functions = functions;
    this.reading = reading;
    this.onRelease = onRelease;
  }

  /** Whether what it has read is the warehouse between two changes. */
  isCurrent(): boolean {
    return this.reading?.isCurrent() ?? true;
  }

  /** The same for a statement that has begun. */
  isSameWriter(): boolean {
    return this.reading?.isSameWriter() ?? true;
  }

  /** Runs `USE` and `SET` statements before the query. */
  async prepare(statements: readonly string[]): Promise<void> {
    if (statements.length > 0) await this.run(statements.join('; '));
  }

  /** Statements that come before all others. */
  get ownStatements(): string[] {
    return [`SET log_comment = ${quoteString(this.mark)}`, `SET max_query_size = ${MAX_QUERY_BYTES}`];
  }

  /** Runs a statement and returns its result, if any, in memory. */
  async run(sql: string, format = 'TabSeparated'): Promise<Uint8Array> {
    return (await this.track(this.connection.chdb.queryAsync(sql, { format }))).bytes();
  }

  /** Writes a result to a new file, with its bytes unchanged; a result of no bytes makes no file. */
  async intoFile(sql: string, path: string, format: string): Promise<void> {
    await this.run(`${sql}\nINTO OUTFILE ${quoteString(path)} COMPRESSION 'none' FORMAT ${format}`);
    if (existsSync(path)) requireWhole(path);
  }

  /** Runs a statement of the door's own. */
  readonly ask: Ask = async (sql) => Buffer.from(await this.run(sql, 'TabSeparatedRaw')).toString('utf8');

  /** The result of a SELECT piece by piece, in a format whose pieces can be joined. */
  async *stream(sql: string, format: string): AsyncGenerator<Uint8Array, void, void> {
    const pieces = this.connection.chdb.queryStream(sql, { format })[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.track(pieces.next());
        if (done) return;
        if (value.numBytes > 0) yield value.raw();
      }
    } finally {
      await pieces.return?.();
    }
  }

  /** Ends the running query, if any, and returns when it has ended. */
  async cancel(): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    let ended = false;
    const end = running.then(
      () => (ended = true),
      () => (ended = true),
    );
    // A query that has not started yet is not found, so ask again.
    while (!ended) {
      await this.control.chdb
        .queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${quoteString(this.mark)} ASYNC`)
        .catch(() => undefined);
      await Promise.race([end, sleep(KILL_AGAIN_MS, undefined, { ref: false })]);
    }
  }

  /** Ends the running query and closes the session, though its caller has not released it. */
  async end(): Promise<void> {
    await this.cancel();
    await this.release();
  }

  release(): Promise<void> {
    return (this.released ??= this.finish());
  }

  private async finish(): Promise<void> {
    try {
      await this.running?.catch(() => undefined);
      await this.connection.close();
    } finally {
      this.onRelease();
    }
  }

  private async track<T>(work: Promise<T>): Promise<T> {
    this.running = work;
    try {
      return await work;
    } finally {
      this.running = undefined;
    }
  }
}
