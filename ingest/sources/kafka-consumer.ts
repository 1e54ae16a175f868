// A consumer that hands out partitions, not messages. kafkajs keeps the group (join, heartbeat, leave) and speaks the
// protocol; fetching and committing are done here, because its runner commits −2 by itself when an offset is out of
// range, lets one undecodable batch or one slow partition hold up all others, and heartbeats only between handlers.
//
// Each assigned partition is a Claim: its owner polls it, in a loop of its own, and commits under the claim's
// generation, so that the broker itself refuses whoever has been replaced.

import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../sql/fault.ts';
import {
  type Fetched,
  fetchFault,
  isFenced,
  isTransient,
  PartitionFault,
  readFetch,
  rootCause,
  StaleClaim,
  type WirePartition,
} from './kafka-records.ts';

export interface KafkaLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One partition for as long as one generation of the group lasts. */
export interface Claim {
  readonly topic: string;
  readonly partition: number;
  readonly generation: number;
  /** First and past-the-last offset when the claim began. */
  readonly low: bigint;
  readonly high: bigint;
  /** The group's committed offset when the claim began: null where there is none; may be negative (written by others). */
  readonly committed: bigint | null;
  /** What was committed with it; '' where nothing was. */
  readonly metadata: string;
  /**
   * Aborted when the group takes the partition back ('rebalance'), has already given it away ('lost'), or the consumer
   * stops ('stop'). Finish or drop the work at hand and return; commits are still accepted for `drain_ms`, except after 'lost'.
   */
  readonly revoked: AbortSignal;
  /** Where the next poll() goes on; undefined before the first seek(). */
  readonly position: bigint | undefined;
  /** Sets the position, always an absolute offset, and drops what was fetched ahead. Needed once before poll(). */
  seek(offset: bigint): void;
  /**
   * The next records, or null where none came within `wait_ms`.
   * @throws StaleClaim once revoked · PartitionFault where the partition cannot be read on (each time)
   */
  poll(wait_ms: number): Promise<Fetched | null>;
  /**
   * Commits for the group, at this claim's generation; tries again where the coordinator moves or does not answer.
   * @throws StaleClaim where the claim is over
   */
  commit(offset: bigint, metadata?: string): Promise<void>;
}

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Aborted: drain, leave the group, return. */
  readonly signal: AbortSignal;
  /**
   * Runs once per partition and generation, all at once. It decides where to begin (claim.seek), polls and commits. When
   * it returns, the partition is held but not read. StaleClaim may escape from it; any other error ends consume().
   */
  onClaim(claim: Claim): Promise<void>;
  readonly session_timeout_ms?: number;
  readonly rebalance_timeout_ms?: number;
  readonly heartbeat_ms?: number;
  /** How soon new partitions are found. */
  readonly metadata_ms?: number;
  /** Time for onClaim to return once revoked, before the group is joined anew; at most half the rebalance timeout. */
  readonly drain_ms?: number;
  /** Compressed bytes of one answer, per partition and in all. */
  readonly max_partition_fetch_bytes?: number;
  readonly max_fetch_bytes?: number;
  /** Nothing more is fetched while this many bytes of values wait to be polled. */
  readonly max_ahead_bytes?: number;
  /** No word from the brokers, or no progress where there is data, for this long is a fault. */
  readonly give_up_ms?: number;
}

/** What is used of kafkajs's Cluster and Broker. */
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
/** What is used of kafkajs's ConsumerGroup. */
export interface Member {
  readonly generationId: number | null;
  memberId: string | null;
  coordinator: unknown;
  connect(): Promise<void>;
  joinAndSync(): Promise<void>;
  heartbeat(options: { interval: number }): Promise<void>;
  leave(): Promise<void>;
  assigned(): { topic: string; partitions: number[] }[];
  checkForStaleAssignment(): void;
}
export interface PartitionState {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
  readonly committed: bigint | null;
  readonly metadata: string;
}

const readCommitted = 1;

/** Fetches from one node, one answer per partition asked for. @throws what kafkajs throws: one bad partition spoils the whole answer */
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

/** After a failed request: forget a closed connection, learn who leads now. */
export async function refreshAfter(cluster: FetchCluster, error: unknown): Promise<void> {
  const root = rootCause(error) as Error & { host?: string; port?: number };
  if (root.name === 'KafkaJSConnectionClosedError' && root.host !== undefined && root.port !== undefined) {
    cluster.removeBroker({ host: root.host, port: root.port });
  }
  await cluster.refreshMetadata().catch(() => undefined);
}

/** Wakes whoever waits; a wait also ends by time. */
class Bell {
  readonly #waiting = new Set<() => void>();
  ring(): void {
    for (const wake of this.#waiting) wake();
  }
  wait(limit_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, limit_ms);
      this.#waiting.add(wake);
    });
  }
}

class HeldPartition implements Claim {
  readonly #revoked = new AbortController();
  readonly revoked = this.#revoked.signal;
  readonly #arrived = new Bell();
  #ahead: Fetched | undefined;
  #fault: PartitionFault | undefined;
  #closed = false;
  #fetchFrom: bigint | undefined;
  position: bigint | undefined;
  /** Ask for this one alone: in a shared answer an empty part may only mean that others filled it. */
  alone = false;
  /** Offsets to step over in search of the next record: a batch emptied by compaction does not say where it ends. */
  skip = 0n;
  endOffset = 0n;
  answeredAt = Date.now();

  constructor(
    readonly topic: string,
    public state: PartitionState,
    readonly generation: number,
    private readonly send: (claim: HeldPartition, offset: bigint, metadata: string) => Promise<void>,
    private readonly taken: () => void,
  ) {}

  get partition(): number {
    return this.state.partition;
  }
  get low(): bigint {
    return this.state.low;
  }
  get high(): bigint {
    return this.state.high;
  }
  get committed(): bigint | null {
    return this.state.committed;
  }
  get metadata(): string {
    return this.state.metadata;
  }

  /** The offset to fetch next; undefined where nothing is wanted now. */
  get wanted(): bigint | undefined {
    const idle = this.#ahead !== undefined || this.#fault !== undefined || this.revoked.aborted;
    return idle || this.#fetchFrom === undefined ? undefined : this.#fetchFrom;
  }
  get aheadBytes(): number {
    return this.#ahead?.size_bytes ?? 0;
  }
  get closed(): boolean {
    return this.#closed;
  }

  seek(offset: bigint): void {
    if (offset < 0n) throw new RangeError(`a position is an absolute offset, not ${offset}`);
    this.position = this.#fetchFrom = offset;
    this.#ahead = undefined;
    this.alone = false;
    this.skip = 0n;
    this.answeredAt = Date.now();
    this.taken();
  }

  async poll(wait_ms: number): Promise<Fetched | null> {
    if (this.position === undefined) throw new Error(`${this.topic}/${this.partition}: seek() before poll()`);
    this.#check();
    if (this.#ahead === undefined) await this.#arrived.wait(wait_ms);
    this.#check();
    const fetched = this.#ahead;
    if (fetched === undefined) return null;
    this.#ahead = undefined;
    this.position = fetched.nextOffset;
    this.answeredAt = Date.now();
    this.taken();
    return fetched;
  }
  #check(): void {
    if (this.revoked.aborted) throw new StaleClaim(`${this.topic}/${this.partition}: ${String(this.revoked.reason)}`);
    if (this.#ahead === undefined && this.#fault !== undefined) throw this.#fault;
  }

  commit(offset: bigint, metadata = ''): Promise<void> {
    return this.send(this, offset, metadata);
  }

  /** `from`: what was asked for; an answer to a question of before a seek() is dropped. */
  deliver(fetched: Fetched): void {
    if (this.#fetchFrom !== fetched.from || this.revoked.aborted) return;
    this.endOffset = fetched.endOffset;
    if (fetched.nextOffset === fetched.from) return;
    this.#ahead = fetched;
    this.#fetchFrom = fetched.nextOffset;
    this.#arrived.ring();
  }
  fail(fault: PartitionFault): void {
    this.#fault ??= fault;
    this.#arrived.ring();
  }
  revoke(reason: 'rebalance' | 'lost' | 'stop'): void {
    if (reason === 'lost') this.#closed = true;
    this.#revoked.abort(reason);
    this.#arrived.ring();
  }
  close(): void {
    this.#closed = true;
  }
}

type Ending = 'rebalance' | 'lost' | 'stop';

/** The state of one generation. */
interface Epoch {
  readonly claims: HeldPartition[];
  readonly tasks: Promise<void>[];
  readonly loops: Map<string, Promise<void>>;
  /** Something changed that a fetch loop or the keeper waits for. */
  readonly bell: Bell;
  rejoin: boolean;
  over: boolean;
  failure?: unknown;
}

export class GroupConsumer {
  readonly #cluster: FetchCluster;
  readonly #member: Member;
  readonly #state: (topic: string) => Promise<PartitionState[]>;
  readonly #log: KafkaLog;
  readonly #options: ConsumeOptions;
  readonly #session_ms: number;
  readonly #drain_ms: number;
  readonly #heartbeat_ms: number;
  readonly #give_up_ms: number;
  /** Tasks of earlier generations that are still running, by partition: the next owner here waits for them. */
  readonly #unfinished = new Map<string, Promise<void>>();

  constructor(
    cluster: FetchCluster,
    member: Member,
    state: (topic: string) => Promise<PartitionState[]>,
    log: KafkaLog,
    options: ConsumeOptions,
  ) {
    this.#cluster = cluster;
    this.#member = member;
    this.#state = state;
    this.#log = log;
    this.#options = options;
    this.#session_ms = options.session_timeout_ms ?? 30_000;
    this.#heartbeat_ms = options.heartbeat_ms ?? Math.min(3_000, this.#session_ms / 3);
    const half = (options.rebalance_timeout_ms ?? 60_000) / 2;
    this.#drain_ms = Math.min(options.drain_ms ?? half, half);
    this.#give_up_ms = options.give_up_ms ?? 120_000;
  }

  /** Runs until the signal: then drained and out of the group. @throws Fault, or what escaped from onClaim */
  async run(): Promise<void> {
    const { signal } = this.#options;
    try {
      while (!signal.aborted) {
        const epoch = await this.#join();
        if (epoch === undefined) break;
        let ending: Ending = 'stop';
        try {
          ending = await this.#hold(epoch);
        } finally {
          await this.#end(epoch, ending);
        }
        if (epoch.failure !== undefined) throw epoch.failure;
      }
    } finally {
      await Promise.all(this.#unfinished.values());
      await this.#member.leave().catch(() => undefined);
    }
  }

  async #join(): Promise<Epoch | undefined> {
    const { signal, topics, groupId } = this.#options;
    const deadline = Date.now() + this.#give_up_ms;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      if (signal.aborted) return undefined;
      try {
        await this.#member.connect();
        await this.#member.joinAndSync();
        const states = new Map(
          await Promise.all(topics.map(async (topic) => [topic, await this.#state(topic)] as const)),
        );
        return this.#begin(states);
      } catch (error) {
        const last = Date.now() > deadline;
        if (last || !(isTransient(error) || isFenced(error))) {
          throw this.#groupFault('cannot join the Kafka group', error);
        }
        this.#log.warn({ group: groupId, reason: rootCause(error).message }, 'cannot join the group yet, trying again');
        await refreshAfter(this.#cluster, error);
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #groupFault(what: string, cause: unknown): Fault {
    const hint = 'Check the brokers, the topics and the access rights of this client';
    return new Fault('partitionStopped', `${what} ${this.#options.groupId}: ${rootCause(cause).message}`, hint, {
      cause,
    });
  }

  #begin(states: ReadonlyMap<string, PartitionState[]>): Epoch {
    const generation = this.#member.generationId!;
    const memberId = this.#member.memberId!;
    const epoch: Epoch = { claims: [], tasks: [], loops: new Map(), bell: new Bell(), rejoin: false, over: false };
    const send = async (claim: HeldPartition, offset: bigint, metadata: string): Promise<void> => {
      try {
        await this.#commit(claim, memberId, offset, metadata);
      } catch (error) {
        if (error instanceof StaleClaim) epoch.rejoin = true;
        epoch.bell.ring();
        throw error;
      }
    };
    for (const { topic, partitions } of this.#member.assigned()) {
      for (const partition of partitions) {
        const state = states.get(topic)?.find((each) => each.partition === partition);
        // Assigned by a leader that knows more partitions than we: it will be ours after the next metadata.
        if (state === undefined) {
          epoch.rejoin = true;
          continue;
        }
        epoch.claims.push(new HeldPartition(topic, state, generation, send, () => epoch.bell.ring()));
      }
    }
    this.#log.info(
      { generation, partitions: epoch.claims.map((c) => `${c.topic}/${c.partition}`) },
      'joined the group',
    );
    for (const claim of epoch.claims) epoch.tasks.push(this.#work(epoch, claim));
    return epoch;
  }

  async #work(epoch: Epoch, claim: HeldPartition): Promise<void> {
    const key = `${claim.topic}/${claim.partition}`;
    try {
      const before = this.#unfinished.get(key);
      if (before !== undefined) {
        // What it still committed counts: look again.
        await before;
        const state = (await this.#state(claim.topic)).find((each) => each.partition === claim.partition);
        if (state !== undefined) claim.state = state;
      }
      if (claim.revoked.aborted) return;
      const task = this.#options.onClaim(claim);
      const settled = task.then(
        () => undefined,
        () => undefined,
      );
      this.#unfinished.set(key, settled);
      void settled.then(() => this.#unfinished.get(key) === settled && this.#unfinished.delete(key));
      await task;
    } catch (error) {
      if (error instanceof StaleClaim) return;
      epoch.failure ??= error;
      epoch.bell.ring();
    }
  }

  /** Keeps the membership: heartbeats, fetch loops, watchdog. */
  async #hold(epoch: Epoch): Promise<Ending> {
    const { signal } = this.#options;
    const stop = (): void => epoch.bell.ring();
    signal.addEventListener('abort', stop);
    try {
      let heardAt = Date.now();
      for (;;) {
        if (signal.aborted || epoch.failure !== undefined) return 'stop';
        if (epoch.rejoin) return 'rebalance';
        for (const node of this.#cluster.getNodeIds()) {
          const id = String(node);
          if (!epoch.loops.has(id)) epoch.loops.set(id, this.#fetchLoop(epoch, id));
        }
        const next = Date.now() + this.#heartbeat_ms;
        while (Date.now() < next && !signal.aborted && epoch.failure === undefined && !epoch.rejoin) {
          await epoch.bell.wait(Math.max(1, next - Date.now()));
        }
        try {
          await this.#member.heartbeat({ interval: 0 });
          heardAt = Date.now();
          await this.#cluster.refreshMetadataIfNecessary();
          this.#member.checkForStaleAssignment();
        } catch (error) {
          const ending = await this.#afterHeartbeat(error);
          if (ending !== undefined) return ending;
          if (Date.now() - heardAt > this.#session_ms) return 'lost';
        }
        this.#watch(epoch);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** → how the generation ends; undefined where it may go on. */
  async #afterHeartbeat(error: unknown): Promise<Ending | undefined> {
    const { type, name, message } = rootCause(error);
    if (type === 'REBALANCE_IN_PROGRESS' || name === 'KafkaJSStaleTopicMetadataAssignment') return 'rebalance';
    if (isFenced(error)) {
      if (type === 'UNKNOWN_MEMBER_ID') this.#member.memberId = null;
      return 'lost';
    }
    if (!isTransient(error)) throw this.#groupFault('lost the Kafka group', error);
    this.#log.warn({ reason: message }, 'the group coordinator does not answer, trying again');
    await refreshAfter(this.#cluster, error);
    const coordinator = await this.#cluster
      .findGroupCoordinator({ groupId: this.#options.groupId })
      .catch(() => undefined);
    if (coordinator !== undefined) this.#member.coordinator = coordinator;
    return undefined;
  }

  #watch(epoch: Epoch): void {
    for (const claim of epoch.claims) {
      if (claim.wanted === undefined || Date.now() - claim.answeredAt < this.#give_up_ms) continue;
      claim.fail(
        new PartitionFault(
          claim.topic,
          claim.partition,
          'stalled',
          claim.wanted,
          `no progress for ${this.#give_up_ms / 1000} s, readable up to ${claim.endOffset}`,
        ),
      );
    }
  }

  async #end(epoch: Epoch, ending: Ending): Promise<void> {
    this.#log.info({ generation: epoch.claims[0]?.generation, ending }, 'giving the partitions back');
    for (const claim of epoch.claims) claim.revoke(ending);
    const settled = Promise.all(epoch.tasks);
    if (ending !== 'lost') {
      let drained = false;
      void settled.then(() => (drained = true));
      // The old generation stays alive meanwhile: heartbeats answer "rebalancing" and still keep the session.
      const deadline = Date.now() + this.#drain_ms;
      while (!drained && Date.now() < deadline) {
        await Promise.race([
          settled,
          sleep(Math.min(this.#heartbeat_ms, Math.max(1, deadline - Date.now())), undefined, { ref: false }),
        ]);
        if (!drained) await this.#member.heartbeat({ interval: this.#heartbeat_ms }).catch(() => undefined);
      }
    }
    for (const claim of epoch.claims) claim.close();
    epoch.over = true;
    epoch.bell.ring();
    await Promise.all(epoch.loops.values());
  }

  async #commit(claim: HeldPartition, memberId: string, offset: bigint, metadata: string): Promise<void> {
    const { topic, partition, generation } = claim;
    const { groupId } = this.#options;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      if (claim.closed) throw new StaleClaim(`${topic}/${partition}: generation ${generation} is over`);
      try {
        const coordinator = await this.#cluster.findGroupCoordinator({ groupId });
        const topics = [{ topic, partitions: [{ partition, offset: String(offset), metadata }] }];
        await coordinator.offsetCommit({ groupId, groupGenerationId: generation, memberId, topics });
        return;
      } catch (error) {
        if (isFenced(error)) {
          throw new StaleClaim(
            `${topic}/${partition}: generation ${generation} is refused: ${rootCause(error).message}`,
          );
        }
        if (!isTransient(error)) throw error;
        this.#log.warn({ topic, partition, reason: rootCause(error).message }, 'cannot commit yet, trying again');
        await refreshAfter(this.#cluster, error);
        await sleep(pause);
      }
    }
  }

  /** Reads from one broker for all partitions it leads, until the generation is over. Never throws. */
  async #fetchLoop(epoch: Epoch, nodeId: string): Promise<void> {
    const partition_bytes = this.#options.max_partition_fetch_bytes ?? 2 << 20;
    const bytes = this.#options.max_fetch_bytes ?? 16 << 20;
    const maxAhead = this.#options.max_ahead_bytes ?? 128 << 20;
    let pause = 100;
    while (!epoch.over) {
      const led = epoch.claims.filter((claim) => this.#leads(nodeId, claim));
      const wanted = led.filter((claim) => claim.wanted !== undefined);
      const ahead = epoch.claims.reduce((sum, claim) => sum + claim.aheadBytes, 0);
      if (wanted.length === 0 || ahead > maxAhead) {
        await epoch.bell.wait(500);
        continue;
      }
      // Where another partition will soon want more, a long poll for the idle ones would hold it up.
      const wait_ms = wanted.length === led.length ? 500 : 0;
      const shared = wanted.filter((claim) => !claim.alone);
      try {
        let progress = false;
        for (const claims of [shared, ...wanted.filter((claim) => claim.alone).map((claim) => [claim])]) {
          if (claims.length === 0) continue;
          const lone = claims[0]!.alone;
          progress =
            (await this.#fetch(nodeId, claims, { wait_ms: lone ? 0 : wait_ms, partition_bytes, bytes })) || progress;
        }
        pause = 100;
        if (!progress && wait_ms === 0) await epoch.bell.wait(20);
      } catch (error) {
        if (isTransient(error)) {
          this.#log.warn({ broker: nodeId, reason: rootCause(error).message }, 'cannot fetch yet, trying again');
          // A topic that vanished may come back as another one: let its owners look again before they read on.
          if (rootCause(error).type === 'UNKNOWN_TOPIC_OR_PARTITION') epoch.rejoin = true;
          await refreshAfter(this.#cluster, error);
        } else {
          // One bad partition spoils a shared answer: ask for each alone to find it.
          for (const claim of wanted) claim.alone = true;
          await this.#fetchEach(nodeId, wanted, { wait_ms: 0, partition_bytes, bytes });
        }
        epoch.bell.ring();
        await epoch.bell.wait(pause);
        pause = Math.min(pause * 2, 2_000);
      }
    }
  }

  async #fetchEach(nodeId: string, claims: HeldPartition[], limits: Parameters<typeof fetchFrom>[3]): Promise<void> {
    for (const claim of claims) {
      const offset = claim.wanted;
      if (offset === undefined) continue;
      try {
        await this.#fetch(nodeId, [claim], limits);
      } catch (error) {
        const fault = fetchFault(error, claim.topic, claim.partition, offset);
        if (fault !== null) claim.fail(fault);
        else {
          this.#log.warn(
            { topic: claim.topic, partition: claim.partition, reason: rootCause(error).message },
            'cannot fetch yet, trying again',
          );
          await refreshAfter(this.#cluster, error);
        }
      }
    }
  }

  /** → whether anything was delivered. */
  async #fetch(nodeId: string, claims: HeldPartition[], limits: Parameters<typeof fetchFrom>[3]): Promise<boolean> {
    const asked = claims.flatMap((claim) => {
      const from = claim.wanted;
      return from === undefined
        ? []
        : [{ claim, from, topic: claim.topic, partition: claim.partition, offset: from + claim.skip }];
    });
    if (asked.length === 0) return false;
    const answers = await fetchFrom(this.#cluster, nodeId, asked, limits);
    let progress = false;
    for (const { claim, from, topic, partition, offset } of asked) {
      const wire = answers.get(`${topic}/${partition}`);
      if (wire === undefined) continue;
      const answer = readFetch(wire, offset);
      const emptied = wire.messages.length === 0 && answer.endOffset > offset;
      claim.answeredAt = Date.now();
      if (!emptied) {
        // Nothing was found in the offsets stepped over, so the answer stands for them too.
        claim.deliver({ ...answer, from });
        claim.alone = false;
        claim.skip = 0n;
      } else if (!claim.alone) claim.alone = true;
      else claim.skip = offset - from + 1n;
      progress ||= answer.nextOffset > from || emptied;
    }
    return progress;
  }

  #leads(nodeId: string, { topic, partition }: HeldPartition): boolean {
    try {
      return this.#cluster.findLeaderForPartitions(topic, [partition])[nodeId] !== undefined;
    } catch {
      return false;
    }
  }
}
