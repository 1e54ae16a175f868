// fairshare days: days that are held back because they look incomplete, and what people decide about them.

import { type Command } from 'commander';
import { hostname, userInfo } from 'node:os';
import { dayDecisions, type DayDecision, lastJudgedDay, recordDecisions } from '../../sql/completeness.ts';
import { openRefusals } from '../../sql/refused-objects.ts';
import { Fault } from '../../transform/fault.ts';
import { addDays } from '../../transform/periods.ts';
import { type Completeness, type HeldDay, JUDGED_DAYS, judgeDays, sayDecision } from '../funding/held-days.ts';
import { type Runtime } from '../runtime/command.ts';
import { printJson } from '../runtime/output.ts';
import { checkDay } from './seal.ts';

interface Flags {
  readonly json?: boolean;
}
interface ShowFlags extends Flags {
  readonly until?: string;
}
interface DecisionFlags extends Flags {
  readonly source: string;
  readonly reason: string;
  readonly by?: string;
}

export function registerDays(days: Command, runtime: Runtime): void {
  days
    .command('show')
    .description('open days that look incomplete, days that a person accepted, and objects that were refused')
    .option('--until <day>', 'last day to judge (default: the last sealed day, that is over)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExits with 4 where a day is held back.\n\nExample:\n  $ fairshare days show')
    .action((flags: ShowFlags) => show(runtime, flags));
  addDecision(days.command('accept').description('let a day pass as it is: it may be closed and published'))
    .addHelpText(
      'after',
      `
The decision is recorded with its reason. It ends by itself if requests are taken back from the day later, or more of its lines
cannot be read.

Example:
  $ fairshare days accept 2026-11-25 --source npm-edge --reason "the edge was down for the whole day"`,
    )
    .action((day: string, flags: DecisionFlags) => accept(runtime, checkDay(day), flags));
  addDecision(
    days.command('withdraw').description('take such a decision back: the day is held again while it looks incomplete'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ fairshare days withdraw 2026-11-25 --source npm-edge --reason "the log was found"',
    )
    .action((day: string, flags: DecisionFlags) => withdraw(runtime, checkDay(day), flags));
}

const addDecision = (command: Command): Command =>
  command
    .argument('<day>', 'the day, e.g. 2026-11-25 (UTC)')
    .requiredOption('--source <name>', 'the source that looks incomplete')
    .requiredOption('--reason <text>', 'why; it is shown by doctor and in the summary')
    .option('--by <name>', 'who decides (default: user and machine)')
    .option('--json', 'as JSON');

async function show(runtime: Runtime, flags: ShowFlags): Promise<void> {
  const warehouse = await runtime.warehouse({ readOnly: true });
  const until = flags.until === undefined ? await lastJudgedDay(warehouse) : checkDay(flags.until);
  const found: Completeness =
    until === undefined ? { days: [], notJudged: [] } : await judgeDays(warehouse, runtime.config(), until);
  const from = until === undefined ? '' : addDays(until, -JUDGED_DAYS);
  const decisions = (await dayDecisions(warehouse)).filter(({ state, day }) => state === 'accepted' && day > from);
  const refused = await openRefusals(warehouse);
  const held = found.days.filter(({ accepted }) => accepted === undefined);
  if (flags.json) printJson(runtime.stdout, { until, ...found, accepted: decisions, refused });
  else {
    const lines = [
      ...held.map((day) => `held     ${day.found}`),
      ...decisions.map((decision) => `accepted ${sayDecision(decision)}`),
      ...refused.map(
        ({ source, object, reason, first_refused_at }) =>
          `refused  ${source} ${object}: ${reason} (since ${first_refused_at})`,
      ),
      ...found.notJudged.map((one) => `unknown  ${one}: too few earlier days to compare with`),
    ];
    runtime.stdout.write(
      lines.length === 0 ? 'No open day looks incomplete.\n' : lines.map((line) => `${line}\n`).join(''),
    );
  }
  if (held.length > 0)
    throw new Fault('checkFailed', `${held.length} day(s) are held back`, 'See: fairshare days accept --help');
}

const whoDecides = ({ by }: DecisionFlags): string => by ?? `${userName()}@${hostname()}`;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`; // a container's user often has no name
  }
}

async function accept(runtime: Runtime, day: string, flags: DecisionFlags): Promise<void> {
  const warehouse = await runtime.warehouse();
  const until = [day, (await lastJudgedDay(warehouse)) ?? day].sort().at(-1)!;
  const { days } = await judgeDays(warehouse, runtime.config(), until);
  const held = days.filter((one) => one.day === day && one.source === flags.source && one.accepted === undefined);
  if (held.length === 0)
    throw new Fault(
      'inputRefused',
      `${flags.source} ${day} is not held back, so there is nothing to accept`,
      'See which days are: fairshare days show',
    );
  const last = await dayDecisions(warehouse);
  const decided = held.map((one) => decision(one, last, runtime, flags));
  await recordDecisions(warehouse, decided);
  say(runtime, flags, decided);
}

const decision = (
  { source, day, kind, came, found }: HeldDay,
  last: readonly DayDecision[],
  runtime: Runtime,
  flags: DecisionFlags,
): DayDecision => ({
  source,
  day,
  kind,
  number: (last.find((one) => one.source === source && one.day === day && one.kind === kind)?.number ?? 0) + 1,
  state: 'accepted',
  came,
  found,
  reason: flags.reason,
  decided_by: whoDecides(flags),
  recorded_at: runtime.now().toISOString(),
});

async function withdraw(runtime: Runtime, day: string, flags: DecisionFlags): Promise<void> {
  const warehouse = await runtime.warehouse();
  const accepted = (await dayDecisions(warehouse)).filter(
    (one) => one.source === flags.source && one.day === day && one.state === 'accepted',
  );
  if (accepted.length === 0)
    throw new Fault(
      'inputRefused',
      `${flags.source} ${day} was not accepted, so there is nothing to withdraw`,
      'See which days were: fairshare days show',
    );
  const decided = accepted.map((one): DayDecision => ({
    ...one,
    number: one.number + 1,
    state: 'withdrawn',
    reason: flags.reason,
    decided_by: whoDecides(flags),
    recorded_at: runtime.now().toISOString(),
  }));
  await recordDecisions(warehouse, decided);
  say(runtime, flags, decided);
}

function say({ stdout }: Runtime, { json }: Flags, decided: readonly DayDecision[]): void {
  for (const one of decided) {
    if (json) printJson(stdout, one);
    else stdout.write(`${one.state}: ${sayDecision(one)}\n`);
  }
}
