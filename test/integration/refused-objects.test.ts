// One bad object never stops the night: it is refused by its name, recorded, named once, and shown until it is mended or given up.

import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fairshareHere } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
const env = { FAIRSHARE_WAREHOUSE: at('warehouse'), FAIRSHARE_CONFIG: at('fairshare.yaml') };
const day = (date: string, lines = 40): string =>
  Array.from(
    { length: lines },
    (_, i) => `${edgeLine({ at: `${date}T10:00:00Z`, path: `/a/-/a-1.0.${i}.tgz` })}\n`,
  ).join('');

const run = (...args: string[]) => fairshareHere(args, { env });
const ingest = async (source: string, ...args: string[]) => {
  const { status, stdout, stderr } = await run('ingest', 'files', at(source), '--source', source, '--json', ...args);
  const printed = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  return { status, stderr, totals: printed.at(-1)!.totals as Record<string, number>, objects: printed.slice(0, -1) };
};
const refusedOf = async (source: string) => {
  const sql = `SELECT object, first_refused_at FROM object_refused FINAL WHERE state = 'open' AND source = '${source}'`;
  const { stdout } = await run('query', sql, '--allow-writes', '--format', 'JSONEachRow');
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { object: string; first_refused_at: string });
};

beforeAll(() => {
  copyMigratedWarehouse(at('warehouse'));
  writeFileSync(
    at('fairshare.yaml'),
    'sources:\n  - { name: night, ecosystem: npm }\n  - { name: kinds, ecosystem: npm }\n  - { name: bucket, ecosystem: npm }\n  - { name: own, ecosystem: npm, ignore: ["*.bak", "old/**"] }\n',
  );
  for (const source of ['night', 'kinds', 'bucket', 'own']) mkdirSync(at(source));
});
afterAll(() => directory.remove());

it('a truncated object between two good days is named once; the others are loaded', async () => {
  const whole = gzipSync(day('2026-11-27'));
  writeFileSync(at('night', '2026-11-26.log.gz'), gzipSync(day('2026-11-26')));
  writeFileSync(at('night', '2026-11-27.log.gz'), whole.subarray(0, -30));
  writeFileSync(at('night', '2026-11-28.log.gz'), gzipSync(day('2026-11-28')));
  const first = await ingest('night');
  expect(first).toMatchObject({ status: 3, totals: { loaded: 2, refused: 1, newly_refused: 1, requests: 80 } });
  expect(first.stderr).toContain('2026-11-27.log.gz: damaged gzip content');
  expect(await ingest('night')).toMatchObject({
    status: 0,
    stderr: '',
    totals: { known: 2, refused: 1, newly_refused: 0 },
  });
  const [{ object, first_refused_at }] = await refusedOf('night');
  expect(object).toBe('2026-11-27.log.gz');
  const shown = await run('doctor', '--quick');
  expect(shown.stdout).toContain('OUT  night: ');
  expect(shown.stdout).toContain(`nothing of it counts, since ${first_refused_at}`);

  // It changes and is still damaged: that is new. It is mended: the refusal ends.
  writeFileSync(at('night', '2026-11-27.log.gz'), whole.subarray(0, -20));
  expect((await ingest('night')).status).toBe(3);
  writeFileSync(at('night', '2026-11-27.log.gz'), whole);
  expect(await ingest('night')).toMatchObject({ status: 0, totals: { loaded: 1, requests: 40 } });
  expect(await refusedOf('night')).toEqual([]);
});

it('a damaged log that moves on by a name is still the same refusal, and a person may give it up', async () => {
  const damaged = gzipSync(day('2026-11-20')).subarray(0, -25);
  writeFileSync(at('night', 'access.log.1.gz'), damaged);
  expect((await ingest('night')).status).toBe(3);
  const [{ first_refused_at }] = await refusedOf('night');
  renameSync(at('night', 'access.log.1.gz'), at('night', 'access.log.2.gz'));
  writeFileSync(at('night', 'access.log.1.gz'), gzipSync(day('2026-11-21')));
  expect((await ingest('night')).status).toBe(0);
  expect(await refusedOf('night')).toMatchObject([{ object: 'access.log.2.gz', first_refused_at }]);
  rmSync(at('night', 'access.log.2.gz'));
  expect((await ingest('night')).status).toBe(0);
  // It is missing, though nothing refuses it any more.
  expect(await refusedOf('night')).toHaveLength(1);
  const giveUp = [
    'ingest',
    'give-up',
    '--source',
    'night',
    '--object',
    'access.log.2.gz',
    '--reason',
    'the disk is lost',
  ];
  expect(await run(...giveUp)).toMatchObject({ status: 0, stdout: 'night: access.log.2.gz is given up\n' });
  expect(await refusedOf('night')).toEqual([]);
  expect((await run(...giveUp)).status).toBe(3);
});

it('what is no log is refused by the name of what it is', async () => {
  const log = day('2026-11-29');
  writeFileSync(at('plain.log'), log);
  const compressed = (program: string) => execFileSync(program, ['-c', at('plain.log')]);
  const made: Readonly<Record<string, readonly [Buffer, string]>> = {
    '00.log.bz2': [compressed('bzip2'), 'it is bzip2. Unpack it first: bzip2 -dk FILE'],
    '01.log.xz': [compressed('xz'), 'it is xz'],
    'nov.tar.gz': [execFileSync('tar', ['-C', directory.path, '-cz', 'plain.log']), 'it is a tar archive'],
    'nov.tar': [execFileSync('tar', ['-C', directory.path, '-c', 'plain.log']), 'it is a tar archive'],
    'twice.log.gz': [gzipSync(gzipSync(log)), 'it is gzip. It was compressed twice'],
    'zstd.log.gz': [gzipSync(compressed('zstd')), 'it is zstd. It was compressed twice'],
    'wide.log': [Buffer.from(`\ufeff${log}`, 'utf16le'), 'it is UTF-16'],
    'cr.log.gz': [gzipSync(log.replaceAll('\n', '\r')), 'it is text whose lines end in CR alone'],
    'x.zip': [Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.from(log)]), 'it is a zip archive'],
  };
  for (const [name, [bytes]] of Object.entries(made)) writeFileSync(at('kinds', name), bytes);
  writeFileSync(at('kinds', 'good.log'), log);
  const { status, stderr, totals } = await ingest('kinds');
  expect({ status, totals }).toMatchObject({
    status: 3,
    totals: { loaded: 1, refused: Object.keys(made).length, lines: 40 },
  });
  for (const [name, [, said]] of Object.entries(made)) expect(stderr).toContain(`${name} is no log: ${said}`);
  // A named format does not make a log of it.
  const again = await ingest('kinds', '--format', 'nginx-edge');
  expect(again).toMatchObject({ status: 0, totals: { known: 1, refused: Object.keys(made).length } });
});

it('what CDNs put beside logs is passed over and counted; what is named itself is not', async () => {
  mkdirSync(at('bucket', '20240217'));
  writeFileSync(at('bucket', 'test.txt.gz'), gzipSync('{"test":true}'));
  writeFileSync(at('bucket', '20240217', 'ownership-challenge-8a2b.txt'), 'b4c1');
  writeFileSync(at('bucket', '20240217', '_SUCCESS'), '');
  writeFileSync(at('bucket', '20240217', 'x.log.gz'), gzipSync(day('2026-02-17')));
  writeFileSync(at('bucket', '20240217', 'empty.log.gz'), gzipSync(''));
  expect(await ingest('bucket')).toMatchObject({
    status: 0,
    totals: { objects: 2, loaded: 2, ignored: 3, refused: 0 },
  });
  const { stdout } = await run('ingest', 'files', at('bucket'), '--source', 'bucket');
  expect(stdout).toContain('0 of 2 objects loaded (2 known already; 3 others passed over)');
  expect((await run('ingest', 'files', at('bucket', 'test.txt.gz'), '--source', 'bucket')).status).toBe(3);

  mkdirSync(at('own', 'old'));
  writeFileSync(at('own', 'a.log.bak'), 'x');
  writeFileSync(at('own', 'old', 'a.log'), 'x');
  writeFileSync(at('own', 'a.log'), day('2026-11-29'));
  expect(await ingest('own')).toMatchObject({ status: 0, totals: { objects: 1, loaded: 1, ignored: 2 } });
});
