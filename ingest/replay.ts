// Reads quarantined lines again, after the format or the source's settings were corrected. If some lines of a range can be read
// now, the range is written again under a higher revision: the rows that counted already, and the new ones, with the steps of
// every load. So a line counts once, however often this runs or stops; docs/ARCHITECTURE.md, "Loading exactly once".

import { Fault } from '../transform/fault.ts';
import {
  carriedSums,
  carryOver,
  carryOverAgents,
  type CarriedRows,
  type LandingRows,
  type Replayable,
} from '../sql/landing.ts';
import { type BatchIdentity, countedBatches, type LedgerRow, quarantinedRanges, seenAt_ms } from '../sql/ledger.ts';
import { quarantineReasonsOf, type QuarantineReason, replayableLines, unreplayableLines } from '../sql/quarantine.ts';
import { droppedDays } from '../sql/dropped.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import {
  type BatchBuilder,
  type BatchCounts,
  type BuiltBatch,
  QUARANTINE_LINE_BYTES,
} from '../transform/batch-builder.ts';
import { type Format } from '../transform/formats/format.ts';
import { degradedReasons, formerQuarantineReasons, quarantineReasons } from '../transform/outcome.ts';
import { type Loader } from './load.ts';
import { latestTime_ms, type Source } from './source.ts';
import { announcementExclusions, announcementFaults } from './sources/announcements.ts';
import { type Fetched } from './sources/kafka.ts';

export interface ReplayOptions {
  readonly warehouse: Warehouse;
  readonly loader: Loader;
  readonly source: Source;
  /** undefined: each range's format is detected from its lines, as for every object and partition. */
  readonly format?: Format;
  readonly methodologyVersion: number;
  /** Publishes a revision higher than the one given. */
  readonly revisionAbove: (above: number) => Promise<number>;
  /** 'topic/partition', or an object's name or SHA-256. Default: all of the source. */
  readonly partition?: string;
  /** Reads [first, last) of a topic's partition again, instead of the stored bytes. @throws Fault if a part of it is missing */
  readonly readAgain?: (partition: string, first: bigint, last: bigint) => AsyncIterable<Fetched>;
  readonly dryRun?: boolean;
}

export interface ReplayOutcome {
  /** 'topic/partition', or the object's name. */
  readonly partition: string;
  readonly first: string;
  readonly last: string;
  /** replayed: some lines can be read now, and count · unchanged: none can · refused: see `problem` */
  readonly status: 'replayed' | 'unchanged' | 'refused';
  readonly problem?: string;
  /** Quarantined lines of the range before the replay. */
  readonly lines: number;
  /** Lines that are now read as requests, now excluded by rule, still in quarantine. */
  readonly requests: number;
  readonly excluded: number;
  readonly quarantined: number;
  /** Lines still in quarantine that are longer than the bytes kept, and those whose bytes have expired. */
  readonly truncated: number;
  readonly expired: number;
  /** Days whose figures change at their next seal. */
  readonly days: readonly string[];
}

/** Ranges one after another; an object's ranges together, because they count under one revision. */
export async function* replayQuarantine(options: ReplayOptions): AsyncGenerator<ReplayOutcome> {
  const { warehouse, source, partition = '' } = options;
  const ranges = await quarantinedRanges(warehouse, source.spec.name, partition);
  const dropped = new Set(await droppedDays(warehouse));
  for (let at = 0; at < ranges.length;) {
    const { object, partition: name } = ranges[at];
    let end = at + 1;
    while (object !== '' && ranges[end]?.partition === name && ranges[end].object === object) end++;
    yield* replayTogether(ranges.slice(at, end), dropped, options);
    at = end;
  }
}

/** The result of reading a range's quarantined lines again. */
interface Reading {
  readonly range: LedgerRow;
  readonly outcome: ReplayOutcome;
  /** Present if something can be read now. */
  readonly batch?: BuiltBatch;
  readonly carried?: readonly CarriedRows[];
}

async function* replayTogether(
  ranges: readonly LedgerRow[],
  dropped: ReadonlySet<string>,
  options: ReplayOptions,
): AsyncGenerator<ReplayOutcome> {
  const { loader, methodologyVersion, dryRun = false } = options;
  const readings: Reading[] = [];
  for (const range of ranges) readings.push(await read(range, dropped, options));
  if (!dryRun && readings.some(({ batch }) => batch !== undefined)) {
    const revision = await options.revisionAbove(Math.max(...ranges.map((range) => range.revision)));
    const rows: LedgerRow[] = [];
    for (const { range, batch, carried = [] } of readings)
      rows.push(
        batch === undefined
          ? { ...range, revision }
          : await loader.store({ ...identityOf(range), revision }, batch, {
              object: range.object,
              methodologyVersion,
              lastRecordAt: lastRecordAt(range, batch.counts),
              lastRecordSha256: range.last_record_sha256,
              seenAt_ms: seenAt_ms(range),
              carryOver: async (batchId) => {
                for (const each of carried) await carryOver(options.warehouse, each, batchId);
                if (carried.length > 0) await carryOverAgents(options.warehouse, range.batch_id, batchId);
              },
            }),
      );
    await loader.commit(rows);
    await requireCounted(rows, options.warehouse);
  }
  for (const { outcome } of readings) if (outcome.lines > 0) yield outcome;
}

const identityOf = ({ source, epoch, partition, first, last, revision }: LedgerRow): BatchIdentity => ({
  source,
  epoch,
  partition,
  first,
  last,
  revision,
});

/** For a topic, the time of the last record. For an object, the time of its last request, which may be one that is read now. */
function lastRecordAt(range: LedgerRow, { lastOccurredAt }: BatchCounts): number {
  const before = Date.parse(`${range.last_record_at.replace(' ', 'T')}Z`);
  return range.object === '' ? before : Math.max(before, lastOccurredAt ?? 0);
}

/** Another process may have raised the revision of a range meanwhile: then its row counts, with the lines in quarantine. */
async function requireCounted(rows: readonly LedgerRow[], warehouse: Warehouse): Promise<void> {
  const ids = rows.map(({ batch_id }) => batch_id);
  if ((await countedBatches(warehouse, ids)) < ids.length)
    throw new Fault(
      'checkFailed',
      'the range was loaded anew by another process meanwhile: its quarantined lines are as they were',
      'Run the same command again.',
    );
}

const nothing = { requests: 0, excluded: 0, truncated: 0, expired: 0, days: [] } as const;

async function read(range: LedgerRow, dropped: ReadonlySet<string>, options: ReplayOptions): Promise<Reading> {
  const { object, partition, days, quarantined: lines } = range;
  const outcome = {
    partition: object === '' ? partition : object,
    first: `${range.first}`,
    last: `${range.last}`,
    ...nothing,
    lines,
    quarantined: lines,
  };
  const refused = (problem: string): Reading => ({ range, outcome: { ...outcome, status: 'refused', problem } });
  if (lines === 0) return { range, outcome: { ...outcome, status: 'unchanged' } };
  const gone = days.find((day) => dropped.has(day));
  if (gone !== undefined)
    return refused(`the landing of ${gone} was dropped: what was read of it cannot be written anew`);
  if (options.readAgain !== undefined) return readFromTopic(range, outcome, refused, options);
  const format = options.format ?? formatOf(options.source, await storedSample(options.warehouse, range), outcome);
  if (format === undefined) return refused(UNKNOWN_FORMAT);
  if (options.source.readsDirectives(format))
    return refused(`a line of ${format.name} means what a directive before it says: ${fromTheSource(range)}`);
  return readStored(range, outcome, refused, { ...options, format });
}

const UNKNOWN_FORMAT = 'no format fits more than half of its lines: name it with --format';

/** → undefined if no format fits */
function formatOf(source: Source, sample: Uint8Array, { partition }: Sofar): Format | undefined {
  try {
    return source.formatOf(sample, partition);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** The first lines of a range that can be read from quarantine. */
async function storedSample(warehouse: Warehouse, { batch_id }: LedgerRow): Promise<Uint8Array> {
  const lines = await replayableLines(warehouse, batch_id, replayable, { after: -1, lines: SAMPLE_LINES });
  return Buffer.concat(lines.map(({ line_hex }) => Buffer.from(`${line_hex}0a`, 'hex')));
}

const fromTheSource = ({ source, object }: LedgerRow): string =>
  object === ''
    ? 'read the range again with --from-topic'
    : `take the object back and load it again: fairshare ingest retract --source ${source} --object ${object}`;

const announcementReasons: ReadonlySet<string> = new Set([...announcementExclusions, ...announcementFaults]);

type Sofar = Omit<ReplayOutcome, 'status' | 'problem'>;

async function readFromTopic(
  range: LedgerRow,
  outcome: Sofar,
  refused: (problem: string) => Reading,
  { source, format, readAgain }: ReplayOptions,
): Promise<Reading> {
  if (range.object !== '') return refused(`it is no topic's: ${fromTheSource(range)}`);
  if (Object.keys(range.reasons).some((reason) => announcementReasons.has(reason)))
    return refused('its messages announce objects: load those that are missing with fairshare ingest files s3://…');
  let builder: BatchBuilder | undefined;
  try {
    for await (const { records } of readAgain!(range.partition, range.first, range.last))
      for (const { value, offset, timestamp_ms } of records) {
        if (value === null || value.length === 0) continue;
        if (builder === undefined) {
          const found = format ?? formatOf(source, value, outcome);
          if (found === undefined) return refused(UNKNOWN_FORMAT);
          builder = source.builder(found, 'messages');
        }
        const latest_ms = latestTime_ms(source.spec, timestamp_ms, seenAt_ms(range));
        builder.add(value, 0, value.length, Number(offset), latest_ms);
      }
  } catch (error) {
    if (error instanceof Fault) return refused(error.message);
    throw error;
  }
  if (builder === undefined) return refused(`the topic holds no line of it, ${range.lines} were read before`);
  const batch = builder.finish();
  const { counts } = batch;
  if (counts.lines !== range.lines)
    return refused(`the topic holds ${counts.lines} lines of it, ${range.lines} were read before`);
  const requests = counts.requests - range.requests;
  if (requests === 0 && batch.usage.hash === range.usage_hash && counts.quarantined === outcome.lines)
    return { range, outcome: { ...outcome, status: 'unchanged' } };
  const days = [...new Set([...range.days, ...batch.days.map(({ day }) => day)])].sort();
  return {
    range,
    batch,
    outcome: {
      ...outcome,
      status: 'replayed',
      requests,
      excluded: counts.excluded - range.excluded,
      quarantined: counts.quarantined,
      days,
    },
  };
}

/** Log lines (not announcements) whose bytes are all kept. */
const replayable: Replayable = {
  kept_bytes: QUARANTINE_LINE_BYTES,
  reasons: [...quarantineReasons, ...formerQuarantineReasons],
};
/** Number of lines from which the format of a range is detected. */
const SAMPLE_LINES = 50;
const PAGE_LINES = 1000;

async function readStored(
  range: LedgerRow,
  outcome: Sofar,
  refused: (problem: string) => Reading,
  { warehouse, source, format }: ReplayOptions & { readonly format: Format },
): Promise<Reading> {
  const builder = source.builder(format, range.object === '' ? 'messages' : 'bytes', 'quarantine');
  for (let after = -1; ;) {
    const page = await replayableLines(warehouse, range.batch_id, replayable, { after, lines: PAGE_LINES });
    for (const { position, line_hex } of page) {
      const line = Buffer.from(line_hex, 'hex');
      builder.add(line, 0, line.length, Number(position), latestTime_ms(source.spec, seenAt_ms(range)));
    }
    if (page.length < PAGE_LINES) break;
    after = page.at(-1)!.row;
  }
  const counted = { ...outcome, ...(await unreplayableLines(warehouse, range.batch_id, replayable)) };
  const fresh = builder.finish();
  if (fresh.counts.requests + fresh.counts.excluded === 0)
    return { range, outcome: { ...counted, status: 'unchanged' } };

  const carry = async (rows: LandingRows) => {
    const carried = {
      table: rows.table,
      from: range.batch_id,
      days: range.days,
      shift: rows.rows,
      unless: replayable,
    };
    return { carried, ...(await carriedSums(warehouse, carried)) };
  };
  const usage = await carry(fresh.usage);
  const rate = await carry(fresh.rate);
  const kept = await carry(fresh.quarantine);
  const reasons = await quarantineReasonsOf(warehouse, range.batch_id, replayable);
  for (const [sums, rows, hash] of [
    [usage, range.usage_rows, range.usage_hash],
    [rate, range.rate_rows, range.rate_hash],
  ] as const)
    if (sums.rows !== rows || sums.hash !== hash)
      return refused('landing does not hold what the ledger says of it: see fairshare doctor');
  if (kept.rows + fresh.counts.lines !== outcome.lines)
    return refused('its lines are being changed by another process: run the same command again');
  const days = daysOf(range, fresh);
  return {
    range,
    carried: [usage.carried, rate.carried, kept.carried],
    batch: {
      ...fresh,
      usage: together(fresh.usage, usage),
      rate: together(fresh.rate, rate),
      quarantine: together(fresh.quarantine, kept),
      days,
      hours: hoursOf(range, fresh),
      counts: countsOf(range, fresh.counts, kept.rows, reasons),
    },
    outcome: {
      ...counted,
      status: 'replayed',
      requests: fresh.counts.requests,
      excluded: fresh.counts.excluded,
      quarantined: kept.rows + fresh.counts.quarantined,
      days: fresh.days.map(({ day }) => day),
    },
  };
}

/** Rows to insert besides those that are carried over: counted and hashed together. */
const together = <Rows extends LandingRows>(
  fresh: Rows,
  carried: { readonly rows: number; readonly shiftedHash: bigint },
): Rows => ({ ...fresh, rows: fresh.rows + carried.rows, hash: fresh.hash + carried.shiftedHash });

function daysOf(range: LedgerRow, fresh: BuiltBatch): BuiltBatch['days'] {
  const days = new Map(
    range.days.map((day, i) => [
      day,
      {
        day,
        requests: range.day_requests[i],
        downloads: range.day_downloads[i],
        bytes: range.day_bytes[i],
        partials: range.day_partials[i] ?? 0n,
      },
    ]),
  );
  for (const { day, requests, downloads, bytes, partials } of fresh.days) {
    const before = days.get(day) ?? { requests: 0n, downloads: 0n, bytes: 0n, partials: 0n };
    days.set(day, {
      day,
      requests: before.requests + requests,
      downloads: before.downloads + downloads,
      bytes: before.bytes + bytes,
      partials: before.partials + partials,
    });
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Hours of the whole range. A batch of before migration 0023 has none, and gets none: a part of them would look like a hole. */
function hoursOf(range: LedgerRow, fresh: BuiltBatch): BuiltBatch['hours'] {
  if (range.requests > 0 && range.hours.length === 0) return [];
  const hours = new Map(
    range.hours.map((hour, i) => {
      const count = {
        hour: `${hour.replace(' ', 'T')}Z`,
        edge: range.hour_edges[i],
        requests: range.hour_requests[i],
      };
      return [`${Date.parse(count.hour)} ${count.edge}`, count];
    }),
  );
  for (const count of fresh.hours) {
    const key = `${Date.parse(count.hour)} ${count.edge}`;
    hours.set(key, { ...count, requests: count.requests + (hours.get(key)?.requests ?? 0n) });
  }
  return [...hours.values()];
}

/** Counts of the whole range: the lines that were read again lose their old reasons and are counted under the new ones. */
function countsOf(
  range: LedgerRow,
  fresh: BatchCounts,
  keptLines: number,
  reasons: readonly QuarantineReason[],
): BatchCounts {
  const byReason = new Map(Object.entries(range.reasons));
  const add = (reason: string, lines: number) => byReason.set(reason, (byReason.get(reason) ?? 0) + lines);
  for (const { reason, lines, kept } of reasons) add(reason, kept - lines);
  for (const [reason, lines] of Object.entries(fresh.byReason)) if (reason !== 'ok') add(reason, lines);
  return {
    lines: range.lines,
    requests: range.requests + fresh.requests,
    excluded: range.excluded + fresh.excluded,
    quarantined: keptLines + fresh.quarantined,
    bytesUnknown: range.bytes_unknown + fresh.bytesUnknown,
    duplicates: range.duplicates + fresh.duplicates,
    byReason: Object.fromEntries([...byReason].filter(([, lines]) => lines > 0)),
    degraded: Object.fromEntries(
      degradedReasons
        .map((name) => [name, (range.degraded[name] ?? 0) + (fresh.degraded[name] ?? 0)] as const)
        .filter(([, requests]) => requests > 0),
    ),
    degradedRequests: range.degraded_requests + fresh.degradedRequests,
    firstOccurredAt: fresh.firstOccurredAt,
    lastOccurredAt: fresh.lastOccurredAt,
    sent_bytes: fresh.sent_bytes + Number(range.day_bytes.reduce((sum, bytes) => sum + bytes, 0n)),
  };
}
