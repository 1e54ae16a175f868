// Simulates a period of several registries: access logs, the truth about them, and the other files that a foundation has. The same
// options give the same bytes, because it reads no clock and only the seed is random. Memory does not grow with the number of lines.

import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Fault } from '../../transform/fault.ts';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { SourceGenerator, Tally } from './generator.ts';
import { ObjectWriter, Table } from './object-file.ts';
import { composeOrganisations, type WorldOptions } from './organisations.ts';
import { planObjects } from './plan.ts';
import { composePopulation, MAX_ADDRESSES } from './population.ts';
import { registryShapes } from './registry-shapes.ts';
import { writeRegistryFiles } from './registry-files.ts';
import { scenarios, sourceShares, type SourceName } from './scenario.ts';
import { LineTruth, Totals, totalsColumns, type TotalsKeys } from './truth.ts';
import { DAY_MS, startOf } from '../../transform/periods.ts';

export interface SimulationOptions {
  /** Output directory. */
  readonly out: string;
  /** Replaces an earlier simulation in that directory. */
  readonly force: boolean;
  readonly seed: number;
  readonly lines: number;
  /** First day, YYYY-MM-DD. */
  readonly start: string;
  readonly days: number;
  readonly organisations: number;
  /** Objects per source and day; undefined: so many that none has many more than 100,000 lines. */
  readonly objectsPerDay?: number;
  readonly scenario: string;
  /** Share, 0 to 1, of the requests under an AI crawler's name that are from somebody else. */
  readonly spoofed: number;
  readonly truth: 'totals' | 'lines';
  readonly sources: readonly SourceName[];
  /** Only for measurements: their world has other evidence than registry/orgs.yaml. */
  readonly world?: WorldOptions;
}

export interface SimulationSummary {
  readonly out: string;
  readonly seed: number;
  readonly scenario: string;
  readonly start: string;
  readonly days: number;
  readonly objects: number;
  readonly stored_bytes: number;
  readonly content_bytes: number;
  readonly lines: number;
  readonly requests: number;
  readonly excluded: number;
  readonly quarantined: number;
  readonly duplicates: number;
  readonly late: number;
  readonly spoofed: number;
  readonly downloads: number;
  /** Sent bytes, as a decimal text. */
  readonly bytes: string;
  readonly addresses: number;
  readonly organisations: number;
  readonly shares: {
    /** Share of the bytes of the busiest 1 % of the addresses. */
    readonly bytes_of_top_addresses: number;
    /** Share of the requests. */
    readonly hyperscale_clouds: number;
    readonly artifacts: number;
    readonly ipv6: number;
  };
  readonly classes: Readonly<
    Record<string, { readonly requests: number; readonly downloads: number; readonly bytes: string }>
  >;
}

export interface SimulationControl {
  readonly signal?: AbortSignal;
  /** Called after each object, with its number of lines. */
  readonly onProgress?: (lines: number) => void;
}

const LINES_PER_OBJECT = 100_000;
const MARKER = 'simulation.json';
const OWN_ENTRIES = ['logs', 'truth', 'registry', 'fairshare.yaml', MARKER];

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, Math.round(value)));
const digits = (value: number): string => BigInt(value).toString();

const objectColumns = ['path', 'lines', 'requests', 'excluded', 'quarantined', 'duplicates', 'late', 'bytes', 'content_bytes',
  'stored_bytes', 'sha256'] as const; // prettier-ignore

/** Numbers of addresses and packages: they grow with the lines, up to the intended limit of memory. */
export const scaleOf = (lines: number): { readonly addresses: number; readonly packages: number } => ({
  addresses: clamp(lines / 25, 2_000, MAX_ADDRESSES),
  packages: clamp(lines / 200, 1_500, 60_000),
});

/** @throws Fault(usage) if the directory has files that may not be replaced */
function prepareDirectory({ out, force, ...options }: SimulationOptions): void {
  mkdirSync(out, { recursive: true });
  if (readdirSync(out).length > 0) {
    const isUnfinished = existsSync(join(out, MARKER)) && !existsSync(join(out, 'truth', 'summary.json'));
    if (!force && !isUnfinished)
      throw new Fault(
        'usage',
        `${out} is not empty`,
        'Name another directory, or replace an earlier simulation with --force',
      );
    const taken = OWN_ENTRIES.filter((entry) => existsSync(join(out, entry)));
    if (taken.length > 0 && !taken.includes(MARKER)) {
      throw new Fault(
        'usage',
        `${join(out, taken[0])} was not written by a simulation`,
        'Name another directory: --force replaces simulations only',
      );
    }
    for (const entry of taken) rmSync(join(out, entry), { recursive: true });
  }
  writeFileSync(join(out, MARKER), `${JSON.stringify(options, null, 2)}\n`, { flag: 'wx' });
}

/** Bytes of the busiest 1 % of the seen addresses, as a share of all bytes. */
function shareOfTop({ addressBytes, addressRequests }: Tally): { addresses: number; share: number } {
  const seen = addressBytes.filter((_, a) => addressRequests[a] > 0).sort();
  const top = Math.ceil(seen.length / 100);
  const sum = (bytes: Float64Array) => bytes.reduce((a, b) => a + b, 0);
  return { addresses: seen.length, share: sum(seen.subarray(seen.length - top)) / sum(seen) };
}

/**
 * Writes the simulation.
 * @throws Fault(usage), or the signal's reason: then the output is incomplete and has no truth/summary.json
 */
export async function simulate(
  options: SimulationOptions,
  { signal, onProgress }: SimulationControl = {},
): Promise<SimulationSummary> {
  const { out, seed, lines, days, sources } = options;
  const start_ms = startOf(options.start);
  const compose = scenarios[options.scenario];
  if (compose === undefined)
    throw new Fault('usage', `no scenario '${options.scenario}'`, `There is: ${Object.keys(scenarios).join(', ')}`);
  prepareDirectory(options);

  /** So that a signal can be handled. */
  const pause = async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const scale = scaleOf(lines);
  const segments = compose(options.spoofed);
  const organisations = composeOrganisations(options.organisations, seed, options.world?.knowledge);
  writeRegistryFiles(out, { start_ms, days, sources, organisations });
  const population = composePopulation(segments, organisations, scale.addresses, seed, options.world);
  const keys: TotalsKeys = {
    sources: sources.map((name) => [name, registryShapes[name].ecosystem]),
    organisations: ['', ...organisations.map(({ id }) => id)],
    classes: requesterClasses,
  };
  const totals = new Totals(keys, new Table(join(out, 'truth/totals.csv'), totalsColumns));
  const objects = new Table(join(out, 'truth/objects.csv'), objectColumns);
  const lineTruth = options.truth === 'lines' ? new LineTruth(new ObjectWriter(), keys) : null;
  const world = {
    seed,
    population,
    segments,
    organisations,
    teams: options.world?.teams ?? 1,
    sendsToken: options.world?.sends_token ?? (() => true),
    classOfSegment: Uint8Array.from(segments, (segment) => requesterClasses.indexOf(segment.requesterClass)),
    totals,
    lineTruth,
  };
  const tally = new Tally(population.count);
  const writer = new ObjectWriter();
  const generators: SourceGenerator[] = [];
  for (const [index, name] of sources.entries()) {
    await pause();
    const packages = Math.round(scale.packages * registryShapes[name].packages);
    generators.push(new SourceGenerator(world, name, index, packages, tally, writer));
  }

  const busiest =
    Math.max(...sources.map((name) => sourceShares[name])) / sources.reduce((sum, name) => sum + sourceShares[name], 0);
  const objectsPerDay = options.objectsPerDay ?? clamp(Math.ceil((lines * busiest) / days / LINES_PER_OBJECT), 2, 1440);
  const sum = {
    objects: 0,
    stored_bytes: 0,
    content_bytes: 0,
    lines: 0,
    excluded: 0,
    quarantined: 0,
    duplicates: 0,
    late: 0,
  };
  let day = -1;
  for (const plan of planObjects(
    { sources, segments, lines, start_ms, days, objectsPerDay },
    generators.map(({ week }) => week),
  )) {
    signal?.throwIfAborted();
    for (; day < plan.day; day++) totals.openDay(start_ms + (day + 1) * DAY_MS);
    const path = join(out, 'logs', plan.path);
    writer.open(path);
    lineTruth?.open(join(out, 'truth/lines', plan.path.replace('.log.gz', '.csv.gz')));
    const counts = await generators[plan.source].writeObject(plan, pause);
    lineTruth?.close();
    const stored = writer.close();
    // As of a log that was written at that time. Its lines may be later than the clock.
    const end = new Date(plan.slices.at(-1)?.end_ms ?? plan.start_ms);
    utimesSync(path, end, end);
    objects.row([`logs/${plan.path}`, counts.lines, counts.requests, counts.excluded, counts.quarantined, counts.duplicates, counts.late,
      counts.bytes, stored.content_bytes, stored.stored_bytes, stored.sha256]); // prettier-ignore
    sum.objects++;
    sum.stored_bytes += stored.stored_bytes;
    sum.content_bytes += stored.content_bytes;
    for (const key of ['lines', 'excluded', 'quarantined', 'duplicates', 'late'] as const) sum[key] += counts[key];
    onProgress?.(counts.lines);
    await pause();
  }
  totals.close();
  objects.close();

  const { requests, downloads, bytes } = totals.byClass;
  const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const top = shareOfTop(tally);
  const share = (count: number) => Number((count / tally.requests).toFixed(4));
  const summary: SimulationSummary = {
    out,
    seed,
    scenario: options.scenario,
    start: options.start,
    days,
    ...sum,
    requests: tally.requests,
    spoofed: tally.spoofedRequests,
    downloads: total(downloads),
    bytes: digits(total(bytes)),
    addresses: top.addresses,
    organisations: organisations.length,
    shares: {
      bytes_of_top_addresses: Number(top.share.toFixed(4)),
      hyperscale_clouds: share(tally.cloudRequests),
      artifacts: share(tally.artifactRequests),
      ipv6: share(tally.v6Requests),
    },
    classes: Object.fromEntries(
      requesterClasses.map((name, c) => [
        name,
        { requests: requests[c], downloads: downloads[c], bytes: digits(bytes[c]) },
      ]),
    ),
  };
  const { out: _out, ...stored } = summary; // without `out`, so that every directory gets the same file
  writeFileSync(join(out, 'truth/summary.json'), `${JSON.stringify(stored, null, 2)}\n`, { flag: 'wx' });
  return summary;
}
