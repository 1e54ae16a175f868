// fairshare doctor: checks the installation and the data, and says what to do about each fault.

import { type Command } from 'commander';
import { runChecks } from '../../sql/checks.ts';
import { type RunErasure } from '../../sql/erasure.ts';
import { Fault } from '../../transform/fault.ts';
import { isFresh, networkLists } from '../../sql/network-lists.ts';
import { partitionStops } from '../../sql/partition-stop.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { recomputeRun } from '../funding/run.ts';
import { configuredAsnDatabase, crawlerListAge } from '../orgs/networks.ts';
import { version as codeVersion } from '../runtime/version.ts';
import { type Runtime } from '../runtime/command.ts';

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
  const database = configuredAsnDatabase(config);
  return {
    lists: (await networkLists(warehouse)).map((list) => ({ ...list, fresh: isFresh(list, age) })),
    crawler_list_days: age.maxAge_days,
    asn_database: database && {
      path: config.networks.asn_database,
      type: database.databaseType,
      built_at: database.builtAt,
      sha256: database.sha256,
    },
  };
}

function networksText({ lists, crawler_list_days, asn_database }: Awaited<ReturnType<typeof networksInForce>>): string {
  const stale = lists.filter(({ fresh }) => fresh === false);
  const lines = [
    lists.length === 0
      ? 'none published ranges\n       → fairshare ranges import …'
      : `ok   published ranges: ${lists.length} lists`,
    asn_database === undefined
      ? 'none database of AS numbers and network types\n       → networks.asn_database'
      : `ok   AS numbers and network types: ${asn_database.type} of ${asn_database.built_at}`,
  ];
  if (stale.length > 0)
    lines.push(
      `old  ${stale.length} crawler lists were last read more than ${crawler_list_days} days ago and contradict nobody: ${stale.map(({ provider, read_at }) => `${provider} (${read_at})`).join(', ')}\n       → fairshare ranges refresh`,
    );
  return lines.map((line) => `${line}\n`).join('');
}

export function registerDoctor(command: Command, runtime: Runtime): void {
  command
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExits with 4 where a check fails, else with 6 where a partition is stopped.\n\nExample:\n  $ fairshare doctor --json',
    )
    .action(async (flags: { json?: boolean }) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const [engine] = await warehouse.query<{ version: string }>(sqlFile('queries/check/engine.sql'));
      const checks = await runChecks(warehouse);
      const freshness = await warehouse.query<Freshness>(sqlFile('queries/ledger/freshness.sql'));
      const networks = await networksInForce(runtime, warehouse);
      // The table does not exist before its migration; a check reports that.
      const stops = await partitionStops(warehouse).catch(() => []);
      const stopped = stops.filter(({ state }) => state === 'stopped');
      const failed = checks.filter(({ ok }) => !ok);
      if (flags.json)
        printJson(runtime.stdout, {
          fairshare: codeVersion,
          node: process.version,
          engine: { kind: warehouse.engine, version: engine.version, location: warehouse.location },
          checks,
          networks,
          stopped,
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
        for (const { source, detail, recordedAt, next } of stopped)
          runtime.stdout.write(`STOP ${source}: ${detail}\n       since ${recordedAt}\n       → ${next}\n`);
        runtime.stdout.write(networksText(networks));
        if (freshness.length > 0)
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
        else runtime.stdout.write('Nothing has been loaded yet: fairshare ingest files --help\n');
      }
      if (failed.length > 0)
        throw new Fault('checkFailed', `${failed.length} of ${checks.length} checks failed`, failed[0].next);
      if (stopped.length > 0)
        throw new Fault('partitionStopped', `${stopped.length} partition(s) wait for a person`, stopped[0].next);
    });
}

/** ', acme: names erased on 2026-11-30', for each organisation and day; '' if nothing was erased. */
function erasedText(erased: readonly RunErasure[]): string {
  const texts = erased.map(
    ({ kind, org_id, erased_at }) =>
      `, ${kind === 'network' ? 'a network of its intervals was' : `${org_id}: names`} erased on ${erased_at.slice(0, 10)}`,
  );
  return [...new Set(texts)].join('');
}

export function registerVerify(command: Command, runtime: Runtime): void {
  command
    .argument('[run-id...]', 'runs to verify; default: all')
    .option('--json', 'one JSON object per run')
    .addHelpText('after', '\nExample:\n  $ fairshare verify')
    .action(async (runIds: string[], flags: { json?: boolean }) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const ids =
        runIds.length > 0
          ? runIds
          : (await warehouse.query<{ run_id: string }>(sqlFile('queries/period/runs.sql'))).map(({ run_id }) => run_id);
      let different = 0;
      for (const id of ids) {
        const { run, allocation, same, erased } = await recomputeRun(warehouse, id);
        if (!same) different++;
        if (flags.json)
          printJson(runtime.stdout, {
            run_id: id,
            period: run.period,
            same,
            recorded_sha256: run.lines_sha256,
            computed_sha256: allocation.lines_sha256,
            ...(erased.length > 0 && { erased }),
          });
        else runtime.stdout.write(`${same ? 'ok  ' : 'FAIL'} ${run.period} ${id}${erasedText(erased)}\n`);
      }
      if (different > 0)
        throw new Fault(
          'checkFailed',
          `${different} of ${ids.length} runs give other figures now`,
          'The recorded figures stand. Compare code_version in allocation_run: was the run made by another version?',
        );
    });
}
