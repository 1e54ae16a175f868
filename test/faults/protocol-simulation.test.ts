// The load protocol over 10,000 seeds: the worker's own code (partition, loader, ledger, revisions) runs on a simulated
// partition, group and warehouse. The faults are crashes, processes that sleep and wake, processes with old revisions, late,
// repeated and partial inserts, lost answers, offsets that are lost or go back, and other batch limits and rules after every
// restart. To replay one seed: FAIRSHARE_SEED=n.

import { describe, expect, it } from 'vitest';
import { campaign, exact, simulate, variants } from './simulation/run.ts';

const SEEDS = Number(process.env.FAIRSHARE_SEEDS ?? 10_000);
const replayed = process.env.FAIRSHARE_SEED;
const say = (line: string) => process.stderr.write(`${line}\n`);

describe('the protocol, simulated', () => {
  it('counts every line once, whatever happens', async () => {
    if (replayed !== undefined) {
      expect(await simulate(Number(replayed), 'protocol', say)).toMatchObject({ faults: [] });
      return;
    }
    const { seeds, failed, crashes, zombies, elapsed_ms } = await campaign('protocol', 0, SEEDS);
    say(`simulation: seeds 0 to ${seeds - 1}, ${crashes} crashes, ${zombies} zombies, ${Math.round(elapsed_ms)} ms`);
    expect(failed.slice(0, 5)).toEqual([]);
  });

  it('needs no plan for that: plans only keep a batch that is begun again from being stored twice', async () => {
    const { seeds, failed } = await campaign('without plans', 0, SEEDS / 5);
    say(`simulation: without plans: ${failed.length} of ${seeds} seeds wrong`);
    expect(failed.slice(0, 5)).toEqual([]);
  });

  it.each(variants.filter((variant) => !exact.includes(variant)))('catches a worker: %s', async (variant) => {
    const { seeds, failed } = await campaign(variant, 0, 10_000, true);
    say(`simulation: ${variant}: seed ${failed[0]?.seed} of ${seeds} wrong: ${failed[0]?.faults[0]}`);
    expect(failed).toHaveLength(1);
  });

  it('is deterministic', async () => {
    for (const seed of [1, 2, 3]) expect(await simulate(seed)).toEqual(await simulate(seed));
  });
});
