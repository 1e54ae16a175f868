// A reader's own directory. It holds no data: its tables are the warehouse's, on disks that the engine cannot write to, so a reader
// needs no lock and works beside any writer. The engine that opens it has a reader's rights and no others.
//
// The engine looks for new parts every second (`refresh_parts_interval`); merges and inserts are one step on disk each. Two things
// need care, because a wrong number is worse than none:
// - A writer replaces or drops a partition in several steps. It marks when (sql/change-mark.ts), and a reader begins only when its
//   engine knows exactly the parts that are on disk after the last change: settle().
// - The engine keeps what it knows of a part by the part's name, and only within one writer's life are names unique. So a reader
//   that meets another writer must open its directory anew: isCurrent().

import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChdbConnection } from 'chdb/connection';
import { isChanging, readMark } from './change-mark.ts';
import { Fault } from '../transform/fault.ts';
import { openEngine, type EmbeddedEngine } from './embedded-engine.ts';
import { isAlive } from './is-alive.ts';
import { quoteString } from './quote.ts';
import { readerConfiguration, type EngineNames, type ReaderRights } from './reader-configuration.ts';
import { asScratch } from './scratch.ts';
import { sqlFile } from './sql-file.ts';

export interface Reading {
  readonly engine: EmbeddedEngine;
  /** A session whose setting `log_comment` is this sees what the others run, and so can end it. No reader can learn it. */
  readonly controlMark: string;
  /** Directory for results on their way out. */
  readonly scratch: string;
  /**
   * Waits until the engine sees the warehouse as it is after the writer's last change of partitions. Call it before a statement.
   * @param control a session that may see all parts
   * @returns false if it does not come to that in time: open the directory anew
   */
  settle(control: ChdbConnection): Promise<boolean>;
  /** Whether the warehouse has had no other writer, no other tables and no change of partitions since settle(). Ask after a result. */
  isCurrent(): boolean;
  /** The same, but for changes of partitions: a statement that has begun reads the parts that it began with. */
  isSameWriter(): boolean;
  /** Removes the directory. Every session must be closed. */
  close(): void;
}

/** How old a reader's view of the warehouse can be. */
export const REFRESH_SECONDS = 1;
/** The program's own databases: tables, and what analysts see of them. */
export const READER_DATABASES = ['default', 'analyst'] as const;
/** Names the process that holds a warehouse's directory; the engine's own lock on the directory does the locking. */
export const HOLDER_FILE = 'fairshare-holder.json';

const PREFIX = 'fairshare-reader-';
const OPEN_AGAIN = 5;
const LOOK_EVERY_MS = 100;

/**
 * @param warehouse directory of an embedded warehouse with the schema of this version
 * @param rights default: all, for this program's own statements. The tables cannot be written to even so.
 * @throws Fault(warehouseUnreachable) if the engine is not installed
 */
export async function openReading(warehouse: string, rights?: ReaderRights): Promise<Reading> {
  removeLeftDirectories();
  const controlMark = randomUUID();
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const isGone = asScratch(directory);
  try {
    const configuration = rights === undefined ? undefined : join(directory, 'reader.xml');
    if (configuration !== undefined && rights !== undefined) {
      const usersFile = join(directory, 'reader-users.xml');
      const names = await engineNames(join(directory, 'names'));
      const { main, users } = readerConfiguration(usersFile, controlMark, names, rights);
      writeFileSync(configuration, main);
      writeFileSync(usersFile, users);
    }
    const tables = join(directory, 'tables');
    const { engine, identity } = await openTables(resolve(warehouse), tables, configuration);
    const scratch = join(directory, 'scratch');
    mkdirSync(scratch);
    const isSameWriter = () => isSame(identity, identityOf(warehouse));
    let settled: bigint | undefined;
    return {
      engine,
      controlMark,
      scratch,
      async settle(control) {
        settled = await settle(warehouse, control, settled);
        return settled !== undefined;
      },
      isCurrent: () => readMark(warehouse) === settled && isSameWriter(),
      isSameWriter,
      close() {
        engine.close();
        rmSync(directory, { recursive: true, force: true });
        isGone();
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    isGone();
    throw error;
  }
}

/** Opening fails in the moment in which a writer's statement has a file in a table that a reader must not remove, so it tries again. */
async function openTables(
  warehouse: string,
  tables: string,
  configuration: string | undefined,
): Promise<{ readonly engine: EmbeddedEngine; readonly identity: Identity }> {
  for (let again = 0; ; again++) {
    const identity = identityOf(warehouse);
    // Without a reader's rights, the one user is `default`.
    linkTables(warehouse, tables, configuration === undefined ? 'default' : 'owner');
    try {
      return { engine: await openEngine(tables, configuration), identity };
    } catch (cause) {
      if (!(cause instanceof Error && /Failed to create connection/.test(cause.message))) throw cause;
      if (again === OPEN_AGAIN)
        throw new Fault(
          'warehouseUnreachable',
          `cannot read the warehouse ${warehouse} beside its writer: ${cause.message}`,
          'Is it complete, and may this user read it? If a writer was killed, let another open it: fairshare doctor',
          { cause },
        );
      rmSync(tables, { recursive: true, force: true });
      await sleep(LOOK_EVERY_MS * 2);
    }
  }
}

/** What this engine has, so that all that nobody allowed can be forbidden by its name. */
async function engineNames(directory: string): Promise<EngineNames> {
  const engine = await openEngine(directory);
  const connection = engine.connect();
  try {
    const names = async (file: string) =>
      (await connection.chdb.queryAsync(sqlFile(file), { format: 'TabSeparated' })).text().split('\n').filter(Boolean);
    return {
      settings: await names('queries/door/setting_names.sql'),
      systemTables: await names('queries/door/system_table_names.sql'),
    };
  } finally {
    await connection.close();
    engine.close();
  }
}

/** The engine looks again within a second; a busy machine needs some more. */
const SETTLE_WITHIN_MS = (REFRESH_SECONDS + 1.5) * 1000;

/**
 * @param before the mark at which the engine's parts were those on disk. Since then they can only have become newer, step by step.
 * @returns the mark now, or undefined if the engine does not get there
 */
async function settle(warehouse: string, control: ChdbConnection, before?: bigint): Promise<bigint | undefined> {
  const until = performance.now() + SETTLE_WITHIN_MS;
  do {
    const mark = readMark(warehouse);
    const isLeft = isChanging(mark) && identityOf(warehouse).writer === undefined;
    if (!isChanging(mark) || isLeft) {
      if (mark === before) return mark;
      if ((await knowsAllParts(control)) && readMark(warehouse) === mark) return mark;
    }
    await sleep(LOOK_EVERY_MS);
  } while (performance.now() < until);
  return undefined;
}

/** A part's directory: partition_minBlock_maxBlock_level, and perhaps _mutation. */
const PART = /^([^_]+)_(\d+)_(\d+)_(\d+)(?:_(\d+))?$/;

interface Part {
  readonly name: string;
  readonly partition: string;
  readonly min: number;
  readonly max: number;
  readonly level: number;
  readonly mutation: number;
}

function partOf(name: string): Part | undefined {
  const [, partition, min, max, level, mutation] = PART.exec(name) ?? [];
  if (partition === undefined) return undefined;
  return { name, partition, min: Number(min), max: Number(max), level: Number(level), mutation: Number(mutation ?? 0) };
}

/** The engine's rule: the outer part was made from the inner one, and replaces it. */
const covers = (outer: Part, inner: Part): boolean =>
  outer.partition === inner.partition &&
  outer.min <= inner.min &&
  outer.max >= inner.max &&
  outer.level >= inner.level &&
  outer.mutation >= inner.mutation;

/** Whether the engine reads the parts on disk, all of them but those that others have replaced, and no part that is gone. */
async function knowsAllParts(control: ChdbConnection): Promise<boolean> {
  const rows = (await control.chdb.queryAsync(sqlFile('queries/door/parts.sql'), { format: 'TabSeparated' })).text();
  const read = new Map<string, Part[]>();
  for (const row of rows.split('\n').filter(Boolean)) {
    const [path = '', name = ''] = row.split('\t');
    const parts = read.get(path) ?? [];
    const part = partOf(name);
    if (part !== undefined) parts.push(part);
    read.set(path, parts);
  }
  for (const [path, parts] of read) {
    const present = readdirSync(path);
    if (!parts.every(({ name }) => present.includes(name))) return false;
    for (const entry of present) {
      const part = partOf(entry);
      if (part !== undefined && !parts.some((outer) => covers(outer, part))) return false;
    }
  }
  return true;
}

/** Writes the definitions of the warehouse's databases to `target`, with their tables' data on disks that only read. */
function linkTables(warehouse: string, target: string, definer: string): void {
  const metadata = join(target, 'metadata');
  mkdirSync(metadata, { recursive: true });
  for (const database of READER_DATABASES) {
    const definitions = definitionsOf(warehouse, database);
    if (definitions === undefined) continue;
    const statement = join(warehouse, 'metadata', `${database}.sql`);
    if (existsSync(statement)) copyFileSync(statement, join(metadata, `${database}.sql`));
    // Never a link to the warehouse itself: the engine may write where it finds definitions.
    const inTarget = join('store', ...definitions.split(sep).slice(-2));
    symlinkSync(join('..', inTarget), join(metadata, database));
    const copies = join(target, inTarget);
    mkdirSync(copies, { recursive: true });
    for (const file of readdirSync(definitions))
      if (isLasting(file))
        writeFileSync(join(copies, file), forReader(readFileSync(join(definitions, file), 'utf8'), warehouse, definer));
  }
}

/** A definition of a table or view; not of one that a seal makes and drops again. */
const isLasting = (file: string): boolean => file.endsWith('.sql') && !/^seal_(?:fetched|whole)_/.test(file);

/** The directory of a database's definitions, one file for each table. */
function definitionsOf(warehouse: string, database: string): string | undefined {
  try {
    return realpathSync(join(warehouse, 'metadata', database));
  } catch {
    return undefined;
  }
}

/** A definition as the engine writes it, for a reader: ATTACH TABLE _ UUID '…' (…) ENGINE = … SETTINGS … */
function forReader(definition: string, warehouse: string, definer: string): string {
  const [, uuid, shard] = /^ATTACH TABLE _ UUID '((\w{3})[\w-]+)'/.exec(definition) ?? [];
  if (uuid === undefined || shard === undefined)
    return definition.replace(
      /\nDEFINER = \S+ SQL SECURITY DEFINER\n/,
      `\nDEFINER = ${definer} SQL SECURITY DEFINER\n`,
    );
  const path = quoteString(`${join(warehouse, 'store', shard, uuid)}/`);
  const disk = `disk(type = object_storage, object_storage_type = local, metadata_type = plain, readonly = 1, path = ${path})`;
  const settings = `disk = ${disk}, table_disk = 1, refresh_parts_interval = ${REFRESH_SECONDS}`;
  return definition.replace(/\nSETTINGS (?!.*\nSETTINGS )/s, `\nSETTINGS ${settings}, `);
}

interface Identity {
  /** undefined: no process holds the directory. */
  readonly writer: string | undefined;
  /** The definitions of tables and views, and when each was written. */
  readonly tables: string;
}

function identityOf(warehouse: string): Identity {
  let writer: string | undefined;
  try {
    const { pid, since } = JSON.parse(readFileSync(join(warehouse, HOLDER_FILE), 'utf8')) as Record<string, unknown>;
    writer = `${String(pid)} ${String(since)}`;
  } catch {
    // Nobody writes.
  }
  const changed = READER_DATABASES.flatMap((database) => {
    const directory = definitionsOf(warehouse, database);
    if (directory === undefined) return [database];
    return readdirSync(directory)
      .filter(isLasting)
      .map((file) => `${file} ${statSync(join(directory, file), { throwIfNoEntry: false })?.mtimeMs}`);
  });
  return { writer, tables: changed.sort().join('\n') };
}

/** A writer that has ended changes nothing any more. */
const isSame = (before: Identity, now: Identity): boolean =>
  before.tables === now.tables && (now.writer === undefined || now.writer === before.writer);

/** Those of readers whose process has ended. */
function removeLeftDirectories(): void {
  for (const entry of readdirSync(tmpdir())) {
    const pid = entry.startsWith(PREFIX) ? Number(entry.slice(PREFIX.length).split('-')[0]) : NaN;
    if (Number.isInteger(pid) && pid !== process.pid && !isAlive(pid))
      rmSync(join(tmpdir(), entry), { recursive: true, force: true });
  }
}
