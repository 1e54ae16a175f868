// Log objects: files, and objects of a store, downloaded to a file. The partition is the SHA-256 of the stored bytes, the name is
// an attribute. An object counts whole or not at all, because its ledger rows are written in one insert after its last batch.

import { existsSync, type Stats, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import glob from 'fast-glob';
import { Fault } from '../../transform/fault.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type BatchBuilder, type BuiltBatch } from '../../transform/batch-builder.ts';
import { type Format } from '../../transform/formats/format.ts';
import { openObject } from '../decompress.ts';
import { lineBlocks } from '../line-blocks.ts';
import { type LedgerRow, objectRanges, type ObjectRange } from '../../sql/ledger.ts';
import { type Loader } from '../load.ts';
import { type IngestObserver } from '../observer.ts';
import { firstLineOf, fitsNothing, type Source } from '../source.ts';
import { sha256OfFile } from '../../sql/sha256.ts';

export interface LogObject {
  readonly path: string;
  /** Name in the ledger: relative to the PATH given. */
  readonly name: string;
  readonly size_bytes: number;
}

/** An object of a store. It is downloaded just before it is read. */
export interface RemoteObject {
  /** s3://bucket/key */
  readonly name: string;
  readonly size_bytes: number;
  /** Writes its stored bytes to a file. @throws Fault(inputRefused) · AbortError */
  fetch(path: string, signal?: AbortSignal): Promise<void>;
}

/** Makes a directory in TMPDIR for objects that are downloaded. Removes it with its content at the end. */
export async function withSpool<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'fairshare-object-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Files below directories, matches of globs, and named files; ordered by name. @throws Fault(inputRefused) */
export function findObjects(paths: readonly string[]): LogObject[] {
  const objects = new Map<string, LogObject>();
  for (const path of paths) {
    const isDirectory = existsSync(path) && statSync(path).isDirectory();
    const found = isDirectory
      ? glob.sync('**/*', { cwd: path, absolute: true, onlyFiles: true })
      : existsSync(path)
        ? [resolve(path)]
        : glob.sync(path, { absolute: true, onlyFiles: true });
    if (found.length === 0)
      throw new Fault(
        'inputRefused',
        isDirectory ? `${path} holds no files` : `no such file: ${path}`,
        'Name a file, a directory, or a quoted glob.',
      );
    const root = isDirectory ? path : glob.isDynamicPattern(path) && !existsSync(path) ? staticRoot(path) : undefined;
    for (const file of found)
      objects.set(file, {
        path: file,
        name: root === undefined ? basename(file) : relative(root, file),
        size_bytes: statSync(file).size,
      });
  }
  return [...objects.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.path < b.path ? -1 : 1));
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
  /** Requests that were read with a degradation; they count. */
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
  const known = await knownObjects(options.warehouse, options.source.spec.name);
  const outcomes: ObjectOutcome[] = [];
  let counted: Promise<void> = Promise.resolve();
  let failed = false;
  try {
    for (const object of objects) {
      if (signal?.aborted || failed) break;
      const read = await readObject(object, known, options);
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
  options: FileIngestOptions,
): Promise<ReadObject | undefined> {
  if ('path' in object) return storeObject(object, () => known, options);
  const { name, size_bytes } = object;
  return withSpool(async (directory) => {
    const path = join(directory, 'object');
    try {
      await object.fetch(path, options.signal);
    } catch (error) {
      if (options.signal?.aborted) return undefined;
      if (error instanceof Fault && error.kind === 'inputRefused') return settled(refused(name, error.message));
      throw error;
    }
    return storeObject({ name, path, size_bytes }, () => known, options);
  });
}

/** An object that was read to its end. */
export interface ReadObject {
  /** Resolves when its batches are stored: the outcome, and the ledger rows that make it count, all in one insert. */
  readonly stored: Promise<{ readonly outcome: ObjectOutcome; readonly rows: readonly LedgerRow[] }>;
}

const settled = (outcome: ObjectOutcome): ReadObject => ({ stored: Promise.resolve({ outcome, rows: [] }) });

const refused = (name: string, problem: string): ObjectOutcome => ({ ...NOTHING, name, status: 'refused', problem });

/**
 * Reads an object, if it is not known, and stores it.
 * @param knownOf looks an object up in the ledger by these bytes or this name; this object is added as soon as it is read
 * @returns undefined if the signal came first
 */
export async function storeObject(
  object: LogObject,
  knownOf: (partition: string) => KnownObjects | Promise<KnownObjects>,
  options: Omit<FileIngestOptions, 'onObject'>,
): Promise<ReadObject | undefined> {
  const { name, path } = object;
  await options.loader.room();
  const before = statSync(path);
  const partition = await sha256OfFile(path);
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
    batches = await storeBatches(object, partition, revision, cuts, options);
    refuseChanged(object, before);
  } catch (error) {
    await batches?.rows.catch(() => {});
    if (error instanceof Fault && error.kind === 'inputRefused') return settled(refused(name, error.message));
    throw error;
  }
  if (batches === undefined) return undefined;
  known.byHash.set(partition, [{ partition, object: name, first: 0n, last: 0n, revision, state: 'loaded' }]);
  known.hashByName.set(name, partition);
  return { stored: batches.rows.then((rows) => ({ outcome: loaded(name, rows), rows })) };
}

const loaded = (name: string, rows: readonly LedgerRow[]): ObjectOutcome => {
  const sum = (column: 'lines' | 'requests' | 'excluded' | 'quarantined') =>
    rows.reduce((total, row) => total + row[column], 0);
  return {
    name,
    status: 'loaded',
    batches: rows.length,
    lines: sum('lines'),
    requests: sum('requests'),
    excluded: sum('excluded'),
    quarantined: sum('quarantined'),
    degraded: rows.reduce(
      (total, { degraded }) => total + Object.values(degraded).reduce((sum, requests) => sum + requests, 0),
      0,
    ),
  };
};

/** Checks that the file did not change after it was hashed. @throws Fault(inputRefused) */
function refuseChanged({ path, name }: LogObject, before: Stats): void {
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
  object: LogObject,
  partition: string,
  revision: number,
  cuts: readonly number[],
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
      .store(identity, batch, { object: object.name, methodologyVersion })
      .then((row) => void rows.push(row));
    // The next await sees the rejection; until then it must not end the process.
    storing.catch(() => {});
  };

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
      builder.add(bytes, 0, bytes.length, position);
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
