// Shared by tests of Kafka: a client of the run's broker, names that no other test uses, and waiting for a condition.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type {} from '../global-setup.ts';
import {
  type Claim,
  type ConsumeOptions,
  createKafkaClient,
  type KafkaClient,
  type KafkaLog,
} from '../../ingest/sources/kafka.ts';

export const quietLog: KafkaLog = { debug() {}, info() {}, warn() {}, error() {} };

export const testBrokers = (): string[] => inject('kafkaBrokers');

export function testClient(brokers = testBrokers()): KafkaClient {
  return createKafkaClient({ brokers, client_id: 'fairshare-test' }, { log: quietLog });
}

/** Makes a name for a topic or a group. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

/** Timeouts that let a test see a rebalance within a second. */
export const quickGroup = {
  session_timeout_ms: 3_000,
  rebalance_timeout_ms: 6_000,
  heartbeat_ms: 100,
  metadata_ms: 500,
} as const satisfies Partial<ConsumeOptions>;

export const utf8 = (text: string): Uint8Array => Buffer.from(text);
export const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString();

/** Waits for a condition that other code makes true. @throws Error after `limit_ms` */
export async function until(condition: () => boolean | Promise<boolean>, limit_ms = 30_000): Promise<void> {
  const end = Date.now() + limit_ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still not so after ${limit_ms} ms: ${condition.toString()}`);
    await sleep(20);
  }
}

/** Reads everything into `seen` and commits each fetch, over any number of generations. */
export const readingInto =
  (seen: Map<bigint, string>) =>
  async (claim: Claim): Promise<void> => {
    claim.seek(claim.committed ?? claim.low);
    for (;;) {
      const fetched = await claim.poll(500);
      if (fetched === null) continue;
      for (const { offset, value } of fetched.records) seen.set(offset, text(value)!);
      await claim.commit(fetched.nextOffset);
    }
  };
