// The door to Kafka: the only file that imports kafkajs (2.2.4, without a maintainer). It returns offsets as bigint, bytes as
// Uint8Array, and errors as Fault, PartitionFault or StaleClaim. kafka-consumer.ts implements the group.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Cluster, Kafka, KafkaConfig, Logger, Message } from 'kafkajs';
import { Fault } from '../../transform/fault.ts';
import {
  boundedCodecs,
  compressionIds,
  type Compression,
  type CodecName,
  defaultMaxBatch_bytes,
} from './kafka-codecs.ts';
import { type PartitionState } from './kafka-claim.ts';
import { type ConsumeOptions, GroupConsumer } from './kafka-consumer.ts';
import { type FetchCluster, fetchFrom, refreshAfter } from './kafka-fetch.ts';
import {
  type Fetched,
  fetchFault,
  isTransient,
  type KafkaRecord,
  PartitionFault,
  readFetch,
  rootCause,
} from './kafka-records.ts';
import { type KafkaLog, patiently } from './kafka-patience.ts';
import { connectionHint, connectionOf, type KafkaSettings } from './kafka-settings.ts';

export type { KafkaSettings } from './kafka-settings.ts';
export type { Claim } from './kafka-claim.ts';
export type { ConsumeOptions } from './kafka-consumer.ts';
export { type Fetched, type KafkaRecord, PartitionFault, StaleClaim } from './kafka-records.ts';
export { isAwayAtStart, type KafkaLog, patiently, whileHeld } from './kafka-patience.ts';
export { type Compression, compressionIds } from './kafka-codecs.ts';

export interface ClientOptions {
  readonly log: KafkaLog;
  /** Directory that relative file names in the settings start from. */
  readonly base_dir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Retries of one request before its error is thrown. */
  readonly retries?: number;
  /** Limit of the unpacked size of one record batch; one value for the whole process. */
  readonly max_batch_bytes?: number;
}

export interface Watermarks {
  readonly partition: number;
  /** The first offset that still exists. */
  readonly low: bigint;
  /** One past the last offset; open transactions included. */
  readonly high: bigint;
}
export interface Committed {
  readonly partition: number;
  /** null if the group has none; a negative number is another client's "reset". */
  readonly offset: bigint | null;
  readonly metadata: string;
}
export interface Outgoing {
  readonly value: Uint8Array | null;
  readonly key?: Uint8Array | string | null;
  readonly timestamp_ms?: number;
}

export interface KafkaProducer {
  /**
   * Appends to one partition, in order and without duplicates after a retry; → the first offset written.
   * @throws Fault(inputRefused) if a batch is too large for the topic
   */
  send(topic: string, partition: number, messages: readonly Outgoing[]): Promise<bigint>;
  close(): Promise<void>;
}

export interface KafkaClient {
  /** host:port of every broker. @throws Fault(usage) if none answers */
  brokers(): Promise<string[]>;
  topics(): Promise<string[]>;
  /** → false if the topic exists already; it is not changed. */
  createTopic(options: {
    topic: string;
    partitions: number;
    replication?: number;
    config?: Record<string, string>;
  }): Promise<boolean>;
  addPartitions(topic: string, partitions: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  deleteGroup(groupId: string): Promise<void>;
  /** Removes the records before these offsets. */
  deleteRecords(topic: string, partitions: readonly { partition: number; offset: bigint }[]): Promise<void>;
  /** By partition, ascending. @throws Fault(usage) if the topic does not exist */
  watermarks(topic: string): Promise<Watermarks[]>;
  /** By partition, ascending. */
  committed(groupId: string, topic: string): Promise<Committed[]>;
  /** Sets a group's offset from outside. The broker refuses this while the group has members. */
  setCommitted(groupId: string, topic: string, partition: number, offset: bigint, metadata?: string): Promise<void>;
  /** Reads exactly [from, to) of a partition, without any group. @throws PartitionFault if a part of it is missing */
  read(range: {
    topic: string;
    partition: number;
    from: bigint;
    to: bigint;
    signal?: AbortSignal;
  }): AsyncGenerator<Fetched>;
  /**
   * The data record at this offset; null for a control record, an aborted one, or one compacted away.
   * @throws PartitionFault if the log does not reach this offset
   */
  readRecord(topic: string, partition: number, offset: bigint): Promise<KafkaRecord | null>;
  /** Takes part in a group until the signal. @throws Fault, or an error that onClaim threw */
  consume(options: ConsumeOptions): Promise<void>;
  producer(options?: { compression?: Compression }): Promise<KafkaProducer>;
  close(): Promise<void>;
}

/** Connects at the first call, not before. @throws Fault(usage) if a secret or a certificate cannot be read */
export function createKafkaClient(settings: KafkaSettings, options: ClientOptions): KafkaClient {
  const { log, base_dir = '.', env = process.env, retries = 5, max_batch_bytes = defaultMaxBatch_bytes } = options;
  return new Client(
    {
      ...(connectionOf(settings, base_dir, env) as KafkaConfig),
      connectionTimeout: 5_000,
      requestTimeout: 30_000,
      retry: { retries, initialRetryTime: 100, maxRetryTime: 2_000 },
    },
    log,
    max_batch_bytes,
  );
}

/** kafkajs with our codecs. Imported at the first call, because most commands need no Kafka. */
async function loadKafkajs(max_batch_bytes: number, log: KafkaLog) {
  const [{ default: kafkajs }, { default: ConsumerGroup }] = await Promise.all([
    import('kafkajs'),
    import('kafkajs/src/consumer/consumerGroup.js'),
  ]);
  const { Kafka, CompressionCodecs, logLevel, PartitionAssigners } = kafkajs;
  const codecs = boundedCodecs(max_batch_bytes);
  for (const name of Object.keys(codecs) as CodecName[]) {
    const { compress, decompress } = codecs[name];
    CompressionCodecs[compressionIds[name]] = () => ({
      compress: (encoder: { buffer: Buffer }) => compress(encoder.buffer),
      decompress,
    });
  }
  // Errors are logged as warnings, because kafkajs recovers from many of them, and its calls throw the others.
  const logging: Pick<KafkaConfig, 'logLevel' | 'logCreator'> = {
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ level, namespace, log: { message, timestamp: _, logger: __, stack: ___, ...fields } }) =>
        (level === logLevel.ERROR ? log.warn : log.debug).call(log, { kafkajs: namespace, ...fields }, message),
  };
  return { Kafka, ConsumerGroup, PartitionAssigners, logging };
}

class Client implements KafkaClient {
  private readonly config: KafkaConfig;
  private readonly log: KafkaLog;
  private readonly max_batch_bytes: number;
  private loading: ReturnType<typeof loadKafkajs> | undefined;
  private readonly closers: (() => Promise<void>)[] = [];
  private admin: Promise<Admin> | undefined;
  private reader: Promise<Cluster> | undefined;

  constructor(config: KafkaConfig, log: KafkaLog, max_batch_bytes: number) {
    this.config = config;
    this.log = log;
    this.max_batch_bytes = max_batch_bytes;
  }

  private kafkajs(): ReturnType<typeof loadKafkajs> {
    return (this.loading ??= loadKafkajs(this.max_batch_bytes, this.log));
  }

  private async kafka(): Promise<Kafka> {
    const { Kafka, logging } = await this.kafkajs();
    return new Kafka({ ...this.config, ...logging });
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0)) await close().catch(() => undefined);
    this.admin = this.reader = undefined;
  }

  /** A new connection, with the cluster that kafkajs gives to partition assigners: its public way to the brokers. */
  private async cluster(groupId = 'fairshare', metadata_ms = 30_000): Promise<{ cluster: Cluster; logger: Logger }> {
    const { PartitionAssigners } = await this.kafkajs();
    let captured: { cluster: Cluster; logger: Logger } | undefined;
    (await this.kafka()).consumer({
      groupId,
      allowAutoTopicCreation: false,
      metadataMaxAge: metadata_ms,
      partitionAssigners: [
        (given) => {
          captured = given;
          return PartitionAssigners.roundRobin(given);
        },
      ],
    });
    return captured!;
  }

  private unreachable(cause: unknown): Fault {
    const where = (this.config.brokers as string[]).join(', ');
    const problem = rootCause(cause).message.trim();
    return new Fault(
      'usage',
      `no Kafka broker answers at ${where}: ${problem}`,
      connectionHint(problem) ?? 'Check kafka.brokers (or --brokers), and that the broker is up',
      { cause },
    );
  }

  private async asAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    this.admin ??= (async () => {
      const admin = (await this.kafka()).admin();
      this.closers.push(() => admin.disconnect());
      await admin.connect();
      return admin;
    })();
    let admin: Admin;
    try {
      admin = await this.admin;
    } catch (cause) {
      this.admin = undefined;
      throw this.unreachable(cause);
    }
    try {
      return await use(admin);
    } catch (cause) {
      // A listener that requires a login answers the first request by closing the connection.
      if (rootCause(cause).name === 'KafkaJSConnectionClosedError') throw this.unreachable(cause);
      throw cause;
    }
  }

  private async onTopic<T>(topic: string, use: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await this.asAdmin(use);
    } catch (cause) {
      if (rootCause(cause).type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw cause;
      throw new Fault(
        'usage',
        `the Kafka topic ${topic} does not exist`,
        `Create it, or feed it with: fairshare produce FILES… --topic ${topic}`,
        { cause },
      );
    }
  }

  async brokers(): Promise<string[]> {
    const { brokers } = await this.asAdmin((admin) => admin.describeCluster());
    return brokers.map(({ host, port }) => `${host}:${port}`);
  }

  async topics(): Promise<string[]> {
    return (await this.asAdmin((admin) => admin.listTopics())).sort();
  }

  async createTopic({
    topic,
    partitions,
    replication = -1,
    config = {},
  }: {
    topic: string;
    partitions: number;
    replication?: number;
    config?: Record<string, string>;
  }): Promise<boolean> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    return this.asAdmin((admin) =>
      admin.createTopics({
        topics: [{ topic, numPartitions: partitions, replicationFactor: replication, configEntries }],
        waitForLeaders: true,
      }),
    );
  }

  async addPartitions(topic: string, partitions: number): Promise<void> {
    await this.onTopic(topic, (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] }));
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.onTopic(topic, (admin) => admin.deleteTopics({ topics: [topic] }));
  }

  async deleteGroup(groupId: string): Promise<void> {
    await this.asAdmin((admin) => admin.deleteGroups([groupId]));
  }

  async deleteRecords(topic: string, partitions: readonly { partition: number; offset: bigint }[]): Promise<void> {
    const offsets = partitions.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
    await this.watermarks(topic); // else kafkajs would look for leaders in metadata that it has not loaded yet
    await this.onTopic(topic, (admin) => admin.deleteTopicRecords({ topic, partitions: offsets }));
  }

  async watermarks(topic: string): Promise<Watermarks[]> {
    const found = await this.onTopic(topic, (admin) => admin.fetchTopicOffsets(topic));
    return found
      .map(({ partition, low, high }) => ({ partition, low: BigInt(low), high: BigInt(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  async committed(groupId: string, topic: string): Promise<Committed[]> {
    const [found] = await this.onTopic(topic, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    // −1 is the protocol's "none"; it cannot be told from a committed −1.
    return found.partitions
      .map(({ partition, offset, metadata }) => ({
        partition,
        offset: offset === '-1' ? null : BigInt(offset),
        metadata: metadata ?? '',
      }))
      .sort((a, b) => a.partition - b.partition);
  }

  async setCommitted(groupId: string, topic: string, partition: number, offset: bigint, metadata = ''): Promise<void> {
    const cluster: FetchCluster = await this.readingCluster();
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    const topics = [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }];
    await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: '', topics });
  }

  private async readingCluster(): Promise<Cluster> {
    this.reader ??= (async () => {
      const { cluster } = await this.cluster();
      this.closers.push(() => cluster.disconnect());
      await cluster.connect();
      return cluster;
    })();
    try {
      return await this.reader;
    } catch (cause) {
      this.reader = undefined;
      throw this.unreachable(cause);
    }
  }

  async *read({
    topic,
    partition,
    from,
    to,
    signal,
  }: {
    topic: string;
    partition: number;
    from: bigint;
    to: bigint;
    signal?: AbortSignal;
  }): AsyncGenerator<Fetched> {
    const cluster = await this.readingCluster();
    const partition_bytes = to - from === 1n ? 1 : 2 << 20; // the broker gives at least one whole batch
    let position = from;
    let skip = 0n;
    let failures = 0;
    while (position < to) {
      signal?.throwIfAborted();
      const offset = position + skip;
      try {
        await cluster.addMultipleTargetTopics([topic]);
        const node = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))[0] ?? '';
        const answers = await fetchFrom(cluster, node, [{ topic, partition, offset }], {
          wait_ms: 100,
          partition_bytes,
          bytes: 16 << 20,
        });
        const wire = answers.get(`${topic}/${partition}`)!;
        const fetched = readFetch(wire, offset);
        failures = 0;
        if (fetched.endOffset < to) {
          throw new PartitionFault(
            topic,
            partition,
            'out_of_range',
            offset,
            `the log ends at ${fetched.endOffset}, before ${to}`,
          );
        }
        if (wire.messages.length === 0 && fetched.endOffset > offset && offset + 1n < to) {
          skip++;
          continue;
        }
        const cut = upTo(
          { ...fetched, from: position, nextOffset: wire.messages.length === 0 ? to : fetched.nextOffset },
          to,
        );
        skip = 0n;
        position = cut.nextOffset;
        yield cut;
      } catch (error) {
        if (error instanceof PartitionFault) throw error;
        const fault = fetchFault(error, topic, partition, offset);
        if (fault !== null) throw fault;
        if (!isTransient(error) || ++failures > 20) throw this.unreachable(error);
        await refreshAfter(cluster, error);
        await sleep(Math.min(100 * failures, 1_000), undefined, { signal });
      }
    }
  }

  async readRecord(topic: string, partition: number, offset: bigint): Promise<KafkaRecord | null> {
    for await (const { records } of this.read({ topic, partition, from: offset, to: offset + 1n })) {
      for (const record of records) if (record.offset === offset) return record;
    }
    return null;
  }

  async consume(options: ConsumeOptions): Promise<void> {
    const { groupId } = options;
    const topics = [...options.topics];
    const patience = { signal: options.signal, log: this.log };
    // Every topic must exist, because kafkajs loses the metadata of all topics if one is missing.
    for (const topic of topics) await patiently(() => this.watermarks(topic), patience);
    const { ConsumerGroup, PartitionAssigners } = await this.kafkajs();
    const { cluster, logger } = await this.cluster(groupId, options.metadata_ms);
    const member = new ConsumerGroup({
      cluster,
      groupId,
      topics,
      topicConfigurations: Object.fromEntries(topics.map((topic) => [topic, { fromBeginning: true }])),
      assigners: [PartitionAssigners.roundRobin({ cluster, groupId, logger })],
      sessionTimeout: options.session_timeout_ms ?? 30_000,
      rebalanceTimeout: options.rebalance_timeout_ms ?? 60_000,
      retry: this.config.retry!,
      logger,
      autoCommit: false,
      instrumentationEmitter: { emit: () => undefined },
    });
    const state = async (topic: string): Promise<PartitionState[]> => {
      const [marks, commits] = await Promise.all([this.watermarks(topic), this.committed(groupId, topic)]);
      return marks.map((mark) => {
        const commit = commits.find(({ partition }) => partition === mark.partition);
        return { ...mark, committed: commit?.offset ?? null, metadata: commit?.metadata ?? '' };
      });
    };
    try {
      await patiently(async () => {
        await cluster.connect();
        await cluster.addMultipleTargetTopics(topics);
      }, patience);
    } catch (cause) {
      throw options.signal.aborted ? cause : this.unreachable(cause);
    }
    try {
      await new GroupConsumer(cluster, member, state, this.log, options).run();
    } finally {
      await cluster.disconnect().catch(() => undefined);
    }
  }

  async producer({ compression = 'none' }: { compression?: Compression } = {}): Promise<KafkaProducer> {
    // Idempotent, and one request at a time, so that a retry neither duplicates nor reorders.
    const producer = (await this.kafka()).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 2_000 },
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    const close = (): Promise<void> => producer.disconnect();
    this.closers.push(close);
    try {
      await producer.connect();
    } catch (cause) {
      throw this.unreachable(cause);
    }
    const toMessage = (partition: number, { value, key = null, timestamp_ms }: Outgoing): Message => ({
      partition,
      key: key === null || typeof key === 'string' ? key : asBuffer(key),
      value: value === null ? null : asBuffer(value),
      ...(timestamp_ms === undefined ? {} : { timestamp: String(timestamp_ms) }),
    });
    return {
      close,
      send: async (topic, partition, messages) => {
        try {
          const [written] = await producer.send({
            topic,
            compression: compressionIds[compression],
            messages: messages.map((message) => toMessage(partition, message)),
          });
          return BigInt(written.baseOffset ?? -1);
        } catch (cause) {
          const { type, message } = rootCause(cause);
          if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
            throw new Fault(
              'inputRefused',
              `${topic}/${partition}: a message is too large for the topic`,
              "Raise the topic's max.message.bytes, or lower --batch-bytes",
              { cause },
            );
          }
          throw new Fault(
            'inputRefused',
            `${topic}/${partition}: cannot append: ${message}`,
            'Check the brokers, then produce again to a new topic: what was appended stays',
            { cause },
          );
        }
      },
    };
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The records before `to`. */
function upTo(fetched: Fetched, to: bigint): Fetched {
  if (fetched.nextOffset <= to) return fetched;
  const records = fetched.records.filter(({ offset }) => offset < to);
  const size_bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  return { ...fetched, records, size_bytes, nextOffset: to };
}
