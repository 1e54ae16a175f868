import { describe, expect, it } from 'vitest';
import { billableTiers, isMeasured } from './billable.ts';

const measured = (tier: string, right: number, wrong: number) => ({ tier, org: 'acme', right, wrong });

describe('evidence that may be billed', () => {
  it('is E1–E3, however precise the rest is, unless the policy names it', () => {
    const precise = ['E4', 'E5', 'E6'].map((tier) => measured(tier, 1_000, 0));
    expect(billableTiers({ bill_measured: [] }, precise)).toEqual(['E1', 'E2', 'E3']);
    expect(billableTiers({ bill_measured: ['E5'] }, precise)).toEqual(['E1', 'E2', 'E3', 'E5']);
    expect(billableTiers({ bill_measured: ['E5', 'E4'] }, precise)).toEqual(['E1', 'E2', 'E3', 'E4', 'E5']);
  });

  it.each([
    [57, 3, true],
    [56, 4, false],
    [59, 0, false],
    [60, 0, true],
    [95, 5, true],
    [94, 6, false],
    [9_499, 501, false],
    [9_500, 500, true],
  ])('%d prefixes right and %d wrong: %s', (right, wrong, expected) => {
    expect(isMeasured('E4', [measured('E5', 10_000, 0), measured('E4', right, wrong)])).toBe(expected);
  });

  it('counts the prefixes of all organisations', () => {
    const globex = { ...measured('E4', 20, 3), org: 'globex' };
    expect(isMeasured('E4', [measured('E4', 40, 0), globex])).toBe(true);
    expect(isMeasured('E4', [measured('E4', 36, 1), globex])).toBe(false);
    expect(isMeasured('E4', [globex])).toBe(false);
  });

  it('is not what nobody measured', () => {
    expect(billableTiers({ bill_measured: ['E4'] }, [])).toEqual(['E1', 'E2', 'E3']);
  });
});
