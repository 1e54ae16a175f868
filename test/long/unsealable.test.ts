// A day that cannot be sealed keeps no other day; a recorded command frees it; the command that made it is refused now.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { dayOfState, DayStates, unsealableDays } from '../support/day-states.ts';

let states: DayStates;
beforeAll(async () => {
  states = await DayStates.make();
});
afterAll(() => states.remove());

it('keeps no other day, and says what to do', async () => {
  const { commands, night, unsealed, witnessed } = await states.nightAfter([
    states.dayCommands('dropped')['ingest retract'],
  ]);
  expect(commands[0]).toMatchObject({ status: 3, stderr: expect.stringContaining('was dropped: its rows are in closed figures') as string }); // prettier-ignore
  expect(commands[0].stderr).toContain('fairshare correct');
  expect([unsealed, night.status, witnessed]).toEqual([unsealableDays, 4, 2]);
  expect(night.stderr).toContain('the other days are sealed; 2026-06 is not published');
  expect(night.stderr).toContain('fairshare ingest restore --source edge --object lost.log');
});

it('is freed by the commands that the messages name; then the night ends well', async () => {
  const { commands, night, unsealed, witnessed } = await states.nightAfter([
    states.dayCommands('lost')['ingest files'],
    states.dayCommands('lost')['ingest restore'],
    states.dayCommands('lost')['ingest restore'],
    states.dayCommands('unsealable')['ingest retract'],
    ['doctor', '--quick'],
  ]);
  expect(commands.map(({ status }) => status)).toEqual([0, 0, 3, 0, 0]);
  expect(commands[1].stdout).toContain(`put back 1 batch(es): 3 lines, 2 requests of ${dayOfState.lost}`);
  expect([unsealed, night.status, witnessed], night.stderr).toEqual([[], 0, 2]);
});
