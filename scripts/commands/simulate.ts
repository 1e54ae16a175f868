// fairshare simulate: writes a period of several registries' access logs and the truth about them, to try every command on.

import { InvalidArgumentError, Option, type Command } from 'commander';
import { MAX_ORGANISATIONS } from '../simulate/networks.ts';
import { scenarios, sourceNames, type SourceName } from '../simulate/scenario.ts';
import { simulate, type SimulationSummary } from '../simulate/simulate.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { createProgress } from '../runtime/progress.ts';
import type { RegisterCommand, Runtime } from '../runtime/command.ts';
import { isDay } from '../../transform/periods.ts';
import { formatBytes, formatCount, formatPercent } from '../../transform/numbers.ts';

interface SimulateOptions {
  readonly out: string;
  readonly force?: boolean;
  readonly seed: number;
  readonly lines: number;
  readonly start: string;
  readonly days: number;
  readonly organisations: number;
  readonly objectsPerDay?: number;
  readonly scenario: string;
  readonly spoofed: number;
  readonly sources: readonly SourceName[];
  readonly truth: 'totals' | 'lines';
  readonly json?: boolean;
}

const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A whole number from ${low} to ${high} is needed.`);
  };

function share(text: string): number {
  const value = /^(?:0|1|[01]?\.\d+)$/.test(text) ? Number(text) : NaN;
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('A share from 0 to 1 is needed.');
}

function day(text: string): string {
  if (text.startsWith('20') && isDay(text)) return text;
  throw new InvalidArgumentError('A day from 2000-01-01 to 2099-12-31 is needed, as YYYY-MM-DD.');
}

function sources(text: string): readonly SourceName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !sourceNames.includes(name as SourceName));
  if (unknown.length === 0) return sourceNames.filter((name) => names.includes(name));
  throw new InvalidArgumentError(`There is no '${unknown[0]}'. There are: ${sourceNames.join(', ')}.`);
}

const help = `
It writes into DIR:
  logs/SOURCE/YYYY/MM/DD/HH-NN.log.gz   access logs, each source in its own format
  truth/totals.csv, objects.csv         what each day and each object holds; --truth lines: every line
  registry/…                            organisations, published ranges, network types, costs, a policy
  fairshare.yaml                        the configuration that names the sources

The same options write the same bytes. Addresses, networks and organisations are invented.

Examples:
  $ fairshare simulate --out scenario
  $ fairshare simulate --out small --lines 50000 --days 7 --truth lines --seed 7
  $ fairshare simulate --out npm-only --lines 50000 --sources npm --json`;

export const registerSimulate: RegisterCommand = (command: Command, runtime: Runtime): void => {
  command
    .requiredOption('--out <dir>', 'directory to write into; empty, or an earlier simulation with --force')
    .option('--force', 'replace an earlier simulation in DIR')
    .option('--seed <n>', 'other seed, other requests', integer(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--lines <n>', 'lines of all sources together', integer(1, 1e12), 2_000_000)
    .option('--start <day>', 'first day, YYYY-MM-DD (UTC)', day, '2026-10-01')
    .option('--days <n>', 'days', integer(1, 3_660), 31)
    .option('--organisations <n>', 'organisations in the registry', integer(1, MAX_ORGANISATIONS), 40)
    .option(
      '--objects-per-day <n>',
      'objects per source and day (default: at least 2, about 100,000 lines each)',
      integer(1, 1_440),
    )
    .addOption(
      new Option('--scenario <name>', 'who asks, from where, when and for what')
        .choices(Object.keys(scenarios))
        .default('default'),
    )
    .option(
      '--spoofed <share>',
      "of the requests under an AI crawler's name, how many are not its operator's",
      share,
      0.15,
    )
    .option('--sources <names>', 'only these, separated by commas', sources, sourceNames)
    .addOption(
      new Option('--truth <grain>', 'truth by day and object, or of every line too')
        .choices(['totals', 'lines'])
        .default('totals'),
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', help)
    .action(async ({ force = false, json = false, ...options }: SimulateOptions) => {
      const progress = createProgress(runtime, { label: 'simulate', total: options.lines, unit: 'lines' });
      let summary: SimulationSummary;
      try {
        summary = await simulate(
          { ...options, force },
          { signal: runtime.signal, onProgress: (lines) => progress.add(lines) },
        );
      } finally {
        progress.stop();
      }
      if (json) printJson(runtime.stdout, summary);
      else print(runtime, summary);
    });
};

const percent = (share: number): string => formatPercent(BigInt(Math.round(share * 10_000)), 10_000n);

function print({ stdout, stderr }: Runtime, summary: SimulationSummary): void {
  const { shares, classes } = summary;
  printTable(
    stdout,
    ['Simulated', ''],
    [
      ['lines', formatCount(summary.lines)],
      ['requests', formatCount(summary.requests)],
      ['excluded by rule', formatCount(summary.excluded)],
      ['unreadable', formatCount(summary.quarantined)],
      ['delivered twice', formatCount(summary.duplicates)],
      ['delivered a day late', formatCount(summary.late)],
      ['under a false name', formatCount(summary.spoofed)],
      ['downloads', formatCount(summary.downloads)],
      ['bytes sent', formatBytes(BigInt(summary.bytes))],
      ['objects', `${formatCount(summary.objects)}, ${formatBytes(summary.stored_bytes)}`],
      ['addresses', formatCount(summary.addresses)],
      ['bytes of the busiest 1 % of addresses', percent(shares.bytes_of_top_addresses)],
      ['requests from hyperscale clouds', percent(shares.hyperscale_clouds)],
      ['requests for artifacts', percent(shares.artifacts)],
      ['requests over IPv6', percent(shares.ipv6)],
    ],
    { right: [1] },
  );
  printTable(
    stdout,
    ['Requester class', 'requests', 'downloads', 'bytes'],
    Object.entries(classes)
      .filter(([, { requests }]) => requests > 0)
      .map(([name, { requests, downloads, bytes }]) => [name, requests, downloads, formatBytes(BigInt(bytes))]),
    { right: [3] },
  );
  stderr.write(
    `Next: fairshare --config ${summary.out}/fairshare.yaml ingest files ${summary.out}/logs/npm --source npm\n`,
  );
}
