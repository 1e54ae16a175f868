// One Kafka partition from its claim to its end: recover, then plan, load and commit in a loop. docs/ARCHITECTURE.md, "Loading
// exactly once", explains the protocol and the reason for each step.

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
import { fitsNothing, latestTime_ms } from './source.ts';
import {
  type Claim,
  type Fetched,
  type KafkaLog,
  type KafkaRecord,
  PartitionFault,
  StaleClaim,
} from './sources/kafka.ts';

/** Why a partition waits for a person. It never resets itself to earliest or latest. */
export type StopReason = 'retention_gap' | 'topic_recreated' | 'unexplained_offset' | 'object_denied';

export class PartitionStopped extends Fault {
  readonly reason: StopReason;
  readonly partition: string;

  /** @param release arguments of `fairshare ingest release` that let it go on, if the cause is known */
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
  /** Publishes a revision above the given one. Infinity: above all published ones. */
  readonly revision: (above: number) => Promise<number>;
  /** A batch ends no later than this long after its first record was read. */
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
    /** Lines that could not be read. */
    readonly quarantined: number;
    readonly end: bigint;
    readonly elapsed_ms: number;
  }) => void;
  readonly onStep?: (step: 'plan' | 'offset') => void | Promise<void>;
}

export const partitionName = ({ topic, partition }: Pick<Claim, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

const POLL_MS = 500;

/**
 * Works on a claim until it is revoked, or `until` is reached.
 * @throws PartitionStopped, PartitionFault: this partition stops, others continue · StaleClaim: another owner has it now
 */
export async function workPartition(claim: Claim, options: PartitionOptions): Promise<void> {
  const { epoch, start, plan, revision, begins, stopped } = await recover(claim, options);
  let fresh = begins;
  let onRecord = stopped !== undefined && stopped.state !== 'resumed';
  if (stopped?.state === 'stopped' && offsetReasons.has(stopped.reason)) {
    await resumed(options, stopped);
    onRecord = false;
  }
  claim.seek(start);
  options.observer?.resumed?.({ source: options.source.spec.name, partition: partitionName(claim) }, start);
  const reader = new BatchReader(claim, options);
  let planned = plan;
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

/** Reasons that only recover() finds. Once recover() succeeds, they are resolved. */
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
  /** A batch that another owner planned from here. It is read again in the same way, because its rows may be stored already. */
  readonly plan: Plan | undefined;
  /** Revision of all batches of this claim. */
  readonly revision: number;
  /** Nothing of this epoch has been counted or given up yet. */
  readonly begins: boolean;
  /** The last recorded stop of this partition. */
  readonly stopped: RecordedStop | undefined;
}

/**
 * Step 0: where to begin, and under which revision. A replaced owner may sleep, and still write a ledger row when it wakes (only
 * one, because it commits before each row). So every claim publishes its own revision after the group assigns the partition. The
 * claim begins only when the last ledger row of the partition has this revision: a row that an earlier owner still writes has a
 * lower revision and replaces nothing. This does not depend on the state of the group.
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
  // The committed offset that a person accepted by releasing the partition.
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
      // Commit before raising the revision, so that Kafka rejects a stale worker first: if it slept until here, its revision is
      // higher than its successor's.
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
    return { epoch, start: end, plan: planOf(claim, epoch, end), revision, begins, stopped };
  }
}

/** Checks the last record that was counted: a topic that was made anew has other records at the same offsets. */
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

/** Stored in the group's metadata while a batch is loaded, so that the next owner can finish it. */
const planText = ({ end, seenAt_ms }: Plan, epoch: number): string =>
  JSON.stringify({ end: `${end}`, epoch, seen_ms: seenAt_ms });

interface Plan {
  readonly end: bigint;
  /** When the first owner saw the batch. Absent in plans of older versions. */
  readonly seenAt_ms?: number;
}

function planOf({ committed, metadata, high }: Claim, epoch: number, first: bigint): Plan | undefined {
  if (committed !== first || metadata === '') return undefined;
  try {
    const plan = JSON.parse(metadata) as { end?: string; epoch?: number; seen_ms?: number };
    const end = BigInt(plan.end ?? '');
    const seenAt_ms = Number.isSafeInteger(plan.seen_ms) ? plan.seen_ms : undefined;
    if (plan.epoch === epoch && end > first && end <= high) return { end, seenAt_ms };
  } catch {
    // Metadata of another client: no plan.
  }
  return undefined;
}

interface ReadBatch {
  readonly builder: MessageBuilder;
  readonly last: bigint;
  readonly lastRecord: KafkaRecord | undefined;
  readonly seenAt_ms: number;
}

/** Reads records into batches. Records beyond a planned end are read again. */
class BatchReader {
  private readonly claim: Claim;
  private readonly options: PartitionOptions;
  private builder: MessageBuilder | undefined;

  constructor(claim: Claim, options: PartitionOptions) {
    this.claim = claim;
    this.options = options;
  }

  /** The next batch from `first`; undefined if the claim ends before there is anything to load. */
  async next(first: bigint, plan: Plan | undefined): Promise<ReadBatch | undefined> {
    const { claim, options } = this;
    const plannedEnd = plan?.end;
    let seenAt_ms = plan?.seenAt_ms;
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
        return { builder: this.ready(), last: position, lastRecord, seenAt_ms: seenAt_ms! };
      if (position === first && plannedEnd === undefined && reached(position, options.until)) return undefined;
      const fetched = await this.poll(plannedEnd === undefined && position > first);
      if (fetched === 'unreadable') return { builder: this.ready(), last: position, lastRecord, seenAt_ms: seenAt_ms! };
      if (fetched === null) continue;
      startedAt ??= performance.now();
      seenAt_ms ??= options.now().getTime();
      const watched = { source: options.source.spec.name, partition: partitionName(claim) };
      options.observer?.read?.(watched, fetched.size_bytes, fetched.endOffset);
      let cut = plannedEnd;
      for (const record of fetched.records) {
        if (plannedEnd !== undefined && record.offset >= plannedEnd) break;
        lastRecord =
          record.offset === fetched.nextOffset - 1n || plannedEnd !== undefined
            ? { ...record, value: record.value?.slice() ?? null }
            : lastRecord;
        this.add(record, seenAt_ms);
        // An announcement may mean a large object, so a batch of announcements may also end in the middle of a fetch.
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
   * null if nothing arrived, or a stop came first: records that were read are then loaded before the claim ends. 'unreadable' if
   * the partition cannot be read further while records are in hand: these are loaded first, and the next poll fails again.
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

  private add({ value, offset, timestamp_ms }: KafkaRecord, seenAt_ms: number): void {
    if (value === null || value.length === 0) return;
    const { source } = this.options;
    this.builder ??= source.messages(value, `${partitionName(this.claim)} at ${offset}`);
    this.builder.add(value, 0, value.length, Number(offset), latestTime_ms(source.spec, timestamp_ms, seenAt_ms));
  }

  /** A range without values (control records, tombstones) is a batch without lines. */
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
    seenAt_ms,
  }: ReadBatch & { readonly epoch: number; readonly first: bigint; readonly revision: number; readonly fresh: boolean },
): Promise<bigint> {
  const started = performance.now();
  const { loader, source, methodologyVersion } = options;
  const partition = partitionName(claim);
  await options.onStep?.('plan');
  await claim.commit(first, planText({ end: last, seenAt_ms }, epoch));
  const objects: readonly LedgerRow[] = (await builder.objects?.load(revision, claim.revoked)) ?? [];
  const batch = builder.finish();
  const { lines, quarantined } = batch.counts;
  if (fresh && builder.objects === undefined && fitsNothing(batch.counts))
    throw new Fault(
      'inputRefused',
      `${partition}: of its first ${lines} lines none fits the format; nothing of them was loaded`,
      `Name the right format (docs/FORMATS.md; fairshare classify tells what it makes of a line), and start again. If the lines are worth nothing: fairshare ingest release --source ${source.spec.name} --partition ${partition} --to ${last}`,
    );
  // The facts are named without the revision, so that a new owner reuses the facts of one that did not finish.
  const identity: BatchIdentity = { source: source.spec.name, epoch, partition, first, last, revision: 0 };
  // Progress of a source is the time of its lines, not of the announcements of its objects.
  // A producer with a wrong clock must not take a source past the time at which its records were read.
  const at =
    builder.objects === undefined ? Math.min(lastRecord?.timestamp_ms ?? -1, latestTime_ms(source.spec, seenAt_ms)) : 0;
  const row = await loader.store(identity, batch, {
    methodologyVersion,
    lastRecordAt: at < 0 ? undefined : at,
    lastRecordSha256: lastRecord === undefined ? '' : recordSha256(lastRecord),
    seenAt_ms,
  });
  row.revision = revision;
  await loader.commit([...objects, row]);
  await options.onStep?.('offset');
  await claim.commit(last);
  options.onBatch?.({
    source: source.spec.name,
    partition,
    lines,
    quarantined,
    end: last,
    elapsed_ms: performance.now() - started,
  });
  return last;
}

type Mark = Pick<BatchIdentity, 'epoch' | 'partition' | 'first' | 'last'>;

/** Writes a ledger row without facts: the start of a partition ('start'), or a range that a person gave up ('released'). */
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
  // An owner that slept may write a start late: it must never overrule the batch that begins there.
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
