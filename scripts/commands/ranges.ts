// fairshare ranges: imports published ranges of clouds, CI and crawlers, and network types. Each list has its version.

import { InvalidArgumentError, type Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { isFresh, networkLists, recordReadings, type NetworkList } from '../../sql/network-lists.ts';
import { applyRegistry, compareRegistry, registryTables } from '../../sql/orgs.ts';
import { type NetworkRange } from '../../transform/networks/facts.ts';
import { readRanges, type RangesFile, type UnknownList } from '../orgs/ranges-file.ts';
import { crawlerListAge } from '../orgs/networks.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

interface ImportFlags extends Flags {
  readonly as?: string;
}

interface RefreshFlags extends Flags {
  readonly timeout: number;
}

export function registerRanges(ranges: Command, runtime: Runtime): void {
  ranges
    .command('import')
    .description('import lists in the vendors’ own shapes; a list replaces its former version, history is kept')
    .argument('<location...>', 'files, directories or http(s) addresses')
    .option('--as <provider:type>', 'take an unknown list of CIDRs as this provider’s, e.g. examplecloud:cloud')
    .option('--dry-run', 'say what would change')
    .option('--json', 'one JSON object per list')
    .addHelpText('after', '\nExample:\n  $ fairshare ranges import registry/ranges registry/networks.csv')
    .action(async (locations: string[], { as: named, ...flags }: ImportFlags) => {
      const as = named === undefined ? undefined : unknownList(named);
      const now = runtime.now();
      const files: RangesFile[] = [];
      for (const location of locations)
        files.push(...(await readRanges(location, { now: () => now, signal: runtime.signal, ...(as && { as }) })));
      await importLists(runtime, files, flags, now);
    });
  ranges
    .command('refresh')
    .description('fetch every list that was imported from an address again; one that cannot be read stays as it is')
    .option('--timeout <seconds>', 'for each address', timeoutSeconds, 30)
    .option('--dry-run', 'say what would change')
    .option('--json', 'one JSON object per list')
    .addHelpText(
      'after',
      '\nExits with 3 where a list could not be read; the others are refreshed.\n\nExample:\n  $ fairshare ranges refresh',
    )
    .action((flags: RefreshFlags) => refresh(runtime, flags));
  ranges
    .command('show')
    .description(
      'lists as they stand: version, when the vendor made and we last read it; whether it may contradict a crawler',
    )
    .option('--json', 'one JSON object per list')
    .addHelpText('after', '\nExample:\n  $ fairshare ranges show')
    .action(async (flags: Flags) => {
      const lists = await networkLists(await runtime.warehouse({ readOnly: true }));
      const age = crawlerListAge(runtime, runtime.config());
      if (flags.json) for (const list of lists) printJson(runtime.stdout, { ...list, fresh: isFresh(list, age) });
      else
        printTable(
          runtime.stdout,
          ['provider', 'type', 'version', 'published', 'read', 'fresh', 'ranges', 'source'],
          lists.map((list) => [
            list.provider,
            list.type,
            list.version,
            list.published_at,
            list.read_at,
            { true: 'yes', false: 'no', null: null }[`${isFresh(list, age)}`],
            list.ranges,
            list.source,
          ]),
        );
    });
}

function unknownList(text: string): UnknownList {
  const [provider, type] = text.split(':');
  if (!provider || !type) throw new Fault('usage', `not PROVIDER:TYPE: ${text}`, 'For example --as examplecloud:cloud');
  return { provider, type: type as NetworkRange['type'] };
}

function timeoutSeconds(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('Seconds, more than zero.');
  return value;
}

/** Addresses of the lists in force. An address with a single list gives its provider and type, for a shape that does not tell them. */
function addressesOf(lists: readonly NetworkList[]): Map<string, UnknownList | undefined> {
  const addresses = new Map<string, UnknownList | undefined>();
  for (const { source, provider, type } of lists)
    if (/^https?:/i.test(source))
      addresses.set(source, addresses.has(source) ? undefined : { provider, type: type as NetworkRange['type'] });
  return addresses;
}

async function refresh(runtime: Runtime, flags: RefreshFlags): Promise<void> {
  const addresses = addressesOf(await networkLists(await runtime.warehouse()));
  if (addresses.size === 0)
    throw new Fault(
      'inputRefused',
      'no list was imported from an address',
      'Import one: fairshare ranges import https://…',
    );
  const now = runtime.now();
  const options = { now: () => now, signal: runtime.signal, timeout_ms: flags.timeout * 1000 };
  const readings = await Promise.allSettled(
    [...addresses].map(([address, otherwise]) => readRanges(address, { ...options, otherwise })),
  );
  runtime.signal.throwIfAborted();
  const failures: Fault[] = [];
  const files = readings.flatMap((reading) => {
    if (reading.status === 'fulfilled') return reading.value;
    if (!(reading.reason instanceof Fault)) throw reading.reason;
    failures.push(reading.reason);
    return [];
  });
  if (files.length > 0) await importLists(runtime, files, flags, now);
  if (failures.length > 0)
    throw new Fault(
      'inputRefused',
      `${failures.length} of ${addresses.size} lists could not be read and stay as they were\n${failures.map(({ message }) => `  ${message}`).join('\n')}`,
      'Run it again later, or import a list from a file: fairshare ranges import FILE',
    );
}

/** Lists of one provider replace that provider's rows together. */
async function importLists(runtime: Runtime, files: readonly RangesFile[], flags: Flags, now: Date): Promise<void> {
  const warehouse = await runtime.warehouse();
  const table: (string | number)[][] = [];
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
    const change = await compareRegistry(warehouse, registryTables.networkRange, desired, { providers });
    if (!flags.dryRun) {
      await applyRegistry(warehouse, registryTables.networkRange, change, now);
      await recordReadings(
        warehouse,
        lists.map((file) => ({
          provider: name,
          source: file.source,
          list_version: file.version,
          published_at: file.published_at,
          read_at: now.toISOString(),
          sha256: file.sha256,
          ranges: file.ranges.length + file.asnTypes.length,
        })),
      );
    }
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
