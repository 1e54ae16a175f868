// One flipped bit in a part of any table is found by doctor, with the table's name and what to do. test/faults/damage.test.ts flips
// bits of other files, and does what doctor says.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyWarehouse, doctorOf, filledWarehouse, fillEmptyTables, flipBit, storedParts, type StoredPart, withWarehouse } from '../support/damage.ts'; // prettier-ignore
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
let whole: string;
let parts: StoredPart[];

beforeAll(async () => {
  whole = await filledWarehouse(directory.path);
  parts = await withWarehouse(whole, async (warehouse) => {
    await fillEmptyTables(warehouse);
    return storedParts(warehouse);
  });
});
afterAll(() => directory.remove());

function copyOf(name: string): string {
  const copy = join(directory.path, name);
  copyWarehouse(whole, copy);
  return copy;
}

it('is found in every table', async () => {
  const copy = copyOf('all');
  // The first part of each table.
  const flipped = parts.filter(({ table }, i) => parts.findIndex((part) => part.table === table) === i);
  expect(flipped.length).toBeGreaterThan(35);
  for (const part of flipped) flipBit(copy, part);
  const { status, damaged } = await doctorOf(copy);
  expect(status).toBe(4);
  expect(damaged.map(({ table }) => table)).toEqual(flipped.map(({ table }) => table));
  for (const { next } of damaged)
    expect(next).toMatch(/^(Restore the backup|Seal the day again|Nothing is lost|No figure is made of these rows)/);
});

it('is found alone, with its part; --quick does not look, and says so', async () => {
  const copy = copyOf('one');
  const ledger = parts.find(({ table }) => table === 'ingest_ledger')!;
  flipBit(copy, ledger, 'data.bin', 0.999);
  const { status, damaged } = await doctorOf(copy);
  expect([status, damaged]).toEqual([4, [{ table: 'ingest_ledger', detail: expect.stringContaining(`part ${ledger.name}: `) as string, next: expect.stringContaining('Restore the backup') as string }]]); // prettier-ignore
  const quick = await doctorOf(copy, '--quick');
  expect(quick.damaged).toEqual([]);
  expect(quick.left_out).toContain('reading every part');
});

it('is found where a table is gone', async () => {
  const copy = copyOf('gone');
  await withWarehouse(copy, (warehouse) => warehouse.command('DROP TABLE period_close SYNC'));
  expect((await doctorOf(copy)).damaged).toMatchObject([{ table: 'period_close', detail: 'the table is not there' }]);
});

it('is not found where there is none', async () => {
  const { damaged, checks, left_out } = await doctorOf(whole);
  expect([damaged, left_out]).toEqual([[], undefined]);
  expect(checks[0]).toMatchObject({ ok: true, name: 'every part of every table is as it was written' });
});
