// The ledger: one row per batch. A batch counts only through its row. All rows are written and read here.

import { sqlFile } from './sql-file.ts';
import { type QueryParams, type Warehouse } from './warehouse.ts';

/** The key of a batch. Positions are Kafka offsets, or bytes of an object's decompressed content. */
export interface BatchIdentity {
  readonly source: string;
  /** Epoch of the topic; 0 for files. */
  readonly epoch: number;
  /** 'topic/partition', or the SHA-256 of an object's content. */
  readonly partition: string;
  readonly first: bigint;
  /** One past the last position. */
  readonly last: bigint;
  readonly revision: number;
}

/** A row of ingest_ledger (sql/migrations/0001_landing.sql describes the columns). */
export interface LedgerRow extends BatchIdentity {
  /** For a topic, the batch is stored before its revision is decided. */
  revision: number;
  /** For an object, its batches are stored before its content is known to the end. */
  partition: string;
  readonly batch_id: string;
  /** loaded; retracted: nothing of the range counts; start: a partition begins here; released: a person gave the range up */
  readonly state: 'loaded' | 'retracted' | 'start' | 'released';
  /** An object's name; '' for a topic. */
  readonly object: string;
  readonly lines: number;
  readonly requests: number;
  readonly excluded: number;
  readonly quarantined: number;
  readonly bytes_unknown: number;
  readonly duplicates: number;
  /** Excluded and quarantined lines by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Requests with a field that could not be read as it should be, by reason. They count. A request may have several. */
  readonly degraded: Readonly<Record<string, number>>;
  /** These requests, each once. */
  readonly degraded_requests: number;
  /** YYYY-MM-DD; each array below has one entry for each of these days. */
  readonly days: readonly string[];
  readonly day_requests: readonly bigint[];
  readonly day_downloads: readonly bigint[];
  readonly day_bytes: readonly bigint[];
  /** Transfers of parts; empty in rows of before migration 0022. */
  readonly day_partials: readonly bigint[];
  /** 'YYYY-MM-DD hh:mm:ss'; both arrays below have one entry for each. Empty for a batch of before migration 0023. */
  readonly hours: readonly string[];
  /** Edge host of these requests; '' if the log names none. An hour is listed once for each edge host. */
  readonly hour_edges: readonly string[];
  readonly hour_requests: readonly bigint[];
  /** Rows of the landing tables, and the sum of their hashes. */
  readonly usage_rows: number;
  readonly usage_hash: bigint;
  readonly rate_rows: number;
  readonly rate_hash: bigint;
  readonly quarantine_rows: number;
  readonly quarantine_hash: bigint;
  readonly methodology_version: number;
  /** Reading gives 'YYYY-MM-DD hh:mm:ss.mmm', UTC; writing accepts that form or RFC 3339. */
  readonly last_record_at: string;
  readonly last_record_sha256: string;
  readonly recorded_at: string;
  /** When the lines were first seen, or their object was modified, whichever is later. Not recorded before migration 0018: 1970. */
  readonly seen_at: string;
}

const NOT_SEEN = '1970-01-01 00:00:00.000';

/** Until when the lines of a batch were written, in ms. */
export const seenAt_ms = ({ seen_at, recorded_at }: Pick<LedgerRow, 'seen_at' | 'recorded_at'>): number =>
  Date.parse(`${(seen_at.startsWith('1970') ? recorded_at : seen_at).replace(' ', 'T')}Z`);

/** A row without facts, for a range of which nothing counts. */
export const rowWithoutFacts = (
  identity: BatchIdentity,
  said: Pick<
    LedgerRow,
    'batch_id' | 'state' | 'object' | 'methodology_version' | 'last_record_at' | 'last_record_sha256' | 'recorded_at'
  >,
): LedgerRow => ({
  source: identity.source,
  epoch: identity.epoch,
  partition: identity.partition,
  first: identity.first,
  last: identity.last,
  revision: identity.revision,
  lines: 0,
  requests: 0,
  excluded: 0,
  quarantined: 0,
  bytes_unknown: 0,
  duplicates: 0,
  reasons: {},
  degraded: {},
  degraded_requests: 0,
  days: [],
  day_requests: [],
  day_downloads: [],
  day_bytes: [],
  day_partials: [],
  hours: [],
  hour_edges: [],
  hour_requests: [],
  usage_rows: 0,
  usage_hash: 0n,
  rate_rows: 0,
  rate_hash: 0n,
  quarantine_rows: 0,
  quarantine_hash: 0n,
  seen_at: NOT_SEEN,
  ...said,
});

/** The commit point: from here on, the batches count. One insert writes all rows or none. */
export const writeLedger = (warehouse: Warehouse, rows: readonly LedgerRow[]): Promise<void> =>
  warehouse.insert(
    'ingest_ledger',
    rows.map((row) => ({
      ...row,
      first: `${row.first}`,
      last: `${row.last}`,
      day_requests: row.day_requests.map(String),
      day_downloads: row.day_downloads.map(String),
      day_bytes: row.day_bytes.map(String),
      day_partials: row.day_partials.map(String),
      hour_requests: row.hour_requests.map(String),
      usage_hash: `${row.usage_hash}`,
      rate_hash: `${row.rate_hash}`,
      quarantine_hash: `${row.quarantine_hash}`,
    })),
  );

/** A row as the warehouse returns it: 64-bit integers are strings. */
type StoredRow = {
  readonly [Column in keyof LedgerRow]: LedgerRow[Column] extends bigint
    ? string
    : LedgerRow[Column] extends readonly bigint[]
      ? readonly string[]
      : LedgerRow[Column];
};

/** The warehouse returns counts as texts. */
const numbersOf = (counts: Readonly<Record<string, unknown>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([reason, count]) => [reason, Number(count)]));

/** Rows of a statement that selects every column of the ledger. */
export async function readLedger(warehouse: Warehouse, sql: string, params: QueryParams): Promise<LedgerRow[]> {
  const rows = await warehouse.query<StoredRow>(sql, params);
  return rows.map((row) => ({
    ...row,
    first: BigInt(row.first),
    last: BigInt(row.last),
    lines: Number(row.lines),
    requests: Number(row.requests),
    excluded: Number(row.excluded),
    quarantined: Number(row.quarantined),
    bytes_unknown: Number(row.bytes_unknown),
    duplicates: Number(row.duplicates),
    reasons: numbersOf(row.reasons),
    degraded: numbersOf(row.degraded),
    degraded_requests: Number(row.degraded_requests),
    day_requests: row.day_requests.map(BigInt),
    day_downloads: row.day_downloads.map(BigInt),
    day_bytes: row.day_bytes.map(BigInt),
    day_partials: row.day_partials.map(BigInt),
    hour_requests: row.hour_requests.map(BigInt),
    usage_rows: Number(row.usage_rows),
    usage_hash: BigInt(row.usage_hash),
    rate_rows: Number(row.rate_rows),
    rate_hash: BigInt(row.rate_hash),
    quarantine_rows: Number(row.quarantine_rows),
    quarantine_hash: BigInt(row.quarantine_hash),
  }));
}

/** The rows that count for an object, by its name or its SHA-256, in order. A name may have had several contents. */
export const loadedOfObject = (warehouse: Warehouse, source: string, object: string): Promise<LedgerRow[]> =>
  readLedger(warehouse, sqlFile('queries/ledger/loaded_of_object.sql'), { source, object });

/** The rows that count for [from, to) of a topic's partition, in order. */
export const loadedOfOffsets = (
  warehouse: Warehouse,
  source: string,
  partition: string,
  from: bigint,
  to: bigint,
): Promise<LedgerRow[]> =>
  readLedger(warehouse, sqlFile('queries/ledger/loaded_of_offsets.sql'), {
    source,
    partition,
    from: `${from}`,
    to: `${to}`,
  });

/** All rows of the ledger for some partitions or objects, in order: those that count, and those that others replaced. */
export const ledgerHistory = (
  warehouse: Warehouse,
  source: string,
  partitions: readonly string[],
): Promise<LedgerRow[]> => readLedger(warehouse, sqlFile('queries/ledger/history.sql'), { source, partitions });

/**
 * Ranges that count and have quarantined lines, in order. An object with such lines gives all its ranges.
 * @param partition 'topic/partition', or an object's name or SHA-256; '': all of the source
 */
export const quarantinedRanges = (warehouse: Warehouse, source: string, partition: string): Promise<LedgerRow[]> =>
  readLedger(warehouse, sqlFile('queries/ledger/quarantined_ranges.sql'), { source, partition });

/** A row of the ledger for a range of an object, in any state. */
export interface ObjectRange extends Readonly<
  Pick<LedgerRow, 'partition' | 'object' | 'first' | 'last' | 'revision' | 'state'>
> {
  /** Requests and quarantined lines. */
  readonly read_lines: number;
}

/** Ranges of a source's objects, in order. @param only some partitions and one name; default: all */
export async function objectRanges(
  warehouse: Warehouse,
  source: string,
  only?: { readonly partitions: readonly string[]; readonly object: string },
): Promise<ObjectRange[]> {
  const rows = await warehouse.query<
    Pick<StoredRow, Exclude<keyof ObjectRange, 'read_lines'>> & { readonly read_lines: string }
  >(sqlFile('queries/ledger/object_ranges.sql'), {
    source,
    all: only === undefined,
    partitions: only?.partitions ?? [],
    object: only?.object ?? '',
  });
  return rows.map((row) => ({
    ...row,
    first: BigInt(row.first),
    last: BigInt(row.last),
    read_lines: Number(row.read_lines),
  }));
}

/** How many of the given batches count. */
export async function countedBatches(warehouse: Warehouse, batchIds: readonly string[]): Promise<number> {
  const [found] = await warehouse.query<{ rows: string }>(sqlFile('queries/ledger/counted.sql'), {
    batch_ids: batchIds,
  });
  return Number(found.rows);
}

/** The bytes of all batches that count. */
export async function countedBytes(warehouse: Warehouse): Promise<bigint> {
  const [found] = await warehouse.query<{ bytes: string }>(sqlFile('queries/ledger/counted_bytes.sql'));
  return BigInt(found.bytes);
}

/** The month of the last loaded day, YYYY-MM; undefined if nothing was loaded. */
export async function lastMonth(warehouse: Warehouse): Promise<string | undefined> {
  const [row] = await warehouse.query<{ period: string | null }>(sqlFile('queries/ledger/last_month.sql'));
  return row?.period ?? undefined;
}

/** The end of one Kafka partition in the ledger. */
export interface PartitionLedger {
  /** The epoch of the topic that counts now. */
  readonly epoch: number;
  /** L: one past the last offset that the ledger covers; undefined if the partition was never begun. */
  readonly end: bigint | undefined;
  /** First offset of the row that ends at L; L itself for a mark. */
  readonly first: bigint;
  /** Revision of that row; later batches use this or a higher one. */
  readonly revision: number;
  /** Hash of the record at L − 1; '' if there is no such record, or its hash is not known. */
  readonly lastRecordSha256: string;
  /** 'YYYY-MM-DD hh:mm:ss.mmm' of that record. */
  readonly lastRecordAt: string;
}

export async function partitionLedger(
  warehouse: Warehouse,
  source: string,
  partition: string,
): Promise<PartitionLedger> {
  const [row] = await warehouse.query<{
    epoch: number;
    end: string;
    begin: string;
    revision: number;
    sha256: string;
    at: string;
  }>(sqlFile('queries/ledger/partition_end.sql'), { source, partition });
  if (row === undefined)
    return { epoch: 0, end: undefined, first: 0n, revision: 0, lastRecordSha256: '', lastRecordAt: '' };
  return {
    epoch: row.epoch,
    end: BigInt(row.end),
    first: BigInt(row.begin),
    revision: row.revision,
    lastRecordSha256: row.sha256,
    lastRecordAt: row.at,
  };
}

/**
 * Repeats the row of a batch under a higher revision: the same facts count, and no row of a lower revision can replace it.
 * Does nothing if another row has replaced it meanwhile, so read the ledger again afterwards.
 */
export async function raiseRevision(
  warehouse: Warehouse,
  row: {
    readonly source: string;
    readonly epoch: number;
    readonly partition: string;
    readonly first: bigint;
    readonly end: bigint;
  },
  revision: number,
): Promise<void> {
  await warehouse.command(sqlFile('queries/ledger/raise_revision.sql'), {
    ...row,
    first: `${row.first}`,
    end: `${row.end}`,
    revision,
  });
}
