// Log objects: files, and objects of a store, downloaded to a file. The partition is the SHA-256 of the stored bytes, the name is
// an attribute. An object counts whole or not at all, because its ledger rows are written in one insert after its last batch.

import { type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import glob from 'fast-glob';
import { Fault } from '../../transform/fault.ts';
import { pathProblem } from '../../sql/failures.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type BatchBuilder, type BuiltBatch } from '../../transform/batch-builder.ts';
import { type Format } from '../../transform/formats/format.ts';
import { openObject } from '../decompress.ts';
import { lineBlocks } from '../line-blocks.ts';
import { firstSeen, type SeenObject, type SeenTimes } from '../../sql/object-seen.ts';
import { type LedgerRow, objectRanges, type ObjectRange } from '../../sql/ledger.ts';
import { type Loader } from '../load.ts';
import { type IngestObserver } from '../observer.ts';
import { firstLineOf, fitsNothing, latestTime_ms, type Source } from '../source.ts';
import { withScratch } from '../../sql/scratch.ts';
import { sha256OfFile } from '../../sql/sha256.ts';
import { exactFileSystem, ledgerName, meantBy, realPath, systemPath } from './file-names.ts';

export interface LogObject {
  /** Bytes if it is not UTF-8. */
  readonly path: string | Buffer;
  /** Name in the ledger: relative to the PATH given. */
  readonly name: string;
  /** Tells this content of the name from another one. */
  readonly content: string;
  readonly size_bytes: number;
  /** Why it cannot be read, if that is known already. */
  readonly problem?: string;
}

/** An object of a store. It is downloaded just before it is read. */
export interface RemoteObject extends Omit<LogObject, 'path' | 'content'> {
  /** Absent for a stream: then its hash tells, and becomes a part of its name. */
  readonly content?: string;
  /** Writes its stored bytes to a file. @throws Fault(inputRefused) · AbortError */
  fetch(path: string, signal?: AbortSignal): Promise<{ readonly modifiedAt_ms: number }>;
}

/** Makes a directory in TMPDIR for objects that are downloaded. Removes it with its content at the end. */
export const withSpool = <T>(use: (directory: string) => Promise<T>): Promise<T> =>
  withScratch('fairshare-object-', use);

/** Whether it is a FIFO, a device or a socket. */
export function isSpecial(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && isNoFile(found);
}

const isNoFile = (found: Stats): boolean => !found.isFile() && !found.isDirectory();

/**
 * Files below directories, matches of globs, and named files; ordered by name. A file that several symbolic links lead to is
 * found once. FIFOs, devices and sockets in directories are left out. A directory that cannot be listed, and a path that cannot be
 * looked up, become objects with a `problem`.
 * @throws Fault(inputRefused) if a path leads to nothing, or to a FIFO, a device or a socket
 */
export function findObjects(paths: readonly string[]): LogObject[] {
  const objects = new Map<string, LogObject>();
  const put = (file: string, root: string | undefined, problem?: string) => {
    const found = lookUp(file);
    const real = problem === undefined && found !== undefined ? realPath(file) : file;
    // Of several names, the one without symbolic links.
    if (objects.has(real) && file !== real) return;
    objects.set(real, {
      path: systemPath(file),
      name: ledgerName(root === undefined ? basename(file) : relative(root, file) || basename(file)),
      content: `${found?.size ?? 0} ${found?.mtimeMs ?? 0}`,
      size_bytes: found?.size ?? 0,
      ...(problem !== undefined && { problem }),
    });
  };
  for (const path of paths) {
    let stats: Stats | undefined;
    try {
      stats = statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      const problem = pathProblem(error);
      if (problem === undefined) throw error;
      if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR' && !glob.isDynamicPattern(path)) {
        put(resolve(path), undefined, problem);
        continue;
      }
    }
    if (stats !== undefined && isNoFile(stats))
      throw new Fault(
        'inputRefused',
        `${path} is a FIFO, a device or a socket, not a file`,
        'To load all that it gives until it ends: fairshare ingest files --special.',
      );
    const isDirectory = stats?.isDirectory() === true;
    const isPattern = stats === undefined && glob.isDynamicPattern(path);
    const root = isDirectory ? path : isPattern ? staticRoot(path) : undefined;
    const unreadable: string[] = [];
    // Not `absolute`: the library would then make a slash of each backslash.
    const enters = isDirectory ? eachDirectoryOnce(path) : isNoLoop;
    const search = (pattern: string, cwd = '.') =>
      glob
        .sync(pattern, {
          cwd,
          onlyFiles: true,
          fs: exactFileSystem((directory, error) => {
            const problem = pathProblem(error);
            if (problem === undefined) throw error;
            unreadable.push(directory);
            put(resolve(directory), root, `this directory cannot be listed: ${problem}`);
          }, enters),
        })
        .map((file) => resolve(cwd, file));
    const found = isDirectory
      ? search('**/*', path)
      : stats !== undefined
        ? [resolve(path)]
        : [...search(path), ...meantBy(path).map((name) => resolve(name))];
    if (found.length + unreadable.length === 0)
      throw new Fault(
        'inputRefused',
        isDirectory ? `${path} holds no files` : `no such file: ${path}`,
        'Name a file, a directory, or a quoted glob.',
      );
    for (const file of found.sort()) put(file, root);
  }
  return [...objects.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.path < b.path ? -1 : 1));
}

/** Whether a search enters a directory: each below `root` once, under its name without symbolic links if that is below `root` too. */
function eachDirectoryOnce(root: string): (directory: string) => boolean {
  const [top, realTop] = [resolve(root), realPath(root)];
  const read = new Set<string>();
  return (path) => {
    const real = realPath(path);
    const inside = relative(realTop, real);
    const hasOtherName = !inside.startsWith('..') && inside !== relative(top, resolve(root, path));
    if (hasOtherName || read.has(real)) return false;
    read.add(real);
    return true;
  };
}

/** Reads no directory again below itself. A glob may name a directory by any of its names. */
function isNoLoop(path: string): boolean {
  const real = realPath(path);
  for (let at = path, above = dirname(at); above !== at; [at, above] = [above, dirname(above)])
    if (realPath(above) === real) return false;
  return true;
}

/** Undefined if it is gone, or cannot be looked up: reading it says why. */
function lookUp(file: string): Stats | undefined {
  try {
    return statSync(systemPath(file));
  } catch {
    return undefined;
  }
}

/** The part of a glob before its first pattern: names are relative to it. */
function staticRoot(pattern: string): string {
  const parts = pattern.split('/');
  const dynamic = parts.findIndex((part) => part !== '' && glob.isDynamicPattern(part));
  return parts.slice(0, dynamic).join('/') || (pattern.startsWith('/') ? '/' : '.');
}

export interface ObjectOutcome {
  readonly name: string;
  /** loaded; known: these bytes were loaded before, under this or another name; refused: see `problem` */
  readonly status: 'loaded' | 'known' | 'refused';
  readonly problem?: string;
  readonly batches: number;
  readonly lines: number;
  readonly requests: number;
  readonly excluded: number;
  readonly quarantined: number;
  /** Requests that were read with a degradation, each once; they count. */
  readonly degraded: number;
}

const NOTHING = { batches: 0, lines: 0, requests: 0, excluded: 0, quarantined: 0, degraded: 0 };

export interface FileIngestOptions {
  readonly warehouse: Warehouse;
  readonly source: Source;
  readonly loader: Loader;
  readonly methodologyVersion: number;
  /** Publishes a revision above the given one: the ranges of a retracted object are loaded again under it. */
  readonly revisionAbove: (above: number) => Promise<number>;
  readonly signal?: AbortSignal;
  readonly observer?: IngestObserver;
  /** Stored bytes read so far, over all objects. */
  readonly onProgress?: (stored_bytes: number) => void;
  readonly onObject?: (outcome: ObjectOutcome) => void;
}

/**
 * Loads objects in order, and reads the next ones while some are stored. A refused object does not stop the others. Reads no
 * further when aborted.
 */
export async function ingestFiles(
  objects: readonly (LogObject | RemoteObject)[],
  options: FileIngestOptions,
): Promise<ObjectOutcome[]> {
  const { loader, signal, onObject } = options;
  const { name: source } = options.source.spec;
  const known = await knownObjects(options.warehouse, source);
  // An object with a known name is known or refused.
  const fresh = objects.filter(
    (object): object is typeof object & SeenObject =>
      object.content !== undefined && !known.hashByName.has(object.name),
  );
  const seenAt_ms = await loader.untilKnown(() => firstSeen(options.warehouse, source, fresh, loader.now()));
  const outcomes: ObjectOutcome[] = [];
  let counted: Promise<void> = Promise.resolve();
  let failed = false;
  try {
    for (const object of objects) {
      if (signal?.aborted || failed) break;
      const read = await readObject(object, known, seenAt_ms, options);
      if (read === undefined) break;
      const outcome = read.stored.then(async (stored) => {
        if (stored.rows.length > 0) await loader.commit(stored.rows);
        return stored.outcome;
      });
      counted = Promise.all([outcome, counted]).then(([reached]) => {
        outcomes.push(reached);
        onObject?.(reached);
      });
      // The error is reported at the end; until then it must not end the process.
      counted.catch(() => (failed = true));
    }
  } catch (error) {
    await counted.catch(() => {});
    throw error;
  }
  await counted;
  return outcomes;
}

/** The objects of a source in the ledger. */
export interface KnownObjects {
  readonly byHash: Map<string, ObjectRange[]>;
  readonly hashByName: Map<string, string>;
}

/** @param only this object, by its hash or by its name; default: all of the source */
export async function knownObjects(
  warehouse: Warehouse,
  source: string,
  only?: { readonly partition: string; readonly object: string },
): Promise<KnownObjects> {
  const rows = await objectRanges(warehouse, source, only);
  const known: KnownObjects = { byHash: new Map(), hashByName: new Map() };
  for (const row of rows) {
    const ranges = known.byHash.get(row.partition);
    if (ranges === undefined) known.byHash.set(row.partition, [row]);
    else ranges.push(row);
    if (row.state === 'loaded') known.hashByName.set(row.object, row.partition);
  }
  return known;
}

async function readObject(
  object: LogObject | RemoteObject,
  known: KnownObjects,
  seenAt_ms: SeenTimes,
  options: FileIngestOptions,
): Promise<ReadObject | undefined> {
  if ('path' in object) {
    if (object.problem !== undefined) return settled(unreadable(object.name, object.problem));
    // One that is gone by now is refused when it is read.
    const found = statSync(object.path, { throwIfNoEntry: false });
    return storeObject(object, () => known, Math.max(seenAt_ms(object), found?.mtimeMs ?? 0), options);
  }
  const { name, content } = object;
  return withSpool(async (directory) => {
    const path = join(directory, 'object');
    let modifiedAt_ms: number;
    try {
      ({ modifiedAt_ms } = await object.fetch(path, options.signal));
    } catch (error) {
      if (options.signal?.aborted) return undefined;
      if (error instanceof Fault && error.kind === 'inputRefused') return settled(refused(name, error.message));
      throw error;
    }
    if (content !== undefined)
      return storeObject({ name, path }, () => known, Math.max(seenAt_ms({ name, content }), modifiedAt_ms), options);
    const stream = await namedByContent(name, path);
    const { warehouse, source, loader } = options;
    const seen = await loader.untilKnown(() => firstSeen(warehouse, source.spec.name, [stream], loader.now()));
    return storeObject({ name: stream.name, path }, () => known, seen(stream), options);
  });
}

async function namedByContent(name: string, path: string): Promise<SeenObject> {
  const content = await sha256OfFile(path);
  return { name: `${name}-${content.slice(0, 16)}`, content };
}

/** A file with an object's bytes. */
export type ReadableObject = Pick<LogObject, 'path' | 'name'>;

/** An object that was read to its end. */
export interface ReadObject {
  /** Resolves when its batches are stored: the outcome, and the ledger rows that make it count, all in one insert. */
  readonly stored: Promise<{ readonly outcome: ObjectOutcome; readonly rows: readonly LedgerRow[] }>;
}

const settled = (outcome: ObjectOutcome): ReadObject => ({ stored: Promise.resolve({ outcome, rows: [] }) });

const refused = (name: string, problem: string): ObjectOutcome => ({ ...NOTHING, name, status: 'refused', problem });

const unreadable = (name: string, problem: string): ObjectOutcome =>
  refused(name, `${name} cannot be read: ${problem}`);

/** The outcome of an object that cannot be read. @throws the error, if it is not about this object */
function refusedFor(name: string, error: unknown): ReadObject {
  if (error instanceof Fault && error.kind === 'inputRefused') return settled(refused(name, error.message));
  const problem = pathProblem(error);
  if (problem === undefined) throw error;
  return settled(unreadable(name, problem));
}

/**
 * Reads an object, if it is not known, and stores it.
 * @param seenAt_ms when it was first seen, or modified, whichever is later
 * @param knownOf looks an object up in the ledger by these bytes or this name; this object is added as soon as it is read
 * @returns undefined if the signal came first
 */
export async function storeObject(
  object: ReadableObject,
  knownOf: (partition: string) => KnownObjects | Promise<KnownObjects>,
  seenAt_ms: number,
  options: Omit<FileIngestOptions, 'onObject'>,
): Promise<ReadObject | undefined> {
  const { name, path } = object;
  await options.loader.room();
  let before: Stats;
  let partition: string;
  try {
    before = statSync(path);
    partition = await sha256OfFile(path);
  } catch (error) {
    return refusedFor(name, error);
  }
  const known = await knownOf(partition);
  const ranges = known.byHash.get(partition) ?? [];
  if (ranges.some(({ state }) => state === 'loaded')) {
    const former = ranges[0].object;
    const problem = former === name ? {} : { problem: `the same bytes were loaded as ${former}` };
    return settled({ ...NOTHING, name, status: 'known', ...problem });
  }
  const former = known.hashByName.get(name);
  if (former !== undefined && former !== partition) {
    const problem = `${name} was loaded with other content (SHA-256 ${former.slice(0, 12)}… then, ${partition.slice(0, 12)}… now): take the old one back first, with: fairshare ingest retract --source ${options.source.spec.name} --object ${name}`;
    return settled(refused(name, problem));
  }
  const revision = await options.revisionAbove(Math.max(-1, ...ranges.map((range) => range.revision)));
  // Cut ranges that are loaded again at the same places as before, because the ledger is keyed by their first position.
  const cuts = ranges.map(({ last }) => Number(last));
  let batches: { readonly rows: Promise<LedgerRow[]> } | undefined;
  try {
    batches = await storeBatches(object, { partition, revision, cuts, seenAt_ms }, options);
    refuseChanged(object, before);
  } catch (error) {
    await batches?.rows.catch(() => {});
    return refusedFor(name, error);
  }
  if (batches === undefined) return undefined;
  known.byHash.set(partition, [{ partition, object: name, first: 0n, last: 0n, revision, state: 'loaded' }]);
  known.hashByName.set(name, partition);
  return { stored: batches.rows.then((rows) => ({ outcome: loaded(name, rows), rows })) };
}

const loaded = (name: string, rows: readonly LedgerRow[]): ObjectOutcome => {
  const sum = (column: 'lines' | 'requests' | 'excluded' | 'quarantined' | 'degraded_requests') =>
    rows.reduce((total, row) => total + row[column], 0);
  return {
    name,
    status: 'loaded',
    batches: rows.length,
    lines: sum('lines'),
    requests: sum('requests'),
    excluded: sum('excluded'),
    quarantined: sum('quarantined'),
    degraded: sum('degraded_requests'),
  };
};

/** Checks that the file did not change after it was hashed. @throws Fault(inputRefused) */
function refuseChanged({ path, name }: ReadableObject, before: Stats): void {
  const { size, mtimeMs } = statSync(path);
  if (size !== before.size || mtimeMs !== before.mtimeMs)
    throw new Fault(
      'inputRefused',
      `${name} changed while it was read`,
      'Log objects are complete: ingest it when nothing is written to it any more.',
    );
}

/**
 * Reads an object and stores its batches; the next batch is read while one is stored.
 * @returns when it is read: a promise of the rows of its batches; undefined: aborted, nothing counts
 * @throws Fault(inputRefused) when no batch of it is being stored any more
 */
async function storeBatches(
  object: ReadableObject,
  {
    partition,
    revision,
    cuts,
    seenAt_ms,
  }: {
    readonly partition: string;
    readonly revision: number;
    /** Positions at which batches must end. */
    readonly cuts: readonly number[];
    readonly seenAt_ms: number;
  },
  { source, loader, methodologyVersion, signal, observer, onProgress }: FileIngestOptions,
): Promise<{ readonly rows: Promise<LedgerRow[]> } | undefined> {
  const rows: LedgerRow[] = [];
  let first = 0;
  let storing: Promise<void> = Promise.resolve();
  let firstLine = '';
  let format: Format | undefined;
  const store = async (batch: BuiltBatch, last: number) => {
    await storing;
    if (first === 0 && fitsNothing(batch.counts))
      throw new Fault(
        'inputRefused',
        `${object.name}: of its first ${batch.counts.lines} lines none fits the format ${format!.name}; its first line has the shape (x: a letter, 9: a digit)\n  ${firstLine}\n  Name the right format with --format or in fairshare.yaml (docs/FORMATS.md)`,
      );
    const identity = {
      source: source.spec.name,
      epoch: 0,
      partition,
      first: BigInt(first),
      last: BigInt(last),
      revision,
    };
    observer?.read?.(identity, last - first);
    first = last;
    storing = loader
      .store(identity, batch, { object: object.name, methodologyVersion, seenAt_ms })
      .then((row) => void rows.push(row));
    // The next await sees the rejection; until then it must not end the process.
    storing.catch(() => {});
  };

  const latest_ms = latestTime_ms(source.spec, seenAt_ms);
  let builder: BatchBuilder | undefined;
  let last = 0;
  try {
    const content = openObject(object.path, { onStoredBytes: (bytes) => onProgress?.(bytes), reuse: true });
    for await (const { bytes, position } of lineBlocks(content, cuts)) {
      if (signal?.aborted) {
        await storing;
        return undefined;
      }
      if (builder === undefined) {
        format = source.formatOf(bytes, object.name);
        builder = source.take(format);
        firstLine = firstLineOf(bytes) ?? '';
      }
      if ((builder.full || cuts.includes(position)) && position > first) await store(builder.finish(), position);
      builder.add(bytes, 0, bytes.length, position, latest_ms);
      last = position + bytes.length;
    }
    await store(builder!.finish(), last);
    source.giveBack(format!, builder!);
  } catch (error) {
    await storing.catch(() => {});
    throw error;
  }
  const all = storing.then(() => rows);
  all.catch(() => {});
  return { rows: all };
}
