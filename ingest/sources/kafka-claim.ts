// One partition in the hands of one worker: as its owner sees it (Claim), and as the fetcher and the group see it (HeldPartition).

import { type Fetched, type PartitionFault, StaleClaim } from './kafka-records.ts';

/** One partition for as long as one generation of the group lasts. */
export interface Claim {
  readonly topic: string;
  readonly partition: number;
  readonly generation: number;
  /** First and past-the-last offset when the claim began. */
  readonly low: bigint;
  readonly high: bigint;
  /** The group's committed offset when the claim began: null if there is none; may be negative (written by others). */
  readonly committed: bigint | null;
  /** Metadata of that commit; '' if there was none. */
  readonly metadata: string;
  /**
   * Aborted when the group revokes the partition ('rebalance'), has already given it away ('lost'), or the consumer
   * stops ('stop'). Finish or drop the current work and return; commits are still accepted for `drain_ms`, except after 'lost'.
   */
  readonly revoked: AbortSignal;
  /** Reads low, high, committed and metadata again, before the claim continues after a stop. */
  refresh(): Promise<void>;
  /** Offset of the next poll(); undefined before the first seek(). */
  readonly position: bigint | undefined;
  /** Sets the position, always an absolute offset, and drops records that were fetched ahead. Required once before poll(). */
  seek(offset: bigint): void;
  /**
   * The next records, or null if none arrived within `wait_ms`.
   * @throws StaleClaim once revoked · PartitionFault (each time) if the partition cannot be read further
   */
  poll(wait_ms: number): Promise<Fetched | null>;
  /**
   * Commits for the group, at this claim's generation; tries again if the coordinator moves or does not answer.
   * @throws StaleClaim if the claim is over
   */
  commit(offset: bigint, metadata?: string): Promise<void>;
}

export interface PartitionState {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
  readonly committed: bigint | null;
  readonly metadata: string;
}

/** Wakes all that wait; a wait also ends by time. */
export class Bell {
  private readonly waiting = new Set<() => void>();
  ring(): void {
    for (const wake of this.waiting) wake();
  }
  wait(limit_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, limit_ms);
      this.waiting.add(wake);
    });
  }
}

export class HeldPartition implements Claim {
  private readonly revocation = new AbortController();
  readonly revoked = this.revocation.signal;
  private readonly arrived = new Bell();
  private ahead: Fetched | undefined;
  private fault: PartitionFault | undefined;
  private isClosed = false;
  private fetchFrom: bigint | undefined;
  position: bigint | undefined;
  /** Fetch this partition alone: in a shared answer an empty part may only mean that others filled it. */
  alone = false;
  /** Offsets to skip to find the next record: a batch emptied by compaction does not say where it ends. */
  skip = 0n;
  endOffset = 0n;
  answeredAt = Date.now();

  constructor(
    readonly topic: string,
    public state: PartitionState,
    readonly generation: number,
    private readonly send: (claim: HeldPartition, offset: bigint, metadata: string) => Promise<void>,
    private readonly taken: () => void,
    private readonly look: (claim: HeldPartition) => Promise<PartitionState | undefined>,
  ) {}

  async refresh(): Promise<void> {
    this.state = (await this.look(this)) ?? this.state;
  }

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

  /** The offset to fetch next; undefined if nothing is wanted now. */
  get wanted(): bigint | undefined {
    const idle = this.ahead !== undefined || this.fault !== undefined || this.revoked.aborted;
    return idle || this.fetchFrom === undefined ? undefined : this.fetchFrom;
  }
  get ahead_bytes(): number {
    return this.ahead?.size_bytes ?? 0;
  }
  get closed(): boolean {
    return this.isClosed;
  }

  seek(offset: bigint): void {
    if (offset < 0n) throw new RangeError(`a position is an absolute offset, not ${offset}`);
    this.position = this.fetchFrom = offset;
    this.ahead = undefined;
    this.fault = undefined;
    this.alone = false;
    this.skip = 0n;
    this.answeredAt = Date.now();
    this.taken();
  }

  async poll(wait_ms: number): Promise<Fetched | null> {
    if (this.position === undefined) throw new Error(`${this.topic}/${this.partition}: seek() before poll()`);
    this.check();
    if (this.ahead === undefined) await this.arrived.wait(wait_ms);
    this.check();
    const fetched = this.ahead;
    if (fetched === undefined) return null;
    this.ahead = undefined;
    this.position = fetched.nextOffset;
    this.answeredAt = Date.now();
    this.taken();
    return fetched;
  }
  private check(): void {
    if (this.revoked.aborted) throw new StaleClaim(`${this.topic}/${this.partition}: ${String(this.revoked.reason)}`);
    if (this.ahead === undefined && this.fault !== undefined) throw this.fault;
  }

  commit(offset: bigint, metadata = ''): Promise<void> {
    return this.send(this, offset, metadata);
  }

  /** Takes an answer to a fetch from `wanted`. */
  deliver(fetched: Fetched): void {
    this.endOffset = fetched.endOffset;
    if (fetched.nextOffset === fetched.from) return;
    this.ahead = fetched;
    this.fetchFrom = fetched.nextOffset;
    this.arrived.ring();
  }
  fail(fault: PartitionFault): void {
    this.fault ??= fault;
    this.arrived.ring();
  }
  revoke(reason: 'rebalance' | 'lost' | 'stop'): void {
    if (reason === 'lost') this.isClosed = true;
    this.revocation.abort(reason);
    this.arrived.ring();
  }
  close(): void {
    this.isClosed = true;
  }
}
