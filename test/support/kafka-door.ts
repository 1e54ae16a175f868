// Topics, members and claims for tests of the Kafka client, and kafkajs itself for requests that its clients do not offer.

import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Claim, type Compression, type KafkaClient, type KafkaRecord } from '../../ingest/sources/kafka.ts';
import { quickGroup, testBrokers, testClient, uniqueName, until, utf8 } from './kafka.ts';

/** Client of the test file. */
export let client: KafkaClient;

/** A test file calls this once. */
export function clientOfThisFile(): void {
  beforeAll(() => {
    client = testClient();
  });
  afterAll(() => client.close());
}

export async function newTopic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
  const topic = uniqueName('topic');
  expect(await client.createTopic({ topic, partitions, config })).toBe(true);
  // A new topic has no leaders for a moment when the broker is busy.
  await until(() => client.watermarks(topic).then(() => true, () => false)); // prettier-ignore
  return topic;
}

export async function produce(
  topic: string,
  values: readonly string[],
  partition = 0,
  compression: Compression = 'none',
): Promise<void> {
  const producer = await client.producer({ compression });
  await producer.send(
    topic,
    partition,
    values.map((value) => ({ value: utf8(value) })),
  );
  await producer.close();
}

/** Polls a claim from `from` until its position is `to`; → the records. */
export async function pollTo(claim: Claim, from: bigint, to: bigint): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = [];
  claim.seek(from);
  while (claim.position! < to) records.push(...((await claim.poll(1_000))?.records ?? []));
  return records;
}

/** Runs `body` as the only member of a new group, on its first claim, then leaves. */
export async function withClaim<T>(
  topic: string,
  body: (claim: Claim) => Promise<T>,
  groupId = uniqueName('group'),
): Promise<T> {
  const stop = new AbortController();
  let result: T | undefined;
  await client.consume({
    groupId,
    topics: [topic],
    signal: stop.signal,
    ...quickGroup,
    onClaim: async (claim) => {
      try {
        result = await body(claim);
      } finally {
        stop.abort();
      }
    },
  });
  return result!;
}

/** A member that counts its records and gives its partitions back when told. */
export function member(groupId: string, topic: string, onClaim?: (claim: Claim) => Promise<void>) {
  const stop = new AbortController();
  const claims: Claim[] = [];
  const held = (): Claim[] => claims.filter((claim) => !claim.revoked.aborted);
  const done = client.consume({
    groupId,
    topics: [topic],
    signal: stop.signal,
    ...quickGroup,
    onClaim: async (claim) => {
      claims.push(claim);
      await onClaim?.(claim);
    },
  });
  return { claims, held, done, leave: () => (stop.abort(), done) };
}

export const kafka = (): kafkajs.Kafka =>
  new kafkajs.Kafka({ brokers: testBrokers(), logLevel: kafkajs.logLevel.NOTHING });

/** kafkajs's own connection to the brokers, for requests that its clients do not offer. */
export async function withCluster<T>(groupId: string, use: (cluster: kafkajs.Cluster) => Promise<T>): Promise<T> {
  let cluster: kafkajs.Cluster | undefined;
  kafka().consumer({
    groupId,
    partitionAssigners: [(given) => ((cluster = given.cluster), kafkajs.PartitionAssigners.roundRobin(given))],
  });
  await cluster!.connect();
  try {
    return await use(cluster!);
  } finally {
    await cluster!.disconnect();
  }
}
