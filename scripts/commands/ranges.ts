// fairshare ranges: the published ranges of clouds, CI and crawlers, and network types, each list with its version.

import { type Command } from 'commander';
import { Fault } from '../../sql/fault.ts';
import { applyRegistry, compareRegistry, registryTables } from '../../sql/registry.ts';
import { type NetworkRange } from '../../transform/networks/facts.ts';
import { readRanges, type RangesFile } from '../registry/ranges-file.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { type Runtime } from './command.ts';

interface Flags {
  readonly as?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerRanges(program: Command, runtime: Runtime): void {
  const ranges = program.command('ranges').description('published ranges of clouds, CI and crawlers; network types');
  ranges
    .command('import')
    .description('import lists in the vendors’ own shapes; a list replaces its former version, history is kept')
    .argument('<location...>', 'files, directories or http(s) addresses')
    .option('--as <provider:type>', 'take an unknown list of CIDRs as this provider’s, e.g. examplecloud:cloud')
    .option('--dry-run', 'say what would change')
    .option('--json', 'one JSON object per list')
    .addHelpText('after', '\nExample:\n  $ fairshare ranges import registry/ranges registry/networks.csv')
    .action((locations: string[], flags: Flags) => importRanges(runtime, locations, flags));
  ranges
    .command('refresh')
    .description('fetch every list that was imported from an address again')
    .option('--dry-run', 'say what would change')
    .option('--json', 'one JSON object per list')
    .addHelpText('after', '\nExample:\n  $ fairshare ranges refresh')
    .action(async (flags: Flags) => {
      const warehouse = await runtime.warehouse();
      const rows = await warehouse.query<{ source: string }>(
        "SELECT DISTINCT source FROM network_range FINAL WHERE state = 0 AND startsWith(source, 'http') ORDER BY source",
      );
      if (rows.length === 0)
        throw new Fault(
          'inputRefused',
          'no list was imported from an address',
          'Import one: fairshare ranges import https://…',
        );
      await importRanges(
        runtime,
        rows.map(({ source }) => source),
        flags,
      );
    });
  ranges
    .command('show')
    .description('lists as they stand: provider, type, version, count')
    .option('--json', 'one JSON object per list')
    .action(async (flags: Flags) => {
      const warehouse = await runtime.warehouse();
      const rows = await warehouse.query<{
        provider: string;
        type: string;
        version: string;
        ranges: string;
        source: string;
      }>(
        'SELECT provider, type, max(list_version) AS version, count() AS ranges, any(source) AS source FROM network_range FINAL WHERE state = 0 GROUP BY provider, type ORDER BY type, provider',
      );
      if (flags.json) for (const row of rows) printJson(runtime.stdout, row);
      else
        printTable(
          runtime.stdout,
          ['provider', 'type', 'version', 'ranges', 'source'],
          rows.map((row) => [row.provider, row.type, row.version, BigInt(row.ranges), row.source]),
        );
    });
}

async function importRanges(runtime: Runtime, locations: readonly string[], flags: Flags): Promise<void> {
  const [provider, type] = flags.as?.split(':') ?? [];
  if (flags.as !== undefined && (provider === undefined || type === undefined))
    throw new Fault('usage', `not PROVIDER:TYPE: ${flags.as}`, 'For example --as examplecloud:cloud');
  const now = runtime.now();
  const files: RangesFile[] = [];
  for (const location of locations)
    files.push(
      ...(await readRanges(location, {
        now: () => now,
        signal: runtime.signal,
        ...(provider !== undefined && { as: { provider, type: type as NetworkRange['type'] } }),
      })),
    );
  const warehouse = await runtime.warehouse();
  const table: (string | number)[][] = [];
  // Lists of one provider replace that provider's rows together.
  for (const [name, lists] of groupByProvider(files)) {
    const desired = lists.flatMap((file) => [
      ...file.ranges.map((range) => ({ ...range, asn: null, source: file.source, list_version: file.version })),
      ...file.asnTypes.map(({ asn, type: asnType }) => ({
        provider: name,
        cidr: `AS${asn}`,
        service: '',
        type: asnType,
        asn,
        source: file.source,
        list_version: file.version,
      })),
    ]);
    const providers = [...new Set([name, ...desired.map((row) => row.provider)])];
    const change = await compareRegistry(warehouse, registryTables.networkRange, desired, {
      sql: 'provider IN {providers:Array(String)}',
      params: { providers },
    });
    if (!flags.dryRun) await applyRegistry(warehouse, registryTables.networkRange, change, now);
    const version = [...new Set(lists.map((file) => file.version))].join(', ');
    if (flags.json)
      printJson(runtime.stdout, {
        provider: name,
        version,
        added: change.added.length,
        retracted: change.retracted.length,
        unchanged: change.unchanged,
      });
    table.push([name, version, change.added.length, change.retracted.length, change.unchanged]);
  }
  if (!flags.json) printTable(runtime.stdout, ['provider', 'version', 'added', 'retracted', 'unchanged'], table);
}

function groupByProvider(files: readonly RangesFile[]): Map<string, RangesFile[]> {
  const groups = new Map<string, RangesFile[]>();
  for (const file of files) groups.set(file.provider, [...(groups.get(file.provider) ?? []), file]);
  return groups;
}
