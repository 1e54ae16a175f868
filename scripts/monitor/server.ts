// /metrics, /healthz and /readyz of a long-running process. They show no package, no organisation and no address.

import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { Fault } from '../../transform/fault.ts';
import { type ListenAddress } from '../runtime/listen-address.ts';

/** A condition under which the process can do its work. */
export interface ReadyCheck {
  readonly name: string;
  /** '' if the condition holds, else the reason. A check may take up to two seconds. */
  readonly problem: () => string | Promise<string>;
}

export interface MonitorServerOptions extends ListenAddress {
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
  readonly contentType: string;
  readonly checks: readonly ReadyCheck[];
}

export interface MonitorServer {
  /** e.g. http://127.0.0.1:9464 */
  readonly url: string;
  close(): Promise<void>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** @throws Fault(usage) if the address cannot be used */
export async function startMonitorServer({
  host,
  port,
  metrics,
  contentType,
  checks,
}: MonitorServerOptions): Promise<MonitorServer> {
  const answers: Record<string, () => Promise<{ status: number; type: string; body: string }>> = {
    '/metrics': async () => ({ status: 200, type: contentType, body: await metrics() }),
    '/healthz': async () => ({ status: 200, type: 'application/json', body: '{"alive":true}\n' }),
    '/readyz': async () => {
      const results = await Promise.all(checks.map(run));
      const ready = results.every(({ ok }) => ok);
      return {
        status: ready ? 200 : 503,
        type: 'application/json',
        body: `${JSON.stringify({ ready, checks: results })}\n`,
      };
    },
  };
  const server = createServer((request, response) => {
    request.resume();
    const path = (request.url ?? '').split('?')[0];
    const answer = answers[path];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    if (answer === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`Try ${Object.keys(answers).join(', ')}\n`);
      return;
    }
    answer().then(
      ({ status, type, body }) =>
        response
          .writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
          .end(request.method === 'HEAD' ? '' : body),
      (error: Error) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.message}\n`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  }).catch((cause: Error) => {
    throw new Fault('usage', `cannot listen on ${host}:${port}: ${cause.message}`, 'Choose another with --metrics.', {
      cause,
    });
  });
  // A watcher must not keep a finished program alive.
  server.unref();
  const bound = (server.address() as { port: number }).port;
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function run({ name, problem }: ReadyCheck): Promise<{ name: string; ok: boolean; problem?: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS / 1000} s`), CHECK_TIMEOUT_MS);
  });
  try {
    const found = await Promise.race([Promise.resolve().then(problem), late]);
    return found === '' ? { name, ok: true } : { name, ok: false, problem: found };
  } catch (error) {
    return { name, ok: false, problem: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
