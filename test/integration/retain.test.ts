// Deletes data that were kept long enough, and nothing that figures need.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayQuarantine } from '../../ingest/replay.ts';
import { Source } from '../../ingest/source.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { runChecks } from '../../sql/checks.ts';
import { applyRetention, expireQuarantine, planRetention, type RetentionPlan } from '../../sql/retention.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { House } from '../support/house.ts';
import { DAY_MS } from '../../transform/periods.ts';

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

const limits = { quarantine_days: 30, network_days: 90, hourly_days: 396 };
const later = (days: number) => new Date(Date.now() + days * DAY_MS);
const count = async (table: string, where = 'true') =>
  Number((await house.warehouse.query<{ n: string }>(`SELECT count() AS n FROM ${table} WHERE ${where}`))[0].n);
const expectSound = async () => expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);
const days = ({ landing, networks, hours }: RetentionPlan) =>
  [landing, networks, hours].map((list) => list.map(({ day }) => day));

async function run(now: Date): Promise<RetentionPlan> {
  const plan = await planRetention(house.warehouse, limits, now);
  await applyRetention(house.warehouse, plan, limits, now);
  return plan;
}

describe('quarantined bytes', () => {
  it('go after their time and leave the counts; a replay does not begin it anew', async () => {
    const lines = ['{"broken', { at: '2026-01-01T10:00:00Z', path: `/a?${'x'.repeat(400)}` }];
    await house.ingest([house.object('q.log', lines)], { limits: { ...defaultLimits, maxLine_bytes: 400 } });
    await house.warehouse.command(
      `INSERT INTO ingest_ledger SELECT * REPLACE (toDateTime64('${later(-29).toISOString().slice(0, 19).replace('T', ' ')}', 3, 'UTC') AS recorded_at) FROM ingest_ledger`,
    );
    // A load that was given up: no ledger row will ever name its rows.
    await house.warehouse.command(
      "INSERT INTO quarantine VALUES ('00000000-0000-8000-8000-000000000001', 0, 0, 'malformed', 5, 'stray')",
    );
    const source = new Source({ name: 'npm', format: 'nginx-edge' }, house.rulebook, defaultLimits);
    for await (const { status } of replayQuarantine({
      warehouse: house.warehouse,
      loader: house.loader(),
      source,
      format: source.formatOf(new Uint8Array(0), ''),
      methodologyVersion: 2,
      revisionAbove: (above) => house.revision(above),
    }))
      expect(status).toBe('replayed');
    const filled = () => count('quarantine FINAL', "line != ''");
    expect(await expireQuarantine(house.warehouse, limits, new Date())).toBe(0);
    expect(await filled()).toBe(4);
    expect(await expireQuarantine(house.warehouse, limits, later(2), true)).toBe(4);
    expect(await filled()).toBe(4);
    expect(await expireQuarantine(house.warehouse, limits, later(2))).toBe(4);
    expect(await filled()).toBe(0);
    expect(await expireQuarantine(house.warehouse, limits, later(2))).toBe(0);
    expect(await count('quarantine FINAL', "line_bytes > 0 AND reason != ''")).toBe(4);
    await expectSound();
  });
});

describe('days', () => {
  it('lose landing and networks when they are old and closed; figures, checks and late rows stay right', async () => {
    await house.retract({ source: 'npm', object: 'q.log' });
    const line = (day: string, bytes = 100) => ({ at: `${day}T10:00:00Z`, bytes });
    const [old, open, recent] = ['2026-02-01', '2026-02-02', '2026-06-30'] as const;
    await house.ingest([house.object('old.log', [line(old), line(old, 50)]), house.object('open.log', [line(open)]), house.object('new.log', [line(recent), line(recent)])]); // prettier-ignore
    for (const day of [old, recent]) await house.seal(day);
    await closeBookings(house.warehouse, old, new Date());
    await house.seal(open);
    const usage = await house.totals('usage_known');

    // The day was closed and written to a moment ago, so its landing stays: a wrong ingest can still be retracted.
    const early = await planRetention(house.warehouse, limits, new Date());
    expect(days(early)).toEqual([[], [], []]);
    expect(early.kept).toEqual([
      { day: old, why: 'it was closed less than 7 days ago' },
      { day: open, why: 'it is not closed' },
    ]);
    expect((await planRetention(house.warehouse, { ...limits, network_days: 200 }, later(10))).landing).toEqual([]);

    // The landing of a day stays while it contains late rows that are not sealed.
    await house.ingest([house.object('late.log', [line(old, 7)])]);
    expect((await planRetention(house.warehouse, limits, later(10))).kept).toContainEqual({ day: old, why: '1 batch(es) are not sealed yet' }); // prettier-ignore
    await house.retract({ source: 'npm', object: 'late.log' });

    // One line of another day makes nothing older.
    await house.ingest([house.object('stray.log', [line('2050-01-01')])]);
    await house.seal('2050-01-01');
    const aged = await planRetention(house.warehouse, { ...limits, network_days: 200 }, later(10));
    expect(days(aged)).toEqual([[], [], []]);
    await house.retract({ source: 'npm', object: 'stray.log' });
    await house.seal('2050-01-01');

    expect(days(await run(later(10)))).toEqual([[old], [old], []]);
    for (const table of ['usage_batch', 'rate_batch']) expect(await count(table, `toDate(${table === 'usage_batch' ? 'hour' : 'slot'}) = '${old}'`)).toBe(0); // prettier-ignore
    for (const table of ['network_daily', 'request_rate']) expect(await count(table, `day = '${old}'`)).toBe(0);
    expect(await count('usage_hourly', `day = '${old}'`)).toBeGreaterThan(0);
    expect(await house.totals('usage_known')).toEqual(usage);
    await expectSound();
    expect(days(await run(later(10)))).toEqual([[], [], []]);

    await house.ingest([house.object('later.log', [line(old, 9)])]);
    expect(await house.seal(old, '2026-07-05')).toMatchObject({ status: 'sealed', requests: '1', bytes: '9' });
    expect(await house.totals('usage_known', `day = '${old}'`)).toMatchObject({ requests: 3, bytes: 159 });
    await expectSound();
    const hourless = await planRetention(house.warehouse, { ...limits, hourly_days: 100 }, later(10));
    expect(hourless.hours).toEqual([]); // the late booking is open
    await closeBookings(house.warehouse, '2026-07-05', later(10));
    await applyRetention(house.warehouse, await planRetention(house.warehouse, { ...limits, hourly_days: 100 }, later(20)), limits, later(20)); // prettier-ignore
    expect(await count('usage_hourly', `day = '${old}'`)).toBe(0);
    expect(await house.totals('usage_known', `day = '${old}'`)).toMatchObject({ requests: 3, bytes: 159 });
    await expectSound();
  });
});
