// The content of a log object is its identity: however it is stored, whatever its name, its lines count once.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runChecks } from '../../sql/checks.ts';
import { contentsShown } from '../../sql/object-content.ts';
import { sha256 } from '../../sql/sha256.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { edgeLine, House } from '../support/house.ts';
import { zstdOf } from '../support/zstd.ts';

let house: House;
let number = 0;
/** A source and a directory for each test. */
let source: string;
let logs: string;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());
beforeEach(() => {
  source = `s${++number}`;
  logs = join(house.directory, source);
  mkdirSync(logs);
});

const utf8 = (text: string) => Buffer.from(text);
/** Lines that no other test has. */
const linesOf = (name: string, from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) => `${edgeLine({ at: '2026-10-01T10:00:00Z', path: `/${source}-${name}/-/p-1.0.${from + i}.tgz` })}\n`,
  ).join('');
const put = (name: string, content: string | Buffer) => writeFileSync(join(logs, name), content);
const ingest = async (options: Parameters<House['ingest']>[1] = {}) => {
  const outcomes = await house.ingest([logs], { ...options, spec: { name: source, ...options.spec } });
  return Object.fromEntries(outcomes.map((outcome) => [outcome.name, outcome]));
};
const statuses = async (options?: Parameters<House['ingest']>[1]) =>
  Object.fromEntries(Object.entries(await ingest(options)).map(([name, { status }]) => [name, status]));
const counted = async () => {
  const [{ requests }] = await house.warehouse.query<{ requests: string }>(
    "SELECT sum(requests) AS requests FROM ledger_current WHERE source = {source:String} AND state = 'loaded'",
    { source },
  );
  return Number(requests);
};
/** Requests in landing that count: what figures are made of. */
const inLanding = async () => {
  const [{ requests }] = await house.warehouse.query<{ requests: string }>(
    "SELECT sum(requests) AS requests FROM usage_batch FINAL WHERE batch_id IN (SELECT batch_id FROM ledger_current WHERE source = {source:String} AND state = 'loaded')",
    { source },
  );
  return Number(requests);
};

it('the partition is the SHA-256 of the decompressed content, also of one that is read while it is stored', async () => {
  const large = linesOf('large', 0, 30_000);
  put('small.log.gz', gzipSync(linesOf('small', 0, 5)));
  put('large.log.gz', gzipSync(large, { level: 1 }));
  await ingest({ limits: { ...defaultLimits, maxLines: 7_000 } });
  const rows = await house.warehouse.query<{ object: string; partition: string; batches: string }>(
    'SELECT object, partition, count() AS batches FROM ledger_current WHERE source = {source:String} GROUP BY ALL ORDER BY object',
    { source },
  );
  expect(rows).toEqual([
    { object: 'large.log.gz', partition: sha256(large), batches: '5' },
    { object: 'small.log.gz', partition: sha256(linesOf('small', 0, 5)), batches: '1' },
  ]);
  expect([await counted(), await inLanding()]).toEqual([30_005, 30_005]);
});

it('rotation with a date: the log that was compressed is the same', async () => {
  put('access.log-20261128', linesOf('28', 0, 100));
  expect(await statuses()).toEqual({ 'access.log-20261128': 'loaded' });
  rmSync(join(logs, 'access.log-20261128'));
  put('access.log-20261128.gz', gzipSync(linesOf('28', 0, 100)));
  put('access.log-20261129', linesOf('29', 0, 50));
  const outcomes = await ingest();
  expect(outcomes['access.log-20261128.gz']).toMatchObject({ status: 'known', same_as: 'access.log-20261128' });
  expect(outcomes['access.log-20261129']).toMatchObject({ status: 'loaded' });
  expect([await counted(), await inLanding()]).toEqual([150, 150]);
  expect(await contentsShown(house.warehouse)).toContainEqual({ source, objects: 2, stored_only: 0, twins: 1 });
});

it('numbered rotation: a name moves on, and its next log is loaded', async () => {
  for (let night = 1; night <= 4; night++) {
    if (night > 3) rmSync(join(logs, 'access.log.3.gz'));
    if (night > 2) renameSync(join(logs, 'access.log.2.gz'), join(logs, 'access.log.3.gz'));
    if (night > 1) {
      rmSync(join(logs, 'access.log.1'));
      put('access.log.2.gz', gzipSync(linesOf(`${night - 1}`, 0, 10)));
    }
    put('access.log.1', linesOf(`${night}`, 0, 10));
    const outcomes = await statuses();
    expect(outcomes['access.log.1']).toBe('loaded');
    expect(Object.values(outcomes).filter((status) => status === 'refused')).toEqual([]);
    expect(await counted()).toBe(10 * night);
  }
  // Three contents had this name: a retraction says which.
  await expect(house.retract({ source, object: 'access.log.1' })).rejects.toThrow(
    '4 contents were loaded under the name',
  );
  await house.retract({ source, object: sha256(linesOf('2', 0, 10)) });
  expect(await counted()).toBe(30);
  expect(await statuses()).toMatchObject({ 'access.log.3.gz': 'loaded', 'access.log.1': 'known' });
  expect(await counted()).toBe(40);
});

it('a known name with other content, whose former content is nowhere, is refused; a person may say that it is another log', async () => {
  put('access.log.1', linesOf('a', 0, 10));
  await ingest();
  put('access.log.1', linesOf('b', 0, 10));
  expect((await ingest())['access.log.1']).toMatchObject({
    status: 'refused',
    problem: expect.stringContaining('was loaded with other content') as string,
  });
  expect((await ingest({ distinct: 'one rotation is kept' }))['access.log.1'].status).toBe('loaded');
  expect(await statuses()).toEqual({ 'access.log.1': 'known' });
  expect(await counted()).toBe(20);
});

it('a log that was changed, cut, or rewritten with the same first lines is refused, also under another name', async () => {
  const lines = linesOf('a', 0, 40);
  put('a.log', lines);
  await ingest();
  put('cut.log.gz', gzipSync(linesOf('a', 0, 30)));
  put('changed.log', `${linesOf('a', 0, 39)}${linesOf('other', 0, 1)}`);
  const outcomes = await ingest();
  for (const name of ['cut.log.gz', 'changed.log'])
    expect(outcomes[name]).toMatchObject({
      status: 'refused',
      problem: expect.stringContaining('begins like a.log') as string,
    });
  expect(await counted()).toBe(40);
});

it('directives that all logs begin with make no twins', async () => {
  const fields = `#Version: 1.0\n#Fields: date time sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(User-Agent)\n#Remark: ${'x'.repeat(2000)}\n`;
  const w3c = (n: number, lines: number) =>
    fields +
    Array.from({ length: lines }, (_, i) =>
      `2026-10-01 10:00:0${i} 5 192.0.2.${n} GET registry.example /a-${n}-${i} 200 npm/11\n`.replaceAll(
        / (?=[^ ])/g,
        '\t',
      ),
    ).join('');
  put('0.log', fields);
  for (let n = 1; n <= 5; n++) put(`${n}.log`, w3c(n, n));
  const outcomes = await statuses({ spec: { format: 'cloudfront' } });
  expect(Object.values(outcomes)).toEqual(Array(6).fill('loaded'));
  expect(await counted()).toBe(15);
  // What is new of a log with directives is read as they say.
  put('5.log', w3c(5, 9));
  expect(await statuses({ spec: { format: 'cloudfront' }, grown: true })).toMatchObject({ '5.log': 'loaded' });
  expect(await counted()).toBe(19);
});

it('a log that grew is refused with both names; where asked for, what is new is loaded', async () => {
  put('day.log', linesOf('a', 0, 100));
  await ingest();
  put('day.log', linesOf('a', 0, 150));
  const { 'day.log': refused } = await ingest();
  expect(refused.status).toBe('refused');
  expect(refused.problem).toMatch(/day\.log begins with the whole of day\.log, which is loaded: \d+ of its \d+ bytes/);
  expect((await ingest({ grown: true }))['day.log']).toMatchObject({ status: 'loaded', requests: 50 });
  // The whole is known now, in any form.
  put('day.log.gz', gzipSync(linesOf('a', 0, 150)));
  expect(await statuses()).toEqual({ 'day.log': 'known', 'day.log.gz': 'known' });
  rmSync(join(logs, 'day.log.gz'));
  put('day.log', linesOf('a', 0, 160));
  expect((await ingest({ grown: true }))['day.log']).toMatchObject({ status: 'loaded', requests: 10 });
  expect([await counted(), await inLanding()]).toEqual([160, 160]);
  const [first] = await house.warehouse.query<{ first: string }>(
    'SELECT max(ledger_current.first) AS first FROM ledger_current WHERE source = {source:String}',
    { source },
  );
  expect(Number(first.first)).toBe(linesOf('a', 0, 150).length);
  // What it continues is taken back after it.
  const parts = [160, 150, 100].map((lines) => sha256(linesOf('a', 0, lines)));
  await expect(house.retract({ source, object: parts[2] })).rejects.toThrow('only what is new was loaded of day.log');
  for (const object of parts) await house.retract({ source, object });
  expect(await counted()).toBe(0);
  expect(await statuses()).toEqual({ 'day.log': 'loaded' });
  expect([await counted(), await inLanding()]).toEqual([160, 160]);
});

it('a log that ends in the middle of a line cannot be continued', async () => {
  const text = linesOf('a', 0, 3);
  put('part.log', text.slice(0, -20));
  put('whole.log', linesOf('b', 0, 3).trimEnd());
  await ingest();
  put('part.log', text + linesOf('a', 3, 5));
  put('whole.log', linesOf('b', 0, 5));
  const outcomes = await ingest({ grown: true });
  expect(outcomes['part.log'].problem).toContain('They end in the middle of a line');
  // Only its line end was missing.
  expect(outcomes['whole.log']).toMatchObject({ status: 'loaded', requests: 2 });
});

it('concatenated logs: what is loaded of them is left out, wherever it stands', async () => {
  put('a.log', linesOf('a', 0, 20));
  put('b.log', linesOf('b', 0, 30));
  await ingest();
  put('ab.log.gz', Buffer.concat([gzipSync(linesOf('a', 0, 20)), gzipSync(linesOf('b', 0, 30))]));
  put('abc.log', linesOf('a', 0, 20) + linesOf('b', 0, 30) + linesOf('c', 0, 7));
  const outcomes = await ingest();
  expect(outcomes['ab.log.gz']).toMatchObject({ status: 'known', same_as: 'a.log + b.log' });
  expect(outcomes['abc.log']).toMatchObject({
    status: 'refused',
    problem: expect.stringContaining('a.log + b.log') as string,
  });
  expect((await ingest({ grown: true }))['abc.log']).toMatchObject({ status: 'loaded', requests: 7 });
  expect(await counted()).toBe(57);
});

it('two hosts that wrote the same lines: a person says so, and both count', async () => {
  put('one.log', linesOf('a', 0, 10));
  put('two.log.gz', gzipSync(linesOf('a', 0, 10)));
  expect(await statuses()).toEqual({ 'one.log': 'loaded', 'two.log.gz': 'known' });
  expect(await statuses({ distinct: 'a health check at both edges' })).toEqual({
    'one.log': 'known',
    'two.log.gz': 'loaded',
  });
  expect([await counted(), await inLanding()]).toEqual([20, 20]);
  expect(await statuses()).toEqual({ 'one.log': 'known', 'two.log.gz': 'known' });
  // Another run with the same wish changes nothing.
  expect(await statuses({ distinct: 'again' })).toEqual({ 'one.log': 'known', 'two.log.gz': 'known' });
  const reasons = await house.warehouse.query(
    "SELECT object, reason FROM object_content FINAL WHERE source = {source:String} AND reason != ''",
    { source },
  );
  expect(reasons).toEqual([{ object: 'two.log.gz', reason: 'a health check at both edges' }]);
});

it('empty objects are nobody’s twins', async () => {
  put('a.log', '');
  put('b.log.gz', gzipSync(''));
  expect(await statuses()).toEqual({ 'a.log': 'loaded', 'b.log.gz': 'loaded' });
  expect(await statuses()).toEqual({ 'a.log': 'known', 'b.log.gz': 'known' });
  put('a.log', linesOf('a', 0, 3));
  expect(await statuses()).toMatchObject({ 'a.log': 'loaded' });
  put('a.log', '');
  expect(await statuses()).toMatchObject({ 'a.log': 'known' });
  expect(await counted()).toBe(3);
});

it('objects from before contents were recorded are known by their stored bytes, and by their content once they are met again', async () => {
  const stored = gzipSync(linesOf('a', 0, 10), { level: 9 });
  put('old.log.gz', stored);
  await ingest();
  // As the version before wrote it.
  await house.warehouse.command(
    `INSERT INTO ingest_ledger SELECT * REPLACE ('${sha256(stored)}' AS partition) FROM ledger_current WHERE source = '${source}'`,
  );
  for (const [table, condition] of [
    ['ingest_ledger', `partition != '${sha256(stored)}'`],
    ['object_content', 'true'],
  ])
    await house.warehouse.command(`DELETE FROM ${table} WHERE source = '${source}' AND ${condition}`);
  const shown = async () => (await contentsShown(house.warehouse)).find((each) => each.source === source);
  expect(await shown()).toEqual({ source, objects: 1, stored_only: 1, twins: 0 });
  expect(await statuses()).toEqual({ 'old.log.gz': 'known' });
  expect(await shown()).toEqual({ source, objects: 1, stored_only: 0, twins: 0 });
  put('old.log', linesOf('a', 0, 10));
  expect(await statuses()).toEqual({ 'old.log': 'known', 'old.log.gz': 'known' });
  await house.retract({ source, object: 'old.log.gz' });
  expect(await counted()).toBe(0);
  expect(Object.values(await statuses()).sort()).toEqual(['known', 'loaded']);
  expect(await counted()).toBe(10);
});

it('a plain object from before contents were recorded is known by its content, though its beginning is not', async () => {
  for (const [name, lines] of [
    ['small', 10],
    ['large', 1000],
  ] as const)
    put(`${name}.log`, linesOf(name, 0, lines));
  await ingest();
  await house.warehouse.command(`DELETE FROM object_content WHERE source = '${source}'`);
  for (const [name, lines] of [
    ['small', 10],
    ['large', 1000],
  ] as const) {
    rmSync(join(logs, `${name}.log`));
    put(`${name}.log.gz`, gzipSync(linesOf(name, 0, lines)));
  }
  for (let night = 1; night <= 2; night++)
    expect(await statuses()).toEqual({ 'small.log.gz': 'known', 'large.log.gz': 'known' });
  expect([await counted(), await inLanding()]).toEqual([1010, 1010]);
});

/** Stores a text in one of the ways in which logs are stored. */
const storage = fc.record({
  cuts: fc.array(fc.nat({ max: 1000 }), { maxLength: 4 }),
  level: fc.integer({ min: 0, max: 9 }),
  as: fc.constantFrom('plain', 'gzip', 'zstd'),
});
function storedAs(text: string, { cuts, level, as }: { cuts: number[]; level: number; as: string }): Buffer {
  if (as === 'plain') return utf8(text);
  const at = [0, ...cuts.map((cut) => Math.floor((cut / 1000) * text.length)).sort((a, b) => a - b), text.length];
  const parts = at.slice(1).map((end, i) => utf8(text.slice(at[i], end)));
  return Buffer.concat(parts.map((part) => (as === 'gzip' ? gzipSync(part, { level }) : zstdOf(part))));
}

it('any form of storage is the same content, and a log that grew in it loads its new lines alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      storage,
      storage,
      storage,
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 3 }),
      async (first, second, third, growth) => {
        source = `s${++number}`;
        logs = join(house.directory, source);
        mkdirSync(logs);
        let lines = 0;
        for (const [i, more] of growth.entries()) {
          lines += more;
          put('a.log', storedAs(linesOf('a', 0, lines), [first, second, third][i]));
          expect((await ingest({ grown: true }))['a.log']).toMatchObject({ status: 'loaded', requests: more });
          put('b.log', storedAs(linesOf('a', 0, lines), [second, third, first][i]));
          expect((await ingest())['b.log'].status).toBe('known');
          rmSync(join(logs, 'b.log'));
        }
        expect(await counted()).toBe(lines);
      },
    ),
    { numRuns: 4 },
  );
});

it('the checks of all days hold', async () => {
  expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);
});
