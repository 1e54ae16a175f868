// The short version of test/disk-full/, and the check that it leaves out no command.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandLine, leaves } from '../../scripts/tools/docs/reference.ts';
import { elsewhere, runOnFullDisk, SmallDisk, World } from '../support/disk-full.ts';

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

it('every command of the table is tried, or named with the reason why not', async () => {
  const tried = new Set(world.steps().map(({ command }) => command));
  const all = [...leaves(await commandLine())].map(([words]) => words.join(' '));
  expect(all.filter((command) => !tried.has(command) && !(command in elsewhere))).toEqual([]);
  expect([...tried, ...Object.keys(elsewhere)].filter((command) => !all.includes(command))).toEqual([]);
  expect([...tried].filter((command) => command in elsewhere)).toEqual([]);
});
