// Flipped bits in other files of the parts of every table, those that keep the engine from loading a part too; and what doctor says
// to do about damage helps.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fairshareHere } from '../support/cli.ts';
import { copyWarehouse, doctorOf, filledWarehouse, fillEmptyTables, flipBit, storedParts, type StoredPart, withWarehouse } from '../support/damage.ts'; // prettier-ignore
import { House } from '../support/house.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

describe('a bit of', () => {
  let whole: string;
  let firstParts: StoredPart[];
  beforeAll(async () => {
    whole = await filledWarehouse(directory.path);
    const parts = await withWarehouse(whole, async (warehouse) => {
      await fillEmptyTables(warehouse);
      return storedParts(warehouse);
    });
    firstParts = parts.filter(({ table }, i) => parts.findIndex((part) => part.table === table) === i);
  });

  it.each(['data.cmrk4', 'primary.cidx', 'checksums.txt', 'columns.txt', 'serialization.json'])(
    '%s, in every table',
    async (file) => {
      const copy = join(directory.path, file);
      copyWarehouse(whole, copy);
      for (const part of firstParts) flipBit(copy, part, file);
      const { status, damaged } = await doctorOf(copy);
      expect(status).toBe(4);
      expect(damaged.map(({ table }) => table)).toEqual(firstParts.map(({ table }) => table));
    },
  );
});

describe('what doctor says to do', () => {
  let house: House;
  const lines = [{ at: '2026-10-01T10:00:00Z' }, { at: '2026-10-01T11:00:00Z', address: '198.51.100.7' }, '{"broken'];
  beforeAll(async () => {
    house = await House.open();
    await house.ingest([house.object('a.log', lines)]);
    await house.seal('2026-10-01');
    await house.warehouse.close();
  });
  afterAll(() => house.close());

  /** A copy of the house's warehouse with damage in a table. */
  async function damagedCopy(table: string, file?: string): Promise<string> {
    const copy = join(directory.path, `house-${table}-${file}`);
    copyWarehouse(join(house.directory, 'warehouse'), copy);
    const [part] = (await withWarehouse(copy, storedParts)).filter((stored) => stored.table === table);
    flipBit(copy, part, file);
    return copy;
  }
  const runOn =
    (location: string) =>
    async (...args: string[]): Promise<void> => {
      const { status, stderr } = await fairshareHere([...args, '--warehouse', location]);
      expect(status, stderr).toBe(0);
    };

  it.each([
    'usage_daily',
    'usage_hourly',
    'network_daily',
    'request_rate',
    'client_daily',
    'status_daily',
    'package_daily',
  ])('seals an open day again: %s', async (table) => {
    const copy = await damagedCopy(table);
    const { damaged } = await doctorOf(copy);
    expect(damaged).toMatchObject([{ table }]);
    await runOn(copy)(...(/fairshare (seal .* --force)/.exec(damaged[0].next)?.[1] ?? '').split(' '));
    expect((await doctorOf(copy)).failed).toEqual([]);
  });

  it.each(['usage_batch', 'rate_batch', 'quarantine'])('loads objects again: %s', async (table) => {
    const copy = await damagedCopy(table);
    const run = runOn(copy);
    const { damaged } = await doctorOf(copy);
    expect(damaged).toMatchObject([{ table }]);
    await run('query', '--allow-writes', /"(ALTER TABLE [^"]+)"/.exec(damaged[0].next)?.[1] ?? '');
    const { failed } = await doctorOf(copy);
    expect(failed.map(({ next }) => next)).toContainEqual(expect.stringContaining('fairshare ingest retract'));
    await run('ingest', 'retract', '--source', 'npm', '--object', 'a.log');
    await run('ingest', 'files', join(house.directory, 'a.log'), '--source', 'npm', '--format', 'nginx-edge', '--ecosystem', 'npm'); // prettier-ignore
    await run('seal');
    expect((await doctorOf(copy)).failed).toEqual([]);
  });

  it('deletes what the engine has put aside', async () => {
    const copy = await damagedCopy('usage_daily', 'checksums.txt');
    const [{ next }] = (await doctorOf(copy)).damaged;
    expect(next).toContain('fairshare seal --day 2026-10-01 --force');
    await runOn(copy)('seal', '--day', '2026-10-01', '--force');
    rmSync(/delete (\S+?)\.?$/.exec(next)![1], { recursive: true });
    expect((await doctorOf(copy)).failed).toEqual([]);
  });
});

it('a table that the engine cannot load is not taken for a held directory', async () => {
  const copy = join(directory.path, 'definition');
  mkdirSync(copy);
  const location = await filledWarehouse(copy);
  const path = join(location, 'metadata/default/org.sql');
  writeFileSync(path, readFileSync(path, 'utf8').replace('ENGINE', 'ENGINF'));
  const { status, stderr } = await fairshareHere(['doctor', '--warehouse', location, '--lock-timeout', '1']);
  expect(status).toBe(5);
  expect(stderr).toContain('no process of this machine is seen to hold it');
});
