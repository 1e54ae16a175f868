// fairshare orgs candidates: the networks with the most unattributed traffic, so that a person can find out whose they are.

import { type Command, InvalidArgumentError } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { answeringParameters } from '../../sql/attribution.ts';
import { lastMonth } from '../../sql/ledger.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { csvLines, type CsvColumn } from '../../transform/csv.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { checkPeriod } from '../funding/allocation.ts';
import { sayUnattributed } from '../funding/first-attribution.ts';
import { requireStored, storedDays } from '../funding/stored-days.ts';
import { nearest, type Near, type NearEvidence } from '../orgs/near.ts';
import { today } from './seal.ts';
import { lastDay, periodStart } from '../../transform/periods.ts';
import { type Runtime } from '../runtime/command.ts';
import { formatBytes } from '../../transform/numbers.ts';

const kinds = ['unknown', 'conflict', 'negative', 'platform'] as const;

interface Flags {
  readonly period?: string;
  readonly top: number;
  readonly by: 'network' | 'as';
  readonly kind: readonly string[];
  readonly yaml?: boolean;
  readonly csv?: boolean;
  readonly json?: boolean;
}

interface CandidateRow {
  /** '203.0.113.0/24', '2001:db8:1::/48' or 'AS64500' */
  readonly candidate: string;
  readonly asns: readonly string[];
  readonly types: readonly string[];
  readonly providers: readonly string[];
  readonly reasons: readonly string[];
  readonly ecosystems: readonly string[];
  /** The class with the most traffic first. */
  readonly classes: readonly string[];
  readonly countries: readonly string[];
  readonly networks: string;
  readonly days_seen: string;
  readonly first_day: string;
  readonly last_day: string;
  readonly requests: string;
  readonly downloads: string;
  readonly bytes: string;
}
export type Candidate = CandidateRow & { readonly near: readonly Near[]; readonly snippet: string };

const lists = ['asns', 'types', 'providers', 'reasons', 'ecosystems', 'classes', 'countries'] as const;
const texts = ['first_day', 'last_day'] as const;
const counts = ['networks', 'days_seen', 'requests', 'downloads', 'bytes'] as const;
const columns: readonly CsvColumn[] = [
  { name: 'candidate', kind: 'text' },
  ...[...lists, ...texts].map((name) => ({ name, kind: 'text' as const })),
  ...counts.map((name) => ({ name, kind: 'number' as const })),
  { name: 'near', kind: 'text' },
];

export function registerCandidates(orgs: Command, runtime: Runtime): void {
  orgs
    .command('candidates')
    .description('the heaviest networks that no organisation answers for, with what is known of them')
    .option('--period <month>', 'the month, e.g. 2026-10 (default: the last with usage)')
    .option('--top <count>', 'how many', wholeNumber, 20)
    .option('--by <unit>', 'network (/24, /48) or as (AS number)', unitOf, 'network')
    .option('--kind <kind...>', `why it is unattributed: ${kinds.join(', ')}`, kindOf, ['unknown', 'conflict'])
    .option('--yaml', 'as entries for the registry, to be edited and pasted')
    .option('--csv', 'as CSV')
    .option('--json', 'one JSON object per candidate')
    .addHelpText(
      'after',
      `
For the foundation alone: it shows networks. Near are organisations with a range in the same /16 (IPv6: /32) or with the same AS
number, the closest prefix first; evidence that has ended is named with its days. Exits with 4 where the networks of the month are deleted,
or nothing is loaded or attributed. Entries come as E7, which names nobody: raise the tier when you know, with its proof.

Examples:
  $ fairshare orgs candidates --period 2026-10
  $ fairshare orgs candidates --top 5 --yaml >> orgs.yaml`,
    )
    .action(async (flags: Flags) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const period = flags.period === undefined ? await lastPeriod(warehouse) : checkPeriod(flags.period);
      await sayUnattributed(runtime, warehouse);
      requireStored(await storedDays(warehouse, 'network_daily', period), period, 'candidates');
      const found = await candidates(warehouse, period, today(runtime), flags);
      if (found.length === 0)
        runtime.stderr.write(
          flags.by === 'as'
            ? `No AS number is known of unattributed usage of ${period}: logs must name it, or networks.asn_database.\n`
            : `No network of ${period} is unattributed as ${flags.kind.join(' or ')}.\n`,
        );
      if (flags.yaml) runtime.stdout.write(found.map(({ snippet }) => snippet).join(''));
      else if (flags.csv) runtime.stdout.write([...csvLines(columns, found.map(csvRow))].join(''));
      else if (flags.json) for (const candidate of found) printJson(runtime.stdout, candidate);
      else {
        printTable(
          runtime.stdout,
          ['network', 'AS', 'type', 'why', 'countries', 'classes', 'ecosystems', 'days', 'requests', 'bytes', 'near'],
          found.map((row) => [
            row.candidate,
            row.asns.map((asn) => `AS${asn}`).join(' '),
            [...row.types, ...row.providers].join(' '),
            row.reasons.join(' '),
            row.countries.join(' '),
            row.classes.slice(0, 2).join(' '),
            row.ecosystems.join(' '),
            Number(row.days_seen),
            BigInt(row.requests),
            formatBytes(BigInt(row.bytes)),
            row.near.map(({ org_id, why }) => `${org_id} (${why[0]})`).join('\n'),
          ]),
          { right: [9] },
        );
        runtime.stdout.write(`${period}. Entries for the registry: the same with --yaml.\n`);
      }
    });
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A whole number, 1 to 999999.');
  return Number(text);
}
function unitOf(text: string): string {
  if (text !== 'network' && text !== 'as') throw new InvalidArgumentError('network or as.');
  return text;
}
let chosen: string[] = [];
function kindOf(text: string, before: readonly string[]): string[] {
  if (!(kinds as readonly string[]).includes(text)) throw new InvalidArgumentError(`One of ${kinds.join(', ')}.`);
  chosen = before === chosen ? [...before, text] : [text];
  return chosen;
}

export async function lastPeriod(warehouse: Warehouse): Promise<string> {
  const period = await lastMonth(warehouse);
  if (period === undefined)
    throw new Fault('inputRefused', 'nothing was loaded yet', 'Load access logs first: fairshare ingest files --help');
  return period;
}

async function candidates(
  warehouse: Warehouse,
  period: string,
  today: string,
  { top, by, kind }: Pick<Flags, 'top' | 'by' | 'kind'>,
): Promise<Candidate[]> {
  const rows = await warehouse.query<CandidateRow>(sqlFile('queries/orgs/candidates.sql'), {
    from: periodStart(period),
    to: lastDay(period),
    by_as: by === 'as',
    kinds: kind,
    top,
    ...(await answeringParameters(warehouse)),
  });
  const near = await warehouse.query<NearEvidence>(sqlFile('queries/orgs/candidates_near.sql'), {
    candidates: by === 'as' ? [] : rows.map(({ candidate }) => candidate),
    asns: [...new Set(rows.flatMap(({ asns }) => asns))],
  });
  const nearOf = new Map<string, NearEvidence[]>();
  for (const evidence of near) {
    const known = nearOf.get(evidence.candidate);
    if (known === undefined) nearOf.set(evidence.candidate, [evidence]);
    else known.push(evidence);
  }
  return rows.map((row) => {
    const evidence = [row.candidate, ...row.asns.map((asn) => `AS${asn}`)].flatMap((key) => nearOf.get(key) ?? []);
    const organisations = nearest(evidence, today);
    return { ...row, near: organisations, snippet: snippetOf(row, organisations) };
  });
}

/** An entry of orgs.yaml: a list item, indented as `fairshare init` writes it. */
function snippetOf(row: CandidateRow, near: readonly Near[]): string {
  const isAs = row.candidate.startsWith('AS');
  const id = `candidate-${row.candidate.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const known = [
    `${row.requests} requests, ${row.bytes} bytes on ${row.days_seen} day(s), ${row.first_day} to ${row.last_day}`,
    [...row.asns.map((asn) => `AS${asn}`), ...row.types, ...row.providers, ...row.countries].join(', '),
    near.length === 0 ? '' : `near: ${near.map(({ org_id, why }) => `${org_id} (${why.join(', ')})`).join('; ')}`,
  ].filter(Boolean);
  return `${known.map((line) => `  # ${line}\n`).join('')}  - id: ${id}
    name: ${JSON.stringify(`To be named: ${row.candidate}`)}
    evidence:
      - id: ${id}-1
        tier: E7
        kind: ${isAs ? 'asn' : 'cidr'}
        value: ${JSON.stringify(isAs ? row.candidate.slice(2) : row.candidate)}
        valid_from: '${row.first_day}'
        source: candidate of ${row.last_day}
`;
}

const csvRow = (row: Candidate) => [
  row.candidate,
  ...lists.map((name) => row[name].join(' ')),
  ...texts.map((name) => row[name]),
  ...counts.map((name) => row[name]),
  row.near.map(({ org_id }) => org_id).join(' '),
];
