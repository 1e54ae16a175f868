// A worker: one member of the consumer group, any number of partitions of several topics. Each partition is independent: if one
// stops, the others continue.

import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, type FaultKind } from '../transform/fault.ts';
import { partitionStop, recordStop } from '../sql/partition-stop.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { type Loader } from './load.ts';
import { type Watched } from './observer.ts';
import { partitionName, PartitionStopped, workPartition, type PartitionOptions } from './partition.ts';
import { type MessageSource } from './message-source.ts';
import {
  type Claim,
  isAwayAtStart,
  type KafkaClient,
  type KafkaLog,
  PartitionFault,
  patiently,
  whileHeld,
} from './sources/kafka.ts';

export interface WorkerOptions extends Pick<
  PartitionOptions,
  'methodologyVersion' | 'revision' | 'maxBatch_ms' | 'now' | 'onStep' | 'onBatch' | 'observer'
> {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  /** Topic → source. */
  readonly sources: ReadonlyMap<string, MessageSource>;
  readonly warehouse: Warehouse;
  readonly loader: Loader;
  /** End when every partition has reached the high watermark it had at the start, compared by position. */
  readonly untilEnd: boolean;
  readonly signal: AbortSignal;
  readonly log: KafkaLog;
  readonly session_timeout_ms?: number;
  /** How often to check whether a stopped partition was released. */
  readonly releaseCheck_ms?: number;
}

export interface WorkerResult {
  readonly stopped: readonly Fault[];
  readonly batches: number;
  readonly lines: number;
}

/** Runs until the signal, or until the end if `untilEnd`. @throws Fault if the group or the warehouse is lost */
export async function runWorker(options: WorkerOptions): Promise<WorkerResult> {
  const { kafka, sources, signal, log } = options;
  const topics = [...sources.keys()];
  const ends = await patiently(() => watermarks(kafka, topics), { signal, log, while: isAwayAtStart });
  if (options.untilEnd && ends.size === 0) return { stopped: [], batches: 0, lines: 0 };
  return new Worker(options, ends).run();
}

const ASK_OTHERS_EVERY_MS = 2_000;

/** One run of a worker. */
class Worker {
  private readonly options: WorkerOptions;
  /** Partition → its high watermark at the start. */
  private readonly ends: ReadonlyMap<string, bigint>;
  /** Partitions of this member and of others that have not reached their end; none without `untilEnd`. */
  private readonly waiting: Set<string>;
  /** Aborts when all partitions have reached their end. */
  private readonly over = new AbortController();
  private readonly stopped = new Map<string, Fault>();
  private batches = 0;
  private lines = 0;

  constructor(options: WorkerOptions, ends: ReadonlyMap<string, bigint>) {
    this.options = options;
    this.ends = ends;
    this.waiting = new Set(options.untilEnd ? ends.keys() : []);
  }

  async run(): Promise<WorkerResult> {
    const { kafka, groupId, sources, signal, session_timeout_ms, untilEnd, log, observer } = this.options;
    const others = untilEnd
      ? setInterval(
          () =>
            void this.askOthers().catch((error: Error) => log.warn({ err: error }, 'cannot read the group’s offsets')),
          ASK_OTHERS_EVERY_MS,
        )
      : undefined;
    try {
      await kafka.consume({
        groupId,
        topics: [...sources.keys()],
        signal: AbortSignal.any([signal, this.over.signal]),
        session_timeout_ms,
        onMembership: (isMember) => observer?.membership?.(isMember),
        onClaim: (claim) => this.hold(claim),
      });
    } finally {
      clearInterval(others);
    }
    return { stopped: [...this.stopped.values()], batches: this.batches, lines: this.lines };
  }

  private arrived(name: string): void {
    if (this.waiting.delete(name) && this.waiting.size === 0) this.over.abort();
  }

  /** Asks the group how far the partitions of other members are. */
  private async askOthers(): Promise<void> {
    const { kafka, groupId, sources } = this.options;
    for (const topic of sources.keys())
      for (const { partition, offset, metadata } of await kafka.committed(groupId, topic)) {
        const end = this.ends.get(`${topic}/${partition}`);
        if (end !== undefined && offset !== null && offset >= end && metadata === '')
          this.arrived(`${topic}/${partition}`);
      }
  }

  /** Works on a partition from its assignment until it is given back. */
  private async hold(claim: Claim): Promise<void> {
    const { sources, log, observer } = this.options;
    const watched = { source: sources.get(claim.topic)!.spec.name, partition: partitionName(claim) };
    observer?.taken?.(watched);
    claim.revoked.addEventListener('abort', () => {
      observer?.released?.(watched);
      log.info({ ...watched, generation: claim.generation, why: claim.revoked.reason }, 'partition given back');
    });
    log.info({ ...watched, generation: claim.generation, committed: String(claim.committed) }, 'partition taken');
    while (await this.workUntilStopped(claim, watched)) {
      this.stopped.delete(watched.partition);
      await claim.refresh();
      log.info(watched, 'partition released; going on');
    }
  }

  /** → whether it stopped and was then released */
  private async workUntilStopped(claim: Claim, watched: Watched): Promise<boolean> {
    const { options } = this;
    const name = watched.partition;
    try {
      await workPartition(claim, {
        ...options,
        source: options.sources.get(claim.topic)!,
        until: options.untilEnd ? (this.ends.get(name) ?? 0n) : undefined,
        readRecord: (offset) =>
          whileHeld(claim, () => options.kafka.readRecord(claim.topic, claim.partition, offset), options.log),
        onBatch: (batch) => {
          this.batches++;
          this.lines += batch.lines;
          options.onBatch?.(batch);
        },
      });
      if (!claim.revoked.aborted) this.arrived(name);
      return false;
    } catch (error) {
      if (!(error instanceof Fault && stopsOne.has(error.kind))) throw error;
      return this.stop(claim, watched, error);
    }
  }

  /** Records a partition's stop and waits for a person. → whether it was released */
  private async stop(claim: Claim, watched: Watched, error: Fault): Promise<boolean> {
    const { log, observer } = this.options;
    const name = watched.partition;
    // Forget the fault if we lost the partition: the next owner decides whether it must still stop.
    const forget = () => void (claim.revoked.reason !== 'stop' && this.stopped.delete(name));
    this.stopped.set(name, error);
    claim.revoked.addEventListener('abort', forget);
    if (claim.revoked.aborted) forget();
    const reason = stopReason(error);
    log.error({ ...watched, reason, err: error }, 'partition stopped; the others go on');
    observer?.stopped?.(watched, reason);
    const number = claim.revoked.aborted ? undefined : await this.record(claim, watched, reason, error);
    this.arrived(name);
    return number !== undefined && this.released(claim, watched, number);
  }

  /** → the stop's number; undefined if it cannot be recorded: then only a restart lets the partition go on */
  private record({ committed }: Claim, watched: Watched, reason: string, { message, hint }: Fault) {
    const { loader, warehouse, now, log } = this.options;
    const stop = { ...watched, state: 'stopped' as const, reason, detail: message, next: hint, committed };
    return loader
      .untilKnown(() => recordStop(warehouse, stop, now()), watched)
      .catch((error: Error) => void log.error({ ...watched, err: error }, 'cannot record the stop'));
  }

  /** Waits until a person releases the partition, or the group revokes it. */
  private async released({ revoked }: Claim, { source, partition }: Watched, number: number): Promise<boolean> {
    const { releaseCheck_ms = 5_000, warehouse } = this.options;
    while (!revoked.aborted) {
      await sleep(releaseCheck_ms, undefined, { signal: revoked }).catch(() => undefined);
      if (revoked.aborted) return false;
      const now = await partitionStop(warehouse, source, partition).catch(() => undefined);
      if (now !== undefined && now.number > number && now.state === 'released') return true;
    }
    return false;
  }
}

/** Faults that another try would only repeat (offsets, records, a format that fits no line, refused rows) stop one partition. */
const stopsOne: ReadonlySet<FaultKind> = new Set(['partitionStopped', 'inputRefused', 'defect']);

/** One of a closed list: the reasons of PartitionStopped and of PartitionFault, input_refused, defect. */
const stopReason = (error: Fault): string =>
  error instanceof PartitionStopped || error instanceof PartitionFault
    ? error.reason
    : error.kind === 'inputRefused'
      ? 'input_refused'
      : 'defect';

async function watermarks(kafka: KafkaClient, topics: readonly string[]): Promise<Map<string, bigint>> {
  const ends = new Map<string, bigint>();
  for (const topic of topics)
    for (const { partition, high } of await kafka.watermarks(topic)) ends.set(`${topic}/${partition}`, high);
  return ends;
}
