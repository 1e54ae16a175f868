// A topic that announces the objects of a store. A batch is a range of announcements. The lines of the objects count in batches
// of their own, as those of files do. All ledger rows are written in one insert, so that an announcement is accounted for exactly
// when its object counts. docs/ARCHITECTURE.md explains why this is true under every fault.

import { join } from 'node:path';
import { type Warehouse } from '../sql/warehouse.ts';
import { encodeTable, type TableData } from '../transform/aggregate/arrow-table.ts';
import { type BuiltBatch } from '../transform/batch-builder.ts';
import { textsOf, TextsWriter } from '../transform/scan/texts.ts';
import { quarantine, rateBatch, usageBatch } from '../transform/schema.ts';
import { type LedgerRow } from '../sql/ledger.ts';
import { type ObjectContent } from '../sql/object-content.ts';
import { firstSeen, type SeenTimes } from '../sql/object-seen.ts';
import { type Loader } from './load.ts';
import { type AnnouncedBatch, type MessageBuilder, type MessageSource } from './message-source.ts';
import { PartitionStopped } from './partition.ts';
import { type Source } from './source.ts';
import { announcementFaults, type AnnouncementReason, readAnnouncements } from './sources/announcements.ts';
import { storeObject, withSpool } from './sources/files.ts';
import { type KnownObjects, lookedUpObjects } from './sources/known-objects.ts';
import { type KafkaLog, StaleClaim } from './sources/kafka.ts';
import { contentOf, objectName, type ObjectRef, type ObjectStore } from './sources/object-store.ts';

export interface AnnouncedOptions {
  readonly source: Source;
  readonly store: ObjectStore;
  readonly warehouse: Warehouse;
  readonly loader: Loader;
  readonly methodologyVersion: number;
  readonly log: KafkaLog;
}

/** Largest number of announcements in a batch. Nothing of a batch counts until it is loaded, and a restart loads it again. */
const MAX_ANNOUNCEMENTS = 100;
const MAX_ANNOUNCED_BYTES = 256 << 20;
/** Bytes of an announcement that quarantine keeps. */
const KEPT_BYTES = 8192;
const encoder = new TextEncoder();
const faultNames: readonly AnnouncementReason[] = announcementFaults;

export class AnnouncedObjects implements MessageSource {
  constructor(private readonly options: AnnouncedOptions) {}

  get spec(): MessageSource['spec'] {
    return this.options.source.spec;
  }

  messages(_sample: Uint8Array, where: string): MessageBuilder {
    return new AnnouncementBatch(this.options, where.split(' ')[0]);
  }
}

interface Entry {
  /** Offset of the message. */
  readonly position: number;
  /** The announcement as received, cut to KEPT_BYTES; and its full length. */
  readonly text: Uint8Array;
  readonly text_bytes: number;
  readonly ref?: ObjectRef;
  reason?: AnnouncementReason;
}

class AnnouncementBatch implements MessageBuilder, AnnouncedBatch {
  private entries: Entry[] = [];
  private announced_bytes = 0;
  readonly objects = this;

  constructor(
    private readonly options: AnnouncedOptions,
    /** topic/partition */
    private readonly partition: string,
  ) {}

  get full(): boolean {
    return this.entries.length >= MAX_ANNOUNCEMENTS || this.announced_bytes >= MAX_ANNOUNCED_BYTES;
  }

  add(buf: Uint8Array, start: number, end: number, position: number): void {
    const message = buf.subarray(start, end);
    for (const announcement of readAnnouncements(message)) {
      const text = announcement.event === undefined ? message : encoder.encode(JSON.stringify(announcement.event));
      const entry = { position, text: text.slice(0, KEPT_BYTES), text_bytes: text.length };
      if (announcement.kind === 'object') {
        this.entries.push({ ...entry, ref: announcement.ref });
        this.announced_bytes += announcement.size_bytes ?? 0;
      } else this.entries.push({ ...entry, reason: announcement.reason });
    }
  }

  discard(): void {
    this.entries = [];
    this.announced_bytes = 0;
  }

  async load(revision: number, revoked: AbortSignal): Promise<readonly LedgerRow[]> {
    const rows: LedgerRow[] = [];
    const contents: ObjectContent[] = [];
    const { source, warehouse, loader } = this.options;
    const known = lookedUpObjects(warehouse, source.spec.name, (read) => loader.untilKnown(read));
    const announced = this.entries.filter(({ ref }) => ref !== undefined);
    const seen = await loader.untilKnown(() =>
      firstSeen(
        warehouse,
        source.spec.name,
        announced.map(({ ref }) => seenObject(ref!)),
        loader.now(),
      ),
    );
    await withSpool(async (directory) => {
      // The next object is fetched while one is loaded.
      const fetch = (i: number) => {
        const entry = announced[i];
        if (entry === undefined) return undefined;
        const path = join(directory, String(i % 2));
        const outcome = this.options.store.fetch(entry.ref!, path, revoked).then((result) => ({ ...result, path }));
        outcome.catch(() => {}); // the `await` below sees the error, unless an earlier object ends the batch
        return outcome;
      };
      let coming = fetch(0);
      const loading: Promise<void>[] = [];
      try {
        for (const [i, entry] of announced.entries()) {
          const fetched = await coming!;
          coming = fetch(i + 1);
          const one = await this.loadOne(entry.ref!, fetched, { revision, revoked, known, rows, contents, seen });
          const loaded = one.reason.then((reason) => void (entry.reason = reason));
          loaded.catch(() => {}); // seen when all objects are read
          loading.push(loaded);
        }
        await Promise.all(loading);
      } catch (error) {
        await Promise.allSettled(loading);
        if (revoked.aborted) throw new StaleClaim(`${this.partition}: ${String(revoked.reason)}`);
        throw error;
      } finally {
        await coming?.catch(() => {});
      }
    });
    await loader.commit(
      [],
      contents.map((content) => ({ ...content, source: source.spec.name })),
    );
    return rows;
  }

  /** Resolves when the object is read; `reason` resolves when it is stored. */
  private async loadOne(
    ref: ObjectRef,
    fetched: Awaited<ReturnType<ObjectStore['fetch']>> & { readonly path: string },
    { revision, revoked, known, rows, contents, seen }: Loading,
  ): Promise<{ readonly reason: Promise<AnnouncementReason> }> {
    const { source, warehouse, loader, methodologyVersion, log } = this.options;
    const name = objectName(ref);
    const rejected = (reason: AnnouncementReason, problem: string): AnnouncementReason => {
      log.warn({ source: source.spec.name, partition: this.partition, reason }, problem);
      return reason;
    };
    if (fetched.status === 'denied') throw new PartitionStopped(this.partition, 'object_denied', fetched.problem);
    if (fetched.status !== 'fetched')
      return {
        reason: Promise.resolve(
          rejected(fetched.status === 'missing' ? 'object_missing' : 'object_changed', fetched.problem),
        ),
      };
    const object = { path: fetched.path, name };
    const seenAt_ms = Math.max(seen(seenObject(ref)), fetched.modifiedAt_ms);
    const result = await storeObject(object, known, seenAt_ms, {
      warehouse,
      source,
      loader,
      methodologyVersion,
      revisionAbove: () => Promise.resolve(revision),
      signal: revoked,
    });
    if (result === undefined || result === 'waits')
      throw new StaleClaim(`${this.partition}: ${String(revoked.reason)}`);
    const reason = result.stored.then(({ outcome, ...own }) => {
      rows.push(...own.rows);
      contents.push(...own.contents);
      if (outcome.status === 'refused') return rejected('object_refused', outcome.problem!);
      return outcome.status === 'known' ? 'object_known' : 'object_loaded';
    });
    return { reason };
  }

  finish(): BuiltBatch {
    const { entries } = this;
    this.discard();
    const byReason: Record<string, number> = {};
    for (const { reason } of entries) byReason[reason!] = (byReason[reason!] ?? 0) + 1;
    const faults = entries.filter(({ reason }) => faultNames.includes(reason!));
    return {
      usage: { table: usageBatch, ...NOTHING },
      rate: { table: rateBatch, ...NOTHING },
      quarantine: quarantineTable(faults),
      evidence: [],
      days: [],
      hours: [],
      agents: [],
      counts: {
        lines: entries.length,
        requests: 0,
        excluded: entries.length - faults.length,
        quarantined: faults.length,
        bytesUnknown: 0,
        duplicates: 0,
        byReason,
        degraded: {},
        degradedRequests: 0,
        firstOccurredAt: null,
        lastOccurredAt: null,
        sent_bytes: 0,
      },
    };
  }
}

interface Loading {
  readonly revision: number;
  readonly revoked: AbortSignal;
  /** Objects of this batch, and those that the ledger knows. */
  readonly known: KnownObjects;
  readonly rows: LedgerRow[];
  /** The contents of these objects. */
  readonly contents: ObjectContent[];
  readonly seen: SeenTimes;
}

const seenObject = (ref: ObjectRef) => ({ name: objectName(ref), content: contentOf(ref) });

const NOTHING = { rows: 0, hash: 0n, ipc: new Uint8Array(0) };

function quarantineTable(entries: readonly Entry[]): TableData {
  const lines = new TextsWriter();
  for (const { text } of entries) lines.addBytes(text, 0, text.length);
  return encodeTable(quarantine, entries.length, [
    { kind: 'uint32', values: Uint32Array.from(entries.keys()) },
    { kind: 'uint64', values: BigUint64Array.from(entries, ({ position }) => BigInt(position)) },
    {
      kind: 'dictionary',
      codes: Int8Array.from(entries, ({ reason }) => faultNames.indexOf(reason!)),
      texts: textsOf(faultNames),
    },
    { kind: 'uint32', values: Uint32Array.from(entries, ({ text_bytes }) => text_bytes) },
    { kind: 'binary', texts: lines.done() },
  ]);
}
