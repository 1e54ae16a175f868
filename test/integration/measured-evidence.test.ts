// E4 and E5 are billed if the policy names them and the month's tokens have shown that they are precise. Late usage is billed
// by the evidence that its own month billed.

import { afterEach, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { closePeriod } from '../../scripts/funding/closing.ts';
import { recomputeRun } from '../../scripts/funding/run.ts';
import { termsOf } from '../../scripts/funding/terms.ts';
import { attribute } from '../../sql/attribution.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { House, type TestRequest } from '../support/house.ts';
import { sha256 } from '../../sql/sha256.ts';

const terms = (measured: boolean) =>
  termsOf({
    policy: `version: ${measured ? 'measured' : 'proved'}
currency: EUR
free_allowance: 0
bands: [{ multiplier_bp: 10000 }]
cap_bp: 10000
minimum: 0
${measured ? 'bill_measured: [E4]' : ''}
`,
    costs: 'pool,driver,currency,gross,donated,donor\ncdn,requests,EUR,1000.00,0.00,\n',
  });
const at = (day: string) => new Date(`${day}T06:00:00Z`);
const tokens = { acme: 'acme-token-0123456789', globex: 'globex-token-0123456789' } as const;
let house: House;
afterEach(() => house.close());

/**
 * Makes four requests from each of acme's E4 prefixes: three without a token, and one with acme's token, or with globex's in
 * the first `wrong` prefixes.
 */
const requests = (day: string, prefixes: number, wrong: number): TestRequest[] =>
  Array.from({ length: prefixes }, (_, i) => {
    const request = { at: `${day}T10:00:00Z`, address: `20.30.${i}.7` };
    const token = tokens[i < wrong ? 'globex' : 'acme'];
    return [request, request, request, { ...request, userAgent: `curl/8.9.1 (fairshare-token: ${token})` }];
  }).flat();

/** A month in which acme's prefixes were right, except `wrong` of them. */
async function month(prefixes: number, wrong: number): Promise<void> {
  house = await House.open();
  const recorded = { recorded_at: '2026-09-01 00:00:00.000' };
  await house.warehouse.insert(
    'org',
    ['acme', 'globex'].map((org_id) => ({ org_id, name: org_id, exempt: false, contact: '', ...recorded })),
  );
  const evidence = (org_id: keyof typeof tokens, tier: string, kind: string, value: string) => ({
    evidence_id: `${org_id}-${tier}-${value}`,
    org_id,
    tier,
    kind,
    value,
    secret_sha256: kind === 'token' ? sha256(tokens[org_id]) : '',
    valid_from: '2026-01-01',
    source: 'test',
    ...recorded,
  });
  await house.warehouse.insert('org_evidence', [
    evidence('acme', 'E1', 'token', ''),
    evidence('globex', 'E1', 'token', ''),
    ...Array.from({ length: prefixes }, (_, i) => evidence('acme', 'E4', 'cidr', `20.30.${i}.0/24`)),
  ]);
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  await house.ingest([house.object('october.log', requests('2026-10-10', prefixes, wrong))]);
  await house.seal('2026-10-10');
  await attribute(house.warehouse, { now: at('2026-11-01') });
}

const allocated = (measured: boolean, period = '2026-10') =>
  allocatePeriod(house.warehouse, period, terms(measured), at('2026-11-02'));
const billed = async (allocation: ReturnType<typeof allocated>) =>
  Object.fromEntries((await allocation).result.lines.map((line) => [line.family, line.billed_cents]));

describe('E4 that names the right organisation in 61 of 64 prefixes', () => {
  it('is billed where the policy says so, and only there', async () => {
    await month(64, 3);
    // A requests costs 1000.00 / 256; E1 alone: 61 and 3 requests.
    expect(await billed(allocated(false))).toEqual({ acme: 23_828n, globex: 1_172n });
    const measured = await allocated(true);
    expect(measured.billable_tiers).toEqual(['E1', 'E2', 'E3', 'E4']);
    expect(await billed(allocated(true))).toEqual({ acme: 98_828n, globex: 1_172n });
    // The run can be computed again from its records when the policy in force is another.
    await allocated(false);
    const again = await recomputeRun(house.warehouse, measured.run_id);
    expect(again.same).toBe(true);
    expect(again.allocation.billable_tiers).toEqual(measured.billable_tiers);
  });

  it('is billed late as the month was, whatever the policy says by then', async () => {
    await month(64, 3);
    await closeBookings(house.warehouse, '2026-10-31', at('2026-11-02'));
    await closePeriod(house.warehouse, '2026-10', terms(true), at('2026-11-02'));
    await house.ingest([
      house.object('late.log', [{ at: '2026-10-10T11:00:00Z', address: '20.30.60.9' }]),
      house.object('november.log', [{ at: '2026-11-01T11:00:00Z', address: '20.30.60.9' }]),
    ]);
    await house.seal('2026-10-10', '2026-11-01');
    await house.seal('2026-11-01');
    const november = await allocated(false, '2026-11');
    expect(november.result.lines).toEqual([]);
    expect(november.corrections.lines).toMatchObject([
      { family: 'acme', requests: 1n },
      { family: 'globex', requests: 0n },
    ]);
    // 254 of 257 requests are acme's instead of 253 of 256.
    expect(november.corrections.lines[0].cents).toBe(5n);
  });
});

it.each([
  ['60 of 64 prefixes', 64, 4],
  ['all of 59', 59, 0],
])('E4 that is right in %s is not billed', async (_what, prefixes, wrong) => {
  await month(prefixes, wrong);
  const { billable_tiers, result } = await allocated(true);
  expect(billable_tiers).toEqual(['E1', 'E2', 'E3']);
  expect(result.billed_cents).toBe(25_000n);
});
