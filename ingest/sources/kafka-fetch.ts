// Fetching: each broker has one loop that reads all partitions it leads, one answer ahead of their owners. A slow owner does not
// block others, and an answer that cannot be read stops only its own partition.

import { type Bell, type HeldPartition } from './kafka-claim.ts';
import { isAway, type KafkaLog } from './kafka-patience.ts';
import { fetchFault, isTransient, readFetch, rootCause, type WirePartition } from './kafka-records.ts';

/** The parts of kafkajs's Cluster and Broker that are used. */
export interface FetchCluster {
  connect(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  getNodeIds(): (string | number)[];
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  removeBroker(address: { host: string; port: number }): void;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(node: { nodeId: string }): Promise<{ fetch(request: FetchRequest): Promise<FetchResponse> }>;
  findGroupCoordinator(group: { groupId: string }): Promise<{ offsetCommit(request: CommitRequest): Promise<unknown> }>;
}
interface FetchRequest {
  isolationLevel: number;
  maxWaitTime: number;
  minBytes: number;
  maxBytes: number;
  topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
}
interface FetchResponse {
  responses: { topicName: string; partitions: WirePartition[] }[];
}
interface CommitRequest {
  groupId: string;
  groupGenerationId: number;
  memberId: string;
  topics: { topic: string; partitions: { partition: number; offset: string; metadata: string }[] }[];
}
const readCommitted = 1;

/** Fetches from one node, one answer per requested partition. @throws errors of kafkajs: one bad partition spoils the whole answer */
export async function fetchFrom(
  cluster: FetchCluster,
  nodeId: string,
  wanted: readonly { topic: string; partition: number; offset: bigint }[],
  limits: { wait_ms: number; partition_bytes: number; bytes: number },
): Promise<Map<string, WirePartition>> {
  const broker = await cluster.findBroker({ nodeId });
  const topics = new Map<string, FetchRequest['topics'][number]>();
  for (const { topic, partition, offset } of wanted) {
    let entry = topics.get(topic);
    if (entry === undefined) topics.set(topic, (entry = { topic, partitions: [] }));
    entry.partitions.push({ partition, fetchOffset: String(offset), maxBytes: limits.partition_bytes });
  }
  const { responses } = await broker.fetch({
    isolationLevel: readCommitted,
    maxWaitTime: limits.wait_ms,
    minBytes: 1,
    maxBytes: limits.bytes,
    topics: [...topics.values()],
  });
  return new Map(
    responses.flatMap(({ topicName, partitions }) => partitions.map((p) => [`${topicName}/${p.partition}`, p])),
  );
}

/** After a failed request: drops a closed connection, and learns the new leaders. */
export async function refreshAfter(cluster: FetchCluster, error: unknown): Promise<void> {
  const root = rootCause(error) as Error & { host?: string; port?: number };
  if (root.name === 'KafkaJSConnectionClosedError' && root.host !== undefined && root.port !== undefined) {
    cluster.removeBroker({ host: root.host, port: root.port });
  }
  await cluster.refreshMetadata().catch(() => undefined);
}

export interface FetchLimits {
  /** Compressed bytes of one answer: per partition, and in total. */
  readonly partition_bytes: number;
  readonly bytes: number;
  /** Fetching pauses while this many bytes of values wait to be polled. */
  readonly ahead_bytes: number;
}

export class Fetcher {
  private readonly loops = new Map<string, Promise<void>>();
  private over = false;

  constructor(
    private readonly cluster: FetchCluster,
    private readonly claims: readonly HeldPartition[],
    /** Rings when an owner wants more. */
    private readonly bell: Bell,
    private readonly limits: FetchLimits,
    private readonly log: KafkaLog,
    /** A topic that vanished may come back as another one: its owners must check before they read on. */
    private readonly onTopicGone: () => void,
  ) {}

  /** Starts the loops of brokers that have none yet. Asks for new leaders if a partition has lost its own. */
  async tend(): Promise<void> {
    const nodes = this.cluster.getNodeIds().map(String);
    for (const node of nodes) if (!this.loops.has(node)) this.loops.set(node, this.loop(node));
    const orphaned = this.claims.filter((claim) => !nodes.some((node) => this.leads(node, claim)));
    for (const claim of orphaned) claim.answeredAt = Date.now();
    if (orphaned.length > 0) await this.cluster.refreshMetadata();
  }

  async stop(): Promise<void> {
    this.over = true;
    this.bell.ring();
    await Promise.all(this.loops.values());
  }

  /** Never throws. */
  private async loop(node: string): Promise<void> {
    let pause = 100;
    while (!this.over) {
      const led = this.claims.filter((claim) => this.leads(node, claim));
      const wanted = led.filter((claim) => claim.wanted !== undefined);
      const ahead = this.claims.reduce((sum, claim) => sum + claim.ahead_bytes, 0);
      if (wanted.length === 0 || ahead > this.limits.ahead_bytes) {
        await this.bell.wait(500);
        continue;
      }
      // Do not wait for idle partitions while another one will soon want more.
      const wait_ms = wanted.length === led.length ? 500 : 0;
      try {
        let progress = await this.fetch(
          node,
          wanted.filter((claim) => !claim.alone),
          wait_ms,
        );
        for (const claim of wanted.filter((each) => each.alone)) {
          progress = (await this.fetch(node, [claim], 0)) || progress;
        }
        pause = 100;
        if (!progress && wait_ms === 0) await this.bell.wait(20);
      } catch (error) {
        await this.afterFailure(node, wanted, error);
        await this.bell.wait(pause);
        pause = Math.min(pause * 2, 2_000);
      }
    }
  }

  private async afterFailure(node: string, wanted: readonly HeldPartition[], error: unknown): Promise<void> {
    // An absent broker is no stall: its partitions lag until it, or another leader, is there.
    if (isAway(error)) for (const claim of wanted) claim.answeredAt = Date.now();
    if (isTransient(error)) return this.mend(node, error);
    // One bad partition spoils a shared answer, so each is fetched alone to find it.
    for (const claim of wanted) {
      const offset = claim.wanted;
      if (offset === undefined) continue;
      claim.alone = true;
      try {
        // Fetches the least possible, so that the records before an unreadable batch are still delivered.
        await this.fetch(node, [claim], 0, 1);
      } catch (own) {
        const fault = fetchFault(own, claim.topic, claim.partition, offset);
        if (fault === null) await this.mend(node, own);
        else claim.fail(fault);
      }
    }
  }

  private async mend(node: string, error: unknown): Promise<void> {
    const { type, message } = rootCause(error);
    this.log.warn({ broker: node, reason: message }, 'cannot fetch yet, trying again');
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') this.onTopicGone();
    await refreshAfter(this.cluster, error);
  }

  /** → whether it delivered anything. */
  private async fetch(
    node: string,
    claims: readonly HeldPartition[],
    wait_ms: number,
    partition_bytes = this.limits.partition_bytes,
  ): Promise<boolean> {
    const asked = claims.flatMap((claim) => {
      const { wanted: from, topic, partition } = claim;
      return from === undefined ? [] : [{ claim, from, topic, partition, offset: from + claim.skip }];
    });
    if (asked.length === 0) return false;
    const answers = await fetchFrom(this.cluster, node, asked, { ...this.limits, partition_bytes, wait_ms });
    let progress = false;
    for (const { claim, from, topic, partition, offset } of asked) {
      const wire = answers.get(`${topic}/${partition}`);
      if (wire === undefined || claim.wanted !== from) continue;
      const answer = readFetch(wire, offset);
      const emptied = wire.messages.length === 0 && answer.endOffset > offset;
      claim.answeredAt = Date.now();
      progress ||= emptied || answer.nextOffset > from;
      if (!emptied) {
        // Nothing was found in the skipped offsets, so the answer includes them.
        claim.deliver({ ...answer, from });
        claim.alone = false;
        claim.skip = 0n;
      } else if (!claim.alone) claim.alone = true;
      else claim.skip = offset - from + 1n;
    }
    return progress;
  }

  private leads(node: string, { topic, partition }: HeldPartition): boolean {
    try {
      return this.cluster.findLeaderForPartitions(topic, [partition])[node] !== undefined;
    } catch {
      return false;
    }
  }
}
