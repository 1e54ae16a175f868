// The short version of test/disk-full/: loading and exporting on a full disk.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { runOnFullDisk, SmallDisk, World } from '../support/disk-full.ts';

let world: World;
let disk: SmallDisk;
beforeAll(async () => {
  world = await World.make();
  disk = new SmallDisk(200);
});
afterAll(() => {
  disk.remove();
  world.close();
});

it('init, migrate and query say that the disk is full, and succeed with room', async () => {
  const steps = world.steps().filter(({ command }) => ['init', 'migrate', 'query'].includes(command));
  for (const step of steps) expect(await runOnFullDisk(world, disk, step, 0), step.command).toBe(true);
});
