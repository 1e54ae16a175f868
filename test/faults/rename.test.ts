// kill -9 within the engine, before and after the rename that makes a part visible. After a kill the part is lost with its
// process, or it exists although no process got the answer. Every line must count once.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../support/generator.ts';
import { testBrokers, testClient } from '../support/kafka.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/warehouse.ts';
import { CrashGround, type CrashPlan, seedsToRun, type Way } from './crash-harness.ts';

let ground: CrashGround;
let directory: TemporaryDirectory;
let library: string;

beforeAll(async () => {
  directory = temporaryDirectory();
  library = join(directory.path, 'kill-at-rename.so');
  const source = fileURLToPath(new URL('kill-at-rename.c', import.meta.url));
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl']);
  ground = new CrashGround({ seed: 13, lines: 2_000, days: 2 });
  const client = testClient();
  await ground.feedTopic(client, testBrokers());
  await client.close();
});
afterAll(async () => {
  await ground.close();
  directory.remove();
});

function killsAtRenames(seed: number): CrashPlan[] {
  const random = new Random(seed);
  return Array.from({ length: 3 }, () => ({
    env: {
      LD_PRELOAD: library,
      FAIRSHARE_KILL_AT_RENAME: `${random.between(1, 20)}:${random.pick(['before', 'after'])}`,
    },
    afterSteps: Infinity,
    delay_ms: 0,
    maxLines: random.pick([150, 400]),
    fetchBytes: random.pick([4_096, 16_384]),
  }));
}

it
  .runIf(process.platform === 'linux')
  .each((['files', 'kafka'] as Way[]).flatMap((way) => seedsToRun(4).map((seed) => [way, seed] as const)))(
  'by %s, killed at a rename (seed %i)',
  async (way, seed) => {
    const plans = killsAtRenames(seed);
    const { kills, look } = await ground.crash(way, seed, plans);
    const where = plans.map(({ env }) => env!.FAIRSHARE_KILL_AT_RENAME);
    process.stderr.write(`rename by ${way}, seed ${seed}: ${kills} of ${plans.length} kills (${where.join(', ')})\n`);
    expect(kills).toBeGreaterThan(0);
    expect(look.differences).toEqual([]);
  },
);
