// Warehouses for tests: an embedded one in a directory of its own, and a server by the best way that this machine offers.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type {} from '../global-setup.ts';
import { analystDatabase } from '../../sql/analysts.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { startFairshare } from './cli.ts';

const run = promisify(execFile);
const IMAGE = 'clickhouse/clickhouse-server:26.7';

export interface TemporaryDirectory {
  readonly path: string;
  remove(): void;
}

export function temporaryDirectory(name = 'fairshare-test-'): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), name));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Copies an embedded warehouse with every migration to a place that does not exist yet: a tenth of the time of migrating. */
export const copyMigratedWarehouse = (location: string): void =>
  cpSync(inject('migratedWarehouse'), location, { recursive: true, verbatimSymlinks: true });

/** Makes a place for a warehouse that no other test uses. */
export interface WarehousePlace {
  readonly location: string;
  readonly password?: string;
  /** Origin of the warehouse, for people. */
  readonly how: string;
  /** Call this after its warehouse is closed. */
  remove(): Promise<void>;
}

export function embeddedPlace(): WarehousePlace {
  const directory = temporaryDirectory();
  return {
    location: directory.path,
    how: 'the embedded engine in this process',
    remove: async () => directory.remove(),
  };
}

/** Returns a server from the environment, else from Docker, else the HTTP door of the embedded engine in a child process. */
export async function serverPlace(env: Readonly<Record<string, string>> = {}): Promise<WarehousePlace> {
  const url = process.env.FAIRSHARE_TEST_CLICKHOUSE_URL;
  if (url !== undefined) {
    const given = new URL(url);
    const password = decodeURIComponent(given.password) || process.env.FAIRSHARE_WAREHOUSE_PASSWORD;
    given.password = '';
    return ownDatabase(given.href, password, 'the server of FAIRSHARE_TEST_CLICKHOUSE_URL');
  }
  const docker = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
  return docker ? dockerPlace() : doorPlace(env);
}

async function ownDatabase(
  location: string,
  password: string | undefined,
  how: string,
  cleanUp: () => Promise<void> = async () => {},
): Promise<WarehousePlace> {
  const database = `fairshare_test_${randomUUID().replaceAll('-', '')}`;
  const administer = async (sql: string) => {
    const admin = await openWarehouse({ location, password });
    await admin.command(sql).finally(() => admin.close());
  };
  await administer(`CREATE DATABASE ${database}`);
  const own = new URL(location);
  own.pathname = `/${database}`;
  return {
    location: own.href,
    password,
    how,
    async remove() {
      for (const name of [analystDatabase(database), database]) await administer(`DROP DATABASE IF EXISTS ${name}`);
      await cleanUp();
    },
  };
}

async function dockerPlace(): Promise<WarehousePlace> {
  const password = randomUUID();
  const flags = ['-d', '--rm', '-p', '127.0.0.1::8123', '-e', `CLICKHOUSE_PASSWORD=${password}`];
  const id = (await run('docker', ['run', ...flags, IMAGE])).stdout.trim();
  const { stdout } = await run('docker', ['port', id, '8123/tcp']);
  const location = `http://default@${stdout.split('\n')[0].trim()}`;
  for (let tries = 0; tries < 120; tries++) {
    if (await fetch(`${new URL(location).origin}/ping`).then(({ ok }) => ok, () => false)) break; // prettier-ignore
    await sleep(500);
  }
  return ownDatabase(
    location,
    password,
    `${IMAGE} in Docker`,
    async () => void (await run('docker', ['rm', '-f', id])),
  );
}

async function doorPlace(env: Readonly<Record<string, string>>): Promise<WarehousePlace> {
  const directory = temporaryDirectory();
  const password = randomUUID();
  const args = ['serve', '--allow-writes', '--password-env', 'DOOR_PASSWORD', '--port', '0', '--json', '--warehouse', directory.path]; // prettier-ignore
  const door = await startFairshare(args, { env: { ...env, DOOR_PASSWORD: password } });
  const { url } = JSON.parse(door.firstLine) as { url: string };
  return ownDatabase(url, password, `fairshare serve in a child process (${url})`, async () => {
    await door.stop();
    directory.remove();
  });
}

export const openPlace = ({ location, password }: WarehousePlace): Promise<Warehouse> =>
  openWarehouse({ location, password });
