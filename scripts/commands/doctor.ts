// fairshare doctor: checks the installation and the data, and says what to do about each fault.

import { type Command } from 'commander';
import { type CheckResult, runChecks } from '../../sql/checks.ts';
import { isDamage } from '../../sql/damage.ts';
import { checkStored, storedTables } from '../../sql/integrity.ts';
import { ageOf_days, clientLists } from '../../transform/clients/lists.ts';
import { Fault } from '../../transform/fault.ts';
import { addDays } from '../../transform/periods.ts';
import { isFresh, networkLists } from '../../sql/network-lists.ts';
import { contentsShown, type ContentsShown } from '../../sql/object-content.ts';
import { type DayDecision, dayDecisions, type HeldKind, lastJudgedDay } from '../../sql/completeness.ts';
import { partitionStops } from '../../sql/partition-stop.ts';
import { openRefusals } from '../../sql/refused-objects.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { acceptHint, JUDGED_DAYS, judgeDays, sayDecision } from '../funding/held-days.ts';
import { CHANGED, recordedRuns, verifyRuns } from '../funding/verify.ts';
import { createProgress } from '../runtime/progress.ts';
import { configuredAsnDatabase, configuredCountryDatabase, crawlerListAge } from '../orgs/networks.ts';
import { version as codeVersion } from '../runtime/version.ts';
import { type Runtime } from '../runtime/command.ts';
import { DAY_MS } from '../../transform/periods.ts';
import { type Mmdb } from '../orgs/mmdb.ts';

interface Freshness {
  readonly source: string;
  readonly batches: string;
  readonly lines: string;
  /** Requests with an id that their batch had already. They count: the CDN delivered them twice. */
  readonly duplicates: string;
  readonly last_record_at: string | null;
  readonly last_sealed_day: string | null;
}

/** Network lists in the rules. A crawler list that is not fresh verifies claims, but contradicts none. */
async function networksInForce(runtime: Runtime, warehouse: Warehouse) {
  const config = runtime.config();
  const age = crawlerListAge(runtime, config);
  return {
    lists: (await networkLists(warehouse)).map((list) => ({ ...list, fresh: isFresh(list, age) })),
    crawler_list_days: age.maxAge_days,
    asn_database: databaseInForce(runtime, config.networks.asn_database, configuredAsnDatabase(config)),
    country_database: databaseInForce(runtime, config.networks.country_database, configuredCountryDatabase(config)),
  };
}

function databaseInForce(
  runtime: Runtime,
  path: string | undefined,
  database: Pick<Mmdb, 'databaseType' | 'builtAt' | 'sha256'> | undefined,
) {
  if (database === undefined) return undefined;
  const { databaseType: type, builtAt: built_at, sha256 } = database;
  return {
    path,
    type,
    built_at,
    age_days: Math.floor((runtime.now().getTime() - Date.parse(built_at)) / DAY_MS),
    sha256,
  };
}

function networksText({
  lists,
  crawler_list_days,
  asn_database,
  country_database,
}: Awaited<ReturnType<typeof networksInForce>>): string {
  const stale = lists.filter(({ fresh }) => fresh === false);
  const lines = [
    lists.length === 0
      ? 'none published ranges\n       → fairshare ranges import …'
      : `ok   published ranges: ${lists.length} lists`,
    asn_database === undefined
      ? 'none database of AS numbers and network types\n       → networks.asn_database'
      : `ok   AS numbers and network types: ${asn_database.type} of ${asn_database.built_at}, ${asn_database.age_days} days old`,
    country_database === undefined
      ? 'none database of countries: they are as the edge recorded them\n       → networks.country_database'
      : `ok   countries where the log names none: ${country_database.type} of ${country_database.built_at}, ${country_database.age_days} days old`,
  ];
  if (stale.length > 0)
    lines.push(
      `old  ${stale.length} crawler lists were last read more than ${crawler_list_days} days ago and contradict nobody: ${stale.map(({ provider, read_at }) => `${provider} (${read_at})`).join(', ')}\n       → fairshare ranges refresh`,
    );
  return lines.map((line) => `${line}\n`).join('');
}

/** The lists of AI programs, crawlers and CI vendors that this version has. */
const clientListAges = (runtime: Runtime) =>
  clientLists.map(({ name, source, licence, version, released, read }) => {
    const age_days = ageOf_days({ read }, runtime.now().getTime());
    const old = age_days > runtime.config().clients.list_days;
    return { name, source, licence, version, released, read, age_days: Math.floor(age_days), old };
  });

function clientListsText(lists: ReturnType<typeof clientListAges>): string {
  const old = lists.filter((list) => list.old);
  const oldest = lists.reduce((a, b) => (b.age_days > a.age_days ? b : a));
  if (old.length === 0) return `ok   lists of clients: ${lists.length}, read at most ${oldest.age_days} days ago\n`;
  const said = old.map(({ name, version, read }) => `${[name, version].filter(Boolean).join(' ')} (${read})`);
  return `old  lists of clients were read long ago, so newer programs may be unknown: ${said.join(', ')}\n       → install a newer fairshare; in a working copy: make lists\n`;
}

interface DoctorFlags {
  readonly quick?: boolean;
  readonly json?: boolean;
}

const LEFT_OUT = 'left out (--quick): reading every part, and computing closed periods again';

export function registerDoctor(command: Command, runtime: Runtime): void {
  command
    .option('--quick', 'do not read every part of every table, and do not compute closed periods again')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Reads every part of every table and compares it with its checksums, and computes the allocations of closed periods again.
Exits with 4 where a check fails, else with 6 where a partition is stopped.

Example:
  $ fairshare doctor --quick --json`,
    )
    .action((flags: DoctorFlags) => doctor(runtime, flags));
}

async function doctor(runtime: Runtime, flags: DoctorFlags): Promise<void> {
  // Damage is looked for before the schema is brought up to date, because that reads and writes rows.
  const warehouse = await runtime.warehouse({ readOnly: true, ...(!flags.quick && { migrate: false }) });
  const stored = flags.quick ? [] : await readStored(runtime, warehouse);
  const isDamaged = stored.some(({ ok }) => !ok);
  if (!flags.quick && !isDamaged && warehouse.engine === 'embedded' && !warehouse.isBeside) await runtime.warehouse();
  /** What damage keeps from being read is left out: the checks have told why. */
  const unlessDamaged = <T>(work: Promise<T>, otherwise: T): Promise<T> =>
    work.catch((error: unknown) => {
      if (isDamaged || isDamage(error)) return otherwise;
      throw error;
    });
  const [engine] = await warehouse.query<{ version: string }>(sqlFile('queries/check/engine.sql'));
  const { complete, accepted } = await unlessDamaged(completeDays(runtime, warehouse), { complete: [], accepted: [] });
  const checks = [
    ...stored,
    ...(await runChecks(warehouse)),
    ...complete,
    ...(flags.quick ? [] : await closedPeriods(warehouse)),
  ];
  const freshness = await unlessDamaged(warehouse.query<Freshness>(sqlFile('queries/ledger/freshness.sql')), []);
  const networks = await unlessDamaged(networksInForce(runtime, warehouse), undefined);
  // The table does not exist before its migration; a check reports that.
  const stops = await partitionStops(warehouse).catch(() => []);
  const refused = await openRefusals(warehouse).catch(() => []);
  const contents = await contentsShown(warehouse).catch(() => []);
  const lists = clientListAges(runtime);
  const stopped = stops.filter(({ state }) => state === 'stopped');
  const failed = checks.filter(({ ok }) => !ok);
  if (flags.json)
    printJson(runtime.stdout, {
      fairshare: codeVersion,
      node: process.version,
      engine: { kind: warehouse.engine, version: engine.version, location: warehouse.location },
      checks,
      ...(flags.quick && { left_out: LEFT_OUT }),
      networks,
      client_lists: lists,
      stopped,
      accepted_days: accepted,
      refused,
      contents,
      freshness,
    });
  else {
    runtime.stdout.write(
      `fairshare ${codeVersion}, Node ${process.version}, ClickHouse ${engine.version} (${warehouse.engine}: ${warehouse.location})\n`,
    );
    for (const { name, ok, detail, next } of checks)
      runtime.stdout.write(
        `${ok ? 'ok  ' : 'FAIL'} ${name}${detail === '' ? '' : `\n       ${detail}`}${next === '' ? '' : `\n       → ${next}`}\n`,
      );
    if (flags.quick) runtime.stdout.write(`none ${LEFT_OUT}\n`);
    for (const { source, detail, recordedAt, next } of stopped)
      runtime.stdout.write(`STOP ${source}: ${detail}\n       since ${recordedAt}\n       → ${next}\n`);
    for (const decision of accepted) runtime.stdout.write(`note ${sayDecision(decision)}\n`);
    for (const { source, reason, first_refused_at } of refused)
      runtime.stdout.write(
        `OUT  ${source}: ${reason}\n       nothing of it counts, since ${first_refused_at}\n       → mend it, and ingest it again; or: fairshare ingest give-up --help\n`,
      );
    runtime.stdout.write(contentsText(contents));
    if (networks !== undefined) runtime.stdout.write(networksText(networks));
    runtime.stdout.write(clientListsText(lists));
    printFreshness(runtime, freshness);
  }
  if (failed.length > 0)
    throw new Fault('checkFailed', `${failed.length} of ${checks.length} checks failed`, failed[0].next);
  if (stopped.length > 0)
    throw new Fault('partitionStopped', `${stopped.length} partition(s) wait for a person`, stopped[0].next);
}

/** Objects that are known by less than their content, and names that share one. */
const contentsText = (contents: readonly ContentsShown[]): string =>
  contents
    .flatMap(({ source, objects, stored_only, twins }) => [
      ...(stored_only > 0
        ? [
            `old  ${source}: ${stored_only} of ${objects} log objects are known by their stored bytes only: compressed anew, they would count again\n       → ingest those that you still have once more: they are then known by their content, and count as before\n`,
          ]
        : []),
      ...(twins > 0
        ? [
            `same ${source}: ${twins} names have content that counts under another name\n       → fairshare query --allow-writes "SELECT object, same_as FROM object_content FINAL WHERE source = '${source}' AND same_as != ''"\n`,
          ]
        : []),
    ])
    .join('');

function printFreshness(runtime: Runtime, freshness: readonly Freshness[]): void {
  if (freshness.length === 0) {
    runtime.stdout.write('Nothing has been loaded yet: fairshare ingest files --help\n');
    return;
  }
  printTable(
    runtime.stdout,
    ['source', 'batches', 'lines', 'delivered twice', 'last record', 'last sealed day'],
    freshness.map((row) => [
      row.source,
      BigInt(row.batches),
      BigInt(row.lines),
      BigInt(row.duplicates),
      row.last_record_at ?? 'never',
      row.last_sealed_day ?? 'never',
    ]),
  );
}

interface CompleteDays {
  readonly complete: readonly CheckResult[];
  /** Days that a person let pass. */
  readonly accepted: readonly DayDecision[];
}

/** Whether open days look complete. */
async function completeDays(runtime: Runtime, warehouse: Warehouse): Promise<CompleteDays> {
  try {
    return await judgedDays(runtime, warehouse);
  } catch (error) {
    if (isDamage(error)) throw error;
    const [name, detail] = ['open days are complete', (error as Error).message];
    return {
      complete: [{ name, ok: false, detail, next: 'The check itself could not run: see the message.' }],
      accepted: [],
    };
  }
}

async function judgedDays(runtime: Runtime, warehouse: Warehouse): Promise<CompleteDays> {
  const until = await lastJudgedDay(warehouse);
  if (until === undefined) return { complete: [], accepted: [] };
  const { days } = await judgeDays(warehouse, runtime.config(), until);
  const check = (kind: HeldKind, name: string): CheckResult => {
    const held = days.filter((one) => one.kind === kind && one.accepted === undefined);
    return {
      name,
      ok: held.length === 0,
      detail: held.map(({ found }) => found).join('\n       '),
      next: held.length === 0 ? '' : acceptHint(held[0]),
    };
  };
  return {
    complete: [
      check('hole', 'open days have the requests that are usual'),
      check('unreadable', 'lines of open days could be read'),
    ],
    accepted: (await dayDecisions(warehouse)).filter(
      ({ state, day }) => state === 'accepted' && day > addDays(until, -JUDGED_DAYS),
    ),
  };
}

/** Reads every part of every table. */
async function readStored(runtime: Runtime, warehouse: Warehouse): Promise<readonly CheckResult[]> {
  const tables = await storedTables(warehouse);
  const total = tables.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const progress = createProgress(runtime, { label: 'doctor', total, unit: 'bytes' });
  try {
    const { results } = await checkStored(warehouse, tables, {
      signal: runtime.signal,
      onTable: ({ bytes }) => progress.add(Number(bytes)),
    });
    return results;
  } finally {
    progress.stop();
  }
}

/** Computes the runs that closed periods again, and compares their stored results. */
async function closedPeriods(warehouse: Warehouse): Promise<CheckResult[]> {
  const name = 'closed periods are as they were computed';
  try {
    const found = await verifyRuns(warehouse, await recordedRuns(warehouse, { closed: true }));
    const changed = found.filter(({ different }) => different.length > 0);
    return [
      {
        name,
        ok: changed.length === 0,
        detail: changed
          .map(({ period, run_id, different }) => `${period}, run ${run_id}: ${different.join(', ')}`)
          .join('; '),
        next: changed.length === 0 ? '' : CHANGED,
      },
    ];
  } catch (error) {
    return [
      { name, ok: false, detail: (error as Error).message, next: 'The check itself could not run: see the message.' },
    ];
  }
}
