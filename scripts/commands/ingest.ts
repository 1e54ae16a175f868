// fairshare ingest: loads log objects and topics into the warehouse, exactly once, and takes a wrong ingest back.

import { type Command } from 'commander';
import { restore, retract, type Retraction, type RetractTarget } from '../../ingest/retract.ts';
import {
  findObjects,
  ingestFiles,
  isSpecial,
  type LogObject,
  type ObjectOutcome,
  type RemoteObject,
} from '../../ingest/sources/files.ts';
import { IGNORED_BY_DEFAULT, ignoredBy } from '../../ingest/sources/ignored.ts';
import { findRemoteObjects, type ObjectStore, s3Location } from '../../ingest/sources/object-store.ts';
import { specialFile, standardInput } from '../../ingest/sources/streams.ts';
import { judgeRefusals, openRefusals, writeRefusals } from '../../sql/refused-objects.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { withScratch } from '../../sql/scratch.ts';
import { Fault } from '../../transform/fault.ts';
import { addDays, dayOf } from '../../transform/periods.ts';
import { JUDGED_DAYS, sayUnreadable, tooUnreadable } from '../funding/held-days.ts';
import { startMonitor } from '../monitor/monitor.ts';
import { ingestParts, type SourceFlags } from '../ingest/parts.ts';
import { configuredObjectStore } from '../ingest/object-store.ts';
import { printJson } from '../runtime/output.ts';
import { createProgress } from '../runtime/progress.ts';
import { type Runtime } from '../runtime/command.ts';
import { registerIngestKafka } from './ingest-kafka.ts';

export function registerIngest(ingest: Command, runtime: Runtime): void {
  registerFiles(ingest, runtime);
  registerIngestKafka(ingest, runtime);
  registerRetract(ingest, runtime);
  registerRestore(ingest, runtime);
  registerGiveUp(ingest, runtime);
}

/** Seconds, because a person waits. The same command, run again, continues where this one ended. */
const STORE_ATTEMPTS = 6;
const FULL_DISK_MS = 5_000;

function registerFiles(ingest: Command, runtime: Runtime): void {
  ingest
    .command('files')
    .description(
      'load log objects: files, directories, globs, s3://…; plain, gzip or zstd. Repeating it changes nothing',
    )
    .argument('<path...>', "files, directories, quoted globs, s3://BUCKET/PREFIX, or '-' for standard input")
    .requiredOption('--source <name>', 'the source they belong to (fairshare.yaml, or a new name with the flags below)')
    .option('--format <name>', 'log format, or auto')
    .option('--ecosystem <name>', 'ecosystem of every line (purl type)')
    .option('--path-prefix <prefix>', 'leading path that the registry’s own rules do not know, e.g. /debian')
    .option('--grown', 'of objects that begin with the whole of a loaded one, load what is new')
    .option(
      '--distinct <reason>',
      'load content that is loaded under another name, and other content under a known name, beside it; the reason is recorded',
    )
    .option('--special', 'read FIFOs, devices and sockets that are named, each to its end')
    .option('--metrics <host:port>', 'serve /metrics, /healthz and /readyz there meanwhile (default: metrics.listen)')
    .option('--json', 'one JSON object per log object, then the totals')
    .addHelpText(
      'after',
      '\nStandard input and special files are written to a file in TMPDIR first; their names in the ledger end in a part of their hash.\n\nExample:\n  $ fairshare ingest files logs/npm --source npm-edge --format nginx-edge --ecosystem npm',
    )
    .action((paths: string[], flags: FilesFlags) =>
      withScratch('fairshare-object-', (scratch) => ingestPaths(paths, flags, runtime, scratch)),
    );
}

interface FilesFlags extends SourceFlags {
  readonly grown?: boolean;
  readonly distinct?: string;
  readonly special?: boolean;
  readonly metrics?: string;
  readonly json?: boolean;
}

async function ingestPaths(
  paths: readonly string[],
  flags: FilesFlags,
  runtime: Runtime,
  scratch: string,
): Promise<void> {
  const config = runtime.config();
  const store = configuredObjectStore(runtime, config, STORE_ATTEMPTS);
  const isIgnored = ignoredBy(config.sources.find(({ name }) => name === flags.source)?.ignore ?? IGNORED_BY_DEFAULT);
  const found = await objectsAt(paths, flags, store, runtime, scratch);
  const objects = found.filter(({ isListed, name }) => !isListed || !isIgnored(name));
  const warehouse = await runtime.warehouse();
  const monitor = await startMonitor({
    listen: flags.metrics ?? config.metrics.listen,
    warehouse,
    maxBatchAge_seconds: config.metrics.max_batch_age_seconds,
    log: runtime.log,
  });
  const parts = await ingestParts(runtime, config, warehouse, {
    observer: monitor.observer,
    fullDisk_ms: FULL_DISK_MS,
  });
  const bytes = objects.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const progress = createProgress(runtime, { label: `ingest ${flags.source}`, total: bytes, unit: 'bytes' });
  const outcomes: ObjectOutcome[] = [];
  const started = performance.now();
  await ingestFiles(objects, {
    warehouse,
    source: parts.source(flags),
    loader: parts.loader,
    methodologyVersion: parts.rulebook.methodologyVersion,
    revisionAbove: (above) => parts.revision(above),
    grown: flags.grown,
    distinct: flags.distinct,
    signal: runtime.signal,
    observer: monitor.observer,
    onProgress: (stored_bytes) => progress.add(stored_bytes),
    onObject: (outcome) => {
      outcomes.push({ ...outcome });
      if (outcome.status !== 'refused' && outcome.problem !== undefined)
        runtime.log.info({ object: outcome.name }, outcome.problem);
      if (flags.json) printJson(runtime.stdout, outcome);
    },
  }).finally(async () => {
    progress.stop();
    await store.close();
    await monitor.close();
  });
  const elapsed_ms = performance.now() - started;
  const fresh = await recordRefusals(warehouse, flags.source, objects, outcomes, runtime.now());
  if (outcomes.some(({ quarantined }) => quarantined > 0)) await warnOfUnreadable(runtime, warehouse, flags.source);
  say(outcomes, { elapsed_ms, ignored: found.length - objects.length, fresh }, flags, runtime);
}

/** @returns objects that were not refused before with this content */
async function recordRefusals(
  warehouse: Warehouse,
  source: string,
  objects: readonly (LogObject | RemoteObject)[],
  outcomes: readonly ObjectOutcome[],
  now: Date,
): Promise<readonly string[]> {
  const contentOf = new Map(objects.map(({ name, content = '' }) => [name, content]));
  const { rows, fresh } = judgeRefusals(
    source,
    await openRefusals(warehouse, source),
    outcomes.map(({ name, status, problem }) => ({
      object: name,
      content: contentOf.get(name) ?? '',
      reason: status === 'refused' ? problem : undefined,
    })),
    now,
  );
  if (rows.length > 0) await writeRefusals(warehouse, rows, now);
  return fresh;
}

/** Says on which days of a source so many lines could not be read that the night holds them back. */
async function warnOfUnreadable(runtime: Runtime, warehouse: Warehouse, source: string): Promise<void> {
  const config = runtime.config();
  const today = dayOf(runtime.now());
  const days = await tooUnreadable(warehouse, config, { from: addDays(today, -JUDGED_DAYS), to: today });
  for (const day of days.filter((one) => one.source === source))
    runtime.log.warn(
      { source, day: day.day, lines: day.lines, unreadable: day.unreadable },
      `${sayUnreadable(day)}: the night holds this day back; look with: fairshare quarantine list --source ${source}`,
    );
}

/** Local files, objects of a store, and streams, in the order in which they are loaded. */
async function objectsAt(
  paths: readonly string[],
  { special = false }: FilesFlags,
  store: ObjectStore,
  { stdin, signal }: Runtime,
  scratch: string,
): Promise<(LogObject | RemoteObject)[]> {
  const remote = paths.filter((path) => s3Location(path) !== undefined);
  const streams = paths.filter((path) => path === '-' || (special && isSpecial(path)));
  const local = paths.filter((path) => !remote.includes(path) && !streams.includes(path));
  return [
    ...(local.length > 0 ? findObjects(local) : []),
    ...(await Promise.all(remote.map((location) => findRemoteObjects(store, location, signal)))).flat(),
    ...(streams.includes('-') ? [await standardInput(stdin, scratch, signal)] : []),
    ...[...new Set(streams)].filter((path) => path !== '-').map(specialFile),
  ];
}

interface Run {
  readonly elapsed_ms: number;
  /** Objects that the source's patterns pass over. */
  readonly ignored: number;
  /** Objects that were not refused before with this content. */
  readonly fresh: readonly string[];
}

/** Prints what became of the objects. @throws Fault(inputRefused) if one was refused that was not refused before */
function say(
  outcomes: readonly ObjectOutcome[],
  { elapsed_ms, ignored, fresh }: Run,
  { source, json }: FilesFlags,
  { stdout, stderr }: Runtime,
): void {
  const totals = { ...totalsOf(outcomes), ignored, newly_refused: fresh.length };
  const { objects, loaded, known, twins, lines, requests, excluded, quarantined, degraded, refused } = totals;
  const doubtful = degraded > 0 ? `; ${degraded} of the requests with a field in doubt` : '';
  const besides = [
    ...(known > 0 ? [`${known} known already${twins > 0 ? `, ${twins} of them under another name` : ''}`] : []),
    ...(ignored > 0 ? [`${ignored} others passed over`] : []),
    ...(refused > fresh.length ? [`${refused - fresh.length} refused as before`] : []),
  ];
  if (json) printJson(stdout, { totals });
  else
    stdout.write(
      `${source}: ${loaded} of ${objects} objects loaded${besides.length > 0 ? ` (${besides.join('; ')})` : ''}; ${lines} lines = ${requests} requests + ${excluded} excluded + ${quarantined} quarantined${doubtful}, ${(elapsed_ms / 1000).toFixed(1)} s\n`,
    );
  if (lines > 0 && requests === 0 && quarantined > 0)
    stderr.write(
      `Every line was quarantined: no line of it fits the format. Look with: fairshare quarantine list --source ${source}. Take it back with: fairshare ingest retract --source ${source} --object NAME\n`,
    );
  const refusals = outcomes.filter(({ status, name }) => status === 'refused' && fresh.includes(name));
  if (refusals.length > 0)
    throw new Fault(
      'inputRefused',
      `${refusals.length} object(s) refused; nothing of them counts\n  ${refusals.map(({ problem }) => problem!).join('\n  ')}`,
      'The other objects are loaded. Mend these and run the same command again. Until then it names them no more: fairshare doctor shows them.',
    );
}

function totalsOf(outcomes: readonly ObjectOutcome[]) {
  const of = (status: ObjectOutcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const sum = (measure: 'lines' | 'requests' | 'excluded' | 'quarantined' | 'degraded') =>
    outcomes.reduce((total, outcome) => total + outcome[measure], 0);
  return {
    objects: outcomes.length,
    loaded: of('loaded'),
    known: of('known'),
    refused: of('refused'),
    twins: outcomes.filter(({ same_as }) => same_as !== undefined).length,
    lines: sum('lines'),
    requests: sum('requests'),
    excluded: sum('excluded'),
    quarantined: sum('quarantined'),
    degraded: sum('degraded'),
  };
}

interface RetractFlags {
  readonly source: string;
  readonly object?: string;
  readonly partition?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const addTarget = (command: Command): Command =>
  command
    .requiredOption('--source <name>', 'the source')
    .option('--object <name>', 'name of a log object, as the ledger has it')
    .option('--partition <topic/partition>', 'a topic partition, with --from and --to')
    .option('--from <offset>', 'first offset')
    .option('--to <offset>', 'one past the last offset');

/** @throws Fault(usage) */
function targetOf({ source, object, partition, from, to }: RetractFlags): RetractTarget {
  if (object !== undefined && partition === undefined) return { source, object };
  if (object === undefined && partition !== undefined && from !== undefined && to !== undefined)
    return { source, partition, from: BigInt(from), to: BigInt(to) };
  throw new Fault(
    'usage',
    'name an object or a range',
    'Either --object NAME, or --partition TOPIC/N --from OFFSET --to OFFSET.',
  );
}

const nameOf = (target: RetractTarget): string =>
  'object' in target ? target.object : `${target.partition} [${target.from}, ${target.to})`;

function registerRetract(ingest: Command, runtime: Runtime): void {
  addTarget(
    ingest
      .command('retract')
      .description('take a wrong ingest back: recorded in the ledger by a higher revision, never by deletion'),
  )
    .option('--dry-run', 'say what would be taken back')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Refused with 3 for rows of a day whose landing was dropped (fairshare retain): they are in closed figures, and a correction sets
the statements right.

Example:
  $ fairshare ingest retract --source npm-edge --object 2026/10/01/00-00.log.gz`,
    )
    .action(async (flags: RetractFlags) => {
      const result = await changeLedger(runtime, flags, 'retract', retract);
      const { ranges, lines, requests, days } = result;
      if (flags.json) printJson(runtime.stdout, result);
      else
        runtime.stdout.write(
          `${flags.dryRun ? 'would take back' : 'took back'} ${ranges} batch(es): ${lines} lines, ${requests} requests. ${days.length > 0 ? `Seal again: ${days.join(', ')}` : ''}\n`,
        );
    });
}

function registerRestore(ingest: Command, runtime: Runtime): void {
  addTarget(
    ingest
      .command('restore')
      .description('undo a retraction that keeps a day from being sealed, because the landing of the day is gone'),
  )
    .option('--dry-run', 'say what would be put back')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Versions up to 0.2.0 let such rows be taken back. \`fairshare doctor\` names them, with the whole command. The rows count again, as
the closed figures say. What was loaded instead meanwhile counts no more.

Example:
  $ fairshare ingest restore --source npm-edge --object 2026/10/01/00-00.log.gz`,
    )
    .action(async (flags: RetractFlags) => {
      const result = await changeLedger(runtime, flags, 'restore', restore);
      const { ranges, lines, requests, days } = result;
      if (flags.json) printJson(runtime.stdout, result);
      else
        runtime.stdout.write(
          `${flags.dryRun ? 'would put back' : 'put back'} ${ranges} batch(es): ${lines} lines, ${requests} requests of ${days.join(', ')}\n`,
        );
    });
}

function registerGiveUp(ingest: Command, runtime: Runtime): void {
  ingest
    .command('give-up')
    .description('record that a refused log object will not come: doctor shows it no more')
    .requiredOption('--source <name>', 'the source')
    .requiredOption('--object <name>', 'name of the object, as doctor shows it')
    .requiredOption('--reason <text>', 'why; recorded')
    .addHelpText(
      'after',
      `
Nothing of the object counts, as before. If it is found again with the same content, it is refused anew.

Example:
  $ fairshare ingest give-up --source npm-edge --object 2026-11-27.log.gz --reason 'the disk of edge 4 was lost'`,
    )
    .action(async ({ source, object, reason }: { source: string; object: string; reason: string }) => {
      const warehouse = await runtime.warehouse();
      const refusal = (await openRefusals(warehouse, source)).find((each) => each.object === object);
      if (refusal === undefined)
        throw new Fault(
          'inputRefused',
          `object ${object} of source ${source} is not refused`,
          'fairshare doctor shows those that are.',
        );
      await writeRefusals(warehouse, [{ ...refusal, state: 'gone', decision: reason }], runtime.now());
      runtime.stdout.write(`${source}: ${object} is given up\n`);
    });
}

async function changeLedger(
  runtime: Runtime,
  flags: RetractFlags,
  reason: 'retract' | 'restore',
  change: typeof retract,
): Promise<Retraction> {
  const target = targetOf(flags);
  const config = runtime.config();
  const warehouse = await runtime.warehouse();
  const parts = await ingestParts(runtime, config, warehouse);
  return change(warehouse, target, {
    now: runtime.now(),
    revisionAbove: (above) => parts.revision(above, reason, nameOf(target)),
    dryRun: flags.dryRun,
  });
}
