// simulate-cache beside nginx's proxy_cache: the same requests in the same seconds. nginx says of each whether it came from the cache.

import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProxyCache } from '../../transform/cache/proxy-cache.ts';
import { nginxProgram } from '../provide/debian.ts';
import { freePorts, killAndWait, startServer } from '../provide/tools.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const FILES = 2_000;
const SIZE_BYTES = 8_000_000;
const FILE_TTL_S = 60;
/** Fills the cache at once. Then few new files come in the 10 s after which nginx deletes what is too much. */
const BURST = 800;
const SECONDS = 60;
const PER_SECOND = 20;
let stop: () => Promise<unknown>;
let port: number;

/** Sizes between 4 and 36 kB, multiples of nginx's blocks less its headers. */
const sizeOf = (file: number): number => (1 + (file % 9)) * 4096 - 700;

beforeAll(async () => {
  const store = createServer((request, response) => {
    const body = Buffer.alloc(sizeOf(Number(/\d+/.exec(request.url!)![0])));
    response.writeHead(200, { 'content-length': body.length, 'content-type': 'application/octet-stream' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(store, 'listening');
  [port] = await freePorts(1);
  for (const name of ['cache', 'temp']) mkdirSync(join(directory.path, name), { recursive: true });
  writeFileSync(
    join(directory.path, 'nginx.conf'),
    `daemon off;
pid nginx.pid;
error_log error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp/${name};`).join('\n  ')}
  proxy_cache_path cache keys_zone=packages:10m max_size=${SIZE_BYTES} inactive=1h use_temp_path=off;
  server {
    listen 127.0.0.1:${port};
    proxy_cache packages;
    proxy_cache_valid 200 ${FILE_TTL_S}s;
    add_header X-Cache $upstream_cache_status;
    location / { proxy_pass http://127.0.0.1:${(store.address() as AddressInfo).port}; }
  }
}
`,
  );
  const { path, env } = await nginxProgram();
  const child = await startServer(path, ['-p', directory.path, '-e', 'error.log', '-c', 'nginx.conf'], join(directory.path, 'output'), env); // prettier-ignore
  stop = async () => {
    await killAndWait(child, 'SIGTERM');
    store.close();
    store.closeAllConnections();
  };
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`http://127.0.0.1:${port}/f/0`).then(() => true, () => false)) break; // prettier-ignore
    await sleep(50);
  }
});
afterAll(async () => {
  await stop?.();
  directory.remove();
});

it('predicts the hit ratio within 2 points', async () => {
  // Popular files are asked for far more often than others.
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const model = new ProxyCache({ size_bytes: SIZE_BYTES, files_ms: FILE_TTL_S * 1000, metadata_ms: 0 });
  let [hits, predicted, count] = [0, 0, 0];
  // Hits of a cache without a limit of size: more, or the test would not show that the size counts.
  const unlimited = new ProxyCache({ size_bytes: Infinity, files_ms: FILE_TTL_S * 1000, metadata_ms: 0 });
  let unlimitedHits = 0;
  const begin = Date.now();
  for (let second = 0; second <= SECONDS; second++) {
    for (let i = 0; i < (second === 0 ? BURST : PER_SECOND); i++) {
      const file = 1 + Math.floor(FILES * random() ** 4);
      const response = await fetch(`http://127.0.0.1:${port}/f/${file}`);
      await response.arrayBuffer();
      if (response.headers.get('x-cache') === 'HIT') hits++;
      // The log has whole seconds.
      const occurredAt_ms = Math.floor(Date.now() / 1000) * 1000;
      const bytes = Math.ceil((sizeOf(file) + 600) / 4096) * 4096;
      const request = { occurredAt_ms, key: file, isFile: true, isReading: true, status: 200, bytes };
      if (model.request(request).hit) predicted++;
      if (unlimited.request(request).hit) unlimitedHits++;
      count++;
    }
    await sleep(Math.max(0, begin + (second + 2) * 1000 - Date.now()));
  }
  const [real, expected] = [(100 * hits) / count, (100 * predicted) / count];
  expect((100 * unlimitedHits) / count - real).toBeGreaterThan(2);
  expect(Math.abs(real - expected), `nginx ${real.toFixed(1)} %, predicted ${expected.toFixed(1)} %`).toBeLessThan(2);
});
