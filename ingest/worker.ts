// A worker: one member of the consumer group, any number of partitions of several topics, each partition for itself. A
// partition that must stop stops alone.

import { type ExitCode, exitCodes, Fault } from '../sql/fault.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { type Loader } from './load.ts';
import { partitionName, workPartition, type PartitionOptions } from './partition.ts';
import { type Source } from './source.ts';
import { type KafkaClient, type KafkaLog } from './sources/kafka.ts';

export interface WorkerOptions extends Pick<
  PartitionOptions,
  'methodologyVersion' | 'revision' | 'maxBatchMs' | 'now' | 'onStep' | 'onBatch'
> {
  readonly kafka: KafkaClient;
  readonly groupId: string;
  /** Topic → source. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly warehouse: Warehouse;
  readonly loader: Loader;
  /** End when every partition has reached the high watermark it had at the start, compared by position. */
  readonly untilEnd: boolean;
  readonly signal: AbortSignal;
  readonly log: KafkaLog;
  readonly session_timeout_ms?: number;
}

export interface WorkerResult {
  readonly stopped: readonly Fault[];
  readonly batches: number;
  readonly lines: number;
}

/** Runs until the signal, or until the end where asked for. @throws Fault where the group or the warehouse is lost */
export async function runWorker(options: WorkerOptions): Promise<WorkerResult> {
  const { kafka, sources, signal, log } = options;
  const topics = [...sources.keys()];
  const ends = await watermarks(kafka, topics);
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

  try {
    await kafka.consume({
      groupId: options.groupId,
      topics,
      signal: AbortSignal.any([signal, over.signal]),
      session_timeout_ms: options.session_timeout_ms,
      onClaim: async (claim) => {
        const name = partitionName(claim);
        log.info(
          { partition: name, generation: claim.generation, committed: String(claim.committed) },
          'partition taken',
        );
        try {
          await workPartition(claim, {
            ...options,
            source: sources.get(claim.topic)!,
            until: options.untilEnd ? (ends.get(name) ?? 0n) : undefined,
            readRecord: (offset) => kafka.readRecord(claim.topic, claim.partition, offset),
            onBatch: (batch) => {
              batches++;
              lines += batch.lines;
              options.onBatch?.(batch);
            },
          });
          if (!claim.revoked.aborted) arrived(name);
        } catch (error) {
          if (!(error instanceof Fault && stopsOne.has(error.exitCode))) throw error;
          // Whoever holds it next says whether it still must stop; who had lost it may only have been puzzled.
          const forget = () => void (claim.revoked.reason !== 'stop' && stopped.delete(name));
          stopped.set(name, error);
          claim.revoked.addEventListener('abort', forget);
          if (claim.revoked.aborted) forget();
          log.error({ partition: name, err: error }, 'partition stopped; the others go on');
          arrived(name);
        }
      },
    });
  } finally {
    clearInterval(others);
  }
  return { stopped: [...stopped.values()], batches, lines };
}

/** What would only repeat stops its partition alone: offsets, records, a format that fits no line, rows that the warehouse refuses. */
const stopsOne: ReadonlySet<ExitCode> = new Set([exitCodes.partitionStopped, exitCodes.inputRefused, exitCodes.defect]);

async function watermarks(kafka: KafkaClient, topics: readonly string[]): Promise<Map<string, bigint>> {
  const ends = new Map<string, bigint>();
  for (const topic of topics)
    for (const { partition, high } of await kafka.watermarks(topic)) ends.set(`${topic}/${partition}`, high);
  return ends;
}
