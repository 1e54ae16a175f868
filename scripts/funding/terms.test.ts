// The terms of a month: its own costs, pools of the same names, and texts that other months do not change.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fundingTerms, termsOf, type FundingFiles } from './terms.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairshare-terms-'));
afterAll(() => rmSync(folder, { recursive: true }));

const policy = (pools = 'pools: { staff: { requests_bp: 10000 } }') =>
  `version: p\ncurrency: USD\nfree_allowance: 0\nbands: [{ multiplier_bp: 10000 }]\ncap_bp: 10000\nminimum: 0\n${pools}\n`;
const header = 'period,pool,driver,currency,gross,donated,donor';
const october = '2026-10,cdn,bytes,USD,10.00,0.00,\n2026-10,staff,,USD,5.00,1.00,"Example\nFoundation"';
const november = '2026-11,cdn,bytes,USD,20.00,0.00,\n2026-11,staff,,USD,5.00,0.00,';

function files(costs: string, policyText = policy()): FundingFiles {
  writeFileSync(join(folder, 'costs.csv'), costs);
  writeFileSync(join(folder, 'policy.yaml'), policyText);
  const flags = { costs: join(folder, 'costs.csv'), policy: join(folder, 'policy.yaml') };
  return fundingTerms(() => expect.unreachable(), flags);
}

describe('the terms of a month', () => {
  it('are its own costs, and its own lines are what a run records', () => {
    const before = files(`${header}\n${october}\n`).of('2026-10');
    const mixed = files(`\uFEFF${header}\n${november.split('\n')[0]}\n\n${october}\n${november.split('\n')[1]}\n`);
    expect(mixed.of('2026-10')).toEqual(before);
    expect(before.costs.net_cents).toBe(1_400n);
    expect(before.texts.costs).toBe(`${header}\n${october}\n`);
    expect(mixed.of('2026-11').costs.net_cents).toBe(2_500n);
    expect(termsOf(before.texts)).toEqual(before);
  });

  it('are refused where the month has no costs, or the costs have no months', () => {
    expect(() => files(`${header}\n${october}\n`).of('2026-11')).toThrow(
      expect.objectContaining({ kind: 'inputRefused', message: expect.stringMatching(/no costs of 2026-11 \(there are costs of 2026-10\)/) as string }),
    ); // prettier-ignore
    const undated = files('pool,driver,currency,gross,donated,donor\ncdn,bytes,USD,10.00,0.00,\n');
    expect(() => undated.of('2026-10')).toThrow(/no column period/);
    expect(undated.all().costs.net_cents).toBe(1_000n);
    expect(() => files(`${header}\n${october}\n${november}\n`).all()).toThrow(/costs of 2 months/);
  });

  it('are refused where the policy names a pool that the month does not have', () => {
    const renamed = `${october}\n${november.replace('staff', 'people').replace('people,,', 'people,requests,')}`;
    const { of } = files(`${header}\n${renamed}\n`);
    expect(of('2026-10').policy.version).toBe('p');
    expect(() => of('2026-11')).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining('names the pool staff, and the costs of 2026-11 have none') as string,
      }),
    );
  });
});
