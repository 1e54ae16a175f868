// Announced objects: a crash before each step of the load protocol, more announcements than one batch takes, loads that cross,
// objects that were taken back, and a store that is away.

import { describe, expect, it } from 'vitest';
import { raiseRevision } from '../../sql/ledger.ts';
import {
  announce,
  client,
  expectExact,
  house,
  loadByListing,
  loadedObjects,
  put,
  reasons,
  records,
  store,
  storeOfThisFile,
  work,
} from '../support/announced.ts';
import { type Truth } from '../support/generator.ts';
import { uniqueName } from '../support/kafka.ts';

storeOfThisFile();

it('a crash before any step changes nothing', async () => {
  const truths: Truth[] = [];
  for (const wanted of ['plan', 'usage', 'read-back', 'ledger', 'done', 'offset']) {
    const seed = 20 + 2 * truths.length;
    const [a, b] = [await put(`crash/${wanted}-a.log`, seed, 120), await put(`crash/${wanted}-b.gz`, seed + 1, 120)];
    truths.push(a.truth, b.truth);
    await announce([records(a.record), records(b.record), 'bad']);
    // Each object is three batches: in the first one of the second.
    let left = wanted === 'usage' || wanted === 'read-back' ? 4 : 1;
    const onStep = (step: string) => {
      if (step === wanted && --left === 0) throw new Error(`crash before ${wanted}`);
    };
    await expect(work({ onStep, limits: { maxLines: 50 } }), wanted).rejects.toThrow('crash');
  }
  expect(await work({ limits: { maxLines: 50 } })).toMatchObject({ stopped: [] });
  expect(await reasons()).toEqual({ bad_announcement: 6, object_loaded: 12 });
  await expectExact(...truths);
});

it('a batch of many announcements is loaded in parts, each of which counts alone', async () => {
  const [a, b] = [await put('many/a.log', 100, 20), await put('many/b.log', 101, 20)];
  await announce([...Array.from({ length: 105 }, () => records(a.record)), records(b.record)]);
  expect(await work()).toMatchObject({ stopped: [], lines: 106, batches: 2 });
  expect(await reasons()).toEqual({ object_known: 104, object_loaded: 2 });
  await expectExact(a.truth, b.truth);
});

describe('an object', () => {
  it('counts once where two loads that cut it elsewhere cross', async () => {
    const { record, truth } = await put('crossed.log.gz', 5, 3_000);
    await announce([records(record)]);
    // The first load stops before its ledger rows, and writes them after the second load is done.
    let held = false;
    const first = work({
      limits: { maxLines: 700 },
      rules: 'old',
      onStep: async (step) => {
        if (step !== 'ledger' || held) return;
        held = true;
        const other = uniqueName('announced');
        await client.createTopic({ topic: other, partitions: 1 });
        await announce([records(record)], other);
        await work({ topics: [other], group: other, limits: { maxLines: 1_100 }, rules: 'new' });
      },
    });
    expect(await first).toMatchObject({ stopped: [] });
    await expectExact(truth);
  });

  it('keeps its other ranges where one is written anew', async () => {
    const { record, truth } = await put('ranges.log', 17, 3_000);
    await announce([records(record)]);
    await work({ limits: { maxLines: 500 } });
    const { partition, first, last, ranges } = (
      await house.warehouse.query<{ partition: string; first: string; last: string; ranges: string }>(
        "SELECT partition, first, last, count() OVER () AS ranges FROM ledger_current WHERE object != '' ORDER BY ledger_current.first LIMIT 1",
      )
    )[0];
    expect(Number(ranges)).toBeGreaterThan(1);
    const row = { source: 'npm', epoch: 0, partition, first: BigInt(first), end: BigInt(last) };
    await raiseRevision(house.warehouse, row, 1_000);
    await expectExact(truth);
  });

  it('that was taken back stays away when it is announced again, and comes when a person loads it', async () => {
    const { record, truth } = await put('back/a.log', 6);
    await announce([records(record)]);
    await work();
    await house.retract({ source: 'npm', object: `s3://${store.bucket}/back/a.log` });
    await announce([records(record)]);
    await work();
    expect(await loadedObjects()).toEqual([]);
    expect((await loadByListing('back/')).map(({ status }) => status)).toEqual(['loaded']);
    await expectExact(truth);
  });

  it('a bucket that does not exist stops the partition', async () => {
    await announce([
      records({ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'no-such-bucket-1' }, object: { key: 'x' } } }),
    ]);
    expect((await work()).stopped).toMatchObject([{ reason: 'object_denied' }]);
  });
});

describe('faults', () => {
  it('a store that is away or hangs means lag, not failure', async () => {
    const { record, truth } = await put('later.log', 14);
    await announce([records(record)]);
    store.provided.pause?.();
    let retries = 0;
    const onRetry = () => {
      if (++retries === 2) store.provided.resume?.();
    };
    expect(await work({ onRetry })).toMatchObject({ stopped: [] });
    expect(retries).toBeGreaterThanOrEqual(store.provided.pause === undefined ? 0 : 2);
    await expectExact(truth);
  });
});
