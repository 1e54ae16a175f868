// The load protocol over some hundred simulated lives of a partition; test/faults runs 10,000.

import { describe, expect, it } from 'vitest';
import { campaign, exact, variants } from '../faults/simulation/run.ts';

describe('the protocol, simulated', () => {
  it('counts every line once, whatever happens', async () => {
    const { failed, crashes, zombies } = await campaign('protocol', 0, 600);
    expect(failed.slice(0, 5)).toEqual([]);
    expect(Math.min(crashes, zombies)).toBeGreaterThan(600);
  });

  // test/faults runs the variants that need thousands of seeds to fail.
  const caughtSoon = variants.filter(
    (variant) => !exact.includes(variant) && variant !== 'without fence before raising',
  );
  it.each(caughtSoon)('catches a worker: %s', async (variant) => {
    expect((await campaign(variant, 0, 10_000, true)).failed).toHaveLength(1);
  });
});
