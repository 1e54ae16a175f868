// Every command that changes a warehouse, on a day in every state, and then a night: the night seals the other days. No command
// makes a day that no night can seal.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandLine, leaves } from '../../scripts/tools/docs/reference.ts';
import { DayStates, dayStates, unsealableDays } from '../support/day-states.ts';

let states: DayStates;
beforeAll(async () => {
  states = await DayStates.make();
});
afterAll(() => states.remove());

/** These change no warehouse, or need a topic: its batches enter as those of `ingest files`. */
const others = ['init', 'config check', 'ingest kafka', 'quarantine list', 'quarantine show', 'produce', 'classify', 'orgs check', 'orgs diff', 'orgs show', 'orgs candidates', 'orgs enrol', 'orgs adoption', 'unknown', 'simulate-cache', 'ranges show', 'days show', 'tiers', 'waste', 'verify', 'doctor', 'simulate', 'query', 'users add', 'users remove', 'users list', 'serve', 'completion']; // prettier-ignore

it('knows every command', async () => {
  const all = [...leaves(await commandLine())].map(([words]) => words.join(' '));
  const tried = [...Object.keys(states.commands), ...Object.keys(states.dayCommands('open'))];
  expect([...others, ...tried.filter((name) => !name.includes('--'))].sort()).toEqual(all.sort());
});

async function expectNight(...commands: (readonly string[])[]): Promise<void> {
  const { commands: results, night, unsealed, witnessed } = await states.nightAfter(commands);
  const said = [...results, night].map(({ status, stderr }) => `${status}: ${stderr}`).join('\n');
  for (const { status } of results) expect([0, 2, 3, 4], said).toContain(status);
  expect([0, 4], said).toContain(night.status);
  expect(
    unsealed.filter((day) => !unsealableDays.includes(day)),
    said,
  ).toEqual([]);
  expect(witnessed, said).toBe(2);
}

it.each(Object.keys(new DayStates().dayCommands('open')))('%s, on a day in each state', async (name) => {
  await expectNight(...dayStates.map((state) => states.dayCommands(state)[name]));
});

it.each(Object.keys(new DayStates().commands))('%s', async (name) => {
  await expectNight(states.commands[name]);
});
