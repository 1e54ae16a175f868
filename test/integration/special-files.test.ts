// Standard input, FIFOs and sockets as log objects: loaded when asked for, named by their content, and refused otherwise.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fairshare, fairshareHere, type RunResult } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (name: string): string => join(directory.path, name);
const env = { FAIRSHARE_WAREHOUSE: at('warehouse') };
const linesOf = (path: string): string =>
  Array.from({ length: 50 }, (_, i) => `${edgeLine({ at: '2026-10-01T10:00:00Z', path, bytes: i })}\n`).join('');

const ingest = (paths: readonly string[], stdin = '', run = fairshareHere): Promise<RunResult> =>
  run(['ingest', 'files', ...paths, '--source', 'npm', '--format', 'nginx-edge', '--json'], { env, stdin });
const outcomesOf = ({ stdout }: RunResult) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name?: string; status?: string; requests?: number });

beforeAll(() => {
  copyMigratedWarehouse(at('warehouse'));
  execFileSync('mkfifo', [at('fifo')]);
  // Other tests have files in the common one meanwhile.
  process.env.TMPDIR = directory.path;
});
afterAll(() => {
  delete process.env.TMPDIR;
  directory.remove();
});

it('loads standard input once, under a name of its content, and leaves no file', async () => {
  // From a pipe: the embedded engine would take what it holds.
  const first = await ingest(['-'], linesOf('/a'), fairshare);
  expect([first.status, first.stderr]).toEqual([0, '']);
  const [{ name, ...loaded }] = outcomesOf(first);
  expect(name).toMatch(/^stdin-[0-9a-f]{16}$/);
  expect(loaded).toMatchObject({ status: 'loaded', requests: 50 });
  expect(outcomesOf(await ingest(['-'], linesOf('/a')))[0]).toMatchObject({ name, status: 'known' });
  expect(outcomesOf(await ingest(['-'], linesOf('/b')))[0]).toMatchObject({ status: 'loaded', requests: 50 });
  expect(readdirSync(tmpdir()).filter((file) => file.startsWith('fairshare-object-'))).toEqual([]);
});

it('refuses a FIFO, a device and a socket, unless asked for', async () => {
  for (const path of [at('fifo'), '/dev/null']) {
    const { status, stderr } = await ingest([path]);
    expect([status, stderr]).toEqual([3, expect.stringContaining(`${path} is a FIFO, a device or a socket`)]);
  }
  // A directory may hold such files.
  writeFileSync(at('one.log'), linesOf('/one'));
  expect(outcomesOf(await ingest([at('*.log')]))[0]).toMatchObject({ name: 'one.log', status: 'loaded' });

  writeFileSync(at('given'), linesOf('/c'));
  const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', at('given'), at('fifo')]);
  const [fifo] = outcomesOf(await ingest([at('fifo'), '--special']));
  expect(fifo).toMatchObject({ name: expect.stringMatching(/^fifo-[0-9a-f]{16}$/), status: 'loaded', requests: 50 });
  expect(writer.exitCode ?? (await once(writer, 'exit'))[0]).toBe(0);

  const server = createServer((client) => void client.end(readFileSync(at('given'), 'utf8').replaceAll('/c', '/d')));
  server.listen(at('socket'));
  await once(server, 'listening');
  expect((await ingest([at('socket')])).status).toBe(3);
  expect(outcomesOf(await ingest([at('socket'), '--special']))[0]).toMatchObject({ status: 'loaded', requests: 50 });
  server.close();
});
