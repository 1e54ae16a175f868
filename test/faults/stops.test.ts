// SIGTERM ends every command within 10 seconds, whatever it waits for, and leaves no temporary files.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { program } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (name: string): string => join(directory.path, name);

const running = new Set<ChildProcess>();

interface Stopped {
  readonly name: string;
  /** 143, or the signal if its own action ended the process: a shell shows both as 143. */
  readonly status: number | string | null;
  readonly elapsed_ms: number;
  readonly left: readonly string[];
}

/** Starts a command, waits until it is at work, and stops it. */
async function stopped(
  name: string,
  args: readonly string[],
  busy: (child: ChildProcess) => Promise<unknown> = () => sleep(4_000),
): Promise<Stopped> {
  const own = at(`${name}-files`.replaceAll(' ', '-'));
  mkdirSync(own);
  const warehouse = at(`${name}-warehouse`.replaceAll(' ', '-'));
  copyMigratedWarehouse(warehouse);
  const child = spawn(process.execPath, [program(), ...args], {
    env: { PATH: process.env.PATH, TMPDIR: own, FAIRSHARE_WAREHOUSE: warehouse },
    cwd: directory.path,
    stdio: 'pipe',
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  running.add(child);
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  await Promise.race([busy(child), ended]);
  expect([name, child.exitCode, stderr.includes('fairshare:') ? stderr : '']).toEqual([name, null, '']);
  const started = performance.now();
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  return { name, status: code ?? signal, elapsed_ms: performance.now() - started, left: readdirSync(own) };
}

const firstLine = async ({ stdout }: ChildProcess): Promise<string> => String((await once(stdout!, 'data'))[0]).trim();

beforeAll(() => {
  execFileSync('mkfifo', [at('fifo')]);
  const line = `${edgeLine({ at: '2026-10-01T10:00:00Z', userAgent: 'x'.repeat(2_000) })}\n`;
  // 3 GB of lines.
  const member = gzipSync(line.repeat(20_000), { level: 1 });
  writeFileSync(at('large.log.gz'), Buffer.concat(Array.from({ length: 60 }, () => member)));
});
afterAll(async () => {
  // Only a test that failed left any.
  for (const child of running)
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  directory.remove();
});

it('ends each within 10 seconds', { timeout: 120_000 }, async () => {
  // Takes connections and never answers.
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const source = ['--source', 'npm-edge', '--format', 'nginx-edge', '--ecosystem', 'npm'];
  const results = [
    ...(await Promise.all([
      stopped('a FIFO that gives nothing', ['ingest', 'files', 'fifo', '--special', ...source]),
      stopped('standard input without an end', ['ingest', 'files', '-', ...source]),
      stopped('a large file', ['ingest', 'files', 'large.log.gz', ...source], () => sleep(2_000)),
      stopped('standard input that is classified', ['classify', '--log', 'nginx-edge']),
    ])),
    ...(await Promise.all([
      stopped('a broker that does not answer', ['ingest', 'kafka', '--topic', 't', '--source', 's', '--brokers', `127.0.0.1:${port}`]), // prettier-ignore
      stopped('no broker', ['ingest', 'kafka', '--topic', 't', '--source', 's', '--brokers', '127.0.0.1:1']),
      stopped('a simulation', ['simulate', '--out', 'simulated', '--days', '300'], () => sleep(2_000)),
      stopped('a door with a client that reads nothing', ['serve', '--port', '0'], async (child) => {
        const url = new URL(await firstLine(child));
        const client = connect(Number(url.port), url.hostname);
        const query = 'SELECT repeat(toString(number), 1000) FROM numbers(10000000)';
        client.on('error', () => {}).write(`GET /?query=${encodeURIComponent(query)} HTTP/1.1\r\nHost: x\r\n\r\n`);
        client.pause();
        await sleep(2_000);
      }),
    ])),
    ...(await Promise.all([
      stopped('a long statement', ['query', 'SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1']),
      stopped('a reader that reads nothing', ['query', 'SELECT repeat(toString(number), 1000) FROM numbers(200000)'], (child) => { child.stdout!.pause(); return sleep(4_000); }), // prettier-ignore
    ])),
  ];
  silent.close();
  for (const { name, status, elapsed_ms, left } of results) {
    process.stderr.write(`${name}: ${Math.round(elapsed_ms)} ms\n`);
    expect([name, [143, 'SIGTERM'].includes(status!), left]).toEqual([name, true, []]);
    expect(elapsed_ms, name).toBeLessThan(10_000);
  }
});
