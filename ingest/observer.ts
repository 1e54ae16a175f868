// Events that workers report to monitoring (scripts/runtime/metrics.ts). Workers behave the same without an observer.

import { type BatchCounts } from '../transform/batch-builder.ts';

/** A batch whose ledger row is stored: it counts from now on. */
export interface CountedBatch {
  readonly identity: Watched & { readonly last: bigint };
  readonly counts: BatchCounts;
  /** Bytes that the edge sent for all its requests. */
  readonly sent_bytes: bigint;
  /** Requester class → requests. */
  readonly requestsByClass: ReadonlyMap<string, bigint>;
}

/** One partition of one source. The partition of an object is its hash. */
export interface Watched {
  readonly source: string;
  readonly partition: string;
}

export interface IngestObserver {
  /** A load step's outcome is known. The time includes tries and waits. */
  stepped?(step: string, elapsed_ms: number): void;
  /** The warehouse gave no conclusive answer: the same is sent again. */
  retried?(): void;
  /** One more, or one fewer, call waits for the warehouse to come back. */
  waiting?(change: 1 | -1): void;
  counted?(batch: CountedBatch): void;
  /** The worker joined its group, or left it. */
  membership?(isMember: boolean): void;
  taken?(watched: Watched): void;
  /** The partition was given back or lost. Records that were read but not loaded are forgotten. */
  released?(watched: Watched): void;
  /** Kafka: everything before this offset is accounted for; reading continues here. */
  resumed?(watched: Watched, position: bigint): void;
  /** The partition waits for a person; others continue. */
  stopped?(watched: Watched, reason: string): void;
  /**
   * Log content was read into the current batch.
   * @param endOffset Kafka: one past the last offset that can be read now
   */
  read?(watched: Watched, size_bytes: number, endOffset?: bigint): void;
}
