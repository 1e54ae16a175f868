// Usage that a late declaration of a network had moved, and that is retracted after its month was closed. It is subtracted
// from the organisation that it was counted for, whatever the registry says by then.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { closePeriod } from '../../scripts/funding/closing.ts';
import { recomputeRun } from '../../scripts/funding/run.ts';
import { termsOf } from '../../scripts/funding/terms.ts';
import { attribute } from '../../sql/attribution.ts';
import { House } from '../support/house.ts';
import { DAY_MS } from '../../transform/periods.ts';

const terms = termsOf({
  policy:
    'version: p1\ncurrency: EUR\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n',
  costs: 'pool,driver,currency,gross,donated,donor\ncdn,requests,EUR,1000.00,0.00,\n',
});
const requests = (day: string, address: string, count: number) =>
  Array.from({ length: count }, () => ({ at: `${day}T10:00:00Z`, address }));

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

/** Records a declaration. The registry of a minute ago read all lines, so a declaration recorded now is late. */
const declare = (id: string, value: string, recorded: Date) =>
  house.warehouse.insert('org_evidence', [
    {
      evidence_id: id,
      org_id: 'gamma',
      tier: 'E2',
      kind: 'cidr',
      value,
      secret_sha256: '',
      valid_from: '2026-01-01',
      source: 'test',
      recorded_at: recorded.toISOString(),
    },
  ]);

it('takes moved usage from the organisation that had got it', async () => {
  let clock_ms = Date.now();
  const now = () => new Date((clock_ms += 60_000));
  await house.ingest([house.object('moved.log', requests('2026-10-05', '20.3.1.1', 8))]);
  await house.ingest([house.object('more.log', requests('2026-10-05', '20.3.2.1', 2))]);
  await house.ingest([house.object('other.log', requests('2026-10-05', '20.9.1.1', 10))]);
  await house.seal('2026-10-05');
  await declare('gamma-net', '20.3.0.0/22', now());
  await attribute(house.warehouse, { now: now() });
  const october = await closePeriod(house.warehouse, '2026-10', terms, new Date('2026-11-05T00:00:00Z'));
  const billed = (await recomputeRun(house.warehouse, october.run_id)).allocation.result.lines;
  expect(billed).toMatchObject([{ family: 'gamma', billed_cents: 50_000n }]);

  await house.retract({ source: 'npm', object: 'moved.log' });
  await house.seal('2026-10-05', '2026-11-02');
  // The registry has changed: the version that closed October is not the one in force.
  await declare('gamma-other', '20.7.0.0/22', now());
  await house.ingest([house.object('november.log', requests('2026-11-03', '20.9.1.1', 1))]);
  await house.seal('2026-11-03');
  await attribute(house.warehouse, { now: now() });
  const november = await allocatePeriod(house.warehouse, '2026-11', terms, now());
  // gamma keeps 2 of 12 requests: 166.66 of 1,000.00, and 500.00 were billed.
  expect(november.corrections.lines).toMatchObject([
    { family: 'gamma', kind: 'late_usage', requests: -8n, bytes: -8000n, cents: -33_334n },
  ]);
  expect(november.corrections.lines[0].reason).not.toContain('not found');
  expect((await recomputeRun(house.warehouse, october.run_id)).same).toBe(true);
});

it('keeps what moved of a booking whose networks are gone, while a later booking of the same day has its own', async () => {
  const moved = async () =>
    house.warehouse.query(
      "SELECT booked_day, sum(usage.requests) AS requests FROM attributed_usage AS usage WHERE org_id = 'gamma' AND day = '2026-10-05' GROUP BY booked_day ORDER BY booked_day",
    );
  const before = await moved();
  expect(before).toEqual([
    { booked_day: '2026-10-05', requests: '10' },
    { booked_day: '2026-11-02', requests: '-8' },
  ]);
  await house.warehouse.command("ALTER TABLE network_daily DROP PARTITION ('2026-10-05', '2026-10-05')");
  await attribute(house.warehouse, { now: new Date(Date.now() + DAY_MS) });
  expect(await moved()).toEqual(before);
});
