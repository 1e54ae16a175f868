// Where the batches of an object end, and what happens to an object that is not complete yet.

import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Warehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { type BatchIdentity } from '../../sql/ledger.ts';
import { type Loader } from '../load.ts';
import { Source } from '../source.ts';
import { findObjects, ingestFiles, type LogObject, type ObjectOutcome } from './files.ts';
import { NEWEST } from '../../transform/methodology.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairshare-files-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const line = (n: number) =>
  JSON.stringify({
    timestamp: '2026-10-01T10:00:00Z',
    client_ip: '192.0.2.1',
    request: 'GET',
    request_path: `/p/-/p-1.0.${n}.tgz`,
    user_agent: 'npm/11.0.0 node/v20.0.0 linux x64',
    response_status: 200,
    response_bytes: n,
  });
const text = Array.from({ length: 20_000 }, (_, n) => `${line(n)}\n`).join('');

/** Ingests into nowhere. → [first, last) of every batch, and the outcomes */
async function outcomesOf(
  objects: readonly LogObject[],
  onStore: () => void = () => {},
): Promise<{ cuts: string[]; outcomes: ObjectOutcome[] }> {
  const cuts: string[] = [];
  const loader = {
    store: ({ first, last }: BatchIdentity, batch: { counts: object }) => {
      cuts.push(`${first}-${last}`);
      onStore();
      return Promise.resolve({ ...batch.counts });
    },
    commit: () => Promise.resolve(),
    room: () => Promise.resolve(),
    untilKnown: (run: () => Promise<unknown>) => run(),
    now: () => new Date(),
  } as unknown as Loader;
  const rulebook = {
    networks: buildNetworkIndex({ prefixes: [], ranges: [], asnTypes: new Map() }),
    tokenIdOf: () => null,
    methodology: NEWEST,
    methodologyVersion: 2,
    rulesSha256: '',
  };
  const outcomes = await ingestFiles(objects, {
    warehouse: { query: () => Promise.resolve([]), insert: () => Promise.resolve() } as unknown as Warehouse,
    source: new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, rulebook, {
      ...defaultLimits,
      maxLines: 2_000,
    }),
    loader,
    methodologyVersion: 2,
    revisionAbove: () => Promise.resolve(1),
  });
  return { cuts, outcomes };
}

async function cutsOf(path: string, onStore?: () => void): Promise<{ cuts: string[]; outcome: ObjectOutcome }> {
  const { cuts, outcomes } = await outcomesOf(findObjects([path]), onStore);
  return { cuts, outcome: outcomes[0] };
}

describe('an object', () => {
  it('is cut at the same bytes however it is stored', async () => {
    const plain = join(directory, 'plain.log');
    const gzip = join(directory, 'packed.log.gz');
    writeFileSync(plain, text);
    writeFileSync(gzip, gzipSync(text));
    const { cuts, outcome } = await cutsOf(plain);
    expect(cuts.length).toBeGreaterThan(3);
    expect(outcome).toMatchObject({ status: 'loaded', lines: 20_000, requests: 20_000 });
    expect((await cutsOf(gzip)).cuts).toEqual(cuts);
    const many = join(directory, 'members.log.gz');
    writeFileSync(many, Buffer.concat([text.slice(0, 100_001), text.slice(100_001)].map((part) => gzipSync(part))));
    expect((await cutsOf(many)).cuts).toEqual(cuts);
    const zstd = join(directory, 'packed.log.zst');
    try {
      execFileSync('zstd', ['-q', plain, '-o', zstd]);
    } catch {
      return; // no zstd program here
    }
    expect((await cutsOf(zstd)).cuts).toEqual(cuts);
  });

  it('that is still written to is refused, and nothing of it counts', async () => {
    const growing = join(directory, 'growing.log');
    writeFileSync(growing, text);
    const { outcome } = await cutsOf(growing, () => appendFileSync(growing, `${line(1)}\n`));
    expect(outcome).toMatchObject({ status: 'refused', problem: expect.stringContaining('changed while it was read') });
  });

  it('that is gone after it was listed is refused by its name, and the others are loaded', async () => {
    const own = mkdtempSync(join(directory, 'gone-'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(own, `${name}.log`), line(name.charCodeAt(0)));
    const objects = findObjects([own]);
    rmSync(join(own, 'b.log'));
    const { outcomes } = await outcomesOf(objects);
    expect(outcomes.map(({ name, status, problem }) => [name, status, problem])).toEqual([
      ['a.log', 'loaded', undefined],
      ['b.log', 'refused', 'b.log cannot be read: there is no such file or directory (ENOENT)'],
      ['c.log', 'loaded', undefined],
    ]);
  });

  it('that goes while it is read is refused', async () => {
    const going = join(directory, 'going.log');
    writeFileSync(going, text);
    const { outcome } = await cutsOf(going, () => rmSync(going, { force: true }));
    expect(outcome).toMatchObject({ status: 'refused', problem: expect.stringContaining('no such file') as string });
  });

  it('with a path that cannot be looked up is refused, and the others are loaded', async () => {
    const own = mkdtempSync(join(directory, 'loop-'));
    symlinkSync('circle', join(own, 'circle'));
    writeFileSync(join(own, 'ok.log'), line(1));
    const { outcomes } = await outcomesOf(findObjects([join(own, 'circle'), join(own, 'ok.log')]));
    expect(outcomes.map(({ name, status, problem }) => [name, status, problem])).toEqual([
      ['circle', 'refused', 'circle cannot be read: symbolic links lead in a circle (ELOOP)'],
      ['ok.log', 'loaded', undefined],
    ]);
  });
});

describe('findObjects', () => {
  const names = (paths: readonly string[]) => findObjects(paths).map(({ name }) => name);
  it('reads each directory and each file once, whatever symbolic links lead to it', () => {
    const logs = join(directory, 'linked');
    for (const folder of ['a/deep', 'b']) mkdirSync(join(logs, folder), { recursive: true });
    mkdirSync(join(directory, 'elsewhere'));
    writeFileSync(join(logs, 'a/deep/1.log'), '1');
    writeFileSync(join(logs, 'b/2.log'), '2');
    writeFileSync(join(directory, 'elsewhere/3.log'), '3');
    for (const [to, link] of [
      ['.', 'a/self'],
      ['../..', 'a/deep/up'],
      ['a', 'A'],
      ['../a', 'b/other'],
      ['../b', 'a/other'],
      ['../elsewhere', 'out'],
      ['../elsewhere', 'out-again'],
      ['1.log', 'a/deep/0.log'],
    ])
      symlinkSync(to, join(logs, link));
    const found = names([logs]);
    expect([...found.filter((name) => !name.startsWith('out')), found.filter((name) => name.startsWith('out')).length]).toEqual(['a/deep/1.log', 'b/2.log', 1]); // prettier-ignore
    // From a name of it that is itself a link, too.
    symlinkSync('linked', join(directory, 'link-to-linked'));
    expect(names([join(directory, 'link-to-linked')]).length).toBe(3);
    // A glob may name a directory by its link, and ends all the same.
    expect(names([join(logs, 'A/**/*.log')]).length).toBe(2);
    expect(names([join(logs, 'out/*.log')])).toEqual(['3.log']);
  });
});
