// The load protocol's last four steps: insert, read back, write the ledger row. A batch counts only through its ledger row, and
// facts are keyed by the batch's whole identity, so that every step may be repeated. docs/ARCHITECTURE.md explains why.

import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type ClickHouseError } from '@clickhouse/client';
import { Fault } from '../transform/fault.ts';
import { faultOf, isDiskFull, isEngineError, passes } from '../sql/failures.ts';
import { insertLanding, type LandingBatch, type LandingRows, readBack } from '../sql/landing.ts';
import { evidenceRow } from '../sql/attribution.ts';
import { type BatchIdentity, countedBytes, type LedgerRow, writeLedger } from '../sql/ledger.ts';
import { type ObjectContent, writeContents } from '../sql/object-content.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { joinTables } from '../transform/aggregate/arrow-table.ts';
import { requestsByClass } from '../transform/aggregate/requests-by-class.ts';
import { type BuiltBatch } from '../transform/batch-builder.ts';
import { Gathered } from './gathered.ts';
import { type CountedBatch, type IngestObserver, type Watched } from './observer.ts';

/** Fields of the ledger besides identity and counts. */
export interface LedgerDetails {
  readonly object?: string;
  readonly methodologyVersion: number;
  /** Kafka: timestamp of the last record, ms. Default: the last request's. */
  readonly lastRecordAt?: number;
  readonly lastRecordSha256?: string;
  /** When the lines were first seen, or their object was modified, whichever is later; ms. */
  readonly seenAt_ms: number;
  /** Copies rows of the batch that are already stored under another id. May be called again. */
  readonly carryOver?: (batchId: string) => Promise<void>;
}

/**
 * SHA-256 of the identity and the content of the batch; its first 16 bytes as a UUID (version 8: custom). The same range read
 * with other settings (a format, a line limit) has other rows. It is another batch, so that the two never mix.
 */
export function batchId(
  { source, epoch, partition, first, last, revision }: BatchIdentity,
  content: readonly Pick<LandingRows, 'rows' | 'hash'>[] = [],
): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([source, epoch, partition, `${first}`, `${last}`, revision]))
    .update(content.map(({ rows, hash }) => `${rows} ${hash}`).join())
    .digest();
  digest[6] = (digest[6] & 0x0f) | 0x80;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Named so that the worker's crash tests can inject a fault before each. */
export const loadSteps = ['evidence', 'usage', 'rate', 'quarantine', 'read-back', 'ledger', 'done'] as const;
export type LoadStep = (typeof loadSteps)[number];

export interface LoaderOptions {
  readonly warehouse: Warehouse;
  readonly now: () => Date;
  readonly signal?: AbortSignal;
  /** Called before each step; tests end the process here. */
  readonly onStep?: (step: LoadStep) => void | Promise<void>;
  /** The outcome is unknown: the same rows are sent again after this wait. */
  readonly onRetry?: (error: Error, wait_ms: number, where?: Watched) => void;
  /** Waits between two tries. @throws AbortError */
  readonly sleep?: (wait_ms: number, signal?: AbortSignal) => Promise<void>;
  readonly observer?: IngestObserver;
  /** How long to wait for room on a full disk. Default: for ever, as a worker does. */
  readonly fullDisk_ms?: number;
}

const INSERT_ATTEMPTS = 3;
const RETRY_FIRST_MS = 200;
const RETRY_LAST_MS = 30_000;

/** Smaller batches wait while others are stored, and are then stored together. */
const SMALL_BYTES = 4 << 20;
const GROUP_BYTES = 16 << 20;
const GROUP_BATCHES = 500;
/** Reading pauses while more than this many bytes wait to be stored. It limits the memory of consecutive objects. */
const ROOM_BYTES = 32 << 20;

/** All bytes that count must fit into sums of 64 bits with a sign; other processes may load meanwhile. */
const MOST_SENT_BYTES = 2 ** 63 - 2 ** 60;
/** The bytes that count are read again after so many more were loaded. */
const CHECK_SENT_BYTES = 2 ** 50;

/** A batch that is being stored. */
interface Storing extends LandingBatch {
  readonly identity: BatchIdentity;
  readonly batch: BuiltBatch;
  readonly details: LedgerDetails;
  /** Bytes of all its tables, as they are sent. */
  readonly bytes: number;
}

type SourceContent = ObjectContent & { readonly source: string };

/** Rows that count together. */
interface Counting {
  readonly rows: readonly LedgerRow[];
  readonly contents: readonly SourceContent[];
}

export class Loader {
  private readonly options: LoaderOptions;
  private readonly storedEvidence = new Set<bigint>();
  /** Ledger rows whose facts are stored but do not count yet, for the observer. */
  private readonly stored = new WeakMap<LedgerRow, CountedBatch>();
  private readonly small: Gathered<Storing>;
  private readonly counting: Gathered<Counting>;
  /** Bytes of the batches that wait or are being stored. */
  private unstored = 0;
  private roomMade: (() => void)[] = [];
  /** Bytes sent of all batches of this process, and at how many of them the sum is checked next. */
  private sent_bytes = 0;
  private nextCheck_bytes = CHECK_SENT_BYTES;

  constructor(options: LoaderOptions) {
    this.options = options;
    const onAlone = (error: Error, count: number) =>
      options.onRetry?.(new Error(`${count} together: ${error.message}; each by itself now`, { cause: error }), 0);
    this.small = new Gathered({
      work: (group) => this.storeGroup(group),
      fits: (group, next) =>
        group.length < GROUP_BATCHES && group.reduce((sum, { bytes }) => sum + bytes, next.bytes) <= GROUP_BYTES,
      onAlone,
      signal: options.signal,
    });
    this.counting = new Gathered({
      work: (groups) => this.count(groups),
      fits: (groups) => groups.length < GROUP_BATCHES,
      onAlone,
      signal: options.signal,
    });
  }

  /**
   * Stores a batch's facts, checks that they are stored, and returns the ledger row that makes them count. Small batches that
   * arrive meanwhile wait and are stored together: a group costs about as much as one batch.
   */
  async store(identity: BatchIdentity, batch: BuiltBatch, details: LedgerDetails): Promise<LedgerRow> {
    const tables = [batch.usage, batch.rate, batch.quarantine];
    const bytes = tables.reduce((sum, { ipc }) => sum + ipc.length, 0);
    const storing = {
      id: batchId(identity, tables),
      source: identity.source,
      tables,
      days: batch.days.map(({ day }) => day),
      identity,
      batch,
      details,
      bytes,
    };
    this.unstored += bytes;
    this.sent_bytes += batch.counts.sent_bytes;
    try {
      if (this.sent_bytes >= this.nextCheck_bytes) await this.checkSum(identity.source, batch.counts.sent_bytes);
      await (bytes < SMALL_BYTES ? this.small.add(storing) : this.storeGroup([storing]));
    } finally {
      this.unstored -= bytes;
      for (const made of this.roomMade.splice(0)) made();
    }
    return this.observed(identity, batch, this.ledgerRow(storing));
  }

  now(): Date {
    return this.options.now();
  }

  /** Resolves when few bytes wait to be stored, so that reading can go on. */
  async room(): Promise<void> {
    while (this.unstored > ROOM_BYTES) await new Promise<void>((made) => this.roomMade.push(made));
  }

  /** @throws Fault(inputRefused) if the bytes of the warehouse would leave 64 bits: the engine's sums would wrap */
  private async checkSum(source: string, sent_bytes: number): Promise<void> {
    const counted = await this.untilKnown(() => countedBytes(this.options.warehouse));
    // Some of this process's batches are among those that count: so the sum is too large rather than too small.
    const sum = Number(counted) + this.sent_bytes;
    if (sum > MOST_SENT_BYTES) {
      this.sent_bytes -= sent_bytes;
      throw new Fault(
        'inputRefused',
        `source ${source}: with a batch of ${sent_bytes} bytes sent, the warehouse would hold ${sum}, and sums of 64 bits end before that`,
        'Nothing of it counts. Look for lines with impossible sizes, and take back what was loaded of them: fairshare ingest retract.',
      );
    }
    this.nextCheck_bytes = this.sent_bytes + CHECK_SENT_BYTES;
  }

  /**
   * The commit point: after it, the batches count. One insert, so that all of them count or none.
   * @param contents what the bytes of objects are; true whether the rows count or not, so it is written before them
   */
  commit(rows: readonly LedgerRow[], contents: readonly SourceContent[] = []): Promise<void> {
    return this.counting.add({ rows, contents });
  }

  private async storeGroup(group: readonly Storing[]): Promise<void> {
    const { warehouse } = this.options;
    // Only the last batch is named in reports, even if there are several.
    const { source, partition } = group.at(-1)!.identity;
    const where = { source, partition };
    await this.step('evidence', where, () => this.storeEvidence(group));
    await this.untilKnown(() => this.storeAgents(group), where);
    for (let attempt = 1; ; attempt++) {
      for (const part of ['usage', 'rate', 'quarantine'] as const)
        await this.step(part, where, () => this.insert(group, part));
      for (const { id, details } of group) await this.untilKnown(async () => details.carryOver?.(id), where);
      const fault = await this.step('read-back', where, () => readBack(warehouse, group));
      if (fault === undefined) return;
      const problem = new Fault(
        'defect',
        `batch ${fault.id} of ${fault.source}: ${fault.table} holds ${fault.found}`,
        'Nothing of it counts. Please report this with the versions from `fairshare doctor`.',
      );
      // The engine may have accepted an insert that was cut short.
      if (attempt === INSERT_ATTEMPTS) throw problem;
      this.options.onRetry?.(problem, 0, where);
    }
  }

  private async insert(group: readonly Storing[], part: 'usage' | 'rate' | 'quarantine'): Promise<void> {
    const filled = group.filter(({ batch }) => batch[part].rows > 0);
    if (filled.length === 0) return;
    const tables = filled.map(({ batch }) => batch[part]);
    await insertLanding(this.options.warehouse, {
      table: tables[0].table,
      batches: filled,
      ipc: tables.length === 1 ? tables[0].ipc : joinTables(tables),
    });
  }

  private async count(group: readonly Counting[]): Promise<void> {
    const rows = group.flatMap((each) => each.rows);
    const contents = group.flatMap((each) => each.contents);
    const { warehouse } = this.options;
    if (contents.length > 0) await this.untilKnown(() => writeContents(warehouse, contents, this.options.now()));
    if (rows.length === 0) return;
    // If objects are announced, the last row is the partition's own.
    const { source, partition } = rows.at(-1)!;
    await this.step('ledger', { source, partition }, () => writeLedger(warehouse, rows));
    for (const row of rows) {
      const counted = this.stored.get(row);
      if (counted !== undefined) this.options.observer?.counted?.(counted);
    }
    await this.options.onStep?.('done');
  }

  private observed(identity: BatchIdentity, { counts, days, usage }: BuiltBatch, row: LedgerRow): LedgerRow {
    if (this.options.observer?.counted !== undefined)
      this.stored.set(row, {
        identity,
        counts,
        sent_bytes: days.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n),
        requestsByClass: requestsByClass(usage),
      });
    return row;
  }

  private async storeEvidence(group: readonly Storing[]): Promise<void> {
    const fresh = new Map(group.flatMap(({ batch }) => batch.evidence.map(({ id, set }) => [id, set] as const)));
    for (const id of fresh.keys()) if (this.storedEvidence.has(id)) fresh.delete(id);
    await this.options.warehouse.insert(
      'evidence_set',
      Array.from(fresh, ([id, set]) => evidenceRow({ id, set })),
    );
    for (const id of fresh.keys()) this.storedEvidence.add(id);
  }

  /** No figure depends on them, so they are not read back. They count with their batch, and a repeated insert changes nothing. */
  private async storeAgents(group: readonly Storing[]): Promise<void> {
    const rows = group.flatMap(({ id, batch: { agents, days } }) => {
      const day = days.reduce((most, one) => (one.requests > most.requests ? one : most), days[0])?.day;
      return agents.map(({ requesterClass, userAgent, requests, bytes }, row) => ({
        batch_id: id,
        row,
        day,
        requester_class: requesterClass,
        user_agent: userAgent,
        requests,
        bytes,
      }));
    });
    if (rows.length > 0) await this.options.warehouse.insert('agent_batch', rows);
  }

  private ledgerRow({ id, identity, batch, details }: Storing): LedgerRow {
    const { counts, days, hours } = batch;
    return {
      source: identity.source,
      epoch: identity.epoch,
      partition: identity.partition,
      first: identity.first,
      last: identity.last,
      revision: identity.revision,
      batch_id: id,
      state: 'loaded',
      object: details.object ?? '',
      lines: counts.lines,
      requests: counts.requests,
      excluded: counts.excluded,
      quarantined: counts.quarantined,
      bytes_unknown: counts.bytesUnknown,
      duplicates: counts.duplicates,
      reasons: counts.byReason,
      degraded: counts.degraded,
      degraded_requests: counts.degradedRequests,
      days: days.map(({ day }) => day),
      day_requests: days.map(({ requests }) => BigInt(requests)),
      day_downloads: days.map(({ downloads }) => BigInt(downloads)),
      day_bytes: days.map(({ bytes }) => BigInt(bytes)),
      day_partials: days.map(({ partials }) => BigInt(partials)),
      hours: hours.map(({ hour }) => hour),
      hour_edges: hours.map(({ edge }) => edge),
      hour_requests: hours.map(({ requests }) => requests),
      usage_rows: batch.usage.rows,
      usage_hash: batch.usage.hash,
      rate_rows: batch.rate.rows,
      rate_hash: batch.rate.hash,
      quarantine_rows: batch.quarantine.rows,
      quarantine_hash: batch.quarantine.hash,
      methodology_version: details.methodologyVersion,
      last_record_at: new Date(details.lastRecordAt ?? counts.lastOccurredAt ?? 0).toISOString(),
      last_record_sha256: details.lastRecordSha256 ?? '',
      recorded_at: this.options.now().toISOString(),
      seen_at: new Date(details.seenAt_ms).toISOString(),
    };
  }

  private async step<T>(step: LoadStep, where: Watched, run: () => Promise<T>): Promise<T> {
    await this.options.onStep?.(step);
    const started = performance.now();
    const result = await this.untilKnown(run, where);
    this.options.observer?.stepped?.(step, performance.now() - started);
    return result;
  }

  /**
   * Repeats until the outcome is known.
   * @param where for the log
   * @throws Fault if the warehouse refuses: it would refuse again. Its kind is `defect` if neither user nor disk is the reason
   */
  async untilKnown<T>(run: () => Promise<T>, where?: Watched): Promise<T> {
    const { signal, onRetry, sleep = pause, observer, fullDisk_ms = Infinity } = this.options;
    let waits = false;
    let waited_ms = 0;
    try {
      for (let wait_ms = RETRY_FIRST_MS; ; wait_ms = Math.min(wait_ms * 2, RETRY_LAST_MS)) {
        try {
          return await run();
        } catch (error) {
          if (!passes(error)) throw faultOf(error) ?? (isEngineError(error) ? refused(error) : error);
          if (signal?.aborted || (waited_ms >= fullDisk_ms && isDiskFull(error))) throw faultOf(error) ?? error;
          if (!waits) observer?.waiting?.(1);
          waits = true;
          observer?.retried?.();
          onRetry?.(error as Error, wait_ms, where);
          await sleep(wait_ms, signal);
          waited_ms += wait_ms;
        }
      }
    } finally {
      if (waits) observer?.waiting?.(-1);
    }
  }
}

const pause = (wait_ms: number, signal?: AbortSignal): Promise<void> => setTimeout(wait_ms, undefined, { signal });

const refused = (cause: ClickHouseError): Fault =>
  new Fault(
    'defect',
    `the warehouse refuses a load: ${cause.message}`,
    'Nothing of it counts. Please report this with the versions from `fairshare doctor`.',
    { cause },
  );
