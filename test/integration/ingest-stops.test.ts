// Partitions that stop on a real broker and the real engine, because offsets, records or a topic have changed, or because
// lines or rows are refused; and how a person releases them.

import { describe, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Random } from '../support/generator.ts';
import {
  client,
  command,
  expectExact,
  feed,
  group,
  house,
  ledger,
  ownTopicForEachTest,
  printed,
  send,
  setCommitted,
  topic,
  work,
} from '../support/topic-worker.ts';

ownTopicForEachTest();

describe('the group’s offsets', () => {
  it('are lost: the ledger says where to go on, under a revision that no earlier owner can know', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truths = [await feed(0, 1)];
    await work();
    await client.deleteGroup(group);
    truths.push(await feed(0, 2));
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    const revisions = await house.warehouse.query<{ revision: number }>(
      "SELECT DISTINCT revision FROM ledger_current WHERE state = 'loaded' ORDER BY revision",
    );
    expect(revisions.map(({ revision }) => revision)).toEqual([2]); // the existing row is raised
    await expectExact(...truths);
  });

  it('are ahead of the ledger: the partition stops', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await setCommitted(205n);
    await feed(0, 3);
    truths.push(await feed(1, 4));
    const { stopped, lines } = await work();
    expect(lines).toBe(200);
    expect(stopped).toMatchObject([
      { reason: 'unexplained_offset', partition: `${topic}/0`, kind: 'partitionStopped' },
    ]);
    await expectExact(...truths);
  });
});

describe('records that are gone', () => {
  it('stop their partition alone, until a person gives them up', async () => {
    await client.createTopic({ topic, partitions: 2 });
    const truths = [await feed(0, 1), await feed(1, 2)];
    await work();
    await feed(0, 3, 50);
    await client.deleteRecords(topic, [{ partition: 0, offset: 250n }]);
    truths.push(await feed(0, 4), await feed(1, 5));
    const { stopped } = await work();
    expect(stopped).toMatchObject([{ reason: 'retention_gap', partition: `${topic}/0` }]);
    expect((await ledger(1)).at(-1)).toBe('[200, 400) loaded');
    expect((await work()).stopped).toHaveLength(1);

    const said = await command(...printed(stopped[0]));
    expect(said).toContain('goes on at 250');
    expect(await work()).toMatchObject({ lines: 200, stopped: [] });
    expect(await ledger(0)).toEqual(['[0, 200) loaded', '[200, 250) released', '[250, 450) loaded']);
    await expectExact(...truths);
  });
});

describe('what cannot be read or loaded', () => {
  it('a format that fits no line stops its partition alone', async () => {
    await client.createTopic({ topic, partitions: 2 });
    await send(0, ['what is this']);
    const truth = await feed(1, 1);
    const { stopped } = await work({ format: 'auto' });
    expect(stopped).toMatchObject([
      { kind: 'inputRefused', message: expect.stringContaining('xxxx xx xxxx') as string },
    ]);
    await expectExact(truth);
  });

  it('an absent warehouse means lag, at every step, not failure', async () => {
    await client.createTopic({ topic, partitions: 1 });
    const truth = await feed(0, 1);
    let absent = 0;
    const random = new Random(1);
    const flaky = new Proxy(house.warehouse, {
      get: (target, name: keyof Warehouse) => {
        if (!['query', 'insert', 'insertArrow', 'command'].includes(name)) return target[name];
        return (...args: unknown[]) => {
          if (random.chance(0.5)) {
            absent++;
            return Promise.reject(new Fault('warehouseUnreachable', 'nobody there'));
          }
          return (target[name] as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        };
      },
    });
    expect(await work({ warehouse: flaky, maxLines: 50 })).toMatchObject({ stopped: [], lines: 200 });
    expect(absent).toBeGreaterThan(10);
    await expectExact(truth);
  });
});
