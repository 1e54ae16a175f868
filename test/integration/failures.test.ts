// Failures of the machine around the program: rights, names, damage, a warehouse that is away. Each ends with its documented exit
// code and says what to do; what can be loaded is loaded. Full disks: disk-full.test.ts.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWarehouse } from '../../sql/warehouse.ts';
import { passes } from '../../sql/failures.ts';
import { freePorts } from '../provide/tools.ts';
import { fairshare, fairshareHere, nobody, startFairshare } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { testBrokers, testClient, uniqueName, utf8 } from '../support/kafka.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const files = temporaryDirectory();
const at = (...names: string[]) => join(files.path, ...names);
const line = (path = '/left-pad/-/left-pad-1.3.0.tgz') => `${edgeLine({ at: '2026-10-01T10:00:00Z', path })}\n`;
const NPM = ['--source', 'npm', '--format', 'nginx-edge', '--ecosystem', 'npm'] as const;

/** Runs it as a user who is not root. */
const asNobody = (args: readonly string[], env: Record<string, string> = {}) =>
  fairshare(args, { env: { HOME: files.path, ...env }, cwd: files.path, uid: nobody() });

beforeAll(() => chmodSync(files.path, 0o755));
afterAll(() => files.remove());

/** A warehouse that belongs to the user who is not root. */
function ownWarehouse(name: string): string {
  const path = at(name);
  copyMigratedWarehouse(path);
  const uid = nobody();
  if (uid !== undefined) execFileSync('chown', ['-R', `${uid}:${uid}`, path]);
  return path;
}

const objectsOf = async (warehouse: string): Promise<string[]> =>
  JSON.parse(
    (
      await fairshare(
        [
          'query',
          'SELECT arraySort(groupArray(object)) AS objects FROM default.ledger_current',
          '--format',
          'JSONEachRow',
        ],
        {
          env: { FAIRSHARE_WAREHOUSE: warehouse },
        },
      )
    ).stdout,
  ).objects as string[];

describe('files', () => {
  it('that cannot be read are named, and all others are loaded, also those with names that are not UTF-8', async () => {
    const warehouse = ownWarehouse('rights');
    const logs = at('logs');
    mkdirSync(join(logs, 'forbidden'), { recursive: true });
    writeFileSync(join(logs, 'a.log'), line());
    writeFileSync(join(logs, 'secret.log'), line('/a/-/a-1.0.0.tgz'));
    writeFileSync(join(logs, 'forbidden', 'b.log'), line());
    writeFileSync(
      Buffer.concat([Buffer.from(`${logs}/caf`), Buffer.of(0xe9), Buffer.from('.log')]),
      line('/b/-/b-1.0.0.tgz'),
    );
    chmodSync(join(logs, 'secret.log'), 0o000);
    chmodSync(join(logs, 'forbidden'), 0o000);
    const { status, stdout, stderr } = await asNobody(['ingest', 'files', logs, ...NPM], {
      FAIRSHARE_WAREHOUSE: warehouse,
    });
    chmodSync(join(logs, 'forbidden'), 0o755);
    expect(stderr).toContain('2 object(s) refused');
    expect(stderr).toContain('forbidden cannot be read: this directory cannot be listed: permission denied (EACCES)');
    expect(stderr).toContain('secret.log cannot be read: permission denied (EACCES)');
    expect(stderr).not.toContain('defect');
    expect(stdout).toContain('2 of 4 objects loaded');
    expect(status).toBe(3);
    expect(await objectsOf(warehouse)).toEqual(['a.log', 'caf\\xe9.log']);
    const back = await asNobody(['ingest', 'retract', '--source', 'npm', '--object', 'caf\\xe9.log'], {
      FAIRSHARE_WAREHOUSE: warehouse,
    });
    expect([back.status, back.stderr]).toEqual([0, '']);
  });

  it('cannot be written in a directory of somebody else: exit code 2, with the directory', async () => {
    const closed = at('closed');
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    const env = { FAIRSHARE_WAREHOUSE: ownWarehouse('writes') };
    for (const args of [
      ['init', closed],
      ['migrate', '--warehouse', join(closed, 'warehouse')],
      ['simulate', '--out', join(closed, 'out'), '--lines', '100', '--days', '1'],
    ]) {
      const { status, stderr } = await asNobody(args, env);
      expect(stderr, args[0]).toMatch(/permission denied|EACCES/i);
      expect(stderr, args[0]).toContain(closed);
      expect(stderr, args[0]).not.toContain('defect');
      expect(status, args[0]).toBe(2);
    }
  });

  it('of a warehouse of somebody else: exit code 2 at once, not after a wait for a lock', async () => {
    const warehouse = at('of-root');
    copyMigratedWarehouse(warehouse);
    if (nobody() === undefined) execFileSync('chmod', ['-R', 'a-w', warehouse]);
    const { status, stderr } = await asNobody(['migrate'], { FAIRSHARE_WAREHOUSE: warehouse });
    expect(stderr).toMatch(/permission denied/);
    expect(stderr).not.toMatch(/held by|defect/);
    expect(status).toBe(2);
  });
});

describe('stored data', () => {
  it('with a flipped bit: exit code 4, and what to do', async () => {
    const warehouse = at('damaged');
    const env = { FAIRSHARE_WAREHOUSE: warehouse };
    copyMigratedWarehouse(warehouse);
    writeFileSync(at('one.log'), line());
    expect((await fairshare(['ingest', 'files', at('one.log'), ...NPM], { env })).status).toBe(0);
    const table = (await fairshareHere(['query', "SELECT data_paths[1] FROM system.tables WHERE name = 'usage_batch' AND database = 'default'", '--format', 'TSVRaw'], { env })).stdout.trim(); // prettier-ignore
    for (const name of readdirSync(table, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('data.bin') || (name.endsWith('.bin') && !name.includes('null'))) flipBit(join(table, name));
    const { status, stderr } = await fairshare(['seal'], { env });
    expect(stderr).toContain('Checksum');
    expect(stderr).toContain('fairshare doctor');
    expect(stderr).not.toContain('a defect');
    expect(status).toBe(4);
  });

  it('with an empty definition of a table: exit code 4, with its path, not a wait for a lock', async () => {
    const warehouse = at('empty-definition');
    copyMigratedWarehouse(warehouse);
    const definition = readdirSync(join(warehouse, 'store'), { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('org.sql'))!; // prettier-ignore
    writeFileSync(join(warehouse, 'store', definition), '');
    const { status, stderr } = await fairshare(['doctor'], { env: { FAIRSHARE_WAREHOUSE: warehouse } });
    expect(stderr).toContain(`${definition} is empty`);
    expect(stderr).toContain('Restore the warehouse from its backup');
    expect(status).toBe(4);
  });
});

function flipBit(path: string): void {
  const file = openSync(path, 'r+');
  const place = Math.floor(statSync(path).size / 2);
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, place);
  byte[0] ^= 1;
  writeSync(file, byte, 0, 1, place);
  closeSync(file);
}

describe('a door', () => {
  let server: Server;
  let answer: 'half' | 'none' = 'half';
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (answer === 'none') return response.destroy();
        response.write('{"a":1}\n{"a"');
        setTimeout(() => response.destroy(), 20);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterAll(() => server.close());

  it('that dies while its answer is read: the warehouse is away, and waiting helps', async () => {
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const failure = (work: Promise<unknown>) => work.then(() => undefined, (error: unknown) => error); // prettier-ignore
    const opening = await failure(openWarehouse({ location }));
    expect(opening).toMatchObject({ kind: 'warehouseUnreachable' });
    expect(passes(opening)).toBe(true);
    answer = 'none';
    const { status, stderr } = await fairshareHere(['seal'], { env: { FAIRSHARE_WAREHOUSE: location } });
    expect(stderr).toContain('does not answer');
    expect(status).toBe(5);
  });

  it('that is read-only: a load ends at once with exit code 4, and says how it can go on', async () => {
    const directory = at('read-only-door');
    copyMigratedWarehouse(directory);
    const door = await startFairshare(['serve', '--port', '0', '--json', '--warehouse', directory]);
    const { url } = JSON.parse(door.firstLine) as { url: string };
    try {
      writeFileSync(at('two.log'), line());
      const location = new URL('/default', url).href;
      const { status, stderr } = await fairshareHere(['ingest', 'files', at('two.log'), ...NPM], { env: { FAIRSHARE_WAREHOUSE: location } }); // prettier-ignore
      expect(stderr).toContain('--allow-writes');
      expect(stderr).not.toContain('defect');
      expect(status).toBe(4);
    } finally {
      await door.stop();
    }
  });

  it('that is absent when a worker starts: the worker waits, and loads when it is there', async () => {
    const topic = uniqueName('absent-door');
    const client = testClient();
    await client.createTopic({ topic, partitions: 1 });
    const producer = await client.producer();
    await producer.send(topic, 0, [{ value: utf8(line()) }]);
    await producer.close();
    await client.close();
    const directory = at('absent-door');
    copyMigratedWarehouse(directory);
    const [port] = await freePorts(1);
    const brokers = testBrokers().join();
    const working = fairshare(
      ['ingest', 'kafka', '--topic', topic, '--group', topic, '--brokers', brokers, ...NPM, '--until-end'],
      { env: { FAIRSHARE_WAREHOUSE: `http://127.0.0.1:${port}/default`, FAIRSHARE_WAREHOUSE_PASSWORD: 'p' } },
    );
    await new Promise((later) => setTimeout(later, 2_500));
    const door = await startFairshare(
      ['serve', '--allow-writes', '--password-env', 'DOOR_PASSWORD', '--port', String(port), '--json', '--warehouse', directory], // prettier-ignore
      { env: { DOOR_PASSWORD: 'p' } },
    );
    const { status, stdout, stderr } = await working;
    await door.stop();
    expect(stderr).toContain('the warehouse does not answer, trying again');
    expect([status, stdout]).toEqual([0, '1 batches, 1 lines\n']);
  });
});
