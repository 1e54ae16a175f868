// What workers tell whoever watches them (scripts/runtime/metrics.ts). It decides nothing: without it all goes the same way.

import { type BatchCounts } from '../transform/batch-builder.ts';

/** A batch whose ledger row is stored: it counts from now on. */
export interface CountedBatch {
  readonly identity: Watched & { readonly last: bigint };
  readonly counts: BatchCounts;
  /** Bytes that the edge has sent, of all its requests. */
  readonly sent_bytes: bigint;
  /** Requester class → requests. */
  readonly requestsByClass: ReadonlyMap<string, bigint>;
}

/** One partition of one source; the partition of an object is its hash. */
export interface Watched {
  readonly source: string;
  readonly partition: string;
}

export interface IngestObserver {
  /** A load step's outcome is known; tries and waits are in its time. */
  stepped?(step: string, elapsed_ms: number): void;
  /** The warehouse gave no answer that says anything: the same is sent again. */
  retried?(): void;
  /** How many calls wait for the warehouse to come back: one more, or one less. */
  waiting?(change: 1 | -1): void;
  counted?(batch: CountedBatch): void;
  /** The worker has become a member of its group, or is none any more. */
  membership?(isMember: boolean): void;
  taken?(watched: Watched): void;
  /** Given back, or lost; what was read of it and not loaded is forgotten. */
  released?(watched: Watched): void;
  /** Kafka: up to this offset all is accounted for; reading goes on there. */
  resumed?(watched: Watched, position: bigint): void;
  /** It waits for a person; others go on. */
  stopped?(watched: Watched, reason: string): void;
  /**
   * Log content was read into the batch at hand.
   * @param endOffset Kafka: one past the last offset that can be read now
   */
  read?(watched: Watched, size_bytes: number, endOffset?: bigint): void;
}
