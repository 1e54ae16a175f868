// Types for the untyped modules behind the Kafka door: only the parts in use.

declare module 'lz4js/xxh32.js' {
  const xxh32: { hash(seed: number, src: Uint8Array, start: number, length: number): number };
  export default xxh32;
}

declare module 'kafkajs/src/consumer/consumerGroup.js' {
  import type { Assigner, Cluster, Logger, RetryOptions } from 'kafkajs';
  /** kafkajs's group membership alone: join, synchronise, heartbeat, leave. */
  export default class ConsumerGroup {
    constructor(options: {
      cluster: Cluster;
      groupId: string;
      topics: string[];
      topicConfigurations: Record<string, { fromBeginning: boolean }>;
      assigners: Assigner[];
      sessionTimeout: number;
      rebalanceTimeout: number;
      retry: RetryOptions;
      logger: Logger;
      autoCommit: boolean;
      instrumentationEmitter: { emit(event: string, payload: unknown): void };
    });
    readonly generationId: number | null;
    memberId: string | null;
    coordinator: unknown;
    connect(): Promise<void>;
    joinAndSync(): Promise<void>;
    heartbeat(options: { interval: number }): Promise<void>;
    leave(): Promise<void>;
    assigned(): { topic: string; partitions: number[] }[];
    /** @throws KafkaJSStaleTopicMetadataAssignment if a topic has more partitions than before */
    checkForStaleAssignment(): void;
  }
}
