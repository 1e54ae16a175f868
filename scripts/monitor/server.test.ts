import { afterEach, describe, expect, it } from 'vitest';
import { listenAddress } from '../runtime/listen-address.ts';
import { type MonitorServer, type ReadyCheck, startMonitorServer } from './server.ts';

let server: MonitorServer | undefined;
afterEach(() => server?.close());

const start = async (checks: readonly ReadyCheck[]): Promise<string> => {
  server = await startMonitorServer({
    host: '127.0.0.1',
    port: 0,
    metrics: async () => 'up 1\n',
    contentType: 'text/plain; version=0.0.4',
    checks,
  });
  return server.url;
};

describe('the monitor', () => {
  it('serves metrics and health, and nothing else', async () => {
    const url = await start([{ name: 'a', problem: () => '' }]);
    const metrics = await fetch(`${url}/metrics`);
    expect([metrics.status, metrics.headers.get('content-type'), await metrics.text()]).toEqual([
      200,
      'text/plain; version=0.0.4',
      'up 1\n',
    ]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz?verbose`);
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, checks: [{ name: 'a', ok: true }] }]);
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('is alive and not ready while a check fails, throws, or gives no answer', async () => {
    const url = await start([
      { name: 'fails', problem: () => 'the group is gone' },
      { name: 'throws', problem: () => Promise.reject(new Error('refused')) },
      { name: 'hangs', problem: () => new Promise<string>(() => {}) },
      { name: 'holds', problem: () => '' },
    ]);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({
      ready: false,
      checks: [
        { name: 'fails', ok: false, problem: 'the group is gone' },
        { name: 'throws', ok: false, problem: 'refused' },
        { name: 'hangs', ok: false, problem: 'no answer within 2 s' },
        { name: 'holds', ok: true },
      ],
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('says where it could not listen', async () => {
    const url = await start([]);
    const taken = { host: '127.0.0.1', port: Number(new URL(url).port) };
    await expect(
      startMonitorServer({ ...taken, metrics: async () => '', contentType: '', checks: [] }),
    ).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('EADDRINUSE') });
  });
});

describe('addresses', () => {
  it.each([
    ['9464', { host: '127.0.0.1', port: 9464 }],
    [':9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['metrics.example.org:1', { host: 'metrics.example.org', port: 1 }],
    ['[::1]:9464', { host: '::1', port: 9464 }],
  ])('%s', (text, address) => expect(listenAddress(text)).toEqual(address));

  it.each(['', 'host', 'host:', '99999', 'a b:1', 'http://x:1', '::1:9464'])('refuses %j', (text) =>
    expect(() => listenAddress(text)).toThrow('not an address'),
  );
});
