// fairshare ingest kafka, ingest release: load topics into the warehouse, exactly once.

import { type Command } from 'commander';
import { AnnouncedObjects } from '../../ingest/announced-objects.ts';
import { type MessageSource } from '../../ingest/message-source.ts';
import { writeMark } from '../../ingest/partition.ts';
import { createKafkaClient, patiently } from '../../ingest/sources/kafka.ts';
import { runWorker } from '../../ingest/worker.ts';
import { Fault } from '../../transform/fault.ts';
import { passes } from '../../sql/failures.ts';
import { partitionLedger } from '../../sql/ledger.ts';
import { partitionStop, recordStop } from '../../sql/partition-stop.ts';
import { isServerUrl, type Warehouse } from '../../sql/warehouse.ts';
import { startMonitor } from '../monitor/monitor.ts';
import { ingestParts } from '../ingest/parts.ts';
import { sayShare } from '../funding/held-days.ts';
import { configuredObjectStore } from '../ingest/object-store.ts';
import { printJson } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';
import { type ReaderProcess } from '../serve/reader-parent.ts';

interface KafkaFlags {
  readonly topic?: string[];
  readonly source?: string;
  readonly carries?: 'lines' | 'objects';
  readonly group?: string;
  readonly brokers?: string;
  readonly format?: string;
  readonly ecosystem?: string;
  readonly untilEnd?: boolean;
  readonly sessionTimeout?: string;
  readonly serve?: string | true;
  readonly metrics?: string;
  readonly json?: boolean;
}

export function registerIngestKafka(ingest: Command, runtime: Runtime): void {
  ingest
    .command('kafka')
    .description('work topics as a member of a consumer group, until stopped; start more of them to scale out')
    .option('--topic <name...>', 'topics (default: kafka.topics of the configuration)')
    .option('--source <name>', 'the source that the topics named here belong to')
    .option('--carries <what>', 'lines, or objects: announcements of objects in a store (default: lines)')
    .option('--group <name>', 'consumer group (default: from the configuration)')
    .option('--brokers <list>', 'host:port, comma-separated (default: from the configuration)')
    .option('--format <name>', 'log format, or auto')
    .option('--ecosystem <name>', 'ecosystem of every line')
    .option('--until-end', 'end at the high watermarks of the start')
    .option('--session-timeout <ms>', 'how soon the group notices that a member is gone')
    .option(
      '--serve [port]',
      'answer readers over HTTP on loopback meanwhile, from a process of its own (embedded engine)',
    )
    .option('--metrics <host:port>', 'serve /metrics, /healthz and /readyz there (default: metrics.listen)')
    .option('--json', 'the totals as JSON')
    .addHelpText(
      'after',
      '\nSIGTERM finishes the batches at hand and stops. Exits with 6 where a partition had to stop.\n\nExample:\n  $ fairshare ingest kafka --topic npm-access --source npm-edge --until-end',
    )
    .action((flags: KafkaFlags) => ingestKafka(runtime, flags));
  ingest
    .command('release')
    .description('let a stopped partition go on: a recorded decision, never made automatically')
    .requiredOption('--source <name>', 'the source')
    .requiredOption('--partition <topic/partition>', 'the partition, e.g. npm-logs/0')
    .option('--to <offset>', 'give up everything before this offset (records that retention deleted)')
    .option('--new-epoch', 'the topic was made anew: count it as another one, from its first offset')
    .option('--brokers <list>', 'host:port, comma-separated (default: from the configuration)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ fairshare ingest release --source npm-edge --partition npm-logs/0 --to 1200')
    .action((flags: ReleaseFlags) => release(runtime, flags));
}

async function ingestKafka(runtime: Runtime, flags: KafkaFlags): Promise<void> {
  const config = runtime.config();
  if (flags.carries !== undefined && !['lines', 'objects'].includes(flags.carries))
    throw new Fault('usage', `--carries ${flags.carries}: there is no such thing`, 'Either lines, or objects.');
  const topics =
    flags.topic?.map((topic) => ({ topic, source: flags.source ?? topic, carries: flags.carries ?? 'lines' })) ??
    config.kafka.topics;
  if (topics.length === 0)
    throw new Fault(
      'usage',
      'no topic to work',
      'Name one with --topic NAME --source NAME, or list them under kafka.topics in fairshare.yaml.',
    );
  const isServer = isServerUrl(config.warehouse);
  const untilThere = <T>(ask: () => Promise<T>): Promise<T> =>
    patiently(ask, {
      signal: runtime.signal,
      log: runtime.log,
      while: (error) => isServer && passes(error),
      who: 'the warehouse does',
    });
  const warehouse = await untilThere(() => runtime.warehouse());
  const kafka = client(runtime, flags.brokers);
  const monitor = await startMonitor({
    listen: flags.metrics ?? config.metrics.listen,
    warehouse,
    maxBatchAge_seconds: config.metrics.max_batch_age_seconds,
    kafka: { client: kafka, topics: topics.map(({ topic }) => topic) },
    log: runtime.log,
  });
  const parts = await untilThere(() => ingestParts(runtime, config, warehouse, { observer: monitor.observer }));
  const store = configuredObjectStore(runtime, config);
  const sources = new Map<string, MessageSource>(
    topics.map(({ topic, source: name, carries }) => {
      const source = parts.source({ source: name, format: flags.format, ecosystem: flags.ecosystem });
      if (carries === 'lines') return [topic, source];
      const { loader, rulebook } = parts;
      const { methodologyVersion } = rulebook;
      return [topic, new AnnouncedObjects({ source, store, warehouse, loader, methodologyVersion, log: runtime.log })];
    }),
  );
  const door = flags.serve === undefined ? undefined : await doorBeside(runtime, warehouse, flags.serve);
  try {
    const result = await runWorker({
      kafka,
      groupId: flags.group ?? config.kafka.group,
      sources,
      warehouse,
      loader: parts.loader,
      methodologyVersion: parts.rulebook.methodologyVersion,
      revision: (above) => parts.revision(above, 'claim'),
      maxBatch_ms: config.ingest.max_batch_seconds * 1000,
      untilEnd: flags.untilEnd ?? false,
      signal: runtime.signal,
      now: () => runtime.now(),
      log: runtime.log,
      observer: monitor.observer,
      session_timeout_ms: flags.sessionTimeout === undefined ? undefined : Number(flags.sessionTimeout),
      onBatch: ({ source, partition, lines, quarantined, end, elapsed_ms }) => {
        const batch = { source, partition, lines, quarantined, end: `${end}` };
        runtime.log.info({ ...batch, load_ms: Math.round(elapsed_ms) }, 'batch loaded');
        if (quarantined > lines * config.completeness.max_unreadable_share)
          runtime.log.warn(
            batch,
            `${sayShare(quarantined, lines)} could not be read; if the day has so many, the night holds it back. Look with: fairshare quarantine list --source ${source}`,
          );
      },
    });
    if (flags.json)
      printJson(runtime.stdout, {
        batches: result.batches,
        lines: result.lines,
        stopped: result.stopped.map(({ message }) => message),
      });
    else runtime.stdout.write(`${result.batches} batches, ${result.lines} lines\n`);
    if (result.stopped.length > 0)
      throw new Fault(
        'partitionStopped',
        `${result.stopped.length} partition(s) stopped\n  ${result.stopped.map(({ message }) => message).join('\n  ')}`,
        result.stopped[0].hint,
      );
  } finally {
    await monitor.close();
    await kafka.close();
    await store.close();
    await door?.close();
  }
}

function client(runtime: Runtime, brokers: string | undefined) {
  const config = runtime.config();
  return createKafkaClient(
    { ...config.kafka, ...(brokers !== undefined && { brokers: brokers.split(',') }) },
    { log: runtime.log, base_dir: config.base_dir },
  );
}

/** A reader's door in a process of its own: this one has all rights, so it answers nobody. */
async function doorBeside(
  runtime: Runtime,
  { engine, location }: Warehouse,
  port: string | true,
): Promise<ReaderProcess> {
  if (engine !== 'embedded')
    throw new Fault(
      'usage',
      `the warehouse ${location} is a server and has its own HTTP interface`,
      'Leave out --serve.',
    );
  const config = runtime.config();
  const { readerOptions, startReaderProcess } = await import('../serve/reader-parent.ts');
  const door = await startReaderProcess({
    location,
    port: port === true ? undefined : Number(port),
    ...readerOptions(config),
    logLevel: config.log_level,
    isReadable: false,
  });
  runtime.log.info({ url: door.url }, 'serving readers');
  void door.ended.then(() => runtime.log.warn('the door for readers has ended'));
  return door;
}

interface ReleaseFlags {
  readonly source: string;
  readonly partition: string;
  readonly to?: string;
  readonly newEpoch?: boolean;
  readonly brokers?: string;
  readonly json?: boolean;
}

async function release(runtime: Runtime, flags: ReleaseFlags): Promise<void> {
  const slash = flags.partition.lastIndexOf('/');
  const topic = flags.partition.slice(0, slash);
  const number = Number(flags.partition.slice(slash + 1));
  if (slash < 1 || !Number.isInteger(number))
    throw new Fault('usage', `not a partition: ${flags.partition}`, 'Write it as TOPIC/NUMBER, e.g. npm-logs/0');
  if ((flags.to === undefined) === (flags.newEpoch !== true))
    throw new Fault('usage', 'say how it goes on', 'Either --to OFFSET, or --new-epoch.');
  const config = runtime.config();
  const warehouse = await runtime.warehouse();
  const parts = await ingestParts(runtime, config, warehouse);
  const stop = await partitionStop(warehouse, flags.source, flags.partition);
  if (stop?.state !== 'stopped')
    throw new Fault(
      'inputRefused',
      `${flags.partition} of source ${flags.source} is not stopped${stop === undefined ? '' : `: it was ${stop.state} at ${stop.recordedAt}`}`,
      'Only what a worker has stopped can be released. See what is stopped: fairshare doctor',
    );
  const ledger = await partitionLedger(warehouse, flags.source, flags.partition);
  const kafka = client(runtime, flags.brokers);
  try {
    const watermark = (await kafka.watermarks(topic)).find(({ partition }) => partition === number);
    if (watermark === undefined)
      throw new Fault('inputRefused', `topic ${topic} has no partition ${number}`, 'Check the name.');
    const { low, high } = watermark;
    const begin = ledger.end ?? low;
    const mark = flags.newEpoch
      ? { epoch: ledger.epoch + 1, partition: flags.partition, first: low, last: low }
      : { epoch: ledger.epoch, partition: flags.partition, first: begin, last: offsetOf(flags.to!) };
    if (mark.last < begin && !flags.newEpoch)
      throw new Fault(
        'inputRefused',
        ledger.end === undefined
          ? `the topic begins at ${low} now`
          : `the ledger ends at ${begin} already: what lies before it was counted`,
        `A partition is released forward only: --to ${begin}, or a higher offset.`,
      );
    if (mark.last < low || mark.last > high)
      throw new Fault(
        'inputRefused',
        `${flags.partition} holds the offsets ${low} to ${high} now: at ${mark.last} it would stop again`,
        mark.last < low ? `Give up what was deleted: --to ${low}` : 'Was the topic made anew? Then: --new-epoch',
      );
    // If nothing is given up, the ledger does not change.
    if (flags.newEpoch || ledger.end === undefined || mark.first < mark.last)
      await writeMark(
        {
          warehouse,
          source: { spec: { name: flags.source } },
          methodologyVersion: parts.rulebook.methodologyVersion,
          revision: (above) => parts.revision(above, 'replay', `release ${flags.partition}`),
          now: () => runtime.now(),
        },
        mark,
        mark.first === mark.last ? 'start' : 'released',
      );
    const detail = `--${flags.newEpoch ? 'new-epoch' : `to ${mark.last}`} (${stop.detail})`;
    await recordStop(warehouse, { ...stop, state: 'released', detail, next: '' }, runtime.now());
    if (flags.json)
      printJson(runtime.stdout, { partition: flags.partition, epoch: mark.epoch, from: mark.first, to: mark.last });
    else
      runtime.stdout.write(
        `${flags.partition} goes on at ${mark.last}${flags.newEpoch ? ` as epoch ${mark.epoch}` : mark.first === mark.last ? '; nothing is given up' : `; offsets ${mark.first} to ${mark.last} are recorded as given up`}\nA worker that runs takes it up within seconds.\n`,
      );
  } finally {
    await kafka.close();
  }
}

/** @throws Fault(usage) */
function offsetOf(text: string): bigint {
  if (!/^\d+$/.test(text))
    throw new Fault('usage', `--to ${text}: not an offset`, 'Write it as a whole number, e.g. --to 1200');
  return BigInt(text);
}
