// A table that cannot be read for another reason than damage is not called damaged.

import { expect, it } from 'vitest';
import { Fault } from '../transform/fault.ts';
import { checkStored } from './integrity.ts';
import { type Warehouse } from './warehouse.ts';

const tables = [
  { name: 'org', bytes: '1' },
  { name: 'usage_daily', bytes: '2' },
];

/** A warehouse whose statements fail. */
const failing = (error: Error) =>
  ({
    query: async (sql: string) => (sql.includes('CHECK TABLE') ? Promise.reject(error) : []),
  }) as unknown as Warehouse;

const failedOf = async (error: Error) => (await checkStored(failing(error), tables)).results;

it('names what the engine refuses, and does not say that a backup must be restored', async () => {
  const failed = await failedOf(
    Object.assign(new Error('Not enough privileges. To execute …'), { type: 'ACCESS_DENIED' }),
  );
  expect(failed).toMatchObject([{ ok: false, name: 'every part of every table can be read', detail: '2 not, first: org: Not enough privileges' }]); // prettier-ignore
  expect(failed[0].next).not.toContain('backup');
});

it('calls damage what the engine calls so', async () => {
  const failed = await failedOf(Object.assign(new Error("Checksum doesn't match: corrupted data. Reference …"), { type: 'CHECKSUM_DOESNT_MATCH' })); // prettier-ignore
  expect(failed.map(({ name }) => name)).toEqual(['table org is as it was written', 'table usage_daily is as it was written']); // prettier-ignore
  expect(failed[0].next).toContain('Restore the backup');
});

it('stays a fault where the warehouse does not answer', async () => {
  await expect(checkStored(failing(new Fault('warehouseUnreachable', 'away')), tables)).rejects.toThrow('away');
});
