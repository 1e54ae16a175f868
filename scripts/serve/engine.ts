// The embedded engine for the door. Every request gets a fresh session, so that it sees no setting, parameter or database of another.
// Few enough sessions run at once that the process keeps threads of its own. Every query can be ended.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChdbConnection } from 'chdb/connection';
import { quoteString } from '../../sql/quote.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { DoorError } from './errors.ts';

/** The engine's own limit is 262,144 bytes; long IN lists exceed it in practice. */
export const MAX_QUERY_BYTES = 4 * 1024 * 1024;

export interface Format {
  /** In the engine's own spelling. */
  readonly name: string;
  readonly contentType: string;
  readonly isInput: boolean;
  readonly isOutput: boolean;
}

const SCRATCH = 'fairshare-door-';
/** A query occupies a thread of Node's pool while it runs; files, DNS and compression need the others. */
const SPARE_THREADS = 2;
const KILL_AGAIN_MS = 500;

export class Engine {
  readonly version: string;
  readonly timezone: string;
  /** By lower-case name. */
  readonly formats: ReadonlyMap<string, Format>;
  /** Directory for rows on their way in or out; removed when the engine is closed. */
  readonly scratch: string;
  private readonly connect: () => ChdbConnection;
  private readonly control: ChdbConnection;
  private free = Math.max(1, Number(process.env.UV_THREADPOOL_SIZE ?? 4) - SPARE_THREADS);
  private readonly waiting: (() => void)[] = [];
  private readonly sessions = new Set<EngineSession>();
  private closed = false;

  private constructor(connect: () => ChdbConnection, control: ChdbConnection, facts: EngineFacts) {
    this.connect = connect;
    this.control = control;
    this.version = facts.version;
    this.timezone = facts.timezone;
    this.formats = facts.formats;
    this.scratch = facts.scratch;
  }

  /** @param directory of an embedded warehouse that this process has open */
  static async open(directory: string): Promise<Engine> {
    const { createChdbConnection } = await import('chdb/connection');
    const connect = () => createChdbConnection({ path: directory });
    const control = connect();
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
    // Remove files of a door whose process has ended.
    for (const entry of readdirSync(directory))
      if (entry.startsWith(SCRATCH) && !entry.startsWith(`${SCRATCH}${process.pid}-`))
        rmSync(join(directory, entry), { recursive: true, force: true });
    return new Engine(connect, control, {
      ...about,
      formats: new Map(
        formats.map(({ name, content_type, is_input, is_output }) => [
          name.toLowerCase(),
          { name, contentType: content_type, isInput: is_input === 1, isOutput: is_output === 1 },
        ]),
      ),
      scratch: mkdtempSync(join(directory, `${SCRATCH}${process.pid}-`)),
    });
  }

  /** A new session. Waits until fewer than the allowed number run. The caller must release it. */
  async session(): Promise<EngineSession> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.waiting.push(go));
    if (this.closed) throw new DoorError(236, 'ABORTED', 'The door is being closed');
    const session = new EngineSession(this.connect(), this.control, () => {
      this.sessions.delete(session);
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    });
    this.sessions.add(session);
    return session;
  }

  /** Ends running queries. */
  async close(): Promise<void> {
    this.closed = true;
    for (const go of this.waiting.splice(0)) go();
    await Promise.all([...this.sessions].map((session) => session.cancel()));
    await this.control.close();
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

interface EngineFacts {
  readonly version: string;
  readonly timezone: string;
  readonly formats: ReadonlyMap<string, Format>;
  readonly scratch: string;
}

export class EngineSession {
  private readonly connection: ChdbConnection;
  private readonly control: ChdbConnection;
  private readonly onRelease: () => void;
  /** The setting log_comment of this session: it finds the session's query in system.processes. */
  private readonly mark = randomUUID();
  private running: Promise<unknown> | undefined;
  private released = false;

  constructor(connection: ChdbConnection, control: ChdbConnection, onRelease: () => void) {
    this.connection = connection;
    this.control = control;
    this.onRelease = onRelease;
  }

  /** Runs `USE` and `SET` statements before the query. */
  async prepare(statements: readonly string[]): Promise<void> {
    const own = [`SET log_comment = ${quoteString(this.mark)}`, `SET max_query_size = ${MAX_QUERY_BYTES}`];
    await this.run([...own, ...statements].join('; '));
  }

  /** Runs a statement and returns its result, if any, in memory. */
  async run(sql: string, format = 'TabSeparated'): Promise<Uint8Array> {
    return (await this.track(this.connection.chdb.queryAsync(sql, { format }))).bytes();
  }

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

  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    await this.running?.catch(() => undefined);
    await this.connection.close();
    this.onRelease();
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
