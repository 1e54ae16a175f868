// kill -9 while objects or topics are loaded, then again, then one start without faults: the figures must equal those of a
// run without faults. The test prints the seed and its crashes; FAIRSHARE_SEED=n replays one. test/faults has more seeds.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashCampaign, CrashGround, seedsToRun } from '../faults/crash-harness.ts';
import { testBrokers, testClient } from '../support/kafka.ts';

const seeds = seedsToRun(1);
let ground: CrashGround;

beforeAll(async () => {
  ground = new CrashGround({ seed: 7, lines: 3_000, days: 2 });
  const client = testClient();
  await ground.feedTopic(client, testBrokers());
  await client.close();
});
afterAll(() => ground.close());

describe.each(['files', 'kafka'] as const)('by %s', (way) => {
  it(`${seeds.length} seeds of kills, then a resume: the figures of an undisturbed run`, async () => {
    const { undisturbed, outcomes } = await crashCampaign(ground, way, seeds, 2);
    expect(undisturbed.differences).toEqual([]);
    for (const { seed, look } of outcomes) expect({ seed, look }).toEqual({ seed, look: undisturbed });
    expect(outcomes.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(0);
  });

  it('a naive loader is caught by the same oracle', async () => {
    const plan = {
      step: way === 'files' ? 'done:4' : 'offset:3',
      afterSteps: 0,
      delay_ms: 0,
      maxLines: 400,
      fetchBytes: 16_384,
    };
    expect((await ground.crash(way, 0, [plan])).look.differences).toEqual([]);
    const { kills, look } = await ground.crash(way, 0, [plan], true);
    expect(kills).toBe(1);
    expect(look.differences).toContainEqual(expect.stringContaining('ids counted more than once'));
  });
});
