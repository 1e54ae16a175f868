// fairshare classify: the transform's answer for each line, for people and for conformance checks.

import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import type { Format } from '../../transform/formats/format.ts';
import { detectFormat, formatByName, formats } from '../../transform/formats/index.ts';
import { buildNetworkIndex, type NetworkIndex } from '../../transform/networks/network-index.ts';
import { OTHER_ECOSYSTEM, ecosystems, resolverFor } from '../../transform/packages/index.ts';
import { logClassifier, userAgentClassifier, type Answer, type Line } from '../classify/classify.ts';
import { linesOf } from '../classify/lines.ts';
import { openAsnDatabase } from '../orgs/asn.ts';
import { readRanges } from '../orgs/ranges-file.ts';
import { configuredAsnDatabase, configuredCountryDatabase } from '../orgs/networks.ts';
import { fieldsOf } from '../runtime/config.ts';
import { timeZone, timeZoneForms } from '../../transform/time-zone.ts';
import type { Runtime } from '../runtime/command.ts';

interface ClassifyFlags {
  readonly log?: string;
  readonly source?: string;
  readonly ecosystem?: string;
  readonly hostMap: Readonly<Record<string, string>>;
  readonly pathPrefix?: string;
  readonly ranges?: readonly string[];
  readonly asnDatabase?: string;
}

/** As in ingest; fairshare.yaml may set another limit there. */
const MAX_LINE_BYTES = 1_048_576;
const SAMPLE_BYTES = 65_536;
const SAMPLE_LINES = 50;

export function registerClassify(command: Command, runtime: Runtime): void {
  command
    .option('--log <format>', 'lines are those of a log: a format’s name, or auto')
    .option(
      '--source <name>',
      'a source of fairshare.yaml: its ecosystem, hosts, prefix, fields, and its format with --log auto',
    )
    .option('--ecosystem <name>', 'ecosystem of every line')
    .option('--host-map <host=ecosystem>', 'ecosystem of a request host; can be repeated', hostMap, {})
    .option('--path-prefix <prefix>', 'leading path that the registry’s own rules do not know, e.g. /debian')
    .option(
      '--ranges <location...>',
      'published ranges (files, directories, addresses) to check crawlers and clouds against',
    )
    .option(
      '--asn-database <file>',
      'MaxMind-format database of AS numbers and network types (default: networks.asn_database, with --source)',
    )
    .addHelpText(
      'after',
      `
Lines that cannot be read give {"error":{"reason":…}}, lines that are no requests {"excluded":{"reason":…}}.

Formats: ${formats.map(({ name }) => name).join(', ')}
Ecosystems: ${[...ecosystems.map(({ name }) => name), OTHER_ECOSYSTEM].join(', ')}

Examples:
  $ echo 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false ci/github-actions' | fairshare classify
  $ zcat access.log.gz | fairshare classify --log auto --ecosystem npm
  $ fairshare classify --log combined --host-map files.example.org=pypi < access.log`,
    )
    .action(async (flags: ClassifyFlags) => {
      const networks = await networkIndex(flags, runtime);
      const chunks = (runtime.stdin as Readable)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
      const sample: Buffer[] = [];
      const classify =
        flags.log === undefined
          ? userAgentClassifier(networks)
          : await chooseLog(flags.log, flags, networks, chunks, sample, runtime);
      const answers = async function* () {
        for await (const lines of linesOf(joined(sample, chunks), MAX_LINE_BYTES)) yield text(lines, classify);
      };
      await pipeline(Readable.from(answers()), runtime.stdout, { end: false, signal: runtime.signal });
    });
}

const text = (lines: readonly Line[], classify: (line: Line) => Answer): string =>
  lines.map((line) => `${JSON.stringify(classify(line))}\n`).join('');

async function* joined(sample: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, void> {
  yield* sample;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function hostMap(pair: string, sofar: Readonly<Record<string, string>>): Record<string, string> {
  const [host, ecosystem, ...more] = pair.split('=');
  if (!host || !ecosystem || more.length > 0)
    throw new Fault('usage', `not a host and its ecosystem: ${pair}`, 'Write it as --host-map files.example.org=pypi');
  return { ...sofar, [host]: ecosystem };
}

async function networkIndex(
  { ranges = [], asnDatabase, source }: ClassifyFlags,
  { now, signal, config }: Runtime,
): Promise<NetworkIndex> {
  const files = (await Promise.all(ranges.map((location) => readRanges(location, { now, signal })))).flat();
  const asnTypes = new Map(files.flatMap((file) => file.asnTypes.map(({ asn, type }) => [asn, type] as const)));
  const configured = () => (source === undefined ? undefined : configuredAsnDatabase(config()));
  const database = asnDatabase === undefined ? configured() : openAsnDatabase(asnDatabase);
  const countries = source === undefined ? undefined : configuredCountryDatabase(config());
  return buildNetworkIndex({
    ranges: files.flatMap((file) => file.ranges),
    asnTypes,
    ...database,
    countryLookup: countries?.countryLookup,
  });
}

/** @param sample receives the chunks that detection had to read */
async function chooseLog(
  name: string,
  flags: ClassifyFlags,
  networks: NetworkIndex,
  chunks: AsyncIterator<Buffer>,
  sample: Buffer[],
  runtime: Runtime,
): Promise<(line: Line) => Answer> {
  const source = flags.source === undefined ? undefined : configured(flags.source, runtime);
  const wanted = name === 'auto' ? (source?.format ?? 'auto') : name;
  const format = wanted === 'auto' ? await detect(chunks, sample, runtime) : formatByName(wanted);
  if (format === undefined)
    throw new Fault(
      'usage',
      `there is no format ${wanted}`,
      `Formats: auto, ${formats.map(({ name }) => name).join(', ')}`,
    );
  const timezone = source?.timezone ?? 'UTC';
  const local = timeZone(timezone);
  if (local === undefined)
    throw new Fault(
      'usage',
      `source ${flags.source}: there is no time zone ${timezone}`,
      `It must be ${timeZoneForms}. Run: fairshare config check`,
    );
  return logClassifier({
    parser: configurable(() =>
      format.parser({ fields: source && fieldsOf(source), local, trustedHops: source?.trusted_hops }),
    ),
    resolve: configurable(() =>
      resolverFor({
        ecosystem: flags.ecosystem ?? source?.ecosystem,
        hosts: { ...source?.hosts, ...flags.hostMap },
        pathPrefix: flags.pathPrefix ?? source?.path_prefix,
      }),
    ),
    networks,
    repositoryUrl: source?.repository_url,
    tokenKey: source?.token.user_agent,
  });
}

function configured(name: string, runtime: Runtime) {
  const source = runtime.config().sources.find((each) => each.name === name);
  if (source === undefined)
    throw new Fault('usage', `there is no source ${name} in the configuration`, 'Run: fairshare config check');
  return source;
}

/** If a name or field does not exist, the transform throws an error. It becomes a fault of flags or configuration. */
function configurable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new Fault('usage', (cause as Error).message, 'See: fairshare classify --help', { cause });
  }
}

/** Reads the first lines. @throws Fault(inputRefused) with the first line if no format matches */
async function detect(chunks: AsyncIterator<Buffer>, sample: Buffer[], { stderr }: Runtime): Promise<Format> {
  let bytes = 0;
  let lines = 0;
  while (bytes < SAMPLE_BYTES && lines < SAMPLE_LINES) {
    const { done, value } = await chunks.next();
    if (done) break;
    sample.push(value);
    bytes += value.length;
    for (const byte of value) if (byte === 10) lines++;
  }
  const start = Buffer.concat(sample);
  const detected = detectFormat(start);
  if (detected !== undefined) {
    stderr.write(`format: ${detected.format.name}\n`);
    return detected.format;
  }
  const first = start.subarray(0, SAMPLE_BYTES).toString().split('\n').find((line) => line.trim() !== ''); // prettier-ignore
  // All formats read blank lines alike, so any will do.
  if (first === undefined) return formatByName('combined')!;
  throw new Fault(
    'inputRefused',
    `no known format fits; the first line is\n  ${first.slice(0, 300)}`,
    'Name the format with --log FORMAT, or describe the fields of a JSON feed in fairshare.yaml and name it with --source.',
  );
}
