// A full disk in every command that writes: the command says so and ends with its exit code; with room again, the same command
// succeeds; in the end every figure equals those of a month without a full disk. The commands come from the command table.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figuresOf, runOnFullDisk, SmallDisk, World } from '../support/disk-full.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

let world: World;
const undisturbed = temporaryDirectory();
let figures: string;

beforeAll(async () => {
  world = await World.make();
  for (const step of world.steps()) {
    const { status, stderr } = await world.run(step.args(undisturbed), undisturbed);
    expect(status, `${step.command}: ${stderr}`).toBe(0);
  }
  figures = figuresOf(undisturbed);
});
afterAll(() => {
  world.close();
  undisturbed.remove();
});

// 0: nothing can be written. More: the disk becomes full while the command works.
describe.each([0, 300_000, 1_500_000, 3_000_000])('with %i bytes of room', (room_bytes) => {
  let disk: SmallDisk;
  beforeAll(() => {
    disk = new SmallDisk(400);
    mkdirSync(join(disk.path, 'tmp'));
  });
  afterAll(() => disk.remove());

  it('each command says so, then succeeds, and no figure differs', async () => {
    const spared: string[] = [];
    for (const step of world.steps())
      if (!(await runOnFullDisk(world, disk, step, room_bytes))) spared.push(step.command);
    process.stderr.write(`not disturbed by ${room_bytes} bytes of room: ${spared.join(', ') || 'none'}\n`);
    if (room_bytes === 0) expect(spared).toEqual([]);
    expect(figuresOf(disk)).toBe(figures);
  });
});
