// Replays log objects through a caching proxy of each family. The requests of all objects are put into the order of their times first,
// because edges write side by side.

import { openObject } from '../../ingest/decompress.ts';
import { type LogObject } from '../../ingest/sources/files.ts';
import { type Source } from '../../ingest/source.ts';
import { lineBlocks } from '../../ingest/line-blocks.ts';
import { judgeSets } from '../../sql/attribution.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type CacheLimits, ProxyCache } from '../../transform/cache/proxy-cache.ts';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { Fault } from '../../transform/fault.ts';
import { type Format } from '../../transform/formats/format.ts';
import { compareIds } from '../../transform/funding/checked.ts';
import { dayOf } from '../../transform/periods.ts';
import { type ReplayedRequest, type RequestReplay } from '../../transform/request-replay.ts';

export interface CacheResult {
  requests: bigint;
  bytes: bigint;
  hits: bigint;
  saved_bytes: bigint;
  /** Requests that the registry refused because there were too many (429), and those of them that the proxy answers. */
  refused: bigint;
  refused_served: bigint;
}

export interface FamilyCache extends CacheResult {
  readonly family: string;
  /** By requester class. */
  readonly classes: ReadonlyMap<string, CacheResult>;
}

export interface CacheReplay {
  /** Most saved bytes first. */
  readonly families: readonly FamilyCache[];
  readonly days: number;
  /** Requests of nobody, which no proxy serves. */
  readonly unattributed: number;
}

const nothing = (): CacheResult => ({ requests: 0n, bytes: 0n, hits: 0n, saved_bytes: 0n, refused: 0n, refused_served: 0n }); // prettier-ignore

/** Columns that grow: an object for each request would not fit into memory. */
class Requests {
  length = 0;
  private times = new Float64Array(1 << 16);
  private sizes = new Float64Array(1 << 16);
  /** key, evidence, class and flags of a request */
  private facts = new Int32Array(4 << 16);

  add({ occurredAt_ms, bytes, key, evidence, requesterClass, status, isReading, isFile }: ReplayedRequest): void {
    if (this.length === this.times.length) this.grow();
    const i = this.length++;
    this.times[i] = occurredAt_ms;
    this.sizes[i] = bytes;
    this.facts.set([key, evidence, requesterClass, status * 4 + (isReading ? 2 : 0) + (isFile ? 1 : 0)], 4 * i);
  }

  /** Calls `take` in the order of times; requests of one time stay in the order in which they were read. */
  inOrder(take: (request: ReplayedRequest) => void): void {
    const { times, sizes, facts } = this;
    const order = Uint32Array.from({ length: this.length }, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
    for (const i of order) {
      const flags = facts[4 * i + 3];
      take({
        occurredAt_ms: times[i],
        bytes: sizes[i],
        key: facts[4 * i],
        evidence: facts[4 * i + 1],
        requesterClass: facts[4 * i + 2],
        status: flags >> 2,
        isReading: (flags & 2) !== 0,
        isFile: (flags & 1) !== 0,
      });
    }
  }

  private grow(): void {
    const wider = <T extends Float64Array | Int32Array>(from: T, to: T): T => (to.set(from), to);
    this.times = wider(this.times, new Float64Array(2 * this.times.length));
    this.sizes = wider(this.sizes, new Float64Array(2 * this.sizes.length));
    this.facts = wider(this.facts, new Int32Array(2 * this.facts.length));
  }
}

export interface CacheReplayOptions {
  readonly limits: CacheLimits;
  /** Only this family. */
  readonly org?: string;
  /** Only requests of this month, YYYY-MM. */
  readonly period?: string;
  readonly now: Date;
  readonly signal?: AbortSignal;
  readonly onObject?: (object: LogObject) => void;
}

/** @throws Fault(inputRefused) if an object cannot be read, or has another format than the first */
export async function replayCache(
  warehouse: Warehouse,
  source: Source,
  objects: readonly LogObject[],
  { limits, org, period, now, signal, onObject }: CacheReplayOptions,
): Promise<CacheReplay> {
  const requests = new Requests();
  const replay = await readAll(source, objects, requests, { period, signal, onObject });
  const familyOf = replay === undefined ? () => '' : await familiesOf(warehouse, replay.evidence, now);
  const caches = new Map<string, ProxyCache>();
  const results = new Map<string, CacheResult & { readonly classes: Map<string, CacheResult> }>();
  const days = new Set<string>();
  let unattributed = 0;
  requests.inOrder((request) => {
    const day = dayOf(request.occurredAt_ms);
    days.add(day);
    const family = familyOf(request.evidence, day);
    if (family === '') unattributed++;
    if (family === '' || (org !== undefined && family !== org)) return;
    let cache = caches.get(family);
    if (cache === undefined) caches.set(family, (cache = new ProxyCache(limits)));
    const { hit, saved_bytes } = cache.request(request);
    let result = results.get(family);
    if (result === undefined) results.set(family, (result = { ...nothing(), classes: new Map() }));
    const name = requesterClasses[request.requesterClass];
    let ofClass = result.classes.get(name);
    if (ofClass === undefined) result.classes.set(name, (ofClass = nothing()));
    const isRefused = request.status === 429;
    for (const sums of [result, ofClass]) {
      sums.requests++;
      sums.bytes += BigInt(request.bytes);
      sums.saved_bytes += BigInt(saved_bytes);
      if (hit) sums.hits++;
      if (isRefused) sums.refused++;
      if (isRefused && hit) sums.refused_served++;
    }
  });
  const families = [...results].map(([family, result]) => ({ family, ...result }));
  families.sort((a, b) => (a.saved_bytes === b.saved_bytes ? compareIds(a.family, b.family) : a.saved_bytes < b.saved_bytes ? 1 : -1)); // prettier-ignore
  return { families, days: days.size, unattributed };
}

/** @returns undefined if the objects are empty */
async function readAll(
  source: Source,
  objects: readonly LogObject[],
  requests: Requests,
  { period, signal, onObject }: Pick<CacheReplayOptions, 'period' | 'signal' | 'onObject'>,
): Promise<RequestReplay | undefined> {
  let replay: RequestReplay | undefined;
  let format: Format | undefined;
  for (const object of objects) {
    let isFirst = true;
    for await (const { bytes } of lineBlocks(openObject(object.path))) {
      signal?.throwIfAborted();
      if (bytes.length === 0) continue;
      if (isFirst) {
        const found = source.formatOf(bytes, object.name);
        if (format !== undefined && found !== format)
          throw new Fault(
            'inputRefused',
            `${object.name} has another format (${found.name}) than the objects before it (${format.name})`,
            'Name the format with --format, or replay the objects apart.',
          );
        format = found;
        replay ??= source.replay(found);
        isFirst = false;
      }
      replay!.add(bytes, (request) => {
        if (period === undefined || dayOf(request.occurredAt_ms).startsWith(period)) requests.add(request);
      });
    }
    onObject?.(object);
  }
  return replay;
}

/**
 * The registry may have learnt of networks since the objects were ingested. Then their requests have evidence sets that nobody has judged.
 * These sets are judged first, as usage of such networks is moved: by the same rules, to the same organisation.
 * @returns a look-up: index of an evidence set and day → family, '' for nobody
 */
async function familiesOf(
  warehouse: Warehouse,
  evidence: RequestReplay['evidence'],
  now: Date,
): Promise<(evidence: number, day: string) => string> {
  await judgeSets(warehouse, evidence, now);
  const evidenceIds = evidence.map(({ id }) => id);
  const rows = await warehouse.query<{ evidence_set: string; valid_from: string; valid_to: string; family_id: string }>(
    sqlFile('queries/attribute/families_of_sets.sql'),
    { sets: evidenceIds.map(String) },
  );
  const spans = evidenceIds.map((id) => rows.filter(({ evidence_set }) => evidence_set === String(id)));
  return (index, day) =>
    spans[index].find(({ valid_from, valid_to }) => valid_from <= day && day < valid_to)?.family_id ?? '';
}
