// kill -9 at named steps and at random moments, 50 seeds by objects and 50 by topics (FAIRSHARE_SEEDS=n for more,
// FAIRSHARE_SEED=n for one). Every run must end with the figures of a run without faults. The naive loader must fail soon.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testBrokers, testClient } from '../support/kafka.ts';
import { crashCampaign, CrashGround, seedsToRun } from './crash-harness.ts';

const seeds = seedsToRun(50);
let ground: CrashGround;

beforeAll(async () => {
  ground = new CrashGround({ seed: 8, lines: 4_000, days: 2 });
  const client = testClient();
  await ground.feedTopic(client, testBrokers(), 3);
  await client.close();
});
afterAll(() => ground.close());

describe.each(['files', 'kafka'] as const)('by %s', (way) => {
  it(`${seeds.length} seeds of kills: the figures of an undisturbed run`, async () => {
    const { undisturbed, outcomes } = await crashCampaign(ground, way, seeds, 4);
    expect(undisturbed.differences).toEqual([]);
    for (const { seed, look } of outcomes) expect({ seed, look }).toEqual({ seed, look: undisturbed });
    const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0);
    process.stderr.write(`crash by ${way}: ${kills} kills\n`);
    expect(kills).toBeGreaterThan(seeds.length);
  });

  it('a naive loader is caught by the same oracle under the same kills', async () => {
    const { outcomes } = await crashCampaign(ground, way, seedsToRun(8).slice(0, 8), 4, true);
    const caught = outcomes.filter(({ look }) => look.differences.length > 0);
    process.stderr.write(`naive, by ${way}: caught in ${caught.length} of ${outcomes.length} seeds\n`);
    expect(caught.length).toBeGreaterThan(0);
  });
});
