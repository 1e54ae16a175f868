// nginx in front of a small store, and a replay of recorded clients' requests. Its log_format is the one that docs/FORMATS.md shows.

import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { nginxProgram } from '../provide/debian.ts';
import { ended, freePorts, killAndWait, lastLines, startServer } from '../provide/tools.ts';
import { blocksOf } from './documents.ts';
import { until } from './kafka.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Hosts of the recorded requests, and their ecosystems. */
export const hosts: Readonly<Record<string, string>> = {
  'cargo.example.org': 'cargo',
  'deb.example.org': 'deb',
  'go.example.org': 'golang',
  'maven.example.org': 'maven',
  'npm.example.org': 'npm',
  'pypi.example.org': 'pypi',
};

export interface Request {
  readonly host: string;
  readonly address: string;
  readonly method: string;
  /** Path and query, as the client sends them. */
  readonly target: string;
  /** Each character is a byte. */
  readonly userAgent: string;
  readonly range?: string;
  /** Further header lines. */
  readonly headers?: readonly string[];
  readonly isConditional?: boolean;
  /** Size of the file; none: there is no such file. */
  readonly size?: number;
  /** The store does not answer, and the client goes away. */
  readonly goesAway?: boolean;
}

export interface Answer {
  readonly status: number;
  /** Of headers and body. */
  readonly bytes: number;
  readonly bodyBytes: number;
}

interface Recorded {
  readonly client_ip: string;
  readonly request: string;
  readonly request_host: string;
  readonly request_path: string;
  readonly request_query: string;
  readonly user_agent: string;
  readonly response_status: number;
  readonly request_range: string;
}

/** One recorded request of each kind, and its line: method, status, range, agent, ending and query make the kind. */
export function recordedRequests(): { readonly request: Request; readonly line: string }[] {
  const kinds = new Map<string, { request: Request; line: string }>();
  const sizes = new Map<string, number>();
  for (const host of Object.keys(hosts)) {
    const file = join(root, `test/fixtures/captures/clients/${host.split('.')[0]}-edge.jsonl.gz`);
    for (const line of gunzipSync(readFileSync(file)).toString().trim().split('\n')) {
      const recorded = JSON.parse(line) as Recorded;
      const { request: method, request_path, request_query, user_agent, response_status: status } = recorded;
      const range = recorded.request_range;
      const ending = /\.[a-z]\w*$/.exec(request_path)?.[0] ?? '';
      const kind = [host, method, status, range !== '', user_agent.slice(0, 12), ending, request_query !== ''].join();
      if (kinds.has(kind)) continue;
      const path = request_path.split('/').map(encodeURIComponent).join('/');
      const request: Request = {
        host,
        address: recorded.client_ip,
        method,
        target: request_query === '' ? path : `${path}?${request_query}`,
        userAgent: user_agent,
        ...(range !== '' && { range }),
        isConditional: status === 304,
        ...([200, 206, 304, 405, 416].includes(status) && { size: 0 }),
      };
      // A file is larger than the ranges that were answered, and smaller than those that were not.
      const [, first = '0', last = ''] = /^bytes=(\d*)-(\d*)/.exec(range) ?? [];
      const needed = status === 416 ? 0 : Math.max(Number(first), Number(last)) + 500 + kinds.size;
      sizes.set(host + path, Math.max(needed, sizes.get(host + path) ?? 0));
      kinds.set(kind, { request, line });
    }
  }
  return [...kinds.values()].map(({ request, line }) => ({
    line,
    request:
      request.size === undefined ? request : { ...request, size: sizes.get(request.host + pathOf(request.target))! },
  }));
}

const pathOf = (target: string): string => target.split('?')[0];
const MODIFIED = new Date('2026-11-01T00:00:00Z');

/** nginx with a directory of its own: logs/edge.jsonl in the documented format, logs/combined-HOST.log in nginx's own. */
export class Nginx {
  private constructor(
    readonly directory: string,
    private readonly port: number,
    private readonly stopAll: () => Promise<void>,
    private readonly asked: () => number,
    /** Makes nginx open its logs again, after they were renamed. */
    readonly reopen: () => Promise<void>,
  ) {}

  /** @param more directives of the http block */
  static async start(directory: string, more = ''): Promise<Nginx> {
    const { path, env } = await nginxProgram();
    const [port] = await freePorts(1);
    let asked = 0;
    // The part of the store that never answers.
    const store = createServer(() => void asked++).listen(0, '127.0.0.1');
    await once(store, 'listening');
    for (const name of ['logs', 'store', 'temp']) mkdirSync(join(directory, name), { recursive: true });
    const slow = (store.address() as AddressInfo).port;
    writeFileSync(join(directory, 'nginx.conf'), configuration(port, slow, more));
    const output = join(directory, 'output.log');
    const child = await startServer(path, ['-p', directory, '-e', 'error.log', '-c', 'nginx.conf'], output, env);
    const stop = async (): Promise<void> => {
      await killAndWait(child, 'SIGTERM');
      store.closeAllConnections();
      store.close();
    };
    for (let tries = 0; !(await isOpen(port)); tries++) {
      if (tries < 200 && !ended(child)) {
        await sleep(20);
        continue;
      }
      await stop();
      throw new Error(`nginx does not start:\n${await lastLines(output)}\n${await lastLines(join(directory, 'error.log'))}`); // prettier-ignore
    }
    const reopen = async (): Promise<void> => {
      child.kill('SIGUSR1');
      await until(() => existsSync(join(directory, 'logs/edge.jsonl')));
    };
    return new Nginx(directory, port, stop, () => asked, reopen);
  }

  stop(): Promise<void> {
    return this.stopAll();
  }

  lines(log: string): string[] {
    return readFileSync(join(this.directory, 'logs', log), 'latin1')
      .split('\n')
      .slice(0, -1);
  }

  /** Writes the store's files, and sends the requests one after the other. nginx logs a request before its connection ends. */
  async replay(requests: readonly Request[]): Promise<Answer[]> {
    for (const { host, target, size } of requests) {
      if (size === undefined) continue;
      const file = join(this.directory, 'store', host, `${decodeURIComponent(pathOf(target))}.file`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, '');
      truncateSync(file, size);
      utimesSync(file, MODIFIED, MODIFIED);
    }
    const answers: Answer[] = [];
    for (const request of requests) answers.push(await this.send(request));
    return answers;
  }

  /** Sends bytes that are no HTTP. */
  async sendNoise(): Promise<void> {
    const before = this.lines('edge.jsonl').length;
    await this.exchange(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x0a]));
    await until(() => this.lines('edge.jsonl').length > before);
  }

  private async send(request: Request): Promise<Answer> {
    const head = [
      `${request.method} ${request.target} HTTP/1.1`,
      `Host: ${request.host}`,
      `X-Real-IP: ${request.address}`,
      `User-Agent: ${request.userAgent}`,
      ...(request.range === undefined ? [] : [`Range: ${request.range}`]),
      ...(request.isConditional === true ? [`If-Modified-Since: ${MODIFIED.toUTCString()}`] : []),
      ...(request.headers ?? []),
      ...(request.method === 'POST' ? ['Content-Length: 0'] : []),
      'Connection: close',
    ];
    const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
    if (request.goesAway === true) {
      const [before, asked] = [this.lines('edge.jsonl').length, this.asked()];
      const socket = connect(this.port, '127.0.0.1');
      socket.write(bytes);
      await until(() => this.asked() > asked);
      socket.destroy();
      await until(() => this.lines('edge.jsonl').length > before);
      return { status: 499, bytes: 0, bodyBytes: 0 };
    }
    const answer = await this.exchange(bytes);
    const bodyBytes = answer.length - answer.indexOf('\r\n\r\n') - 4;
    return { status: Number(answer.toString('latin1', 9, 12)), bytes: answer.length, bodyBytes };
  }

  private async exchange(bytes: Buffer): Promise<Buffer> {
    const socket = connect(this.port, '127.0.0.1');
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}

/** Configuration of nginx. try_files rewrites $uri, as many mirrors do; $request_uri stays what the client sent. */
function configuration(port: number, slow: number, more: string): string {
  const page = blocksOf(readFileSync(join(root, 'docs/FORMATS.md'), 'utf8'));
  const documented = page.find(({ language }) => language === 'nginx')!.text;
  return `daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events {}
http {
${documented}
  access_log logs/edge.jsonl fairshare;
  access_log logs/combined-$host.log combined;
  ${more}
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp/${name};`).join('\n  ')}
  set_real_ip_from 127.0.0.1;
  real_ip_header X-Real-IP;
  server {
    listen 127.0.0.1:${port};
    root store/$host;
    location / { try_files $uri.file =404; }
    location /slow/ { proxy_pass http://127.0.0.1:${slow}; }
  }
}
`;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
