// Log objects: files, and objects of a store, downloaded to a file. The partition is the SHA-256 of the decompressed content, the name
// is an attribute. An object counts whole or not at all, because its ledger rows are written in one insert after its last batch.

import { type Stats, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import glob from 'fast-glob';
import { Fault } from '../../transform/fault.ts';
import { pathProblem } from '../../sql/failures.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type BatchBuilder, type BuiltBatch } from '../../transform/batch-builder.ts';
import { type Format } from '../../transform/formats/format.ts';
import { compressionOf, openObject } from '../decompress.ts';
import { lineBlocks } from '../line-blocks.ts';
import { firstSeen, type SeenObject, type SeenTimes } from '../../sql/object-seen.ts';
import { type LedgerRow } from '../../sql/ledger.ts';
import { type Content, type ObjectContent } from '../../sql/object-content.ts';
import { type Loader } from '../load.ts';
import { type IngestObserver } from '../observer.ts';
import { firstLineOf, fitsNothing, latestTime_ms, type Source } from '../source.ts';
import { withScratch } from '../../sql/scratch.ts';
import { sha256, sha256OfFile } from '../../sql/sha256.ts';
import { containerOf } from './containers.ts';
import { type ContentHead, headFirst, headOf, shared_bytes } from './content-head.ts';
import { identify, type Identified } from './identify.ts';
import { type KnownObjects, knownObjects } from './known-objects.ts';
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
  /** It was found below a directory, by a glob or by a prefix; false: it was named itself. */
  readonly isListed: boolean;
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
      isListed: root !== undefined,
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
  /** loaded; known: this content was loaded before, under this or another name; refused: see `problem` */
  readonly status: 'loaded' | 'known' | 'refused';
  readonly problem?: string;
  /** Name of the loaded object with the same content, if it is another one. */
  readonly same_as?: string;
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
  /** Load what is new of objects that begin with the whole of a loaded one. */
  readonly grown?: boolean;
  /** Load content that is loaded under another name, and other content under a known name. Says why; recorded. */
  readonly distinct?: string;
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
  const seenAt_ms = await loader.untilKnown(() =>
    firstSeen(
      options.warehouse,
      source,
      objects.filter((object): object is typeof object & SeenObject => object.content !== undefined),
      loader.now(),
    ),
  );
  const outcomes: ObjectOutcome[] = [];
  const waiting: (LogObject | RemoteObject)[] = [];
  let counted: Promise<void> = Promise.resolve();
  let failed = false;
  const load = async (all: readonly (LogObject | RemoteObject)[], isLast: boolean): Promise<void> => {
    for (const object of all) {
      if (signal?.aborted || failed) return;
      const read = await readObject(object, known, seenAt_ms, isLast, options);
      if (read === undefined) return;
      if (read === 'waits') {
        waiting.push(object);
        continue;
      }
      const outcome = read.stored.then(async (stored) => {
        if (stored.rows.length + stored.contents.length > 0)
          await loader.commit(
            stored.rows,
            stored.contents.map((content) => ({ ...content, source })),
          );
        return stored.outcome;
      });
      counted = Promise.all([outcome, counted]).then(([reached]) => {
        outcomes.push(reached);
        onObject?.(reached);
      });
      // The error is reported at the end; until then it must not end the process.
      counted.catch(() => (failed = true));
    }
  };
  try {
    await load(objects, false);
    // By now it is known under which names the former contents of these names are.
    await load(waiting.splice(0), true);
  } catch (error) {
    await counted.catch(() => {});
    throw error;
  }
  await counted;
  return outcomes;
}

async function readObject(
  object: LogObject | RemoteObject,
  known: KnownObjects,
  seenAt_ms: SeenTimes,
  isLast: boolean,
  options: FileIngestOptions,
): Promise<ReadObject | 'waits' | undefined> {
  if ('path' in object) {
    if (object.problem !== undefined) return settled(unreadable(object.name, object.problem));
    // One that is gone by now is refused when it is read.
    const found = statSync(object.path, { throwIfNoEntry: false });
    return storeObject(object, known, Math.max(seenAt_ms(object), found?.mtimeMs ?? 0), options, isLast);
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
      return storeObject({ name, path }, known, Math.max(seenAt_ms({ name, content }), modifiedAt_ms), options, isLast);
    const stream = await namedByContent(name, path);
    const { warehouse, source, loader } = options;
    const seen = await loader.untilKnown(() => firstSeen(warehouse, source.spec.name, [stream], loader.now()));
    return storeObject({ name: stream.name, path }, known, seen(stream), options);
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
  /** Resolves when its batches are stored: the outcome, the ledger rows that make it count, all in one insert, and what its bytes are. */
  readonly stored: Promise<{
    readonly outcome: ObjectOutcome;
    readonly rows: readonly LedgerRow[];
    readonly contents: readonly ObjectContent[];
  }>;
}

const settled = (outcome: ObjectOutcome, contents: readonly ObjectContent[] = []): ReadObject => ({
  stored: Promise.resolve({ outcome, rows: [], contents }),
});

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

/** An object at hand, with the SHA-256 of its stored bytes. */
interface OpenedObject extends ReadableObject {
  readonly before: Stats;
  readonly stored_sha256: string;
}

/** Thrown when the beginning of an object is read: it begins like a known one, so it must be identified before it is loaded. */
class BeginsLikeAnother extends Error {}
/** Thrown when the beginning of an object is read: its name was loaded with other content. */
class NameTaken extends Error {}

/**
 * Reads an object, if its content is not known, and stores it.
 * @param known this object is added as soon as it is read
 * @param seenAt_ms when it was first seen, or modified, whichever is later
 * @param isLast false: an object whose name had other content waits, because that content may be found under another name
 * @returns undefined if the signal came first
 */
export async function storeObject(
  object: ReadableObject,
  known: KnownObjects,
  seenAt_ms: number,
  options: Omit<FileIngestOptions, 'onObject'>,
  isLast = true,
): Promise<ReadObject | 'waits' | undefined> {
  const { name, path } = object;
  await options.loader.room();
  const loading = { known, seenAt_ms, options };
  try {
    const opened = { path, name, before: statSync(path), stored_sha256: await sha256OfFile(path) };
    try {
      await known.search({ stored_sha256: opened.stored_sha256, object: name });
      return (await knownByBytes(opened, loading)) ?? (await loadNew(opened, loading));
    } catch (error) {
      if (error instanceof BeginsLikeAnother) return await loadIdentified(opened, loading);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof NameTaken)) return refusedFor(name, error);
    if (!isLast) return 'waits';
    const problem = `${name} was loaded with other content, which is under no other name here: take the old one back first, with: fairshare ingest retract --source ${options.source.spec.name} --object ${name}; or, if this is another log, load it with --distinct REASON`;
    return settled(refused(name, problem));
  }
}

interface Loading {
  readonly known: KnownObjects;
  readonly seenAt_ms: number;
  readonly options: Omit<FileIngestOptions, 'onObject'>;
}

/** The outcome of an object whose stored bytes were met before; undefined if they are new. @throws BeginsLikeAnother if they must be read */
async function knownByBytes(object: OpenedObject, { known, options }: Loading): Promise<ReadObject | undefined> {
  const content = known.contentOf(object.stored_sha256);
  if (content !== undefined) {
    const found = options.distinct === undefined ? knownContent(object, content, known) : undefined;
    if (found === undefined) throw new BeginsLikeAnother();
    return found;
  }
  if (known.rangesOf(object.stored_sha256).length === 0 || object.before.size === 0) return undefined;
  // Loaded before contents were recorded: from now on it is known by its content, too.
  throw new BeginsLikeAnother();
}

/** The outcome if the content is loaded. */
function knownContent(object: OpenedObject, content: Content, known: KnownObjects): ReadObject | undefined {
  const { name, stored_sha256 } = object;
  const loadedAs = partitionsOf(object, content, known).filter((partition) => known.isLoaded(partition));
  const partition = loadedAs.find((each) => known.nameOf(each) === name) ?? loadedAs[0];
  if (partition === undefined) return undefined;
  const sameAs = known.nameOf(partition) === name ? '' : known.nameOf(partition);
  const isNew = !known.wasMet(name, stored_sha256);
  known.meet(partition, name);
  const { sha256: digest, content_bytes, bodyAt_bytes, heads } = content;
  const row = {
    ...{ sha256: digest, content_bytes, bodyAt_bytes, heads },
    ...{ object: name, stored_sha256, partition, sameAs },
    ...known.decidedOf(partition),
  };
  return settled(
    {
      ...NOTHING,
      name,
      status: 'known',
      ...(sameAs !== '' && { same_as: sameAs, problem: `the same content was loaded as ${sameAs}` }),
    },
    isNew ? [row] : [],
  );
}

/** Partitions under which the ledger may have the content. Empty objects are nobody's twins. */
const partitionsOf = ({ name, stored_sha256 }: OpenedObject, content: Content, known: KnownObjects): string[] =>
  content.content_bytes === 0
    ? [emptyPartition(name)]
    : [...known.partitionsWith(content.sha256), ...(known.rangesOf(stored_sha256).length > 0 ? [stored_sha256] : [])];

const emptyPartition = (name: string): string => sha256(`empty object\0${name}`);
/** A content counts under this although it is loaded under another name. */
const distinctPartition = (content: string, name: string): string => sha256(`${content}\0${name}`);

/** Loads an object that begins like no known one, and identifies it meanwhile. */
async function loadNew(object: OpenedObject, loading: Loading): Promise<ReadObject | undefined> {
  const { known, options } = loading;
  const { name, path, stored_sha256 } = object;
  let head: ContentHead = { bodyAt_bytes: 0, heads: [] };
  const isPlain = compressionOf(path) === 'plain';
  const isTaken = known.unmovedOf(name).length > 0;
  let sha = isPlain ? stored_sha256 : '';
  const onHead = async (bytes: Uint8Array, isWhole: boolean) => {
    refuseContainer(name, bytes);
    head = headOf(bytes);
    await known.search({ heads: head.heads, tiny: true, ...(isWhole && { content_sha256: sha256(bytes) }) });
    if (bytes.length === 0) return;
    if (known.hasLike(head, bytes, isWhole)) throw new BeginsLikeAnother();
    if (options.distinct === undefined && isTaken) throw new NameTaken();
  };
  return load(object, loading, {
    onHead,
    ...(!isPlain && { onSha256: (digest: string) => (sha = digest) }),
    from: 0,
    batchesOf: stored_sha256,
    ranges: [],
    recorded: (content_bytes) => ({
      sha256: sha,
      content_bytes,
      ...head,
      partition: content_bytes === 0 ? emptyPartition(name) : sha,
      continues: [],
      reason: isTaken ? (options.distinct ?? '') : '',
    }),
  });
}

/** @throws Fault(inputRefused) */
function refuseContainer(name: string, bytes: Uint8Array): void {
  const found = containerOf(bytes);
  if (found !== undefined)
    throw new Fault('inputRefused', `${name} is no log: it is ${found.name}. ${found.hint}`, 'Nothing of it counts.');
}

/** Reads an object whole that begins like a known one, and decides what of it is new. */
async function loadIdentified(object: OpenedObject, loading: Loading): Promise<ReadObject | undefined> {
  const { known, options } = loading;
  const { name, path, stored_sha256 } = object;
  const { grown = false, distinct } = options;
  const identified = await identify(openObject(path, { reuse: true }), known.wholes());
  const { content, covered } = identified;
  await known.search({ content_sha256: content.sha256, heads: content.heads });
  const partitions = partitionsOf(object, content, known);
  if (distinct === undefined || partitions.some((each) => known.isLoaded(each) && known.nameOf(each) === name)) {
    const found = knownContent(object, content, known);
    if (found !== undefined) return found;
  }
  const free = partitions.find((partition) => !known.isLoaded(partition));
  if (distinct !== undefined) {
    const isTwin = partitions.some((each) => known.isLoaded(each));
    const partition = isTwin ? distinctPartition(content.sha256, name) : (free ?? content.sha256);
    return load(object, loading, {
      from: 0,
      // A twin's facts count beside those of the other.
      batchesOf: isTwin ? partition : stored_sha256,
      ranges: known.rangesOf(partition),
      recorded: () => ({ ...content, partition, continues: [], reason: distinct }),
    });
  }
  if (covered === undefined) refuseShared(name, content, known);
  else {
    const before = covered.partitions.map((partition) => known.nameOf(partition)).join(' + ');
    for (const partition of covered.partitions) known.meet(partition, name);
    if (covered.bytes === content.content_bytes) {
      const problem = `it consists of ${before}, and all of that is loaded`;
      const row = { ...content, object: name, stored_sha256, partition: content.sha256, sameAs: before, continues: [], reason: '' }; // prettier-ignore
      return settled({ ...NOTHING, name, status: 'known', same_as: before, problem }, [row]);
    }
    refuseGrown(name, before, identified, grown);
  }
  const isTaken = known.unmovedOf(name).some((each) => each !== free);
  if (covered === undefined && content.content_bytes > 0 && isTaken) throw new NameTaken();
  const partition = free ?? (content.content_bytes === 0 ? emptyPartition(name) : content.sha256);
  return load(object, loading, {
    from: covered?.bytes ?? 0,
    batchesOf: stored_sha256,
    ranges: known.rangesOf(partition),
    recorded: () => ({ ...content, partition, continues: covered?.partitions ?? [], reason: '' }),
  });
}

/** @throws Fault(inputRefused) unless the rest of a log that grew is asked for, and begins with a line */
function refuseGrown(name: string, before: string, { content, covered }: Identified, grown: boolean): void {
  const { bytes, endsLine } = covered!;
  const found = `${name} begins with the whole of ${before}, which is loaded: ${bytes} of its ${content.content_bytes} bytes`;
  if (!endsLine)
    throw new Fault(
      'inputRefused',
      `${found}. They end in the middle of a line: take ${before} back (fairshare ingest retract), and load ${name}`,
    );
  if (!grown) throw new Fault('inputRefused', `${found}. To load only what is new: fairshare ingest files --grown`);
}

/** @throws Fault(inputRefused) if a loaded content has the same first lines: one of the two was changed, or cut */
function refuseShared(name: string, content: Content, known: KnownObjects): void {
  const other = known.sharing(content);
  if (other !== undefined)
    throw new Fault(
      'inputRefused',
      `${name} begins like ${known.nameOf(other.partition)}, which is loaded with other content: the first ${shared_bytes(other, content)} bytes of their lines are the same. Take that one back first (fairshare ingest retract), or load this one beside it with --distinct REASON`,
    );
}

interface LoadPlan {
  /** Sees the beginning before anything is stored. @throws to end the load */
  readonly onHead?: (bytes: Uint8Array, isWhole: boolean) => Promise<void>;
  readonly onSha256?: (sha256: string) => void;
  /** Where in the content to begin. */
  readonly from: number;
  /** Names the facts: the content may not be known before its end, and its partition is written into the ledger alone. */
  readonly batchesOf: string;
  /** Ranges of an earlier load, which are cut again at the same places, because the ledger is keyed by their first position. */
  readonly ranges: ReturnType<KnownObjects['rangesOf']>;
  /** What is recorded of the object at its end. */
  readonly recorded: (content_bytes: number) => Omit<ObjectContent, 'object' | 'stored_sha256' | 'sameAs'>;
}

async function load(
  object: OpenedObject,
  { known, seenAt_ms, options }: Loading,
  plan: LoadPlan,
): Promise<ReadObject | undefined> {
  const { name, stored_sha256 } = object;
  const { ranges } = plan;
  const revision = await options.revisionAbove(Math.max(-1, ...ranges.map((range) => range.revision)));
  const cuts = [...new Set([plan.from, ...ranges.map(({ last }) => Number(last))])].sort((a, b) => a - b);
  let batches: Batches | undefined;
  try {
    batches = await storeBatches(object, { ...plan, revision, cuts, seenAt_ms }, options);
    refuseChanged(object, object.before);
  } catch (error) {
    await batches?.rows.catch(() => {});
    throw error;
  }
  if (batches === undefined) return undefined;
  const content = { ...plan.recorded(batches.content_bytes), object: name, stored_sha256, sameAs: '' };
  const { partition } = content;
  // A plain object from before contents were recorded: its partition is its content, but its beginning was not known.
  const twin =
    plan.onSha256 === undefined || !known.isLoaded(partition) ? undefined : knownContent(object, content, known);
  if (twin !== undefined) {
    await batches.rows;
    return twin;
  }
  known.setLoaded({ partition, object: name, first: 0n, last: BigInt(batches.content_bytes), revision, state: 'loaded', read_lines: batches.read_lines }); // prettier-ignore
  known.addContents([content]);
  return {
    stored: batches.rows.then((rows) => {
      for (const row of rows) row.partition = partition;
      return { outcome: loaded(name, rows), rows, contents: [content] };
    }),
  };
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

/** Batches of an object that was read to its end. */
interface Batches {
  readonly rows: Promise<LedgerRow[]>;
  readonly content_bytes: number;
  /** Requests and quarantined lines. */
  readonly read_lines: number;
}

/**
 * Reads an object and stores its batches; the next batch is read while one is stored.
 * @returns when it is read; undefined: aborted, nothing counts
 * @throws Fault(inputRefused) when no batch of it is being stored any more
 */
async function storeBatches(
  object: ReadableObject,
  {
    batchesOf,
    revision,
    from,
    cuts,
    seenAt_ms,
    onHead = () => Promise.resolve(),
    onSha256,
  }: Pick<LoadPlan, 'batchesOf' | 'from' | 'onHead' | 'onSha256'> & {
    readonly revision: number;
    /** Positions at which batches must end. */
    readonly cuts: readonly number[];
    readonly seenAt_ms: number;
  },
  { source, loader, methodologyVersion, signal, observer, onProgress }: FileIngestOptions,
): Promise<Batches | undefined> {
  const rows: LedgerRow[] = [];
  let first = from;
  let read_lines = 0;
  let storing: Promise<void> = Promise.resolve();
  let firstLine = '';
  let format: Format | undefined;
  const store = async (batch: BuiltBatch, last: number) => {
    await storing;
    if (first === from && fitsNothing(batch.counts))
      throw new Fault(
        'inputRefused',
        `${object.name}: of its first ${batch.counts.lines} lines none fits the format ${format!.name}; its first line has the shape (x: a letter, 9: a digit)\n  ${firstLine}\n  Name the right format with --format or in fairshare.yaml (docs/FORMATS.md)`,
      );
    const identity = {
      source: source.spec.name,
      epoch: 0,
      partition: batchesOf,
      first: BigInt(first),
      last: BigInt(last),
      revision,
    };
    observer?.read?.(identity, last - first);
    first = last;
    read_lines += batch.counts.requests + batch.counts.quarantined;
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
    const content = openObject(object.path, { onStoredBytes: (bytes) => onProgress?.(bytes), reuse: true, onSha256 });
    for await (const { bytes, position } of lineBlocks(headFirst(content, onHead), cuts)) {
      if (signal?.aborted) {
        await storing;
        return undefined;
      }
      if (builder === undefined) {
        format = source.formatOf(bytes, object.name);
        builder = source.take(format);
        firstLine = firstLineOf(bytes) ?? '';
      }
      last = position + bytes.length;
      if (position < from) {
        // Lines that are loaded already may have directives for those that follow.
        if (source.readsDirectives(format!)) {
          builder.add(bytes, 0, bytes.length, position, latest_ms);
          builder.discard();
        }
        continue;
      }
      if ((builder.full || cuts.includes(position)) && position > first) await store(builder.finish(), position);
      builder.add(bytes, 0, bytes.length, position, latest_ms);
    }
    await store(builder!.finish(), last);
    source.giveBack(format!, builder!);
  } catch (error) {
    await storing.catch(() => {});
    throw error;
  }
  const all = storing.then(() => rows);
  all.catch(() => {});
  return { rows: all, content_bytes: last, read_lines };
}
