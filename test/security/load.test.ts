// The door of readers under load: many at once, slow ones, endless bodies, clients that leave. Its memory stays bounded, it stays alive,
// and it answers a small question while heavy ones run. On loopback; ends by itself.

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { startReader } from '../support/doors.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
// eslint-disable-next-line no-console -- what was tried belongs to the result
const say = (text: string): void => console.log(text);

let door: ReaderProcess;
const MB = 1024 * 1024;

beforeAll(async () => {
  copyMigratedWarehouse(`${directory.path}/warehouse`);
  door = await startReader(`${directory.path}/warehouse`);
});
afterAll(async () => {
  await door?.close();
  directory.remove();
});

const memory_mb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${door.pid}/status`, 'latin1'))?.[1]) / 1024;
const peak_mb = (): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${door.pid}/status`, 'latin1'))?.[1]) / 1024;
const ask = async (sql: string, signal?: AbortSignal) =>
  (await fetch(door.url, { method: 'POST', body: sql, signal })).text();
const alive = async () => expect(await ask('SELECT 1')).toBe('1\n');
const HEAVY = 'SELECT count() FROM numbers(4000000000) WHERE sipHash64(number) = 0';

describe('the door of readers', () => {
  it('answers 500 requests at once, each its own', async () => {
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => ask(`SELECT ${i}`)));
    expect(answers).toEqual(answers.map((_, i) => `${i}\n`));
    say(`500 at once: ${Math.round(performance.now() - started)} ms, memory ${Math.round(memory_mb())} MB`);
  });

  it('answers a small question in under a second while two heavy ones run', async () => {
    const stop = new AbortController();
    const heavy = [1, 2].map(() => ask(HEAVY, stop.signal).catch(() => 'left'));
    await sleep(1_000);
    const times: number[] = [];
    for (let i = 0; i < 10; i++) {
      const started = performance.now();
      await alive();
      times.push(performance.now() - started);
    }
    stop.abort();
    await Promise.all(heavy);
    say(`SELECT 1 beside two heavy statements: ${Math.round(Math.max(...times))} ms at most`);
    expect(times.sort((a, b) => a - b)[5]).toBeLessThan(1_000);
  });

  it('ends connections that send their headers slowly, and serves others meanwhile', async () => {
    const { hostname, port } = new URL(door.url);
    const slow: Socket[] = [];
    let ended = 0;
    for (let i = 0; i < 300; i++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.on('close', () => ended++);
      socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n');
      slow.push(socket);
    }
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('X-A: b\r\n')), 500);
    await alive();
    for (let waited = 0; ended < 300 && waited < 300; waited++) await sleep(100);
    clearInterval(drip);
    slow.forEach((socket) => socket.destroy());
    expect(ended).toBe(300);
    await alive();
  });

  it('takes no body of 600 MB, of any kind, into memory', async () => {
    const before = memory_mb();
    for (const headers of [{}, { 'content-type': 'multipart/form-data; boundary=b' }] as Record<string, string>[]) {
      const status = await new Promise<number | string>((resolve) => {
        const outgoing = request(door.url, { method: 'POST', headers, agent: false }, (incoming) => {
          incoming.resume();
          resolve(incoming.statusCode ?? 0);
        });
        outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
        const block = Buffer.alloc(MB, 'x');
        let sent = 0;
        const more = () => {
          while (sent < 600 && !outgoing.destroyed) if ((sent++, !outgoing.write(block))) return void outgoing.once('drain', more); // prettier-ignore
          outgoing.end();
        };
        more();
      });
      expect([413, 'ECONNRESET', 'EPIPE']).toContain(status);
    }
    await alive();
    expect(memory_mb() - before).toBeLessThan(200);
  });

  it('gives back what a request had that failed or was left', async () => {
    for (let i = 0; i < 50; i++) {
      const stop = new AbortController();
      const left = ask(HEAVY, stop.signal).catch(() => 'left');
      if (i % 5 === 0) await sleep(50);
      stop.abort();
      await left;
    }
    for (const id of ['%00', '%0d%0aX:1', 'ü', 'a'.repeat(500)])
      for (let i = 0; i < 5; i++) expect((await fetch(`${door.url}/?query=SELECT+1&query_id=${id}`)).status).toBe(200);
    for (const bad of ['nonsense', 'SELECT', 'SELECT throwIf(1)', "SELECT file('x')"])
      for (let i = 0; i < 10; i++) await ask(bad);
    await alive();
  });

  it('bounds what a statement takes', async () => {
    for (const [sql, code] of [
      ['SELECT groupArray(number) FROM numbers(1000000000)', 241],
      ["SELECT arrayStringConcat(arrayMap(x -> repeat('x', 1000), range(5000000)))", 241],
      ['SELECT count() FROM numbers(100000000000)', 158],
    ] as const)
      expect(await ask(sql)).toMatch(new RegExp(`^Code: ${code}\\.`));
    await alive();
    say(`memory: ${Math.round(memory_mb())} MB, peak ${Math.round(peak_mb())} MB`);
    expect(peak_mb()).toBeLessThan(4_500);
  });
});
