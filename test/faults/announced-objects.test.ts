// Announced objects: a crash before each step of the load protocol, and more announcements than one batch takes.

import { expect, it } from 'vitest';
import { announce, expectExact, put, reasons, records, storeOfThisFile, work } from '../support/announced.ts';
import { type Truth } from '../support/generator.ts';

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
