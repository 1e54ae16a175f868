// fairshare quarantine: lists lines that could not be read, shows one of them, and reads them again.

import { type Command } from 'commander';
import { replayQuarantine, type ReplayOutcome } from '../../ingest/replay.ts';
import { createKafkaClient, type KafkaClient } from '../../ingest/sources/kafka.ts';
import { Fault } from '../../transform/fault.ts';
import { quarantineContent, quarantinedLines, quarantineGroups, type LinePlace } from '../../sql/quarantine.ts';
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
  readonly raw?: boolean;
  readonly json?: boolean;
}

const SAMPLE_CHARACTERS = 60;
const PERSONAL = 'What is shown may hold personal data (addresses, paths): do not pass it on.\n';

const shown = (hex = ''): string => printableBytes(Buffer.from(hex, 'hex'));

function registerList(quarantine: Command, runtime: Runtime): void {
  quarantine
    .command('list')
    .description('how many lines, by source, partition or object, and reason, with the id of one of each')
    .option('--source <name>', 'only this source')
    .option('--partition <name>', 'only this topic/partition or object')
    .option('--reason <name>', 'only this reason (docs/METHODOLOGY.md)')
    .option('--raw', 'with the first bytes of that line; they may hold personal data')
    .option('--json', 'one JSON object per group')
    .addHelpText('after', '\nExample:\n  $ fairshare quarantine list --source npm-edge')
    .action(async (flags: ListFlags) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const groups = await quarantineGroups(warehouse, flags, QUARANTINE_LINE_BYTES);
      const content = flags.raw
        ? await quarantineContent(
            warehouse,
            groups.map(({ sample_id }) => sample_id),
          )
        : undefined;
      const samples = content === undefined ? [] : ['sample'];
      const sampleOf = (id: string): string[] =>
        content === undefined ? [] : [shown(content.get(id)).slice(0, SAMPLE_CHARACTERS)];
      if (flags.json)
        for (const group of groups)
          printJson(runtime.stdout, { ...group, ...(content && { sample: shown(content.get(group.sample_id)) }) });
      else if (groups.length === 0) runtime.stdout.write('No line that counts is in quarantine.\n');
      else
        printTable(
          runtime.stdout,
          ['source', 'partition or object', 'reason', 'lines', 'truncated', 'expired', 'first seen', 'last seen', 'one of them', ...samples], // prettier-ignore
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
            ...sampleOf(group.sample_id),
          ]),
        );
      if (flags.raw) runtime.stderr.write(PERSONAL);
    });
}

function registerShow(quarantine: Command, runtime: Runtime): void {
  quarantine
    .command('show')
    .description('a line: why it could not be read, and its shape, with x for every letter and 9 for every digit')
    .argument('<line>', 'BATCH/ROW as list names it, or PARTITION@POSITION, e.g. npm-logs/0@1200 or 00-00.log.gz@81')
    .option('--raw', 'its stored bytes, escaped; they may hold personal data')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nOn a server, --raw needs a right of its own: docs/PRIVACY.md.\n\nExample:\n  $ fairshare quarantine show 2026/10/01/00-00.log.gz@0',
    )
    .action(async (place: string, flags: { raw?: boolean; json?: boolean }) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const lines = await quarantinedLines(warehouse, linePlace(place));
      if (lines.length === 0)
        throw new Fault('inputRefused', `no line in quarantine is ${place}`, 'See: fairshare quarantine list');
      const content = flags.raw
        ? await quarantineContent(
            warehouse,
            lines.map(({ id }) => id),
          )
        : undefined;
      for (const { shape_hex, is_stored, ...line } of lines) {
        const state = stateOf(line.line_bytes, is_stored);
        const shape = shown(shape_hex);
        if (flags.json) {
          const raw = content && { may_hold_personal_data: true, line: shown(content.get(line.id)) };
          printJson(runtime.stdout, { ...line, state, shape, ...raw });
          continue;
        }
        runtime.stdout.write(
          `${line.id}: ${line.source} ${line.partition} at ${line.position}, ${line.reason}, ${line.line_bytes} bytes, recorded ${line.recorded_at}\n`,
        );
        if (state === 'expired') runtime.stdout.write('  its bytes have expired\n');
        else runtime.stdout.write(`${content === undefined ? shape : shown(content.get(line.id))}\n`);
        if (state === 'truncated') runtime.stdout.write(`  … of ${line.line_bytes} bytes these are kept\n`);
      }
      if (flags.raw && !flags.json) runtime.stderr.write(PERSONAL);
    });
}

const stateOf = (line_bytes: number, is_stored: boolean): 'whole' | 'truncated' | 'expired' =>
  !is_stored ? 'expired' : line_bytes > QUARANTINE_LINE_BYTES ? 'truncated' : 'whole';

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
