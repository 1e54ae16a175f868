// A worker: one member of the consumer group, any number of partitions of several topics, each partition for itself. A
// partition that must stop stops alone.

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
  /** How often a stopped partition looks whether it was released. */
  readonly releaseCheck_ms?: number;
}

export interface WorkerResult {
  readonly stopped: readonly Fault[];
  readonly batches: number;
  readonly lines: number;
}

/** Runs until the signal, or until the end where asked for. @throws Fault where the group or the warehouse is lost */
export async function runWorker(options: WorkerOptions): Promise<WorkerResult> {
  const { kafka, sources, warehouse, loader, signal, log, observer } = options;
  const topics = [...sources.keys()];
  const ends = await patiently(() => watermarks(kafka, topics), { signal, log, while: isAwayAtStart });
  const waiting = new Set(options.untilEnd ? [...ends.keys()] : []);
  const over = new AbortController();
  const stopped = new Map<string, Fault>();
  let batches = 0;
  let lines = 0;
  const arrived = (name: string) => {
    if (waiting.delete(name) && waiting.size === 0) over.abort();
  };
  if (options.untilEnd && waiting.size === 0) return { stopped: [], batches, lines };

  // Partitions that other members work on are asked for from outside.
  const others = options.untilEnd
    ? setInterval(
        () => void askOthers().catch((error: Error) => log.warn({ err: error }, 'cannot read the group’s offsets')),
        2_000,
      )
    : undefined;
  const askOthers = async () => {
    for (const topic of topics)
      for (const { partition, offset, metadata } of await kafka.committed(options.groupId, topic)) {
        const end = ends.get(`${topic}/${partition}`);
        if (end !== undefined && offset !== null && offset >= end && metadata === '') arrived(`${topic}/${partition}`);
      }
  };

  /** → whether it was stopped, and then released */
  const workUntilStopped = async (claim: Claim, watched: Watched): Promise<boolean> => {
    const name = watched.partition;
    try {
      await workPartition(claim, {
        ...options,
        source: sources.get(claim.topic)!,
        until: options.untilEnd ? (ends.get(name) ?? 0n) : undefined,
        readRecord: (offset) => whileHeld(claim, () => kafka.readRecord(claim.topic, claim.partition, offset), log),
        onBatch: (batch) => {
          batches++;
          lines += batch.lines;
          options.onBatch?.(batch);
        },
      });
      if (!claim.revoked.aborted) arrived(name);
      return false;
    } catch (error) {
      if (!(error instanceof Fault && stopsOne.has(error.kind))) throw error;
      // Whoever holds it next says whether it still must stop; who had lost it may only have been puzzled.
      const forget = () => void (claim.revoked.reason !== 'stop' && stopped.delete(name));
      stopped.set(name, error);
      claim.revoked.addEventListener('abort', forget);
      if (claim.revoked.aborted) forget();
      const reason = stopReason(error);
      log.error({ ...watched, reason, err: error }, 'partition stopped; the others go on');
      observer?.stopped?.(watched, reason);
      const number = claim.revoked.aborted ? undefined : await record(claim, watched, reason, error);
      arrived(name);
      return number !== undefined && released(claim, watched, number);
    }
  };

  /** → its number; undefined where it cannot be recorded: then a restart is needed to go on */
  const record = ({ committed }: Claim, watched: Watched, reason: string, { message, hint }: Fault) =>
    loader
      .untilKnown(
        () =>
          recordStop(
            warehouse,
            { ...watched, state: 'stopped', reason, detail: message, next: hint, committed },
            options.now(),
          ),
        watched,
      )
      .catch((error: Error) => void log.error({ ...watched, err: error }, 'cannot record the stop'));

  /** Waits until a person lets the partition go on, or it is taken back. */
  const released = async ({ revoked }: Claim, { source, partition }: Watched, number: number): Promise<boolean> => {
    while (!revoked.aborted) {
      await sleep(options.releaseCheck_ms ?? 5_000, undefined, { signal: revoked }).catch(() => undefined);
      if (revoked.aborted) return false;
      const now = await partitionStop(warehouse, source, partition).catch(() => undefined);
      if (now !== undefined && now.number > number && now.state === 'released') return true;
    }
    return false;
  };

  try {
    await kafka.consume({
      groupId: options.groupId,
      topics,
      signal: AbortSignal.any([signal, over.signal]),
      session_timeout_ms: options.session_timeout_ms,
      onMembership: (isMember) => observer?.membership?.(isMember),
      onClaim: async (claim) => {
        const name = partitionName(claim);
        const watched = { source: sources.get(claim.topic)!.spec.name, partition: name };
        observer?.taken?.(watched);
        claim.revoked.addEventListener('abort', () => {
          observer?.released?.(watched);
          log.info({ ...watched, generation: claim.generation, why: claim.revoked.reason }, 'partition given back');
        });
        log.info({ ...watched, generation: claim.generation, committed: String(claim.committed) }, 'partition taken');
        while (await workUntilStopped(claim, watched)) {
          stopped.delete(name);
          await claim.refresh();
          log.info(watched, 'partition released; going on');
        }
      },
    });
  } finally {
    clearInterval(others);
  }
  return { stopped: [...stopped.values()], batches, lines };
}

/** What would only repeat stops its partition alone: offsets, records, a format that fits no line, rows that the warehouse refuses. */
const stopsOne: ReadonlySet<FaultKind> = new Set(['partitionStopped', 'inputRefused', 'defect']);

/** From a closed list: of PartitionStopped, of PartitionFault, or what else stops one. */
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
