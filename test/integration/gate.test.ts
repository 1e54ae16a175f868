// A line with an impossible time or size: it is quarantined, the same lines are whenever an object is read, and neither the gate of
// completeness nor retention nor a sum is moved by it.

import { utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_TOLERANCE_MS } from '../../ingest/source.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { planRetention } from '../../sql/retention.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { addDays } from '../../transform/periods.ts';
import { MAX_BYTES } from '../../transform/request-reader.ts';
import { House, type TestRequest } from '../support/house.ts';

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(() => house.close());

const spec = { tolerance_ms: DEFAULT_TOLERANCE_MS };
const requests = (day: string, count: number): TestRequest[] =>
  Array.from({ length: count }, (_, i) => ({ at: `${day}T${String(i % 24).padStart(2, '0')}:00:00Z` }));
const reasons = async () =>
  (await house.warehouse.query<{ reason: string }>('SELECT reason FROM quarantine FINAL ORDER BY row')).map(
    ({ reason }) => reason,
  );

describe('one line of 2050', () => {
  /** Whether a night of this day would go on. */
  const isDelivered = async (day: string) => {
    const states = await house.warehouse.query<{ ready: boolean }>(sqlFile('queries/ledger/delivered.sql'), {
      end: addDays(day, 1),
      retired: [],
    });
    return states.every(({ ready }) => ready);
  };

  it('is quarantined, and the night after it waits for the missing day', async () => {
    const line = { at: '2050-01-01T00:00:00Z' };
    await house.ingest([house.object('a.log', [...requests('2026-10-01', 48), line])], { spec });
    expect(await reasons()).toEqual(['timestamp_in_future']);
    expect(await isDelivered('2026-10-01')).toBe(false);
    await house.ingest([house.object('b.log', requests('2026-10-02', 2))], { spec });
    expect(await isDelivered('2026-10-01')).toBe(true);
  });

  it('that an older version has loaded lets no missing night pass, and ages nothing', async () => {
    await house.ingest([house.object('a.log', [...requests('2026-10-01', 48), { at: '2050-01-01T00:00:00Z' }])]);
    for (const day of ['2026-10-01', '2050-01-01']) await house.seal(day);
    const year = new Date(Date.now() + 366 * 86_400_000);
    await closeBookings(house.warehouse, '2026-10-01', new Date());
    const plan = await planRetention(house.warehouse, { quarantine_days: 30, network_days: 31, hourly_days: 31 }, year);
    expect(plan).toMatchObject({ landing: [], networks: [], hours: [], kept: [] });
    expect(await isDelivered('2026-10-01')).toBe(false);
  });
});

it('an object that is read again after a kill is read with the time at which it was first seen', async () => {
  const first = new Date('2026-10-01T12:00:00Z');
  const path = house.object('a.log', [
    { at: '2026-10-01T12:09:00Z' },
    { at: '2026-10-01T12:11:00Z' },
    { at: '2026-10-01T12:10:00Z' },
  ]);
  utimesSync(path, first, new Date('2026-10-01T11:00:00Z'));
  const killed = house.loader({
    now: () => first,
    onStep: (step) => {
      if (step === 'ledger') throw new Error('killed');
    },
  });
  await expect(house.ingest([path], { spec, loader: killed })).rejects.toThrow('killed');
  const later = house.loader({ now: () => new Date('2026-10-02T12:00:00Z') });
  await house.ingest([path], { spec, loader: later });
  expect(
    await house.warehouse.query(
      'SELECT requests, quarantined, toString(seen_at) AS seen_at, (SELECT uniqExact(batch_id) FROM usage_batch) AS ids FROM ledger_current',
    ),
  ).toEqual([{ requests: '2', quarantined: '1', seen_at: '2026-10-01 12:00:00.000', ids: '1' }]);
  expect(await reasons()).toEqual(['timestamp_in_future']);

  // A log that was modified later may hold later lines.
  const other = house.object('b.log', [{ at: '2026-10-01T14:09:00Z' }, { at: '2026-10-01T14:11:00Z' }]);
  utimesSync(other, first, new Date('2026-10-01T14:00:00Z'));
  const [outcome] = await house.ingest([other], { spec, loader: house.loader({ now: () => first }) });
  expect(outcome).toMatchObject({ requests: 1, quarantined: 1 });
});

describe('bytes that no sum of 64 bits can hold', () => {
  it('are refused with the name of their source when they are loaded', async () => {
    const lines = Array.from({ length: 70_000 }, () => ({ at: '2026-10-01T10:00:00Z', bytes: MAX_BYTES }));
    const [outcome] = await house.ingest([house.object('huge.log', lines)]);
    expect(outcome).toMatchObject({
      status: 'refused',
      problem: expect.stringMatching(/^source npm: with a batch of/),
    });
    expect(await house.totals('usage_known')).toEqual({ requests: 0, downloads: 0, bytes: 0 });
    const few = await house.ingest([house.object('few.log', lines.slice(0, 3))]);
    expect(few[0]).toMatchObject({ status: 'loaded', requests: 3 });
    expect(await house.totals('usage_known')).toMatchObject({ bytes: 3 * MAX_BYTES });
  });

  it('are not sealed, if an older version has loaded them', async () => {
    const row = (partition: string) => ({
      source: 'cdn', partition, object: partition, last: 10, revision: 1, state: 'loaded', lines: 1, requests: 1,
      days: ['2026-10-01'], day_requests: [1], day_downloads: [1], day_bytes: [`${2n ** 62n}`],
      batch_id: `00000000-0000-8000-8000-00000000000${partition}`,
    }); // prettier-ignore
    await house.warehouse.insert('ingest_ledger', [row('1'), row('2')]);
    await expect(house.seal('2026-10-01')).rejects.toThrow(
      /2026-10-01: its batches have 9223372036854775808 bytes.*source cdn/,
    );
  });
});
