// 200 × kill -9 over the commands of some nights (ingest, seal, nightly, close, retract, export, retain), at random moments. Each
// command then runs again until it ends. The figures, reports and exports must equal those of an undisturbed run.
// FAIRSHARE_KILLS=n sets the number of kills, FAIRSHARE_SEED=n the first seed. `make test-kills-all` runs this test alone.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CommandsOutcome, CommandsGround } from './crash-harness.ts';

const KILLS = Number(process.env.FAIRSHARE_KILLS ?? 200);
const SEED = Number(process.env.FAIRSHARE_SEED ?? 1);
/** Kills of each command in one warehouse, at most. */
const PER_COMMAND = 10;
let ground: CommandsGround;

beforeAll(async () => {
  ground = new CommandsGround();
  await ground.prepare();
});
afterAll(() => ground.close());

it(`${KILLS} kills: the figures of an undisturbed run`, async () => {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const undisturbed = await ground.crash(0, 0);
  expect(undisturbed.faults).toEqual([]);
  process.stderr.write(`command kills: undisturbed in ${seconds()} s\n`);
  const all: Record<string, number> = {};
  const total = () => Object.values(all).reduce((sum, count) => sum + count, 0);
  for (let seed = SEED; total() < KILLS; seed++) {
    const outcome: CommandsOutcome = await ground.crash(seed, PER_COMMAND);
    for (const [name, count] of Object.entries(outcome.kills)) all[name] = (all[name] ?? 0) + count;
    process.stderr.write(
      `command kills: seed ${seed}, ${total()} kills in ${seconds()} s: ${JSON.stringify(outcome.kills)}\n`,
    );
    expect({ ...outcome, kills: {} }).toEqual({ ...undisturbed, seed, kills: {} });
  }
  process.stderr.write(`command kills: ${total()} kills, exact: ${JSON.stringify(all)}\n`);
  expect(Object.keys(all).sort()).toEqual(['close', 'export', 'ingest', 'nightly', 'retain', 'retract', 'seal']);
});
