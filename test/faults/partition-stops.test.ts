// More reasons for a partition to stop, and ways to release it. test/integration/ingest-stops.test.ts has the others.

import { describe, expect, it } from 'vitest';
import { until } from '../support/kafka.ts';
import {
  client,
  command,
  expectExact,
  expectNewEpoch,
  feed,
  ledger,
  ownTopicForEachTest,
  stops,
  topic,
  work,
} from '../support/topic-worker.ts';

ownTopicForEachTest();

describe('records that are gone', () => {
  it('are given up while the worker goes on with its other partitions; it takes the partition up by itself', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await feed(0, 3, 50);
    await client.deleteRecords(topic, [{ partition: 0, offset: 250n }]);
    const stop = new AbortController();
    const running = work({ untilEnd: false, signal: stop.signal });
    truths.push(await feed(0, 4), await feed(1, 5));
    await until(async () => (await ledger(1)).at(-1)!.endsWith(', 400) loaded'));
    expect(await stops()).toEqual(['stopped retention_gap']);
    await command('ingest', 'release', '--source', 'npm', '--partition', `${topic}/0`, '--to', '250');
    await until(async () => (await ledger(0)).at(-1)!.endsWith(', 450) loaded'));
    stop.abort();
    expect(await running).toMatchObject({ stopped: [] });
    expect(await stops()).toEqual(['resumed retention_gap']);
    await expectExact(...truths);
  });
});

describe('a topic that was made anew', () => {
  it('with fewer records than were counted: it stops, and goes on as another epoch', async () => {
    await expectNewEpoch(50);
  });
});
