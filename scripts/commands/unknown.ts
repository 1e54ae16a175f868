// fairshare unknown: the heaviest user agents whose class is unknown or hosted, and what was tried on them.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { sqlFile } from '../../sql/sql-file.ts';
import { MIN_NETWORKS, type UndeclaredClass, undeclaredClasses } from '../../transform/aggregate/undeclared-agents.ts';
import { type Tried, triedOn } from '../../transform/clients/tried.ts';
import { type CsvColumn, csvLines } from '../../transform/csv.ts';
import { lastDay, periodStart } from '../../transform/periods.ts';
import { checkPeriod } from '../funding/allocation.ts';
import { type Runtime } from '../runtime/command.ts';
import { printJson, printTable } from '../runtime/output.ts';

interface Flags {
  readonly period: string;
  readonly top: number;
  readonly class?: UndeclaredClass;
  readonly unnamed?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

interface AgentRow {
  readonly requester_class: UndeclaredClass;
  readonly user_agent: string;
  readonly requests: string;
  readonly bytes: string;
  readonly first_day: string;
  readonly last_day: string;
}

/** Agents that are read, so that filters find enough of them. */
const READ_AGENTS = 5_000;

export function registerUnknown(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .option('--top <count>', 'user agents that are shown, the heaviest first', wholeNumber, 30)
    .addOption(new Option('--class <name>', 'only this class').choices(undeclaredClasses))
    .option('--unnamed', 'only user agents that no grammar names, or that it names by their first word alone')
    .option('--csv', 'as CSV')
    .option('--json', 'one JSON object for each user agent')
    .addHelpText(
      'after',
      `
Each batch keeps at most its 100 heaviest such user agents, and only those that at least ${MIN_NETWORKS} networks sent in it. E-mails, addresses, tokens
and what looks like an id are masked before they are stored. They are dropped with landing (docs/PRIVACY.md).

Examples:
  $ fairshare unknown --period 2026-11
  $ fairshare unknown --period 2026-11 --unnamed --csv > unnamed.csv`,
    )
    .action((flags: Flags) => unknown(runtime, flags));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number, 1 or more.');
  return Number(text);
}

type Agent = AgentRow & Tried;

async function unknown(runtime: Runtime, flags: Flags): Promise<void> {
  const period = checkPeriod(flags.period);
  const warehouse = await runtime.warehouse({ readOnly: true });
  const days = { first_day: periodStart(period), last_day: lastDay(period) };
  const rows = await warehouse.query<AgentRow>(sqlFile('queries/undeclared/agents.sql'), {
    ...days,
    limit: READ_AGENTS,
  });
  const agents = rows
    .filter(({ requester_class }) => flags.class === undefined || requester_class === flags.class)
    .map((row): Agent => ({ ...row, ...triedOn(row.user_agent, row.requester_class) }))
    .filter(({ facets: { client, grammar } }) => !flags.unnamed || client === 'unknown' || grammar.endsWith('-claimed'))
    .slice(0, flags.top);
  if (flags.json) for (const agent of agents) printJson(runtime.stdout, jsonOf(period, agent));
  else if (flags.csv) runtime.stdout.write([...csvLines(csvColumns, agents.map(csvRow))].join(''));
  else {
    const [totals] = await warehouse.query<Totals>(sqlFile('queries/undeclared/totals.sql'), days);
    printAgents(runtime, period, agents, totals);
  }
}

const jsonOf = (period: string, { facets: { client, version }, tried, ...row }: Agent) => ({
  period,
  ...row,
  client: { name: client, version: version === '' ? null : version },
  tried,
});

const csvColumns: readonly CsvColumn[] = [
  { name: 'requester_class', kind: 'text' },
  { name: 'user_agent', kind: 'text' },
  { name: 'requests', kind: 'number' },
  { name: 'bytes', kind: 'number' },
  { name: 'first_day', kind: 'text' },
  { name: 'last_day', kind: 'text' },
  { name: 'client', kind: 'text' },
  { name: 'client_version', kind: 'text' },
  { name: 'tried', kind: 'text' },
];

const csvRow = ({ facets, tried, ...row }: Agent) => [
  row.requester_class,
  row.user_agent,
  BigInt(row.requests),
  BigInt(row.bytes),
  row.first_day,
  row.last_day,
  facets.client,
  facets.version,
  tried.join('; '),
];

type Totals = Readonly<Record<UndeclaredClass | 'requests', string>>;

function printAgents(runtime: Runtime, period: string, agents: readonly Agent[], totals: Totals): void {
  if (agents.length > 0)
    printTable(
      runtime.stdout,
      ['class', 'requests', 'client', 'user agent', 'tried'],
      agents.map(({ requester_class, requests, facets, user_agent, tried }) => [
        requester_class,
        BigInt(requests),
        [facets.client, facets.version].filter(Boolean).join(' '),
        user_agent,
        tried.join('; '),
      ]),
    );
  const shown = agents.reduce((sum, { requests }) => sum + BigInt(requests), 0n);
  runtime.stdout.write(
    `${period}: of ${totals.requests} requests, ${totals.unknown} are unknown and ${totals.hosted} are hosted; the ${agents.length} user agents shown sent ${shown} of these.\n`,
  );
}
