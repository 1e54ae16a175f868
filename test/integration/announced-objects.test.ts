// Objects of a real object store, announced by topics of a real broker. Each object counts once, for any number, topic and
// order of its announcements. Quarantine keeps an object that cannot be loaded, with its reason. test/faults has crossing
// loads, crashes and an absent store.

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
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
  topic,
  work,
} from '../support/announced.ts';
import { generate } from '../support/generator.ts';
import { uniqueName, utf8 } from '../support/kafka.ts';

storeOfThisFile();

describe('an object', () => {
  it('is loaded whole: plain or gzip, with any key, several in a message', async () => {
    const [a, b] = [await put('day 1/a+b=ü.log', 1), await put('b.log.gz', 2)];
    await announce([records(a.record, b.record)]);
    expect(await work({ limits: { maxLines: 50 } })).toMatchObject({ stopped: [], lines: 2 });
    expect(await loadedObjects()).toEqual(['b.log.gz', 'day 1/a+b=ü.log']);
    expect(await reasons()).toEqual({ object_loaded: 2 });
    await expectExact(a.truth, b.truth);
  });

  it('counts once: announced twice, by two topics, under two keys, by listing, and from a file', async () => {
    const [a, c] = [await put('once/a.log', 3), await put('once/c.log', 4)];
    const { record: copy } = await put('once/copy.log', 3);
    const other = uniqueName('announced');
    await client.createTopic({ topic: other, partitions: 1 });
    await announce([records(a.record), records(a.record, copy), records(a.record)]);
    await announce([records(a.record), records(c.record)], other);
    const path = house.object('c.log', generate({ seed: 4, lines: 200 }, '-4').lines);
    expect((await house.ingest([path])).map(({ status }) => status)).toEqual(['loaded']);
    expect(await work({ topics: [topic, other] })).toMatchObject({ stopped: [] });
    expect((await loadByListing('once/')).map(({ status }) => status)).toEqual(['known', 'known', 'known']);
    const found = await reasons();
    expect(found.object_loaded + found.object_known).toBe(6);
    await expectExact(a.truth, c.truth);
  });

  it('a crash before the row that counts changes nothing', async () => {
    const [a, b] = [await put('crash/a.log', 20, 120), await put('crash/b.gz', 21, 120)];
    await announce([records(a.record), records(b.record), 'bad']);
    const onStep = (step: string) => {
      if (step === 'ledger') throw new Error('crash');
    };
    await expect(work({ onStep, limits: { maxLines: 50 } })).rejects.toThrow('crash');
    expect(await work({ limits: { maxLines: 50 } })).toMatchObject({ stopped: [] });
    expect(await reasons()).toEqual({ bad_announcement: 1, object_loaded: 2 });
    await expectExact(a.truth, b.truth);
  });
});

describe('what is not loaded', () => {
  it('is counted by its reason and kept, and the rest goes on', async () => {
    const good = await put('ok.log', 7);
    const gone = await put('gone.log', 8);
    await store.delete('gone.log');
    const first = await put('changed.log', 9);
    await put('changed.log', 10);
    const torn = await store.put('torn.log.gz', gzipSync(utf8('x'.repeat(100_000))).subarray(0, 60));
    await announce([
      records(good.record),
      records(gone.record),
      records(first.record),
      records(torn),
      records(store.record('ok.log', {}, 'ObjectRemoved:Delete')),
      { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: store.bucket },
      'not a notification',
    ]);
    expect(await work()).toMatchObject({ stopped: [], lines: 7 });
    expect(await reasons()).toEqual({
      bad_announcement: 1,
      not_an_upload: 2,
      object_changed: 1,
      object_loaded: 1,
      object_missing: 1,
      object_refused: 1,
    });
    const kept = await house.warehouse.query<{ position: string; reason: string; line: string }>(
      "SELECT position, reason, line FROM quarantine FINAL WHERE batch_id IN (SELECT batch_id FROM ledger_current WHERE object = '') ORDER BY position",
    );
    expect(kept.map(({ position, reason }) => `${position} ${reason}`)).toEqual([
      '1 object_missing',
      '2 object_changed',
      '3 object_refused',
      '6 bad_announcement',
    ]);
    expect(kept[0].line).toBe(JSON.stringify(records(gone.record)));
    await expectExact(good.truth);
  });

  it('other content under a name that was loaded waits for a person', async () => {
    const { record, truth } = await put('same-name.log', 11);
    await announce([records(record)]);
    await work();
    await announce([records((await put('same-name.log', 12)).record)]);
    await work();
    expect(await reasons()).toEqual({ object_loaded: 1, object_refused: 1 });
    await expectExact(truth);
  });

  it.each([
    ['a wrong key', { AWS_ACCESS_KEY_ID: 'nobody' }],
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'not-the-secret-77' }],
  ])('%s stops the partition, without a secret in what it says; corrected, it goes on', async (_name, wrong) => {
    const { record, truth } = await put('denied.log', 13);
    await announce([records(record)]);
    Object.assign(process.env, wrong);
    const { stopped } = await work().finally(() => Object.assign(process.env, store.env));
    expect(stopped).toMatchObject([{ kind: 'partitionStopped', reason: 'object_denied' }]);
    expect(stopped[0].hint).toContain('object_store');
    const said = `${stopped[0].message} ${stopped[0].stack} ${JSON.stringify(stopped[0])}`;
    for (const secret of ['not-the-secret-77', store.env.AWS_SECRET_ACCESS_KEY]) expect(said).not.toContain(secret);
    expect(await work()).toMatchObject({ stopped: [] });
    await expectExact(truth);
  });
});
