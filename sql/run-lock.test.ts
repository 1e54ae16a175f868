import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';
import { temporaryDirectory } from '../test/support/warehouse.ts';
import { withRunLock, type LockHolder } from './run-lock.ts';

const directory = temporaryDirectory();
let warehouse: Warehouse;
/** As if several machines were at work on one server. */
let server: Warehouse;
const holder = (host: string, pid: number, alive: readonly number[] = []): LockHolder => ({
  host,
  pid,
  isAlive: (other) => alive.includes(other),
});

beforeAll(async () => {
  warehouse = await openWarehouse({ location: `${directory.path}/w` });
  await migrate(warehouse);
  server = new Proxy(warehouse, {
    get: (target, key) => {
      if (key === 'engine') return 'server';
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
});
afterAll(async () => {
  await warehouse.close();
  directory.remove();
});

describe('a run lock', () => {
  it('lets one run at a time, whoever else asks', async () => {
    const ran = await withRunLock(server, 'one', holder('a', 1), async () => {
      for (const other of [holder('a', 2, [1]), holder('b', 3)])
        await expect(withRunLock(server, 'one', other, async () => 'second')).rejects.toMatchObject({
          kind: 'warehouseUnreachable',
          message: expect.stringContaining('process 1 on a') as string,
        });
      return withRunLock(server, 'another', holder('b', 4), async () => 'first');
    });
    expect(ran).toBe('first');
    expect(await withRunLock(server, 'one', holder('b', 3), async () => 'next')).toBe('next');
  });

  it('is given back when the work fails', async () => {
    const failing = withRunLock(server, 'failing', holder('a', 1), () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await withRunLock(server, 'failing', holder('b', 2), async () => 'well')).toBe('well');
  });

  const claim = (name: string, seconds: number) =>
    warehouse.command(
      `INSERT INTO run_lock SELECT {name:String}, 'dead', 'a', 77, now64(3, 'UTC') - {seconds:UInt32}, now64(3, 'UTC') - {seconds:UInt32}, 5, false`,
      { name, seconds },
    );

  it('of a dead process ends at once on its machine, and after ten minutes elsewhere', async () => {
    await claim('killed', 20);
    await expect(withRunLock(server, 'killed', holder('b', 1), async () => 0)).rejects.toMatchObject({
      kind: 'warehouseUnreachable',
    });
    await expect(withRunLock(server, 'killed', holder('a', 1, [77]), async () => 0)).rejects.toMatchObject({
      kind: 'warehouseUnreachable',
    });
    expect(await withRunLock(server, 'killed', holder('a', 1), async () => 'taken over')).toBe('taken over');
    await claim('silent', 601);
    expect(await withRunLock(server, 'silent', holder('b', 1), async () => 'taken over')).toBe('taken over');
  });

  it('of another process on an embedded directory is a dead one', async () => {
    await claim('embedded', 1);
    expect(await withRunLock(warehouse, 'embedded', holder('b', 1, [77]), async () => 'taken over')).toBe('taken over');
  });
});
