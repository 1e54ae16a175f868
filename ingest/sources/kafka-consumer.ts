// Membership in a group: join, assign the partitions, send heartbeats, give them back, again. kafkajs keeps the group's state and
// implements the protocol. Fetching and committing are done here, because kafkajs's runner commits −2 by itself when an offset is
// out of range, lets one undecodable batch or one slow partition block all others, and sends heartbeats only between handlers.
// A commit carries the generation of its claim, so that the broker refuses an owner that was replaced.

import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../../transform/fault.ts';
import { Bell, type Claim, HeldPartition, type PartitionState } from './kafka-claim.ts';
import { type FetchCluster, Fetcher, refreshAfter } from './kafka-fetch.ts';
import { isAway, type KafkaLog, whileHeld } from './kafka-patience.ts';
import { isFenced, isTransient, PartitionFault, rootCause, StaleClaim } from './kafka-records.ts';

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** When aborted: drain, leave the group, return. */
  readonly signal: AbortSignal;
  /**
   * Runs once per partition and generation, all at once. It decides where to begin (claim.seek), polls and commits. After
   * it returns, the partition stays assigned but is not read. It may throw StaleClaim; any other error ends consume().
   */
  onClaim(claim: Claim): Promise<void>;
  /** Called when a generation begins, and when it ends. */
  onMembership?(isMember: boolean): void;
  readonly session_timeout_ms?: number;
  readonly rebalance_timeout_ms?: number;
  readonly heartbeat_ms?: number;
  /** How often to look for new partitions. */
  readonly metadata_ms?: number;
  /** Time for onClaim to return once revoked, before the member joins the group again; at most half the rebalance timeout. */
  readonly drain_ms?: number;
  /** Compressed bytes of one answer: per partition, and in total. */
  readonly max_partition_fetch_bytes?: number;
  readonly max_fetch_bytes?: number;
  /** Fetching pauses while this many bytes of values wait to be polled. */
  readonly max_ahead_bytes?: number;
  /**
   * It is a fault if the worker makes no progress or cannot join the group for this long while the brokers answer. Absent
   * brokers are no fault.
   */
  readonly give_up_ms?: number;
}

/** The part of kafkajs's ConsumerGroup that is used. */
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
type Ending = 'rebalance' | 'lost' | 'stop';

/** The state of one generation. */
interface Epoch {
  readonly claims: HeldPartition[];
  readonly tasks: Promise<void>[];
  readonly fetcher: Fetcher;
  /** Rings after a change that a fetch loop or the keeper waits for. */
  readonly bell: Bell;
  rejoin: boolean;
  failure?: unknown;
}

export class GroupConsumer {
  private readonly cluster: FetchCluster;
  private readonly member: Member;
  private readonly state: (topic: string) => Promise<PartitionState[]>;
  private readonly log: KafkaLog;
  private readonly options: ConsumeOptions;
  private readonly session_ms: number;
  private readonly drain_ms: number;
  private readonly heartbeat_ms: number;
  private readonly give_up_ms: number;
  /** Tasks of earlier generations that are still running, by partition: the next owner in this process waits for them. */
  private readonly unfinished = new Map<string, Promise<void>>();

  constructor(
    cluster: FetchCluster,
    member: Member,
    state: (topic: string) => Promise<PartitionState[]>,
    log: KafkaLog,
    options: ConsumeOptions,
  ) {
    this.cluster = cluster;
    this.member = member;
    this.state = state;
    this.log = log;
    this.options = options;
    this.session_ms = options.session_timeout_ms ?? 30_000;
    this.heartbeat_ms = options.heartbeat_ms ?? Math.min(3_000, this.session_ms / 3);
    const half = (options.rebalance_timeout_ms ?? 60_000) / 2;
    this.drain_ms = Math.min(options.drain_ms ?? half, half);
    this.give_up_ms = options.give_up_ms ?? 120_000;
  }

  /** Runs until the signal, then drains and leaves the group. @throws Fault, or an error that onClaim threw */
  async run(): Promise<void> {
    const { signal } = this.options;
    try {
      while (!signal.aborted) {
        const epoch = await this.join();
        if (epoch === undefined) break;
        let ending: Ending = 'stop';
        try {
          ending = await this.hold(epoch);
        } finally {
          await this.end(epoch, ending);
        }
        if (epoch.failure !== undefined) throw epoch.failure;
      }
    } finally {
      await Promise.all(this.unfinished.values());
      await this.member.leave().catch(() => undefined);
    }
  }

  private async join(): Promise<Epoch | undefined> {
    const { signal, topics, groupId } = this.options;
    let since = Date.now();
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      if (signal.aborted) return undefined;
      try {
        await this.member.connect();
        await this.member.joinAndSync();
        const states = new Map(
          await Promise.all(topics.map(async (topic) => [topic, await this.state(topic)] as const)),
        );
        return this.begin(states);
      } catch (error) {
        if (isAway(error)) since = Date.now();
        const mayPass = isTransient(error) || isFenced(error) || isUnsettled(error);
        if (!mayPass || Date.now() - since > this.give_up_ms)
          throw this.groupFault('cannot join the Kafka group', error);
        this.log.warn({ group: groupId, reason: rootCause(error).message }, 'cannot join the group yet, trying again');
        await refreshAfter(this.cluster, error);
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private groupFault(what: string, cause: unknown): Fault {
    const hint = 'Check the brokers, the topics and the access rights of this client';
    return new Fault('partitionStopped', `${what} ${this.options.groupId}: ${rootCause(cause).message}`, hint, {
      cause,
    });
  }

  private begin(states: ReadonlyMap<string, PartitionState[]>): Epoch {
    const generation = this.member.generationId!;
    const memberId = this.member.memberId!;
    const claims: HeldPartition[] = [];
    const bell = new Bell();
    const rejoin = (): void => {
      epoch.rejoin = true;
      bell.ring();
    };
    const limits = {
      partition_bytes: this.options.max_partition_fetch_bytes ?? 2 << 20,
      bytes: this.options.max_fetch_bytes ?? 16 << 20,
      ahead_bytes: this.options.max_ahead_bytes ?? 128 << 20,
    };
    const fetcher = new Fetcher(this.cluster, claims, bell, limits, this.log, rejoin);
    const epoch: Epoch = { claims, tasks: [], fetcher, bell, rejoin: false };
    const send = async (claim: HeldPartition, offset: bigint, metadata: string): Promise<void> => {
      try {
        await this.commit(claim, memberId, offset, metadata);
      } catch (error) {
        if (error instanceof StaleClaim) rejoin();
        throw error;
      }
    };
    const look = async (claim: HeldPartition): Promise<PartitionState | undefined> =>
      (await whileHeld(claim, () => this.state(claim.topic), this.log)).find(
        ({ partition }) => partition === claim.partition,
      );
    for (const { topic, partitions } of this.member.assigned()) {
      for (const partition of partitions) {
        const state = states.get(topic)?.find((each) => each.partition === partition);
        // The leader that assigned it knows more partitions than we do. We take it after the next metadata.
        if (state === undefined) {
          epoch.rejoin = true;
          continue;
        }
        epoch.claims.push(new HeldPartition(topic, state, generation, send, () => bell.ring(), look));
      }
    }
    this.log.info({ generation, partitions: epoch.claims.map((c) => `${c.topic}/${c.partition}`) }, 'joined the group');
    this.options.onMembership?.(true);
    for (const claim of epoch.claims) epoch.tasks.push(this.work(epoch, claim));
    return epoch;
  }

  private async work(epoch: Epoch, claim: HeldPartition): Promise<void> {
    const key = `${claim.topic}/${claim.partition}`;
    try {
      const before = this.unfinished.get(key);
      if (before !== undefined) {
        // Read the offsets again, because the earlier task may still have committed.
        await before;
        await claim.refresh();
      }
      if (claim.revoked.aborted) return;
      const task = this.options.onClaim(claim);
      const settled = task.then(
        () => undefined,
        () => undefined,
      );
      this.unfinished.set(key, settled);
      void settled.then(() => this.unfinished.get(key) === settled && this.unfinished.delete(key));
      await task;
    } catch (error) {
      if (error instanceof StaleClaim) return;
      epoch.failure ??= error;
      epoch.bell.ring();
    }
  }

  /** Keeps the membership: heartbeats, fetch loops, watchdog. */
  private async hold(epoch: Epoch): Promise<Ending> {
    const { signal } = this.options;
    const stop = (): void => epoch.bell.ring();
    signal.addEventListener('abort', stop);
    try {
      let heardAt = Date.now();
      for (;;) {
        if (signal.aborted || epoch.failure !== undefined) return 'stop';
        if (epoch.rejoin) return 'rebalance';
        await epoch.fetcher.tend().catch(() => undefined);
        const next = Date.now() + this.heartbeat_ms;
        while (Date.now() < next && !signal.aborted && epoch.failure === undefined && !epoch.rejoin) {
          await epoch.bell.wait(Math.max(1, next - Date.now()));
        }
        try {
          await this.member.heartbeat({ interval: 0 });
          heardAt = Date.now();
          await this.cluster.refreshMetadataIfNecessary();
          this.member.checkForStaleAssignment();
        } catch (error) {
          const ending = await this.afterHeartbeat(error);
          if (ending !== undefined) return ending;
          if (Date.now() - heardAt > this.session_ms) return 'lost';
        }
        this.watch(epoch);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** → how the generation ends; undefined if it may go on. */
  private async afterHeartbeat(error: unknown): Promise<Ending | undefined> {
    const { type, name, message } = rootCause(error);
    if (type === 'REBALANCE_IN_PROGRESS' || name === 'KafkaJSStaleTopicMetadataAssignment') return 'rebalance';
    if (isFenced(error)) {
      if (type === 'UNKNOWN_MEMBER_ID') this.member.memberId = null;
      return 'lost';
    }
    if (!isTransient(error)) throw this.groupFault('lost the Kafka group', error);
    this.log.warn({ reason: message }, 'the group coordinator does not answer, trying again');
    await refreshAfter(this.cluster, error);
    const coordinator = await this.cluster
      .findGroupCoordinator({ groupId: this.options.groupId })
      .catch(() => undefined);
    if (coordinator !== undefined) this.member.coordinator = coordinator;
    return undefined;
  }

  private watch(epoch: Epoch): void {
    for (const claim of epoch.claims) {
      if (claim.wanted === undefined || Date.now() - claim.answeredAt < this.give_up_ms) continue;
      claim.fail(
        new PartitionFault(
          claim.topic,
          claim.partition,
          'stalled',
          claim.wanted,
          `no progress for ${this.give_up_ms / 1000} s, readable up to ${claim.endOffset}`,
        ),
      );
    }
  }

  private async end(epoch: Epoch, ending: Ending): Promise<void> {
    this.log.info({ generation: epoch.claims[0]?.generation, ending }, 'giving the partitions back');
    this.options.onMembership?.(false);
    for (const claim of epoch.claims) claim.revoke(ending);
    const settled = Promise.all(epoch.tasks);
    if (ending !== 'lost') {
      let drained = false;
      void settled.then(() => (drained = true));
      // The old generation stays alive meanwhile: heartbeats answer "rebalancing" and still keep the session.
      const deadline = Date.now() + this.drain_ms;
      while (!drained && Date.now() < deadline) {
        await Promise.race([
          settled,
          sleep(Math.min(this.heartbeat_ms, Math.max(1, deadline - Date.now())), undefined, { ref: false }),
        ]);
        if (!drained) await this.member.heartbeat({ interval: this.heartbeat_ms }).catch(() => undefined);
      }
    }
    for (const claim of epoch.claims) claim.close();
    await epoch.fetcher.stop();
  }

  private async commit(claim: HeldPartition, memberId: string, offset: bigint, metadata: string): Promise<void> {
    const { topic, partition, generation } = claim;
    const { groupId } = this.options;
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      if (claim.closed) throw new StaleClaim(`${topic}/${partition}: generation ${generation} is over`);
      try {
        const coordinator = await this.cluster.findGroupCoordinator({ groupId });
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
        this.log.warn({ topic, partition, reason: rootCause(error).message }, 'cannot commit yet, trying again');
        await refreshAfter(this.cluster, error);
        await sleep(pause);
      }
    }
  }
}

/** kafkajs tried to join while others did, and its error keeps only the text of that. */
function isUnsettled(error: unknown): boolean {
  const { name, retriable } = rootCause(error);
  return name === 'KafkaJSError' && retriable === true;
}
