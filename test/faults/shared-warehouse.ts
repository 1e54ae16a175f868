// One warehouse for many worker processes: the embedded engine of this process behind its HTTP door, and a proxy before the
// door. The proxy loses, cuts, delays and forges requests and answers.

import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { drainPending } from 'chdb';
import { type Door, startDoor } from '../../scripts/serve/door.ts';
import { createLogger } from '../../scripts/runtime/logger.ts';
import { House } from '../support/house.ts';

/**
 * Fate of a request: the proxy passes it on; refuses it at once; passes it on but loses the answer; cuts it in the middle of
 * its body; holds it until `letGo` (its sender may have ended by then); delays it, as a slow line does; or answers with an
 * error of the engine without passing it on.
 */
export type Fate =
  'pass' | 'refuse' | 'lose answer' | 'cut' | 'hold' | { readonly delay_ms: number } | { readonly error: string };

export interface Passing {
  /** The SQL statement, without the data. */
  readonly sql: string;
  /** The table of an INSERT; undefined for other statements. */
  readonly table: string | undefined;
  readonly body: Buffer;
}

export class Proxy {
  private readonly server: Server;
  private readonly held: (() => Promise<void>)[] = [];
  private readonly target: URL;
  /** Chooses the fate of each request; by default every request passes. */
  decide: (passing: Passing) => Fate = () => 'pass';
  readonly fates = new Map<string, number>();

  private constructor(target: string) {
    this.target = new URL(target);
    this.server = createServer((incoming, outgoing) => void this.handle(incoming, outgoing));
  }

  static async open(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get heldRequests(): number {
    return this.held.length;
  }

  /** Delivers the held requests now. */
  async letGo(): Promise<void> {
    for (const deliver of this.held.splice(0)) await deliver();
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return; // the sender is gone
    }
    const body = Buffer.concat(chunks);
    const query = new URL(incoming.url!, this.target).searchParams.get('query');
    const sql = query ?? body.subarray(0, 4_096).toString();
    const table = /^(?:--.*\n)*\s*INSERT INTO (\w+)/.exec(sql)?.[1];
    const fate = this.decide({ sql, table, body });
    const name = typeof fate === 'string' ? fate : 'error' in fate ? 'error' : 'slow';
    this.fates.set(name, (this.fates.get(name) ?? 0) + 1);
    if (typeof fate !== 'string' && 'delay_ms' in fate) {
      await sleep(fate.delay_ms);
      await this.pass(incoming, outgoing, body);
    } else if (typeof fate !== 'string') {
      outgoing.writeHead(500, { 'x-clickhouse-exception-code': /^Code: (\d+)/.exec(fate.error)![1] });
      outgoing.end(`${fate.error}\n`);
    } else if (fate === 'refuse') outgoing.destroy();
    else if (fate === 'cut') {
      await this.forward(incoming, body, body.length >> 1).catch(() => undefined);
      outgoing.destroy();
    } else if (fate === 'hold') {
      this.held.push(() => this.pass(incoming, outgoing, body));
    } else await this.pass(incoming, outgoing, body, fate === 'lose answer');
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer, isLost = false): Promise<void> {
    const answer = await this.forward(incoming, body).catch(() => undefined);
    if (answer === undefined || isLost) outgoing.destroy();
    else {
      outgoing.writeHead(answer.status, answer.headers);
      outgoing.end(answer.body);
    }
  }

  /** @param cutAt bytes of the body after which the connection breaks */
  private forward(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
    cutAt?: number,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { 'transfer-encoding': _, ...rest } = headers;
      const sent = request(
        {
          host: this.target.hostname,
          port: this.target.port,
          method,
          path: url,
          headers: { ...rest, host: this.target.host, 'content-length': body.length },
          agent: false,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const { 'transfer-encoding': _chunked, 'content-length': _length, ...kept } = answer.headers;
            resolve({ status: answer.statusCode!, headers: kept, body: Buffer.concat(chunks) });
          });
        },
      );
      sent.on('error', reject);
      if (cutAt === undefined) sent.end(body);
      else sent.write(body.subarray(0, cutAt), () => setTimeout(() => sent.destroy(new Error('cut')), 20));
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export class SharedWarehouse {
  private constructor(
    readonly house: House,
    readonly door: Door,
    readonly proxy: Proxy,
  ) {}

  /** @param inTestRun as of House.open */
  static async open(inTestRun = true): Promise<SharedWarehouse> {
    const house = await House.open(inTestRun);
    const log = createLogger({ level: 'fatal', stream: process.stderr, readable: false, color: false });
    const door = await startDoor({ warehouse: house.warehouse, port: 0, log });
    return new SharedWarehouse(house, door, await Proxy.open(door.url));
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.door.close();
    await this.house.close();
    await drainPending();
  }
}

/** Resident memory of a process; 0 if it has just ended, or if this is not Linux. */
export function residentMiB(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return Number(kib) / 1024;
  } catch {
    return 0;
  }
}
