// Reads the answer to a fetch: which records count, where the next fetch begins, and how to react to an error. No I/O.
// Written here because kafkajs's own batch drops only one aborted transaction per record, takes any record with the key
// 00 00 00 00 for an abort marker, and cannot skip a batch whose last records were compacted away.

import { Fault } from '../../transform/fault.ts';
import { CodecError } from './kafka-codecs.ts';

export interface KafkaRecord {
  readonly offset: bigint;
  /** Milliseconds since 1970, by the producer or the broker; −1 if there is none. */
  readonly timestamp_ms: number;
  readonly key: Uint8Array | null;
  /** null: a tombstone. The bytes are a view of the fetch: copy them to keep them longer. */
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** One answer of the broker for one partition: every record of [from, nextOffset) that readers may see. */
export interface Fetched {
  readonly from: bigint;
  /** Offset of the next fetch. After control records or compaction it may lie further than one past the last record. */
  readonly nextOffset: bigint;
  /** In offset order; may be empty although nextOffset > from. */
  readonly records: readonly KafkaRecord[];
  /** Σ value lengths. */
  readonly size_bytes: number;
  readonly highWatermark: bigint;
  /** Readers get no further than this (the last stable offset): open transactions keep it below the high watermark. */
  readonly endOffset: bigint;
}

/** A partition that cannot be read further, because the same fetch would fail again. Stop it and wait for a person. */
export class PartitionFault extends Fault {
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly reason: 'out_of_range' | 'undecodable' | 'refused' | 'stalled',
    readonly offset: bigint,
    detail: string,
    options?: ErrorOptions,
  ) {
    super('partitionStopped', `${topic}/${partition} at offset ${offset}: ${detail}`, partitionHints[reason], options);
  }
}

const partitionHints = {
  out_of_range:
    'Records were deleted before they were read, or the topic was made anew: see docs/OPERATIONS.md, stopped partitions',
  undecodable:
    'The record batch is damaged, too large, or in a compression that is not known: see docs/OPERATIONS.md, stopped partitions',
  refused: 'Check the access rights of this client for the topic and the group',
  stalled: 'Check the brokers, then start again',
} as const;

/** The group has moved on: another owner has this partition, or at least this claim is over. Not a defect. */
export class StaleClaim extends Error {
  override readonly name = 'StaleClaim';
}

/** kafkajs's decoded answer for one partition of a fetch: only the fields that are used. */
export interface WirePartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset?: string;
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly messages: readonly {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers?: Record<string, unknown>;
    readonly isControlRecord?: boolean;
    readonly batchContext?: {
      readonly firstOffset: string;
      readonly lastOffsetDelta: number;
      readonly producerId: string;
      readonly inTransaction: boolean;
    };
  }[];
}

const noHeaders = {};

/** The committed data records at `from` or later, and the next offset. A fetch may begin before the requested offset. */
export function readFetch(wire: WirePartition, from: bigint): Fetched {
  const aborted = (wire.abortedTransactions ?? [])
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: BigInt(firstOffset) }))
    .sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const abortedNow = new Set<string>();
  const records: KafkaRecord[] = [];
  let size_bytes = 0;
  let nextAborted = 0;
  for (const message of wire.messages) {
    const offset = BigInt(message.offset);
    while (nextAborted < aborted.length && aborted[nextAborted].firstOffset <= offset) {
      abortedNow.add(aborted[nextAborted++].producerId);
    }
    const batch = message.batchContext;
    if (message.isControlRecord === true) {
      // A control record's key is version and type, two bytes each; type 0 ends an aborted transaction.
      if (message.key?.readInt16BE(2) === 0) abortedNow.delete(batch!.producerId);
      continue;
    }
    if (offset < from || (batch?.inTransaction === true && abortedNow.has(batch.producerId))) continue;
    records.push({
      offset,
      timestamp_ms: Number(message.timestamp),
      key: message.key,
      value: message.value,
      headers: message.headers ?? noHeaders,
    });
    size_bytes += message.value?.length ?? 0;
  }
  const highWatermark = BigInt(wire.highWatermark);
  const stable = BigInt(wire.lastStableOffset ?? -1);
  return {
    from,
    nextOffset: endOf(wire.messages.at(-1), from),
    records,
    size_bytes,
    highWatermark,
    endOffset: stable < 0n ? highWatermark : stable,
  };
}

/** The end of the last batch, even if its last records were compacted away, because batches are decoded whole. */
function endOf(last: WirePartition['messages'][number] | undefined, from: bigint): bigint {
  if (last === undefined) return from;
  let end = BigInt(last.offset) + 1n;
  if (last.batchContext !== undefined) {
    const batchEnd = BigInt(last.batchContext.firstOffset) + BigInt(last.batchContext.lastOffsetDelta) + 1n;
    if (batchEnd > end) end = batchEnd;
  }
  return end > from ? end : from;
}

/** kafkajs wraps the cause in retry errors, sometimes twice. */
export function rootCause(error: unknown): Error & { readonly type?: string; readonly retriable?: boolean } {
  let root = error as Error;
  while (root.cause instanceof Error && !(root instanceof CodecError)) root = root.cause;
  return root;
}

/** The broker says that this member or generation is over: drop all work, and join again. */
export function isFenced(error: unknown): boolean {
  const { type } = rootCause(error);
  return (
    type === 'ILLEGAL_GENERATION' ||
    type === 'UNKNOWN_MEMBER_ID' ||
    type === 'REBALANCE_IN_PROGRESS' ||
    type === 'FENCED_INSTANCE_ID'
  );
}

/** An error that may pass: lost connections, moving leaders and coordinators. */
export function isTransient(error: unknown): boolean {
  const root = rootCause(error);
  return (
    transientNames.has(root.name) ||
    (root.type !== undefined && (root.retriable === true || transientTypes.has(root.type)))
  );
}
const transientNames = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSLockTimeout',
  'KafkaJSStaleTopicMetadataAssignment',
]);
const transientTypes = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'REPLICA_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
]);

/** The fault for a failed fetch of this partition alone; null if another try may succeed. */
export function fetchFault(error: unknown, topic: string, partition: number, offset: bigint): PartitionFault | null {
  const root = rootCause(error);
  const fault = (reason: PartitionFault['reason'], detail: string): PartitionFault =>
    new PartitionFault(topic, partition, reason, offset, detail, { cause: root });
  if (root.type === 'OFFSET_OUT_OF_RANGE') return fault('out_of_range', 'the broker has no such offset');
  if (isTransient(error)) return null;
  if (root.type !== undefined) return fault('refused', `the broker refuses the fetch: ${root.message}`);
  if (root instanceof RangeError && /call stack/i.test(root.message)) {
    return fault('undecodable', 'a record batch holds too many records (the client can decode about 110,000)');
  }
  if (undecodableNames.has(root.name)) return fault('undecodable', `a record batch cannot be decoded: ${root.message}`);
  return null;
}
const undecodableNames = new Set([
  'CodecError',
  'RangeError',
  'TypeError',
  'SyntaxError',
  'KafkaJSInvalidVarIntError',
  'KafkaJSInvalidLongError',
  'KafkaJSNotImplemented',
]);
