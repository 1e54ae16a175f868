// fairshare waste: what caching proxies would have saved, by family and requester class: downloads, bytes and money.

import { type Command, InvalidArgumentError } from 'commander';
import { recordedRun, usageParameters } from '../../dashboards/report/collect.ts';
import { runReportQuery } from '../../dashboards/report/queries.ts';
import { Fault } from '../../transform/fault.ts';
import { compareIds } from '../../transform/funding/checked.ts';
import { centsText, formatCents } from '../../transform/funding/money.ts';
import { type UsageRow } from '../../transform/funding/units.ts';
import { familyWaste, type FamilyWaste, type WasteRow } from '../../transform/funding/waste.ts';
import { csvLines, type CsvColumn } from '../../transform/csv.ts';
import { fundingRules } from '../funding/figures.ts';
import { formatBytes, printJson, printTable } from '../runtime/output.ts';
import { allocatePeriod, checkPeriod, closedRun, fundingTexts } from '../funding/allocation.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { type Runtime } from '../runtime/command.ts';
import { recording } from '../runtime/recording.ts';

interface Flags {
  readonly period: string;
  readonly org?: string;
  readonly top: number;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** Sums of a party, or of one of its classes. */
interface Sums {
  readonly party: string;
  readonly kind: string;
  readonly requests: bigint;
  readonly downloads: bigint;
  readonly bytes: bigint;
  readonly repeat_downloads: bigint;
  readonly repeat_bytes: bigint;
}
type Measure = Exclude<keyof Sums, 'party' | 'kind'>;
const measures: readonly Measure[] = ['requests', 'downloads', 'bytes', 'repeat_downloads', 'repeat_bytes'];

const columns: readonly CsvColumn[] = [
  { name: 'party', kind: 'text' },
  { name: 'kind', kind: 'text' },
  { name: 'requester_class', kind: 'text' },
  ...measures.map((name) => ({ name, kind: 'number' as const })),
  { name: 'currency', kind: 'text' },
  { name: 'registry_saves', kind: 'number' },
  { name: 'family_saves', kind: 'number' },
];

export function registerWaste(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .option('--org <family>', 'one family, by requester class')
    .option('--top <count>', 'families that are shown, the largest waste first', wholeNumber, 20)
    .option('--csv', 'all families and classes as CSV')
    .option('--json', 'one JSON object per family')
    .addHelpText(
      'after',
      `
A repeat is a download of a file that the same /24 or /48 had fetched before on that day with all else equal. What that
estimates, and what not: docs/METHODOLOGY.md, "Waste". Money: the cost that the repeats have caused, and what the family
would have been billed less had it cached.

Examples:
  $ fairshare waste --period 2026-10
  $ fairshare waste --period 2026-10 --org example-corp --json`,
    )
    .action((flags: Flags) => waste(runtime, flags));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number, 1 or more.');
  return Number(text);
}

async function waste(runtime: Runtime, flags: Flags): Promise<void> {
  const period = checkPeriod(flags.period);
  const config = runtime.config();
  // An allocation is made where there is none yet.
  const warehouse = await runtime.warehouse({ throughDoor: true });
  const changed = `the figures of ${period} have changed since they were last allocated`;
  const allocation = await recording(warehouse, changed, async () => {
    await attributeFirst(runtime, warehouse);
    return (
      (await closedRun(warehouse, period)) ??
      (await allocatePeriod(warehouse, period, fundingTexts(config), runtime.now()))
    );
  });
  const run = await recordedRun(warehouse, allocation.run_id);
  const rows = await runReportQuery<Record<string, string>>(
    warehouse,
    'report_parties.sql',
    usageParameters(allocation, run.computed_at, allocation.billable_tiers),
  );
  const usage = rows.map(wasteRow);
  const parties = [...partiesOf(usage)].sort(byWaste);
  const families = parties.filter(({ kind }) => kind !== 'unattributed').map(({ party }) => party);
  const wanted = flags.org === undefined ? families : families.filter((family) => family === flags.org);
  if (wanted.length === 0 && flags.org !== undefined)
    throw new Fault(
      'inputRefused',
      `${flags.org} has no usage in ${period}`,
      `See who has: fairshare waste --period ${period}`,
    );
  const shown = new Set(flags.csv ? wanted : wanted.slice(0, flags.top));
  const rules = {
    ...fundingRules(allocation.parties, run),
    cost_pool_cents: allocation.result.cost_pool_cents,
  };
  const saved = new Map(familyWaste(usage, [...shown], rules).map((each) => [each.family, each]));
  const { currency } = allocation.result;

  if (flags.csv) runtime.stdout.write(csvText(parties, usage, saved, currency, flags.org));
  else if (flags.json)
    for (const party of parties.filter((each) => each.kind === 'unattributed' || shown.has(each.party))) {
      if (flags.org !== undefined && party.party !== flags.org) continue;
      const { registry_saves_cents = null, family_saves_cents = null } = saved.get(party.party) ?? {};
      printJson(runtime.stdout, {
        period,
        ...party,
        currency,
        registry_saves_cents,
        family_saves_cents,
        classes: classesOf(usage, party),
      });
    }
  else if (flags.org !== undefined) printFamily(runtime, period, parties, usage, saved.get(flags.org)!, currency);
  else printAll(runtime, period, parties, saved, currency);
}

const wasteRow = (row: Record<string, string>): WasteRow => ({
  family: row.party,
  kind: row.kind as UsageRow['kind'],
  requester_class: row.requester_class as UsageRow['requester_class'],
  requests: BigInt(row.requests),
  bytes: BigInt(row.bytes),
  downloads: BigInt(row.downloads),
  repeat_downloads: BigInt(row.repeat_downloads),
  repeat_bytes: BigInt(row.repeat_bytes),
});

/** Largest repeat bytes first. */
const byWaste = (a: Sums, b: Sums): number =>
  a.repeat_bytes === b.repeat_bytes ? compareIds(a.party, b.party) : a.repeat_bytes < b.repeat_bytes ? 1 : -1;

function sums<Key extends string>(rows: readonly WasteRow[], keyOf: (row: WasteRow) => Key): Map<Key, Sums> {
  const found = new Map<Key, Sums>();
  for (const row of rows) {
    const key = keyOf(row);
    const before = found.get(key);
    const total = Object.fromEntries(measures.map((name) => [name, (before?.[name] ?? 0n) + row[name]]));
    found.set(key, { party: row.family, kind: row.kind, ...(total as Record<Measure, bigint>) });
  }
  return found;
}

/** A family counts once, whatever of it may be billed; exempt stands for all of it. */
const partiesOf = (usage: readonly WasteRow[]): Iterable<Sums> =>
  sums(usage, ({ family, kind }) => `${kind === 'unattributed' ? kind : 'family'} ${family}`).values();

const classesOf = (usage: readonly WasteRow[], { party, kind }: Sums) =>
  [
    ...sums(
      usage.filter((row) => row.family === party && (row.kind === 'unattributed') === (kind === 'unattributed')),
      ({ requester_class }) => requester_class,
    ),
  ]
    .map(([requester_class, { party: _party, kind: _kind, ...row }]) => ({ requester_class, ...row }))
    .sort((a, b) => (a.repeat_bytes < b.repeat_bytes ? 1 : a.repeat_bytes > b.repeat_bytes ? -1 : 0));

function csvText(
  parties: readonly Sums[],
  usage: readonly WasteRow[],
  saved: ReadonlyMap<string, FamilyWaste>,
  currency: string,
  org: string | undefined,
): string {
  const money = (cents: bigint | null | undefined): string | null => (cents == null ? null : centsText(cents));
  const rows = parties
    .filter(({ party }) => org === undefined || party === org)
    .flatMap((party) => {
      const own = party.kind === 'unattributed' ? undefined : saved.get(party.party);
      return [
        [
          party.party,
          party.kind,
          '',
          ...measures.map((name) => party[name]),
          currency,
          money(own?.registry_saves_cents),
          money(own?.family_saves_cents),
        ],
        ...classesOf(usage, party).map((row) => [
          party.party,
          party.kind,
          row.requester_class,
          ...measures.map((name) => row[name]),
          currency,
          null,
          null,
        ]),
      ];
    });
  return [...csvLines(columns, rows)].join('');
}

const percent = (part: bigint, whole: bigint): string =>
  whole === 0n ? '–' : `${(Number((part * 1000n) / whole) / 10).toFixed(1)} %`;
const cents = (value: bigint | null | undefined): string => (value == null ? '–' : formatCents(value));
const cells = (row: Omit<Sums, 'party' | 'kind'>) => [
  row.downloads,
  row.repeat_downloads,
  percent(row.repeat_downloads, row.downloads),
  formatBytes(row.repeat_bytes),
  percent(row.repeat_bytes, row.bytes),
];

function printAll(
  runtime: Runtime,
  period: string,
  parties: readonly Sums[],
  saved: ReadonlyMap<string, FamilyWaste>,
  currency: string,
): void {
  const shown = parties.filter(({ party, kind }) => kind === 'unattributed' || saved.has(party));
  printTable(
    runtime.stdout,
    [
      'family',
      '',
      'downloads',
      'repeats',
      'of them',
      'repeat bytes',
      'of bytes',
      `registry saves ${currency}`,
      `family saves ${currency}`,
    ],
    shown.map((row) => {
      const own = row.kind === 'unattributed' ? undefined : saved.get(row.party);
      return [row.party, row.kind, ...cells(row), cents(own?.registry_saves_cents), cents(own?.family_saves_cents)];
    }),
    { right: [4, 5, 6, 7, 8] },
  );
  const total = (name: Measure) => parties.reduce((sum, row) => sum + row[name], 0n);
  runtime.stdout.write(
    `${period}: ${percent(total('repeat_downloads'), total('downloads'))} of all downloads and ${percent(total('repeat_bytes'), total('bytes'))} of all bytes repeat` +
      `${shown.length < parties.length ? `; ${parties.length - shown.length} more families with --top or --csv` : ''}.\n`,
  );
}

function printFamily(
  runtime: Runtime,
  period: string,
  parties: readonly Sums[],
  usage: readonly WasteRow[],
  saved: FamilyWaste,
  currency: string,
): void {
  const party = parties.find(({ party: id, kind }) => id === saved.family && kind !== 'unattributed')!;
  printTable(
    runtime.stdout,
    ['requester class', 'downloads', 'repeats', 'of them', 'repeat bytes', 'of bytes'],
    [...classesOf(usage, party).map((row) => [row.requester_class, ...cells(row)]), ['all', ...cells(party)]],
    { right: [3, 4, 5] },
  );
  runtime.stdout.write(
    `A caching proxy would have saved ${saved.family} ${cents(saved.family_saves_cents)} ${currency} of its bill for ${period}, and the registry ${cents(saved.registry_saves_cents)} ${currency} of cost.\n`,
  );
}
