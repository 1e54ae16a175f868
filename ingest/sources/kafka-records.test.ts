// What a fetch means, on answers written by hand.

import { describe, expect, it } from 'vitest';
import { CodecError } from './kafka-codecs.ts';
import { fetchFault, isFenced, isTransient, readFetch, type WirePartition } from './kafka-records.ts';

type WireMessage = WirePartition['messages'][number];
const record = (offset: number, extra: Partial<WireMessage> = {}): WireMessage => ({
  offset: String(offset),
  timestamp: '1700000000000',
  key: null,
  value: Buffer.from(`v${offset}`),
  ...extra,
});
const batch = (producerId: string, firstOffset: number, lastOffsetDelta = 0, inTransaction = true) => ({
  producerId,
  firstOffset: String(firstOffset),
  lastOffsetDelta,
  inTransaction,
});
const marker = (offset: number, producerId: string, type: 'abort' | 'commit'): WireMessage =>
  record(offset, {
    key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]),
    isControlRecord: true,
    batchContext: batch(producerId, offset),
  });
const wire = (messages: WireMessage[], extra: Partial<WirePartition> = {}): WirePartition => ({
  partition: 0,
  highWatermark: '100',
  lastStableOffset: '90',
  abortedTransactions: [],
  messages,
  ...extra,
});
const offsets = (answer: ReturnType<typeof readFetch>): number[] => answer.records.map(({ offset }) => Number(offset));

describe('readFetch', () => {
  it('nothing read: the position stays', () => {
    expect(readFetch(wire([]), 7n)).toMatchObject({
      from: 7n,
      nextOffset: 7n,
      records: [],
      highWatermark: 100n,
      endOffset: 90n,
    });
  });

  it('leaves out what lies before the position, in the same batch', () => {
    const answer = readFetch(wire([record(5), record(6), record(7)]), 6n);
    expect(offsets(answer)).toEqual([6, 7]);
    expect([answer.nextOffset, answer.size_bytes]).toEqual([8n, 4]);
  });

  it('drops two transactions that were open before the position and aborted after it', () => {
    const messages = [
      record(10, { batchContext: batch('A', 10) }),
      record(11, { batchContext: batch('B', 11) }),
      record(12, { batchContext: batch('C', 12) }),
      marker(13, 'A', 'abort'),
      marker(14, 'B', 'abort'),
      record(15, { batchContext: batch('A', 15) }),
    ];
    const abortedTransactions = [
      { producerId: 'B', firstOffset: '4' },
      { producerId: 'A', firstOffset: '3' },
    ];
    const answer = readFetch(wire(messages, { abortedTransactions }), 10n);
    expect(offsets(answer)).toEqual([12, 15]);
    expect(answer.nextOffset).toBe(16n);
  });

  it('a data record whose key looks like an abort marker ends no transaction', () => {
    const messages = [
      record(10, { key: Buffer.from([0, 0, 0, 0]), batchContext: batch('A', 10, 1) }),
      record(11, { batchContext: batch('A', 10, 1) }),
      marker(12, 'A', 'abort'),
    ];
    expect(
      offsets(readFetch(wire(messages, { abortedTransactions: [{ producerId: 'A', firstOffset: '10' }] }), 10n)),
    ).toEqual([]);
  });

  it('a producer that aborted may still append outside of transactions', () => {
    const messages = [record(10, { batchContext: batch('A', 10, 0, false) })];
    expect(
      offsets(readFetch(wire(messages, { abortedTransactions: [{ producerId: 'A', firstOffset: '3' }] }), 10n)),
    ).toEqual([10]);
  });

  it('passes control records, and the compacted end of a batch', () => {
    expect(readFetch(wire([marker(10, 'A', 'commit')]), 10n)).toMatchObject({ nextOffset: 11n, records: [] });
    const compacted = readFetch(wire([record(10, { batchContext: batch('-1', 8, 9, false) })]), 10n);
    expect([offsets(compacted), compacted.nextOffset]).toEqual([[10], 18n]);
  });

  it('never goes back', () => {
    expect(readFetch(wire([record(3), record(4)]), 9n)).toMatchObject({ nextOffset: 9n, records: [] });
  });

  it('keeps offsets past 2^53', () => {
    const offset = 2n ** 60n;
    const answer = readFetch(
      wire([{ ...record(0), offset: String(offset) }], { highWatermark: String(offset + 1n) }),
      offset,
    );
    expect([answer.records[0].offset, answer.nextOffset]).toEqual([offset, offset + 1n]);
  });
});

describe('errors', () => {
  const protocol = (type: string, retriable = false): Error =>
    Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type, retriable });
  const wrapped = (cause: Error): Error =>
    Object.assign(new Error('wrapped', { cause }), { name: 'KafkaJSNumberOfRetriesExceeded' });

  it.each(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'])(
    '%s: replaced, however often it is wrapped',
    (type) => {
      expect(isFenced(wrapped(wrapped(protocol(type))))).toBe(true);
      expect(isTransient(protocol(type))).toBe(false);
    },
  );

  it('connections and moving leaders are tried again, damage is not', () => {
    const connection = Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' });
    for (const error of [connection, wrapped(connection), protocol('NOT_LEADER_FOR_PARTITION', true)]) {
      expect(isTransient(error)).toBe(true);
      expect(fetchFault(error, 't', 0, 5n)).toBeNull();
    }
    expect(fetchFault(protocol('OFFSET_OUT_OF_RANGE'), 't', 0, 5n)).toMatchObject({
      reason: 'out_of_range',
      offset: 5n,
      kind: 'partitionStopped',
    });
    expect(fetchFault(protocol('TOPIC_AUTHORIZATION_FAILED'), 't', 0, 5n)).toMatchObject({ reason: 'refused' });
    const cut = new CodecError('zstd', 'corrupt', 'cut off', { cause: new Error('inner') });
    for (const error of [cut, new RangeError('Maximum call stack size exceeded'), new TypeError('x')]) {
      expect(fetchFault(error, 't', 3, 5n)).toMatchObject({ reason: 'undecodable', topic: 't', partition: 3 });
    }
  });
});
