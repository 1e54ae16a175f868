// fairshare quarantine: lists lines that could not be read, shows one of them, and reads them again.

import { type Command } from 'commander';
import { replayQuarantine, type ReplayOutcome } from '../../ingest/replay.ts';
import { createKafkaClient, type KafkaClient } from '../../ingest/sources/kafka.ts';
import { Fault } from '../../transform/fault.ts';
import { quarantinedLines, quarantineGroups, type LinePlace } from '../../sql/quarantine.ts';
import { QUARANTINE_LINE_BYTES } from '../../transform/batch-builder.ts';
import { ingestParts, type SourceFlags } from '../ingest/parts.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { printableBytes } from '../../transform/printable.ts';
import { type Runtime } from '../runtime/command.ts';

export function registerQuarantine(quarantine: Command, runtime: Runtime): void {
  registerList(quarantine, runtime);
  registerShow(quarantine, runtime);
  registerReplay(quarantine, runtime);
}

interface ListFlags {
  readonly source?: string;
  readonly partition?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

const SAMPLE_CHARACTERS = 60;

function registerList(quarantine: Command, runtime: Runtime): void {
  quarantine
    .command('list')
    .description('how many lines, by source, partition or object, and reason, with a sample of each')
    .option('--source <name>', 'only this source')
    .option('--partition <name>', 'only this topic/partition or object')
    .option('--reason <name>', 'only this reason (docs/METHODOLOGY.md)')
    .option('--json', 'one JSON object per group')
    .addHelpText(
      'after',
      '\nSamples may hold personal data.\n\nExample:\n  $ fairshare quarantine list --source npm-edge',
    )
    .action(async (flags: ListFlags) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const groups = await quarantineGroups(warehouse, flags, QUARANTINE_LINE_BYTES);
      if (flags.json)
        for (const { sample_hex, ...group } of groups)
          printJson(runtime.stdout, { ...group, sample: printableBytes(Buffer.from(sample_hex, 'hex')) });
      else if (groups.length === 0) runtime.stdout.write('No line that counts is in quarantine.\n');
      else
        printTable(
          runtime.stdout,
          ['source', 'partition or object', 'reason', 'lines', 'truncated', 'expired', 'first seen', 'last seen', 'sample', ''], // prettier-ignore
          groups.map((group) => [
            group.source,
            group.partition,
            group.reason,
            BigInt(group.lines),
            BigInt(group.truncated),
            BigInt(group.expired),
            group.first_seen.slice(0, 16),
            group.last_seen.slice(0, 16),
            group.sample_id,
            printableBytes(Buffer.from(group.sample_hex, 'hex')).slice(0, SAMPLE_CHARACTERS),
          ]),
        );
    });
}

function registerShow(quarantine: Command, runtime: Runtime): void {
  quarantine
    .command('show')
    .description('the stored bytes of a line, escaped; they may hold personal data')
    .argument('<line>', 'BATCH/ROW as list names it, or PARTITION@POSITION, e.g. npm-logs/0@1200 or 00-00.log.gz@81')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ fairshare quarantine show 2026/10/01/00-00.log.gz@0')
    .action(async (place: string, flags: { json?: boolean }) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const lines = await quarantinedLines(warehouse, linePlace(place));
      if (lines.length === 0)
        throw new Fault('inputRefused', `no line in quarantine is ${place}`, 'See: fairshare quarantine list');
      for (const { line_hex, ...line } of lines) {
        const bytes = Buffer.from(line_hex, 'hex');
        const state = stateOf(line.line_bytes, bytes.length);
        if (flags.json) {
          printJson(runtime.stdout, { ...line, state, may_hold_personal_data: true, line: printableBytes(bytes) });
          continue;
        }
        runtime.stdout.write(
          `${line.id}: ${line.source} ${line.partition} at ${line.position}, ${line.reason}, ${line.line_bytes} bytes, recorded ${line.recorded_at}\n`,
        );
        if (state === 'expired') runtime.stdout.write('  its bytes have expired\n');
        else runtime.stdout.write(`${printableBytes(bytes)}\n`);
        if (state === 'truncated') runtime.stdout.write(`  … of ${line.line_bytes} bytes these are kept\n`);
      }
      if (!flags.json)
        runtime.stderr.write('What is shown may hold personal data (addresses, paths): do not pass it on.\n');
    });
}

const stateOf = (line_bytes: number, kept_bytes: number): 'whole' | 'truncated' | 'expired' =>
  kept_bytes === 0 ? 'expired' : line_bytes > QUARANTINE_LINE_BYTES ? 'truncated' : 'whole';

/** @throws Fault(usage) */
function linePlace(text: string): LinePlace {
  const [, batchId, row] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d{1,10})$/.exec(text) ?? [];
  if (batchId !== undefined) return { batchId, row: Number(row) };
  const [, partition, position] = /^(.+)@(\d{1,19})$/.exec(text) ?? [];
  if (partition !== undefined) return { partition, position: BigInt(position) };
  throw new Fault(
    'usage',
    `not a line: ${text}`,
    'Write BATCH/ROW as `fairshare quarantine list` names it, or PARTITION@POSITION.',
  );
}

interface ReplayFlags extends SourceFlags {
  readonly partition?: string;
  readonly fromTopic?: boolean;
  readonly brokers?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

function registerReplay(quarantine: Command, runtime: Runtime): void {
  quarantine
    .command('replay')
    .description(
      'read quarantined lines again, after format or settings were mended; what can be read now counts, once',
    )
    .requiredOption('--source <name>', 'the source')
    .option('--partition <name>', 'only this topic/partition or object')
    .option(
      '--from-topic',
      'read whole ranges again from the topic: for lines that are kept in part only, or have expired',
    )
    .option(
      '--format <name>',
      'log format (default: the source’s; auto takes what fits more than half of a range’s lines)',
    )
    .option('--ecosystem <name>', 'ecosystem of every line')
    .option('--path-prefix <prefix>', 'leading path that the registry’s own rules do not know')
    .option('--brokers <list>', 'host:port, comma-separated (default: from the configuration)')
    .option('--dry-run', 'say what could be read now')
    .option('--json', 'one JSON object per range, then the totals')
    .addHelpText(
      'after',
      `
A range is written anew under a higher revision: what counted of it, and what can be read now. Running it twice changes
nothing more. Rows of closed days are booked as late ones at the next seal.

Example:
  $ fairshare quarantine replay --source npm-edge --dry-run`,
    )
    .action((flags: ReplayFlags) => replay(runtime, flags));
}

async function replay(runtime: Runtime, flags: ReplayFlags): Promise<void> {
  const config = runtime.config();
  const warehouse = await runtime.warehouse();
  const parts = await ingestParts(runtime, config, warehouse);
  const source = parts.source(flags);
  const kafka = flags.fromTopic
    ? createKafkaClient(
        { ...config.kafka, ...(flags.brokers !== undefined && { brokers: flags.brokers.split(',') }) },
        { log: runtime.log, base_dir: config.base_dir },
      )
    : undefined;
  const totals = { ranges: 0, replayed: 0, refused: 0, lines: 0, requests: 0, excluded: 0, quarantined: 0, truncated: 0, expired: 0 }; // prettier-ignore
  const days = new Set<string>();
  try {
    for await (const outcome of replayQuarantine({
      warehouse,
      loader: parts.loader,
      source,
      format: source.spec.format === 'auto' ? undefined : source.formatOf(new Uint8Array(0), flags.source),
      methodologyVersion: parts.rulebook.methodologyVersion,
      revisionAbove: (above) => parts.revision(above, 'replay', `quarantine of ${flags.source}`),
      partition: flags.partition,
      readAgain: kafka === undefined ? undefined : readAgain(kafka, runtime.signal),
      dryRun: flags.dryRun,
    })) {
      totals.ranges++;
      if (outcome.status !== 'unchanged') totals[outcome.status]++;
      for (const measure of ['lines', 'requests', 'excluded', 'quarantined', 'truncated', 'expired'] as const)
        totals[measure] += outcome[measure];
      if (outcome.status === 'replayed') for (const day of outcome.days) days.add(day);
      if (flags.json) printJson(runtime.stdout, outcome);
      else if (outcome.status !== 'unchanged') runtime.stdout.write(`${described(outcome)}\n`);
      if (runtime.signal.aborted) break;
    }
  } finally {
    await kafka?.close();
  }
  if (flags.json) return printJson(runtime.stdout, { totals, days: [...days].sort() });
  runtime.stdout.write(
    `${flags.source}: of ${totals.lines} lines ${flags.dryRun ? 'could be read now' : 'are read now'}: ${totals.requests} requests + ${totals.excluded} excluded; ${totals.quarantined} stay in quarantine. ${days.size > 0 && !flags.dryRun ? `Seal again: ${[...days].sort().join(', ')}` : ''}\n`,
  );
  if (totals.truncated + totals.expired > 0 && !flags.fromTopic)
    runtime.stderr.write(
      `${totals.truncated} of them are kept in part only (the first ${QUARANTINE_LINE_BYTES} bytes), the bytes of ${totals.expired} have expired: these cannot be read from quarantine. Read a topic's ranges again with --from-topic; take an object back (fairshare ingest retract) and load it again.\n`,
    );
}

function readAgain(kafka: KafkaClient, signal: AbortSignal) {
  return (partition: string, from: bigint, to: bigint) => {
    const slash = partition.lastIndexOf('/');
    return kafka.read({ topic: partition.slice(0, slash), partition: Number(partition.slice(slash + 1)), from, to, signal }); // prettier-ignore
  };
}

const described = ({ partition, first, last, status, problem, lines, requests, excluded }: ReplayOutcome): string =>
  `${partition} [${first}, ${last}): ${status === 'refused' ? `${lines} lines stay: ${problem}` : `${requests + excluded} of ${lines} lines can be read`}`;
