// Stage three: classified requests → one row per distinct key, in the order of the landing tables.

import { countryText } from '../networks/country.ts';
import { resourcePart, type Classifier } from '../classifier.ts';
import { CHUNK_LINES, type ClassifiedBatch, type RequestBatch } from '../request-batch.ts';
import { transfers } from '../packages/download.ts';
import { artifactKinds } from '../packages/ecosystem.ts';
import { fileTypes } from '../packages/file-type.ts';
import { rateBatch, usageBatch } from '../schema.ts';
import { statusClasses, statusCodes } from '../status.ts';
import { StringDictionary, type ByteDictionary } from '../scan/intern.ts';
import { Slabs } from '../scan/slabs.ts';
import { textsOf, TextsWriter, type Texts } from '../scan/texts.ts';
import {
  crc32,
  crcsOf,
  codeBytes,
  encodeTable,
  type ColumnValues,
  type DictionaryCodes,
  type TableData,
} from './arrow-table.ts';
import { evidenceId, type EvidenceSet } from './evidence-set.ts';
import { GroupTable } from './group-table.ts';
import { SumTable } from './sum-table.ts';
import { DAY_MS, dayOf } from '../periods.ts';

const SLOT_MS = 300_000;
const HOUR_SLOTS = 12;
const DAY_SLOTS = DAY_MS / SLOT_MS;

/** Parts of a usage row's key. */
const key = { hour: 0, resource: 1, requester: 2, evidence: 3, country: 4, network: 5 } as const;
const USAGE_KEY = 6;
/** Its sums, in the order of the table's columns. */
const sum = { requests: 0, downloads: 1, bytes: 2, download_bytes: 3, maxDownload_bytes: 4, partials: 5 } as const;
const USAGE_SUMS = 6;
/** Parts of a rate row's key, and its sums, likewise. */
const rateKey = { slot: 0, evidence: 1, network: 2 } as const;
const RATE_KEY = 3;
const rateSum = { requests: 0, bytes: 1 } as const;
const RATE_SUMS = 2;
const daySum = { requests: 0, downloads: 1, bytes: 2, partials: 3 } as const;
const DAY_SUMS = 4;

/** A key's country, and above it the code of the bytes that an open transfer sent: such transfers share a row if they sent equally much. */
const OPEN_SHIFT = 16;
const COUNTRY_MASK = (1 << OPEN_SHIFT) - 1;
/** Distinct sizes of open transfers that end a batch; a chunk adds at most CHUNK_LINES, and 2^15 fit. */
const MAX_OPEN_SIZES = 20_000;

/** A key's hour, and above it the class of the status: hours until 2100 have 21 bits, and there are few classes. */
const STATUS_SHIFT = 21;
const HOUR_MASK = (1 << STATUS_SHIFT) - 1;

/** Codes of edges in a key of `hourCounts`. */
const EDGE_CODES = 2 ** 24;
const HOUR_MS = 3_600_000;

/** Requests of a batch in one hour, at one edge host. */
export interface HourCount {
  /** RFC 3339 */
  readonly hour: string;
  /** As the log names it; '' if it names none. */
  readonly edge: string;
  readonly requests: bigint;
}

/** The sums of a batch for one day. */
export interface DayTotals {
  /** YYYY-MM-DD, UTC */
  readonly day: string;
  readonly requests: bigint;
  readonly downloads: bigint;
  readonly bytes: bigint;
  readonly partials: bigint;
}

export interface UsageTables {
  readonly usage: TableData;
  readonly rate: TableData;
  readonly days: readonly DayTotals[];
  readonly hours: readonly HourCount[];
  /** The evidence sets that the rows refer to. */
  readonly evidence: readonly { readonly id: bigint; readonly set: EvidenceSet }[];
}

export class UsageAggregator {
  private readonly usage = new GroupTable(USAGE_KEY);
  private readonly rate = new GroupTable(RATE_KEY);
  private readonly sums = new SumTable(USAGE_SUMS);
  private readonly rateSums = new SumTable(RATE_SUMS);
  /** Days since 1970 → row of daySums. */
  private readonly dayRows = new Map<number, number>();
  private readonly daySums = new SumTable(DAY_SUMS, 31);
  /** Bytes sent by an open transfer → its code, from 1. */
  private readonly openSizes = new Map<number, number>();
  /** Hours since 1970 × EDGE_CODES + code of the edge → requests. */
  private readonly hourCounts = new Map<number, number>();
  private readonly chunkKeys = new Int32Array(CHUNK_LINES * USAGE_KEY);
  private readonly chunkRateKeys = new Int32Array(CHUNK_LINES * RATE_KEY);
  private readonly chunkRows = new Int32Array(CHUNK_LINES);

  get rows(): number {
    return this.usage.size + this.rate.size;
  }

  /** A limit other than rows is reached. */
  get isFull(): boolean {
    return this.openSizes.size >= MAX_OPEN_SIZES;
  }

  /** Distinct pairs of hour and edge. */
  get hours(): number {
    return this.hourCounts.size;
  }

  add(requests: RequestBatch, classified: ClassifiedBatch): void {
    const { usage, rate, sums, rateSums, daySums, chunkKeys, chunkRateKeys, chunkRows: rows } = this;
    const { length, occurredAt, bytes, status } = requests;
    const { resource, requester, evidence, country, network, transfer } = classified;
    for (let i = 0, at = 0, rateAt = 0; i < length; i++, at += USAGE_KEY, rateAt += RATE_KEY) {
      // Times are in [2000, 2100), so that a slot is a small integer.
      const slot = (occurredAt[i] / SLOT_MS) | 0;
      chunkKeys[at] = (slot / HOUR_SLOTS) | 0 | (statusCodes[status[i]] << STATUS_SHIFT);
      chunkKeys[at + key.resource] = resource[i]!;
      chunkKeys[at + key.requester] = requester[i]!;
      chunkKeys[at + key.evidence] = evidence[i]!;
      chunkKeys[at + key.country] =
        transfer[i] === transfers.open ? country[i] | (this.openSize(bytes[i]) << OPEN_SHIFT) : country[i];
      chunkKeys[at + key.network] = network[i]!;
      chunkRateKeys[rateAt] = slot;
      chunkRateKeys[rateAt + rateKey.evidence] = evidence[i]!;
      chunkRateKeys[rateAt + rateKey.network] = network[i]!;
    }

    usage.find(chunkKeys, length, rows);
    sums.reserve(usage.size);
    let day = -1;
    let dayRow = 0;
    for (let i = 0; i < length; i++) {
      const row = rows[i];
      const sent = bytes[i] < 0 ? 0 : bytes[i];
      const its = transfer[i];
      sums.add(row, sum.requests, 1);
      sums.add(row, sum.bytes, sent);
      if (its === transfers.whole) {
        sums.add(row, sum.downloads, 1);
        sums.add(row, sum.download_bytes, sent);
        sums.max(row, sum.maxDownload_bytes, sent);
      } else if (its !== transfers.none) {
        sums.add(row, sum.partials, 1);
        if (its === transfers.open) sums.max(row, sum.maxDownload_bytes, sent);
      }
      const itsDay = (chunkRateKeys[i * RATE_KEY] / DAY_SLOTS) | 0;
      if (itsDay !== day) {
        day = itsDay;
        dayRow = this.dayRow(day);
      }
      daySums.add(dayRow, daySum.requests, 1);
      if (its === transfers.whole) daySums.add(dayRow, daySum.downloads, 1);
      else if (its !== transfers.none) daySums.add(dayRow, daySum.partials, 1);
      daySums.add(dayRow, daySum.bytes, sent);
    }

    this.countHours(requests.edge, length);

    rate.find(chunkRateKeys, length, rows);
    rateSums.reserve(rate.size);
    for (let i = 0; i < length; i++) {
      rateSums.add(rows[i], rateSum.requests, 1);
      rateSums.add(rows[i], rateSum.bytes, bytes[i] < 0 ? 0 : bytes[i]);
    }
  }

  /**
   * The rows so far as tables; the aggregator is empty afterwards.
   * @param edgeOf the name of an edge's code in the requests
   */
  finish(classifier: Classifier, edgeOf: (code: number) => string): UsageTables {
    const evidenceIds = BigUint64Array.from(classifier.evidenceSets, evidenceId);
    const { usage, usedEvidence, networks } = this.usageTable(classifier, evidenceIds);
    const rate = this.rateTable(evidenceIds, networks);
    const evidence = Array.from(usedEvidence, (code) => ({
      id: evidenceIds[code],
      set: classifier.evidenceSets[code],
    }));
    const days = this.dayTotals();
    const hours = this.hourTotals(edgeOf);
    scratch.giveBack();
    this.sums.clear();
    this.rateSums.clear();
    this.daySums.clear();
    this.dayRows.clear();
    this.openSizes.clear();
    this.hourCounts.clear();
    this.usage.clear();
    this.rate.clear();
    return { usage, rate, days, hours, evidence };
  }

  /** Lines of an hour and an edge often follow each other: a map is looked up once for all of them. */
  private countHours(edge: Int32Array, length: number): void {
    const { chunkKeys, hourCounts } = this;
    for (let i = 0; i < length;) {
      const hour = chunkKeys[i * USAGE_KEY] & HOUR_MASK;
      const itsEdge = edge[i];
      const from = i;
      do i++;
      while (i < length && (chunkKeys[i * USAGE_KEY] & HOUR_MASK) === hour && edge[i] === itsEdge);
      const pair = hour * EDGE_CODES + itsEdge;
      hourCounts.set(pair, (hourCounts.get(pair) ?? 0) + i - from);
    }
  }

  private hourTotals(edgeOf: (code: number) => string): HourCount[] {
    return [...this.hourCounts].map(([pair, requests]) => ({
      hour: new Date(Math.floor(pair / EDGE_CODES) * HOUR_MS).toISOString(),
      edge: edgeOf(pair % EDGE_CODES),
      requests: BigInt(requests),
    }));
  }

  private openSize(sent: number): number {
    let code = this.openSizes.get(sent);
    if (code === undefined) {
      code = this.openSizes.size + 1;
      this.openSizes.set(sent, code);
    }
    return code;
  }

  private dayRow(day: number): number {
    let row = this.dayRows.get(day);
    if (row === undefined) {
      row = this.dayRows.size;
      this.dayRows.set(day, row);
      this.daySums.reserve(row + 1);
    }
    return row;
  }

  private dayTotals(): DayTotals[] {
    const [requests, downloads, bytes, partials] = this.daySums.toUint64(scratch);
    return [...this.dayRows]
      .sort(([a], [b]) => a - b)
      .map(([day, row]) => ({
        day: dayOf(day * DAY_MS),
        requests: requests[row],
        downloads: downloads[row],
        bytes: bytes[row],
        partials: partials[row],
      }));
  }

  private usageTable(classifier: Classifier, evidenceIds: BigUint64Array) {
    const { resources, requesters } = classifier;
    const { usage, sums } = this;
    const rows = usage.size;
    const partOf = (part: number) => (code: number) => resources.keys[code * resources.width + part];
    const usedResources = distinct(partsOf(usage), resources.size, key.resource, USAGE_KEY);
    const ofDictionary = (part: number, dictionary: ByteDictionary) =>
      textsFrom(usedResources, partOf(part), dictionary);
    const packages = ofDictionary(resourcePart.package, classifier.packages);
    const places = byBucket(usageBuckets(usage, packages, requesters));
    const columns = columnsInOrder(usage, places);
    const [hour, resource, requester, evidence, country, network] = columns as Columns<typeof USAGE_KEY>;
    const status = takeStatus(hour, int8(rows));
    if (this.openSizes.size > 0) for (let row = 0; row < rows; row++) country[row] &= COUNTRY_MASK;
    const usedRequesters = distinct(requester, requesters.length);
    const artifactOf = partOf(resourcePart.artifact);
    const ecosystemOf = partOf(resourcePart.ecosystem);
    const fileTypeOf = partOf(resourcePart.fileType);
    const byRequester = (pick: (requester: Classifier['requesters'][number]) => string) =>
      gather(requester, usedRequesters, (code) => pick(requesters[code]));
    const triOf = (pick: (requester: Classifier['requesters'][number]) => number): ColumnValues => ({
      kind: 'tri',
      values: look(requester, Int8Array.from(requesters, pick), int8(rows)),
    });

    const networks = networkTexts(network, classifier);
    const table = encodeTable(usageBatch, rows, [
      { kind: 'uint32', values: rowNumbers(rows) },
      { kind: 'uint32', values: scaled(hour, 3600) },
      gather(resource, usedResources, (code) => classifier.ecosystems.values[ecosystemOf(code)]),
      textColumn(resource, packages),
      textColumn(resource, ofDictionary(resourcePart.version, classifier.versions)),
      gather(resource, usedResources, (code) => artifactKinds[artifactOf(code)]),
      textColumn(resource, ofDictionary(resourcePart.file, classifier.files)),
      byRequester((requester) => requester.requesterClass),
      byRequester((requester) => requester.identity),
      byRequester((requester) => requester.client),
      triOf((requester) => requester.ci),
      byRequester((requester) => requester.ciProvider),
      triOf((requester) => requester.container),
      byRequester((requester) => requester.ruleId),
      { kind: 'uint64', values: look64(evidence, evidenceIds) },
      gather(country, distinct(country, COUNTRIES), countryText),
      textColumn(network, networks),
      ...sums.toUint64(scratch, places).map((values): ColumnValues => ({ kind: 'uint64', values })),
      byRequester((requester) => requester.platform),
      textColumn(resource, { local: codesOf(usedResources, fileTypeOf), texts: fileTypeTexts }),
      { kind: 'dictionary', codes: status, texts: statusTexts },
    ]);
    return { usage: table, networks, usedEvidence: distinct(evidence, evidenceIds.length) };
  }

  /** @param networks as in the usage table */
  private rateTable(evidenceIds: BigUint64Array, networks: CodedTexts): TableData {
    const { rate, rateSums } = this;
    const rows = rate.size;
    const places = byBucket(rateBuckets(rate, networkCrcs(networks)));
    const [slot, evidence, network] = columnsInOrder(rate, places) as Columns<typeof RATE_KEY>;
    return encodeTable(rateBatch, rows, [
      { kind: 'uint32', values: rowNumbers(rows) },
      { kind: 'uint32', values: scaled(slot, SLOT_MS / 1000) },
      { kind: 'uint64', values: look64(evidence, evidenceIds) },
      textColumn(network, networks),
      ...rateSums.toUint64(scratch, places).map((values): ColumnValues => ({ kind: 'uint64', values })),
    ]);
  }
}

const statusTexts = textsOf(statusClasses);
const fileTypeTexts = textsOf(fileTypes);

/** Takes the class of the status out of the key's hour. A function of its own, so that V8 compiles the loop. */
function takeStatus(hour: Int32Array, out: Int8Array): Int8Array {
  for (let row = 0; row < hour.length; row++) {
    out[row] = hour[row] >> STATUS_SHIFT;
    hour[row] &= HOUR_MASK;
  }
  return out;
}

/** Memory of `finish`; all of it is given back at the end. */
const scratch = new Slabs();
const int8 = (length: number): Int8Array => new Int8Array(scratch.take(length), 0, length);
const int16 = (length: number): Int16Array => new Int16Array(scratch.take(length * 2), 0, length);
const int32 = (length: number): Int32Array => new Int32Array(scratch.take(length * 4), 0, length);
const uint32 = (length: number): Uint32Array => new Uint32Array(scratch.take(length * 4), 0, length);

type Columns<Width extends number> = Width extends 6
  ? [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
  : [Int32Array, Int32Array, Int32Array];

/** Rows whose keys are turned into columns at a time, so that they stay in the cache from column to column. */
const BLOCK_ROWS = 1024;

const partsOf = ({ keys, width, size }: GroupTable): Int32Array => keys.subarray(0, size * width);

/** Keys as columns, row r at places[r]. Each column is read several times; a row's other parts would only fill the cache. */
function columnsInOrder({ keys, width, size }: GroupTable, places: Int32Array): Int32Array[] {
  const columns = Array.from({ length: width }, () => int32(size));
  for (let from = 0; from < size; from += BLOCK_ROWS) {
    const to = Math.min(size, from + BLOCK_ROWS);
    for (let part = 0; part < width; part++) copyPart(keys, width, part, places, columns[part], from, to);
  }
  return columns;
}

function copyPart(
  keys: Int32Array,
  width: number,
  part: number,
  places: Int32Array,
  out: Int32Array,
  from: number,
  to: number,
): void {
  for (let row = from, at = from * width + part; row < to; row++, at += width) out[places[row]] = keys[at]!;
}

/** As `bucket` in sql/migrations/0001_landing.sql: its low bits give the bucket of a row. */
function usageBuckets(
  { keys, width, size }: GroupTable,
  { local, texts }: CodedTexts,
  requesters: Classifier['requesters'],
): Int32Array {
  const packages = crcsOf(texts);
  const clients = crcsOf(textsOf(requesters.map(({ client }) => client)));
  const buckets = int32(size);
  for (let row = 0, at = 0; row < size; row++, at += width) {
    const text = local[keys[at + key.resource]];
    buckets[row] =
      texts.ends[text] === texts.ends[text + 1]
        ? clients[keys[at + key.requester]] ^ countryCrc(keys[at + key.country] & COUNTRY_MASK)
        : packages[text];
  }
  return buckets;
}

function rateBuckets({ keys, width, size }: GroupTable, networks: Int32Array): Int32Array {
  const buckets = int32(size);
  for (let row = 0, at = rateKey.network; row < size; row++, at += width) buckets[row] = networks[keys[at]]!;
  return buckets;
}

const countryBytes = new Uint8Array(2);
function countryCrc(code: number): number {
  countryBytes[0] = code >> 8;
  countryBytes[1] = code;
  return code === 0 ? 0 : crc32(countryBytes);
}

const BUCKETS = 64;

/**
 * New position of each row: sorted by the low bits of its bucket; rows of one bucket keep their order. Then the engine need not
 * sort.
 * Rows are read in order and written to as many places as there are buckets, which the cache can hold.
 */
function byBucket(buckets: Int32Array): Int32Array {
  const next = new Int32Array(BUCKETS + 1);
  for (let row = 0; row < buckets.length; row++) next[(buckets[row] & (BUCKETS - 1)) + 1]++;
  for (let bucket = 0; bucket < BUCKETS; bucket++) next[bucket + 1] += next[bucket];
  const places = int32(buckets.length);
  for (let row = 0; row < buckets.length; row++) places[row] = next[buckets[row] & (BUCKETS - 1)]++;
  return places;
}

/** CRC-32 of each network, by the usage table's network codes. */
function networkCrcs({ local, texts }: CodedTexts): Int32Array {
  const crcs = crcsOf(texts);
  return local.map((text) => crcs[text]);
}

function rowNumbers(rows: number): Uint32Array {
  const numbers = uint32(rows);
  for (let row = 0; row < rows; row++) numbers[row] = row;
  return numbers;
}

/** Codes are first letter × 256 + second. */
const COUNTRIES = 1 << OPEN_SHIFT;

/**
 * The codes in a column, in order of first appearance.
 * @param codes number of codes: all are below it
 * @param step the column is every step-th value from `start` on
 */
function distinct(values: Int32Array, codes: number, start = 0, step = 1): Int32Array {
  const seen = new Uint8Array(codes);
  const found = int32(Math.min(codes, values.length));
  let count = 0;
  for (let at = start; at < values.length; at += step) {
    const code = values[at];
    if (seen[code] === 1) continue;
    seen[code] = 1;
    found[count++] = code;
  }
  return found.subarray(0, count);
}

const roomFor = (codes: Int32Array): Int32Array =>
  new Int32Array(codes.reduce((most, code) => Math.max(most, code), -1) + 1);

/** A table of codes by used code. */
function codesOf(used: Int32Array, codeOf: (code: number) => number): Int32Array {
  const local = roomFor(used);
  for (const code of used) local[code] = codeOf(code);
  return local;
}

/** A text column with few values, which depend on one code: each distinct code is turned into text once. */
function gather(column: Int32Array, used: Int32Array, textOf: (code: number) => string): ColumnValues {
  const values = new StringDictionary();
  const local = roomFor(used);
  for (const code of used) local[code] = values.intern(textOf(code));
  return textColumn(column, { local, texts: textsOf(values.values) });
}

/** A column of many texts: bytes of a dictionary, which never become strings. */
function textsFrom(used: Int32Array, valueOf: (code: number) => number, dictionary: ByteDictionary): CodedTexts {
  const local = roomFor(used);
  const order = new Int32Array(Math.min(dictionary.size, used.length));
  const placed = new Int32Array(dictionary.size).fill(-1);
  let count = 0;
  for (const code of used) {
    const value = valueOf(code);
    if (placed[value] < 0) {
      placed[value] = count;
      order[count++] = value;
    }
    local[code] = placed[value]!;
  }
  return { local, texts: dictionary.texts(order.subarray(0, count)) };
}

/** Texts by code: texts[local[code]]. */
interface CodedTexts {
  readonly local: Int32Array;
  readonly texts: Texts;
}

function networkTexts(column: Int32Array, classifier: Classifier): CodedTexts {
  const used = distinct(column, classifier.networks.size);
  const local = roomFor(used);
  const texts = new TextsWriter();
  used.forEach((code, at) => {
    local[code] = at;
    texts.add(classifier.networkText(code));
  });
  return { local, texts: texts.done() };
}

function textColumn(column: Int32Array, { local, texts }: CodedTexts): ColumnValues {
  const rows = column.length;
  const room = { 1: int8, 2: int16, 4: int32 }[codeBytes(texts.ends.length - 1)];
  const codes: DictionaryCodes = look(column, local, room(rows));
  return { kind: 'dictionary', codes, texts };
}

/** out[row] = values[column[row]]. One loop for each type, because V8 compiles a loop over one type of array to four instructions. */
function look<T extends DictionaryCodes>(column: Int32Array, values: DictionaryCodes, out: T): T {
  const wide = values instanceof Int32Array ? values : Int32Array.from(values);
  if (out instanceof Int8Array) lookInto8(column, wide, out);
  else if (out instanceof Int16Array) lookInto16(column, wide, out);
  else lookInto32(column, wide, out);
  return out;
}
function lookInto8(column: Int32Array, values: Int32Array, out: Int8Array): void {
  for (let row = 0; row < column.length; row++) out[row] = values[column[row]]!;
}
function lookInto16(column: Int32Array, values: Int32Array, out: Int16Array): void {
  for (let row = 0; row < column.length; row++) out[row] = values[column[row]]!;
}
function lookInto32(column: Int32Array, values: Int32Array, out: Int32Array): void {
  for (let row = 0; row < column.length; row++) out[row] = values[column[row]]!;
}

/** As look, but in words of 32 bits, so that no BigInt is made per row. */
function look64(column: Int32Array, values: BigUint64Array): BigUint64Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const out = uint32(column.length * 2);
  for (let row = 0; row < column.length; row++) {
    const code = column[row] * 2;
    out[row * 2] = words[code]!;
    out[row * 2 + 1] = words[code + 1]!;
  }
  return new BigUint64Array(out.buffer, 0, column.length);
}

function scaled(column: Int32Array, factor: number): Uint32Array {
  const out = uint32(column.length);
  for (let row = 0; row < column.length; row++) out[row] = column[row] * factor;
  return out;
}
