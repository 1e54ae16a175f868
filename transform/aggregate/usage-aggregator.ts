// Stage three: classified requests → one row per distinct key, in order of first appearance.

import { type Classifier } from '../classifier.ts';
import { type ClassifiedBatch, type RequestBatch } from '../request-batch.ts';
import { rateBatch, usageBatch } from '../schema.ts';
import { StringDictionary } from '../scan/intern.ts';
import { encodeTable, type ColumnValues, type TableData } from './arrow-table.ts';
import { evidenceId, type EvidenceSet } from './evidence-set.ts';
import { GroupTable, SumColumn } from './group-table.ts';

const HOUR_MS = 3_600_000;
const SLOT_MS = 300_000;
const DAY_HOURS = 24;

/** hour, resource, requester, evidence set, country, network */
const USAGE_KEY = 6;
/** slot, evidence set, network */
const RATE_KEY = 3;

/** What a batch adds to one day. */
export interface DayTotals {
  /** YYYY-MM-DD, UTC */
  readonly day: string;
  readonly requests: bigint;
  readonly downloads: bigint;
  readonly bytes: bigint;
}

export interface UsageTables {
  readonly usage: TableData;
  readonly rate: TableData;
  readonly days: readonly DayTotals[];
  /** The evidence sets that the rows name. */
  readonly evidence: readonly { readonly id: bigint; readonly set: EvidenceSet }[];
}

export class UsageAggregator {
  private readonly usage = new GroupTable(USAGE_KEY);
  private readonly rate = new GroupTable(RATE_KEY);
  private readonly key = new Int32Array(USAGE_KEY);
  private readonly rateKey = new Int32Array(RATE_KEY);
  private readonly requests = new SumColumn();
  private readonly downloads = new SumColumn();
  private readonly bytes = new SumColumn();
  private readonly downloadBytes = new SumColumn();
  private readonly maxDownloadBytes = new SumColumn();
  private readonly rateRequests = new SumColumn();
  private readonly rateBytes = new SumColumn();

  get rows(): number {
    return this.usage.size + this.rate.size;
  }

  add(requests: RequestBatch, classified: ClassifiedBatch): void {
    const { usage, rate, key, rateKey } = this;
    for (let i = 0, n = requests.length; i < n; i++) {
      const occurredAt = requests.occurredAt[i]!;
      const sent = requests.bytes[i]!;
      const bytes = sent < 0 ? 0 : sent;
      key[0] = Math.floor(occurredAt / HOUR_MS);
      key[1] = classified.resource[i]!;
      key[2] = classified.requester[i]!;
      key[3] = classified.evidence[i]!;
      key[4] = requests.country[i]!;
      key[5] = classified.network[i]!;
      const known = usage.size;
      const row = usage.row(key);
      if (row === known) {
        this.requests.open(row);
        this.downloads.open(row);
        this.bytes.open(row);
        this.downloadBytes.open(row);
        this.maxDownloadBytes.open(row);
      }
      this.requests.add(row, 1);
      this.bytes.add(row, bytes);
      if (classified.download[i] === 1) {
        this.downloads.add(row, 1);
        this.downloadBytes.add(row, bytes);
        this.maxDownloadBytes.max(row, bytes);
      }

      rateKey[0] = Math.floor(occurredAt / SLOT_MS);
      rateKey[1] = classified.evidence[i]!;
      rateKey[2] = classified.network[i]!;
      const knownSlots = rate.size;
      const slot = rate.row(rateKey);
      if (slot === knownSlots) {
        this.rateRequests.open(slot);
        this.rateBytes.open(slot);
      }
      this.rateRequests.add(slot, 1);
      this.rateBytes.add(slot, bytes);
    }
  }

  /** The rows so far as tables; the aggregator is empty afterwards. */
  finish(classifier: Classifier): UsageTables {
    const evidenceIds = classifier.evidenceSets.map(evidenceId);
    const usedEvidence = new Set<number>();
    const usage = this.usageTable(classifier, evidenceIds, usedEvidence);
    const rate = this.rateTable(classifier, evidenceIds);
    this.usage.clear();
    this.rate.clear();
    return {
      ...usage,
      rate,
      evidence: [...usedEvidence].map((code) => ({ id: evidenceIds[code]!, set: classifier.evidenceSets[code]! })),
    };
  }

  private usageTable(classifier: Classifier, evidenceIds: readonly bigint[], usedEvidence: Set<number>) {
    const rows = this.usage.size;
    const keys = this.usage.keys;
    const at = (row: number, part: number) => keys[row * USAGE_KEY + part]!;
    const { resources, requesters, networks } = classifier;
    const byResource = (pick: (resource: Classifier['resources'][number]) => string) =>
      gather(
        rows,
        (row) => at(row, 1),
        (code) => pick(resources[code]!),
      );
    const byRequester = (pick: (requester: Classifier['requesters'][number]) => string) =>
      gather(
        rows,
        (row) => at(row, 2),
        (code) => pick(requesters[code]!),
      );
    const triOf = (pick: (requester: Classifier['requesters'][number]) => number): ColumnValues => ({
      kind: 'tri',
      values: Int8Array.from({ length: rows }, (_, row) => pick(requesters[at(row, 2)]!)),
    });

    const hours = new Uint32Array(rows);
    const evidence = new BigUint64Array(rows);
    for (let row = 0; row < rows; row++) {
      hours[row] = at(row, 0) * 3600;
      evidence[row] = evidenceIds[at(row, 3)]!;
      usedEvidence.add(at(row, 3));
    }
    const requests = this.requests.toUint64(rows);
    const downloads = this.downloads.toUint64(rows);
    const bytes = this.bytes.toUint64(rows);
    const table = encodeTable(usageBatch, rows, [
      { kind: 'uint32', values: rowNumbers(rows) },
      { kind: 'uint32', values: hours },
      byResource((resource) => resource.ecosystem),
      byResource((resource) => resource.package),
      byResource((resource) => resource.version),
      byResource((resource) => resource.artifact),
      byResource((resource) => resource.file),
      byRequester((requester) => requester.requesterClass),
      byRequester((requester) => requester.identity),
      byRequester((requester) => requester.client),
      triOf((requester) => requester.ci),
      byRequester((requester) => requester.ciProvider),
      triOf((requester) => requester.container),
      byRequester((requester) => requester.ruleId),
      { kind: 'uint64', values: evidence },
      gather(rows, (row) => at(row, 4), countryText),
      gather(
        rows,
        (row) => at(row, 5),
        (code) => networks[code]!,
      ),
      { kind: 'uint64', values: requests },
      { kind: 'uint64', values: downloads },
      { kind: 'uint64', values: bytes },
      { kind: 'uint64', values: this.downloadBytes.toUint64(rows) },
      { kind: 'uint64', values: this.maxDownloadBytes.toUint64(rows) },
    ]);
    return {
      usage: table,
      days: dayTotals(rows, (row) => Math.floor(at(row, 0) / DAY_HOURS), requests, downloads, bytes),
    };
  }

  private rateTable(classifier: Classifier, evidenceIds: readonly bigint[]): TableData {
    const rows = this.rate.size;
    const keys = this.rate.keys;
    const at = (row: number, part: number) => keys[row * RATE_KEY + part]!;
    return encodeTable(rateBatch, rows, [
      { kind: 'uint32', values: rowNumbers(rows) },
      { kind: 'uint32', values: Uint32Array.from({ length: rows }, (_, row) => at(row, 0) * 300) },
      { kind: 'uint64', values: BigUint64Array.from({ length: rows }, (_, row) => evidenceIds[at(row, 1)]!) },
      gather(
        rows,
        (row) => at(row, 2),
        (code) => classifier.networks[code]!,
      ),
      { kind: 'uint64', values: this.rateRequests.toUint64(rows) },
      { kind: 'uint64', values: this.rateBytes.toUint64(rows) },
    ]);
  }
}

const rowNumbers = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, row) => row);

const countryText = (code: number): string => (code === 0 ? '' : String.fromCharCode(code >> 8, code & 255));

/** A text column whose value depends on one code: each distinct code is turned into text once. */
function gather(rows: number, codeOf: (row: number) => number, textOf: (code: number) => string): ColumnValues {
  const local = new Map<number, number>();
  const values = new StringDictionary();
  const codes = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const code = codeOf(row);
    let localCode = local.get(code);
    if (localCode === undefined) {
      localCode = values.intern(textOf(code));
      local.set(code, localCode);
    }
    codes[row] = localCode;
  }
  return { kind: 'dictionary', codes, values: values.values };
}

function dayTotals(
  rows: number,
  dayOf: (row: number) => number,
  requests: BigUint64Array,
  downloads: BigUint64Array,
  bytes: BigUint64Array,
): DayTotals[] {
  const totals = new Map<number, [bigint, bigint, bigint]>();
  for (let row = 0; row < rows; row++) {
    const day = dayOf(row);
    let total = totals.get(day);
    if (total === undefined) totals.set(day, (total = [0n, 0n, 0n]));
    total[0] += requests[row]!;
    total[1] += downloads[row]!;
    total[2] += bytes[row]!;
  }
  return [...totals]
    .sort(([a], [b]) => a - b)
    .map(([day, [dayRequests, dayDownloads, dayBytes]]) => ({
      day: new Date(day * 86_400_000).toISOString().slice(0, 10),
      requests: dayRequests,
      downloads: dayDownloads,
      bytes: dayBytes,
    }));
}
