// Loads that are cut short before their ledger row and then done in another way. Their leftovers must never count, and are
// deleted with their day.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { applyRetention, planRetention } from '../../sql/retention.ts';
import { generate } from '../support/generator.ts';
import { House } from '../support/house.ts';
import { differences } from '../support/oracle.ts';
import { DAY_MS } from '../../transform/periods.ts';

const DAY = '2026-02-01';
/** Ages count back from the last sealed day with real volume. */
const NEWEST_DAY = '2026-06-30';
const limits = { quarantine_days: 30, network_days: 90, hourly_days: 396 };
const later = (days: number) => new Date(Date.now() + days * DAY_MS);
let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

const uncounted = async (table: string): Promise<number> => {
  const [row] = await house.warehouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${table} WHERE batch_id NOT IN (SELECT batch_id FROM ingest_ledger)`,
  );
  return Number(row.n);
};

it('rows of loads that were given up never count, and go with their day', async () => {
  const { lines, truth } = generate({ seed: 11, lines: 500, firstDay: DAY, days: 1, malformed: 0.1 });
  const { lines: others } = generate({ seed: 12, lines: 300, firstDay: DAY, days: 1, malformed: 0.1 }, '-never');
  const crashing = house.loader({
    onStep: (step) => {
      if (step === 'ledger') throw new Fault('defect', 'crashed');
    },
  });
  await expect(house.ingest([house.object('never.log', others)], { loader: crashing })).rejects.toThrow('crashed');
  const tables = ['usage_batch', 'rate_batch', 'quarantine'];
  for (const table of tables) expect([table, await uncounted(table)]).not.toEqual([table, 0]);
  expect(await house.totals('usage_known')).toMatchObject({ requests: 0, bytes: 0 });
  await house.ingest([house.object('a.log', lines)]);
  expect(await differences(house.warehouse, truth)).toEqual([]);

  const newest = Array.from({ length: 20 }, (_, i) => ({ at: `${NEWEST_DAY}T10:00:${10 + i}Z` }));
  await house.ingest([house.object('newest.log', newest)]);
  await house.seal(DAY);
  await house.seal(NEWEST_DAY);
  expect(await house.totals('usage_daily', `day = '${DAY}'`)).toMatchObject({ requests: Number(truth.requests) });
  await closeBookings(house.warehouse, DAY, new Date());
  await applyRetention(house.warehouse, await planRetention(house.warehouse, limits, later(10)), limits, later(10));
  expect(await uncounted("(SELECT * FROM quarantine FINAL WHERE line != '')")).toBe(0);
  expect([await uncounted('usage_batch'), await uncounted('rate_batch')]).toEqual([0, 0]);
  expect(await house.totals('usage_daily', `day = '${DAY}'`)).toMatchObject({ requests: Number(truth.requests) });
});
