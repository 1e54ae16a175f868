// Tests which data a check of chosen days reads, and which damage only the check of all days finds.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { attribute } from '../../sql/attribution.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { openDays, runChecks } from '../../sql/checks.ts';
import { House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.open();
  await house.ingest([house.object('old.log', [{ at: '2026-10-01T10:00:00Z' }])]);
  await house.seal('2026-10-01');
  await closeBookings(house.warehouse, '2026-10-01', new Date());
  await house.ingest([house.object('new.log', [{ at: '2026-10-02T10:00:00Z' }])]);
  await house.seal('2026-10-02');
  await attribute(house.warehouse, { now: new Date() });
});
afterAll(() => house.close());

const LANDING = 'landing holds what the ledger says';
const SEALED = 'sealed days hold what the ledger said when they were sealed';
const VERDICTS = 'an evidence set has one verdict a day, and moves of usage add up to nothing';
const failed = async (days?: readonly string[]) =>
  (await runChecks(house.warehouse, days)).filter(({ ok }) => !ok).map(({ name }) => name);
const lose = async (day: string) => {
  await house.warehouse.command(`ALTER TABLE usage_batch DROP PARTITION '${day.replaceAll('-', '')}'`);
  await house.warehouse.command(`ALTER TABLE usage_daily DROP PARTITION ('${day}', '${day}')`);
};

it('finds damage of an older day in the check of all days, of an open day in the check of a night', async () => {
  const open = await openDays(house.warehouse);
  expect(open).toEqual(['2026-10-02']);
  expect(await failed()).toEqual([]);
  await lose('2026-10-01');
  expect(await failed(open)).toEqual([]);
  expect(await failed([])).toEqual([]);
  expect(await failed()).toEqual([LANDING, SEALED]);
  await lose('2026-10-02');
  expect(await failed(open)).toEqual([LANDING, SEALED]);
});

it('finds, whatever the days, verdicts that count usage twice and moves that make or lose some', async () => {
  const version = '(SELECT attribution_version FROM attribution_run)';
  await house.warehouse.command(
    `INSERT INTO evidence_verdict SELECT * REPLACE (toDate('2026-10-02') AS valid_from) FROM verdict_current LIMIT 1`,
  );
  expect(await failed([])).toEqual([VERDICTS]);
  await house.warehouse.command('TRUNCATE TABLE evidence_verdict');
  expect(await failed([])).toEqual([]);
  await house.warehouse.command(
    `INSERT INTO usage_move (attribution_version, day, booked_day, evidence_set, requests) VALUES (${version}, '2026-10-01', '2026-10-01', 1, 5)`,
  );
  expect(await failed([])).toEqual([VERDICTS]);
});
