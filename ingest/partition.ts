// One Kafka partition from its claim to its end: recover, then plan, load, commit, again and again. The protocol and
// the reasons for each step are in docs/ARCHITECTURE.md, "Loading exactly once".

import { createHash } from 'node:crypto';
import { Fault } from '../transform/fault.ts';
import {
  type BatchIdentity,
  type LedgerRow,
  partitionLedger,
  raiseRevision,
  rowWithoutFacts,
  writeLedger,
} from '../sql/ledger.ts';
import { partitionStop, recordStop, type RecordedStop } from '../sql/partition-stop.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { batchId, type Loader } from './load.ts';
import { type MessageBuilder, type MessageSource } from './message-source.ts';
import { type IngestObserver } from './observer.ts';
import { fitsNothing } from './source.ts';
import {
  type Claim,
  type Fetched,
  type KafkaLog,
  type KafkaRecord,
  PartitionFault,
  StaleClaim,
} from './sources/kafka.ts';

/** Why a partition waits for a person. It is never reset to earliest or latest on its own. */
export type StopReason = 'retention_gap' | 'topic_recreated' | 'unexplained_offset' | 'object_denied';

export class PartitionStopped extends Fault {
  readonly reason: StopReason;
  readonly partition: string;

  /** @param release what lets it go on, once it is known why it stopped: of `fairshare ingest release` */
  constructor(partition: string, reason: StopReason, detail: string, release?: string) {
    super(
      'partitionStopped',
      `${partition} is stopped (${reason}): ${detail}`,
      release === undefined
        ? 'Correct object_store, the credentials or the rights, and start the worker again (docs/OPERATIONS.md)'
        : `Find out why (docs/OPERATIONS.md), then: fairshare ingest release ${release}`,
    );
    this.reason = reason;
    this.partition = partition;
  }
}

export interface PartitionOptions {
  readonly warehouse: Warehouse;
  readonly loader: Loader;
  readonly source: MessageSource;
  readonly methodologyVersion: number;
  /** Publishes a revision above another; Infinity: above all that were published. */
  readonly revision: (above: number) => Promise<number>;
  /** A batch ends at the latest this long after its first record was read. */
  readonly maxBatch_ms: number;
  /** Stop before this offset: the high watermark when the run began. undefined: never. */
  readonly until?: bigint;
  readonly readRecord: (offset: bigint) => Promise<KafkaRecord | null>;
  readonly now: () => Date;
  readonly log: KafkaLog;
  readonly observer?: IngestObserver;
  readonly onBatch?: (batch: {
    readonly source: string;
    readonly partition: string;
    readonly lines: number;
    readonly end: bigint;
    readonly elapsed_ms: number;
  }) => void;
  readonly onStep?: (step: 'plan' | 'offset') => void | Promise<void>;
}

export const partitionName = ({ topic, partition }: Pick<Claim, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

const POLL_MS = 500;

/**
 * Works a claim until it is revoked, or `until` is reached.
 * @throws PartitionStopped, PartitionFault: this partition stops, others go on · StaleClaim: it belongs to another now
 */
export async function workPartition(claim: Claim, options: PartitionOptions): Promise<void> {
  const { epoch, start, plannedEnd, revision, begins, stopped } = await recover(claim, options);
  let fresh = begins;
  let onRecord = stopped !== undefined && stopped.state !== 'resumed';
  if (stopped?.state === 'stopped' && offsetReasons.has(stopped.reason)) {
    await resumed(options, stopped);
    onRecord = false;
  }
  claim.seek(start);
  options.observer?.resumed?.({ source: options.source.spec.name, partition: partitionName(claim) }, start);
  const reader = new BatchReader(claim, options);
  let planned = plannedEnd;
  let first = start;
  while (!reached(first, options.until) || planned !== undefined) {
    const batch = await reader.next(first, planned);
    planned = undefined;
    if (batch === undefined) return;
    first = await load(claim, options, { epoch, first, revision, fresh, ...batch });
    fresh = false;
    if (onRecord) await resumed(options, stopped!);
    onRecord = false;
  }
}

/** What recover() alone finds: where it passes, they are over. */
const offsetReasons: ReadonlySet<string> = new Set<StopReason>([
  'retention_gap',
  'topic_recreated',
  'unexplained_offset',
]);

const resumed = ({ loader, warehouse, now }: PartitionOptions, stop: RecordedStop): Promise<number> =>
  loader.untilKnown(() => recordStop(warehouse, { ...stop, state: 'resumed' }, now()), {
    source: stop.source,
    partition: stop.partition,
  });

const reached = (position: bigint, until: bigint | undefined): boolean => until !== undefined && position >= until;

interface Recovered {
  readonly epoch: number;
  readonly start: bigint;
  /** Where a batch ends that another owner began here: read again as it was, its rows are stored already. */
  readonly plannedEnd: bigint | undefined;
  /** Of all batches of this claim. */
  readonly revision: number;
  /** Nothing of this epoch has been counted or given up yet. */
  readonly begins: boolean;
  /** The last stop of this partition that is on record. */
  readonly stopped: RecordedStop | undefined;
}

/**
 * Step 0: where to begin, and under which revision. An owner that was replaced may sleep, and still write one ledger row
 * when it wakes: it commits before each. So every claim loads under a revision of its own, published after the group gave
 * it the partition, and begins only when the row that ends the ledger stands under it: what an earlier owner still writes
 * is of a lower one and replaces nothing. Nothing that the group says or has forgotten is needed for that.
 */
async function recover(claim: Claim, options: PartitionOptions): Promise<Recovered> {
  const { warehouse, loader, source, log } = options;
  const { low, high, committed, metadata } = claim;
  const name = partitionName(claim);
  const untilKnown = <T>(run: () => Promise<T>): Promise<T> =>
    loader.untilKnown(run, { source: source.spec.name, partition: name });
  const stop = (reason: StopReason, detail: string, goOn: string) =>
    new PartitionStopped(name, reason, detail, `--source ${source.spec.name} --partition ${name} ${goOn}`);
  const stopped = await untilKnown(() => partitionStop(warehouse, source.spec.name, name));
  // The offset that a person has seen, and decided about.
  const accepted = stopped?.state === 'released' ? stopped.committed : null;
  const revision = await untilKnown(() => options.revision(Infinity));
  for (;;) {
    const ledger = await untilKnown(() => partitionLedger(warehouse, source.spec.name, name));
    const { epoch, first, end } = ledger;
    if (end === undefined) {
      if (committed !== null && committed > 0n)
        throw stop(
          'unexplained_offset',
          `the group has committed ${committed}, but the ledger knows nothing of it`,
          `--to ${low}`,
        );
      const mark = { epoch: 0, partition: name, first: low, last: low };
      await untilKnown(() => writeMark(options, mark, 'start'));
      continue;
    }
    if (low > end)
      throw stop('retention_gap', `offsets ${end} to ${low} were deleted before they were read`, `--to ${low}`);
    if (high < end) throw stop('topic_recreated', `the ledger ends at ${end}, the topic at ${high}`, '--new-epoch');
    if (committed !== null && committed > end && committed !== accepted)
      throw stop(
        'unexplained_offset',
        `the group has committed ${committed}, the ledger ends at ${end}`,
        `--to ${end}`,
      );
    await checkLastRecord(claim, ledger, options, stop);
    if (first < end && ledger.revision < revision) {
      // Whoever slept until here has a revision above its successor's, and must not raise a row that this one replaces.
      await claim.commit(committed !== null && committed > low ? committed : low, committed === end ? metadata : '');
      const row = { source: source.spec.name, epoch, partition: name, first, end };
      await untilKnown(() => raiseRevision(warehouse, row, revision));
      continue;
    }
    if (committed !== end) {
      log.info(
        { source: source.spec.name, partition: name, committed: String(committed), ledger_end: `${end}` },
        'the group is behind the ledger; going on from the ledger',
      );
      await claim.commit(end);
    }
    const begins = first === end;
    return { epoch, start: end, plannedEnd: plannedEnd(claim, epoch, end), revision, begins, stopped };
  }
}

/** A topic that was made anew has other records at the same offsets: the last one counted tells. */
async function checkLastRecord(
  claim: Claim,
  {
    end,
    lastRecordSha256,
    lastRecordAt,
  }: { readonly end?: bigint; readonly lastRecordSha256: string; readonly lastRecordAt: string },
  { readRecord }: PartitionOptions,
  stop: (reason: StopReason, detail: string, goOn: string) => PartitionStopped,
): Promise<void> {
  if (end === undefined || lastRecordSha256 === '' || end - 1n < claim.low) return;
  const record = await readRecord(end - 1n);
  if (record !== null && recordSha256(record) !== lastRecordSha256)
    throw stop(
      'topic_recreated',
      `the record at ${end - 1n} is not the one that was counted (of ${lastRecordAt})`,
      '--new-epoch',
    );
}

const recordSha256 = ({ timestamp_ms, value }: KafkaRecord): string =>
  createHash('sha256')
    .update(`${timestamp_ms}\n`)
    .update(value ?? new Uint8Array(0))
    .digest('hex');

/** What stands in the group's metadata while a batch is on its way, in case its owner does not finish it. */
const planText = (end: bigint, epoch: number): string => JSON.stringify({ end: `${end}`, epoch });

function plannedEnd({ committed, metadata, high }: Claim, epoch: number, first: bigint): bigint | undefined {
  if (committed !== first || metadata === '') return undefined;
  try {
    const plan = JSON.parse(metadata) as { end?: string; epoch?: number };
    const end = BigInt(plan.end ?? '');
    if (plan.epoch === epoch && end > first && end <= high) return end;
  } catch {
    // Metadata of another client: no plan.
  }
  return undefined;
}

interface ReadBatch {
  readonly builder: MessageBuilder;
  readonly last: bigint;
  readonly lastRecord: KafkaRecord | undefined;
}

/** Reads records into batches; what a fetch holds past a planned end is read again. */
class BatchReader {
  private readonly claim: Claim;
  private readonly options: PartitionOptions;
  private builder: MessageBuilder | undefined;

  constructor(claim: Claim, options: PartitionOptions) {
    this.claim = claim;
    this.options = options;
  }

  /** The next batch from `first`; undefined where the claim ends before there is anything to load. */
  async next(first: bigint, plannedEnd: bigint | undefined): Promise<ReadBatch | undefined> {
    const { claim, options } = this;
    let position = first;
    let startedAt: number | undefined;
    let lastRecord: KafkaRecord | undefined;
    for (;;) {
      if (
        claim.revoked.aborted &&
        (claim.revoked.reason !== 'stop' || plannedEnd !== undefined || position === first)
      ) {
        this.builder?.discard();
        return undefined;
      }
      const due = startedAt !== undefined && performance.now() - startedAt >= options.maxBatch_ms;
      const full =
        plannedEnd === undefined
          ? due || (this.builder?.full ?? false) || reached(position, options.until)
          : position >= plannedEnd;
      if (position > first && (full || claim.revoked.aborted))
        return { builder: this.ready(), last: position, lastRecord };
      if (position === first && plannedEnd === undefined && reached(position, options.until)) return undefined;
      const fetched = await this.poll(plannedEnd === undefined && position > first);
      if (fetched === 'unreadable') return { builder: this.ready(), last: position, lastRecord };
      if (fetched === null) continue;
      startedAt ??= performance.now();
      const watched = { source: options.source.spec.name, partition: partitionName(claim) };
      options.observer?.read?.(watched, fetched.size_bytes, fetched.endOffset);
      let cut = plannedEnd;
      for (const record of fetched.records) {
        if (plannedEnd !== undefined && record.offset >= plannedEnd) break;
        lastRecord =
          record.offset === fetched.nextOffset - 1n || plannedEnd !== undefined
            ? { ...record, value: record.value?.slice() ?? null }
            : lastRecord;
        this.add(record);
        // Each announcement may stand for much: a batch of them also ends in the middle of what was fetched.
        if (plannedEnd === undefined && this.builder?.objects !== undefined && this.builder.full) {
          cut = record.offset + 1n;
          lastRecord = { ...record, value: record.value?.slice() ?? null };
          break;
        }
      }
      position = fetched.nextOffset;
      if (cut !== undefined && cut < position) {
        position = cut;
        claim.seek(position);
      }
      if (lastRecord !== undefined && lastRecord.offset !== position - 1n) lastRecord = undefined;
    }
  }

  /**
   * null where nothing came, or a stop came first: what was read is then loaded before the claim ends. 'unreadable' where
   * the partition cannot be read on and something is in hand: that is loaded first, and the next poll fails again.
   */
  private async poll(inHand: boolean): Promise<Fetched | null | 'unreadable'> {
    try {
      return await this.claim.poll(POLL_MS);
    } catch (error) {
      if (error instanceof StaleClaim && this.claim.revoked.reason === 'stop') return null;
      if (error instanceof PartitionFault && inHand) return 'unreadable';
      throw error;
    }
  }

  private add({ value, offset }: KafkaRecord): void {
    if (value === null || value.length === 0) return;
    const { source } = this.options;
    this.builder ??= source.messages(value, `${partitionName(this.claim)} at ${offset}`);
    this.builder.add(value, 0, value.length, Number(offset));
  }

  /** A range without values (control records, tombstones) is a batch of no lines. */
  private ready(): MessageBuilder {
    return this.builder ?? this.options.source.messages(new Uint8Array(0), partitionName(this.claim));
  }
}

/** Steps 2 to 6. → E, where the next batch begins */
async function load(
  claim: Claim,
  options: PartitionOptions,
  {
    epoch,
    first,
    last,
    revision,
    fresh,
    builder,
    lastRecord,
  }: ReadBatch & { readonly epoch: number; readonly first: bigint; readonly revision: number; readonly fresh: boolean },
): Promise<bigint> {
  const started = performance.now();
  const { loader, source, methodologyVersion } = options;
  const partition = partitionName(claim);
  await options.onStep?.('plan');
  await claim.commit(first, planText(last, epoch));
  const objects: readonly LedgerRow[] = (await builder.objects?.load(revision, claim.revoked)) ?? [];
  const batch = builder.finish();
  const { lines } = batch.counts;
  if (fresh && builder.objects === undefined && fitsNothing(batch.counts))
    throw new Fault(
      'inputRefused',
      `${partition}: of its first ${lines} lines none fits the format; nothing of them was loaded`,
      `Name the right format (docs/FORMATS.md; fairshare classify tells what it makes of a line), and start again. If the lines are worth nothing: fairshare ingest release --source ${source.spec.name} --partition ${partition} --to ${last}`,
    );
  // The facts are named without the revision: what an owner has stored that did not finish is what is stored again.
  const identity: BatchIdentity = { source: source.spec.name, epoch, partition, first, last, revision: 0 };
  // How far a source has come is told by its lines, not by the announcement of objects that hold them.
  const at = builder.objects === undefined ? (lastRecord?.timestamp_ms ?? -1) : 0;
  const row = await loader.store(identity, batch, {
    methodologyVersion,
    lastRecordAt: at < 0 ? undefined : at,
    lastRecordSha256: lastRecord === undefined ? '' : recordSha256(lastRecord),
  });
  row.revision = revision;
  await loader.commit([...objects, row]);
  await options.onStep?.('offset');
  await claim.commit(last);
  options.onBatch?.({ source: source.spec.name, partition, lines, end: last, elapsed_ms: performance.now() - started });
  return last;
}

type Mark = Pick<BatchIdentity, 'epoch' | 'partition' | 'first' | 'last'>;

/** A ledger row without facts: where a partition begins ('start'), or a range that a person gave up ('released'). */
export async function writeMark(
  {
    warehouse,
    source,
    methodologyVersion,
    revision,
    now,
  }: Pick<PartitionOptions, 'warehouse' | 'methodologyVersion' | 'revision' | 'now'> & {
    readonly source: Pick<MessageSource, 'spec'>;
  },
  mark: Mark,
  state: 'start' | 'released',
): Promise<void> {
  // A start may be written late, by an owner that slept since: it must never overrule the batch that begins there.
  const identity: BatchIdentity = {
    source: source.spec.name,
    ...mark,
    revision: state === 'start' ? 0 : await revision(Infinity),
  };
  await writeLedger(warehouse, [
    rowWithoutFacts(identity, {
      batch_id: batchId(identity),
      state,
      object: '',
      methodology_version: methodologyVersion,
      last_record_at: '1970-01-01 00:00:00',
      last_record_sha256: '',
      recorded_at: now().toISOString(),
    }),
  ]);
}
