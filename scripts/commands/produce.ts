// fairshare produce: writes log objects to a topic.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { openObject } from '../../ingest/decompress.ts';
import { findObjects, type LogObject } from '../../ingest/sources/files.ts';
import {
  type Compression,
  compressionIds,
  createKafkaClient,
  type KafkaProducer,
  type Outgoing,
} from '../../ingest/sources/kafka.ts';
import { cutMessages } from '../../ingest/sources/kafka-messages.ts';
import { Fault } from '../../transform/fault.ts';
import { printJson } from '../runtime/output.ts';
import { createProgress } from '../runtime/progress.ts';
import { type Runtime } from '../runtime/command.ts';
import { formatBytes, formatCount } from '../../transform/numbers.ts';

interface ProduceFlags {
  readonly topic: string;
  readonly brokers?: string[];
  readonly batchBytes: number;
  readonly oneLinePerMessage?: boolean;
  readonly compression: Compression;
  readonly partitions?: number;
  readonly key: 'none' | 'object';
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export interface Produced {
  objects: number;
  messages: number;
  lines: number;
  /** Sum of the lengths of the messages' values. */
  bytes: number;
}

/** One record batch. It is below a topic's usual limit (1 MiB), and small because kafkajs groups messages in quadratic time. */
const SEND_BYTES = 512 << 10;
const SEND_MESSAGES = 1_000;

export function registerProduce(command: Command, runtime: Runtime): void {
  command
    .argument('<file...>', 'files, directories or quoted globs')
    .requiredOption('--topic <name>', 'the topic; made where it is missing')
    .option('--brokers <list>', 'host:port,… (default: kafka.brokers)', (text) =>
      text.split(',').map((part) => part.trim()),
    )
    .option('--batch-bytes <count>', 'lines per message: as many as fit', positive, 64 << 10)
    .addOption(new Option('--one-line-per-message', 'one line per message').conflicts('batchBytes'))
    .addOption(
      new Option('--compression <name>', 'of record batches').choices(Object.keys(compressionIds)).default('none'),
    )
    .option('--partitions <count>', 'of a topic that is made (default: 1)', positive)
    .addOption(
      new Option(
        '--key <what>',
        'none: messages go round; object: an object stays in one partition, with its name as the key',
      )
        .choices(['none', 'object'])
        .default('none'),
    )
    .option('--dry-run', 'read and count, append nothing')
    .option('--json', 'the counts as JSON')
    .addHelpText(
      'after',
      `
Formats with header lines (CloudFront, IIS) need --key object. Appending again doubles the lines: a topic is not a file.

Example:
  $ fairshare produce logs/npm --topic npm-access --partitions 4 --compression zstd`,
    )
    .action(async (paths: string[], flags: ProduceFlags) => {
      const objects = findObjects(paths);
      const unreadable = objects.find(({ problem }) => problem !== undefined);
      if (unreadable !== undefined)
        throw new Fault('inputRefused', `${unreadable.name}: ${unreadable.problem}`, 'Nothing was appended.');
      const total = objects.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
      const progress = createProgress(runtime, { label: `produce ${flags.topic}`, total, unit: 'bytes' });
      const add = (count: number): void => progress.add(count);
      const counts: Produced = { objects: 0, messages: 0, lines: 0, bytes: 0 };
      try {
        if (flags.dryRun) await feed(objects, flags, 1, null, counts, runtime.signal, add);
        else await produce(objects, flags, counts, runtime, add);
      } finally {
        progress.stop();
        if (flags.json) printJson(runtime.stdout, { topic: flags.topic, ...counts });
        else {
          const what = flags.dryRun ? 'would append' : 'appended';
          runtime.stdout.write(
            `${flags.topic}: ${what} ${formatCount(counts.messages)} messages, ${formatCount(counts.lines)} lines, ${formatBytes(counts.bytes)} from ${formatCount(counts.objects)} objects\n`,
          );
        }
      }
      runtime.signal.throwIfAborted();
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A whole number, one or more.');
  return value;
}

async function produce(
  objects: LogObject[],
  flags: ProduceFlags,
  counts: Produced,
  runtime: Runtime,
  onStoredBytes: (count: number) => void,
): Promise<void> {
  const config = runtime.config();
  const settings = { ...config.kafka, brokers: flags.brokers ?? config.kafka.brokers };
  const client = createKafkaClient(settings, { log: runtime.log, base_dir: config.base_dir });
  try {
    const made = await client.createTopic({ topic: flags.topic, partitions: flags.partitions ?? 1 });
    const partitions = (await client.watermarks(flags.topic)).length;
    if (!made && flags.partitions !== undefined && flags.partitions !== partitions) {
      runtime.stderr.write(
        `${flags.topic} has ${partitions} partitions already; --partitions is for a topic that is made\n`,
      );
    }
    const producer = await client.producer({ compression: flags.compression });
    await feed(objects, flags, partitions, producer, counts, runtime.signal, onStoredBytes);
  } finally {
    await client.close();
  }
}

/** Counts messages that the broker has acknowledged; without a producer, messages that were read. */
async function feed(
  objects: readonly LogObject[],
  { topic, batchBytes, oneLinePerMessage, key }: ProduceFlags,
  partitions: number,
  producer: KafkaProducer | null,
  counts: Produced,
  signal: AbortSignal,
  onStoredBytes: (count: number) => void,
): Promise<void> {
  const waiting = Array.from({ length: partitions }, () => ({ messages: [] as Outgoing[], lines: 0, bytes: 0 }));
  // Sends one batch while the next is read, so that order is kept and memory is bounded.
  let sending: Promise<void> = Promise.resolve();
  const flush = async (partition: number): Promise<void> => {
    await sending;
    const { messages, lines, bytes } = waiting[partition];
    if (messages.length === 0) return;
    waiting[partition] = { messages: [], lines: 0, bytes: 0 };
    sending = (async () => {
      await producer?.send(topic, partition, messages);
      counts.messages += messages.length;
      counts.lines += lines;
      counts.bytes += bytes;
    })();
    sending.catch(() => undefined); // the next await reports it; until then it must not count as unhandled
  };
  let turn = 0;
  for (const { path, name } of objects) {
    const fixed = key === 'object' ? fnv1a(name) % partitions : undefined;
    try {
      for await (const { value, lines } of cutMessages(
        openObject(path, { onStoredBytes }),
        oneLinePerMessage ? 'line' : batchBytes,
      )) {
        if (signal.aborted) break;
        const partition = fixed ?? turn++ % partitions;
        if (waiting[partition].bytes + value.length > SEND_BYTES) await flush(partition);
        const bucket = waiting[partition];
        bucket.messages.push({ value, key: fixed === undefined ? null : name });
        bucket.lines += lines;
        bucket.bytes += value.length;
        if (bucket.messages.length >= SEND_MESSAGES) await flush(partition);
      }
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new Fault(
        'inputRefused',
        `${name}: ${cause.message}`,
        'It is no access log. What was appended before stays in the topic.',
        { cause },
      );
    }
    if (signal.aborted) break;
    counts.objects++;
  }
  for (let partition = 0; partition < partitions; partition++) await flush(partition);
  await sending;
}

/** A hash, so that a name has the same partition in every process. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
