// The whole transform for one batch: bytes in, tables out. Limits end a batch; they never change a value.

import { encodeTable, type TableData } from './aggregate/arrow-table.ts';
import { type UndeclaredAgent, UndeclaredAgents } from './aggregate/undeclared-agents.ts';
import { UsageAggregator, type UsageTables } from './aggregate/usage-aggregator.ts';
import { Classifier, type NetworkLookup, type ResolvePath } from './classifier.ts';
import { type LineParser } from './formats/format.ts';
import { type Methodology, NEWEST, wholeDownloadsFrom_ms } from './methodology.ts';
import { degradedReasons, isQuarantined, reasonNames } from './outcome.ts';
import { ClassifiedBatch, RequestBatch } from './request-batch.ts';
import { type OnRejected, RequestReader, type TokenRule } from './request-reader.ts';
import { quarantine } from './schema.ts';
import { IdSet } from './scan/id-set.ts';
import { type LineFields } from './scan/line-fields.ts';
import { textsOf, TextsWriter } from './scan/texts.ts';

export interface BatchLimits {
  readonly maxLines: number;
  /** Distinct values in any one dictionary, and rows of the aggregate. */
  readonly maxEntries: number;
  readonly maxLine_bytes: number;
}

export const defaultLimits: BatchLimits = { maxLines: 1_000_000, maxEntries: 2_000_000, maxLine_bytes: 1 << 20 };

/** Bytes of a line that quarantine keeps, beside its full length. Tokens in them are replaced afterwards. */
export const QUARANTINE_LINE_BYTES = 8192;
/** Bytes of quarantined lines that end a batch. */
const QUARANTINE_BATCH_BYTES = 64 << 20;
/** Bytes of distinct paths, addresses, user agents, and names in them that end a batch. */
const DICTIONARY_BATCH_BYTES = 64 << 20;

/** Distinct pairs of hour and edge host that end a batch: its row of the ledger lists them. */
const EDGE_HOURS = 20_000;

/** Bytes sent that end a batch, so that its sums fit into 64 bits. Only hostile sizes reach it. */
const SENT_BATCH_BYTES = 2 ** 60;

export interface TransformOptions {
  readonly parser: LineParser;
  readonly resolve: ResolvePath;
  /** Whether the host helps to choose the ecosystem; if not, equal paths are one dictionary entry. */
  readonly hostMatters: boolean;
  /** Ends of paths whose query may name the package (`queriedPathsFor`); default: none */
  readonly queriedPaths?: readonly string[];
  readonly networks: NetworkLookup;
  readonly tokens: TokenRule;
  readonly limits: BatchLimits;
  /** Which day has which rules; default: the newest version for all days. */
  readonly methodology?: Methodology;
  /** Unit of positions: bytes of an object's content, or whole messages. Default: bytes */
  readonly positions?: 'bytes' | 'messages';
}

export interface BatchCounts {
  /** lines = requests + excluded + quarantined */
  readonly lines: number;
  readonly requests: number;
  readonly excluded: number;
  readonly quarantined: number;
  /** Requests without a size in the log; they add 0 bytes. */
  readonly bytesUnknown: number;
  /** Requests whose id the batch had already: counted, not dropped. */
  readonly duplicates: number;
  /** Reason name → lines, excluded and quarantined. */
  readonly byReason: Readonly<Record<string, number>>;
  /** Reason name → requests that were read with that degradation; they count. A request may have several. */
  readonly degraded: Readonly<Record<string, number>>;
  /** Requests with a degradation, each once. */
  readonly degradedRequests: number;
  /** ms since the epoch; null if the batch has no request */
  readonly firstOccurredAt: number | null;
  readonly lastOccurredAt: number | null;
  /** Bytes sent, rounded as doubles are: they may not fit into the sums of the tables. */
  readonly sent_bytes: number;
}

export interface BuiltBatch extends UsageTables {
  readonly counts: BatchCounts;
  readonly quarantine: TableData;
  /** The heaviest user agents that do not declare what they are for. */
  readonly agents: readonly UndeclaredAgent[];
}

/** Lines that could not be read, as columns, because objects would fill the memory if all lines of a stream are bad. */
class QuarantinedLines {
  private readonly positions: number[] = [];
  private readonly reasonCodes: number[] = [];
  private readonly line_bytes: number[] = [];
  private readonly lines = new TextsWriter();
  kept_bytes = 0;

  /** @param line_bytes length of the whole line @param line the bytes of it that are kept */
  add(position: number, reasonCode: number, line_bytes: number, line: Uint8Array): void {
    this.positions.push(position);
    this.reasonCodes.push(reasonCode);
    this.line_bytes.push(line_bytes);
    this.lines.addBytes(line, 0, line.length);
    this.kept_bytes += line.length;
  }

  toTable(): TableData {
    const rows = this.positions.length;
    const used = [...new Set(this.reasonCodes)];
    return encodeTable(quarantine, rows, [
      { kind: 'uint32', values: Uint32Array.from({ length: rows }, (_, row) => row) },
      { kind: 'uint64', values: BigUint64Array.from(this.positions, BigInt) },
      {
        kind: 'dictionary',
        codes: Int8Array.from(this.reasonCodes, (code) => used.indexOf(code)),
        texts: textsOf(used.map((code) => reasonNames[code])),
      },
      { kind: 'uint32', values: Uint32Array.from(this.line_bytes) },
      { kind: 'binary', texts: this.lines.done() },
    ]);
  }
}

export class BatchBuilder {
  private readonly reader: RequestReader;
  private readonly classifier: Classifier;
  private readonly aggregator = new UsageAggregator();
  private readonly agents: UndeclaredAgents;
  private readonly requests = new RequestBatch();
  private readonly classified = new ClassifiedBatch();
  private readonly limits: BatchLimits;
  private readonly positionsAreBytes: boolean;
  private readonly tokens: TokenRule;
  private readonly ids = new IdSet();
  private duplicates = 0;
  private requestCount = 0;
  /** Bytes sent, rounded as doubles are. */
  private sent_bytes = 0;
  private firstOccurredAt = Infinity;
  private lastOccurredAt = -Infinity;
  private quarantined = new QuarantinedLines();

  constructor(options: TransformOptions) {
    this.limits = options.limits;
    this.positionsAreBytes = options.positions !== 'messages';
    this.tokens = options.tokens;
    this.reader = new RequestReader({
      parser: options.parser,
      hostMatters: options.hostMatters,
      queriedPaths: options.queriedPaths,
      tokens: options.tokens,
      maxLine_bytes: options.limits.maxLine_bytes,
      onRejected: (...rejected) => this.reject(...rejected),
      onRequest: (fields) => this.countDuplicate(fields),
    });
    const { resolve, networks, methodology = NEWEST } = options;
    const wholeFrom_ms = wholeDownloadsFrom_ms(methodology);
    this.classifier = new Classifier({ reader: this.reader, resolve, networks, wholeFrom_ms });
    this.agents = new UndeclaredAgents(this.reader, this.classifier);
  }

  /**
   * Adds all lines of buf[start, end), which must begin and end at line ends (or at the ends of the object or message).
   * @param position of buf[0]: byte of the content, or offset of the message
   * @param latest_ms the lines were written no later than this: a line with a later time is quarantined
   */
  add(buf: Uint8Array, start: number, end: number, position: number, latest_ms: number): void {
    let at = start;
    while (at < end) {
      this.requests.length = 0;
      at = this.reader.read(buf, at, end, position, latest_ms, this.requests);
      this.addTotals(this.requests);
      this.classifier.classify(this.requests, this.classified);
      this.aggregator.add(this.requests, this.classified);
      this.agents.add(this.requests, this.classified);
    }
  }

  private addTotals({ length, occurredAt, bytes }: RequestBatch): void {
    let [first, last, sent_bytes] = [this.firstOccurredAt, this.lastOccurredAt, this.sent_bytes];
    for (let i = 0; i < length; i++) {
      if (occurredAt[i] < first) first = occurredAt[i];
      if (occurredAt[i] > last) last = occurredAt[i];
      if (bytes[i] > 0) sent_bytes += bytes[i];
    }
    this.firstOccurredAt = first;
    this.lastOccurredAt = last;
    this.sent_bytes = sent_bytes;
    this.requestCount += length;
  }

  get lines(): number {
    return this.reader.lines;
  }

  /** A limit is reached: finish the batch before adding more. */
  get full(): boolean {
    const { maxLines, maxEntries } = this.limits;
    return (
      this.reader.lines >= maxLines ||
      this.aggregator.rows >= maxEntries ||
      this.aggregator.isFull ||
      this.reader.locations.size >= maxEntries ||
      this.reader.addresses.size >= maxEntries ||
      this.reader.userAgents.size >= maxEntries ||
      this.aggregator.hours >= EDGE_HOURS ||
      this.dictionary_bytes >= DICTIONARY_BATCH_BYTES ||
      this.sent_bytes >= SENT_BATCH_BYTES ||
      this.quarantined.kept_bytes >= QUARANTINE_BATCH_BYTES
    );
  }

  /** Returns the batch so far. The builder is then ready for the next, and keeps its dictionaries while they are small. */
  finish(): BuiltBatch {
    const { reader } = this;
    const tables = this.aggregator.finish(this.classifier, (code) => reader.edgeName(code));
    const byReason: Record<string, number> = {};
    for (const [code, name] of reasonNames.entries())
      if (reader.byReason[code] > 0) byReason[name] = reader.byReason[code]!;
    const degraded: Record<string, number> = {};
    for (const [bit, name] of degradedReasons.entries())
      if (reader.degraded[bit] > 0) degraded[name] = reader.degraded[bit]!;
    const counts: BatchCounts = {
      lines: reader.lines,
      requests: this.requestCount,
      excluded: reader.excluded,
      quarantined: reader.quarantined,
      bytesUnknown: reader.bytesUnknown,
      duplicates: this.duplicates,
      byReason,
      degraded,
      degradedRequests: reader.degradedRequests,
      firstOccurredAt: this.requestCount === 0 ? null : this.firstOccurredAt,
      lastOccurredAt: this.requestCount === 0 ? null : this.lastOccurredAt,
      sent_bytes: this.sent_bytes,
    };
    const quarantineTable = this.quarantined.toTable();
    const agents = this.agents.finish();
    this.reset();
    return { ...tables, counts, quarantine: quarantineTable, agents };
  }

  /** Drops the batch (a rebalance took its partition). */
  discard(): void {
    this.finish();
  }

  private reset(): void {
    const { reader, limits } = this;
    reader.clearCounts();
    this.ids.clear();
    this.duplicates = 0;
    this.requestCount = 0;
    this.sent_bytes = 0;
    this.firstOccurredAt = Infinity;
    this.lastOccurredAt = -Infinity;
    this.quarantined = new QuarantinedLines();
    const half = limits.maxEntries / 2;
    if (
      this.dictionary_bytes > DICTIONARY_BATCH_BYTES / 2 ||
      reader.locations.size > half ||
      reader.addresses.size > half ||
      reader.userAgents.size > half ||
      reader.edges.size > half ||
      this.classifier.size > half
    ) {
      reader.clear();
      this.classifier.clear();
      this.agents.clear();
    }
  }

  private reject(...[code, buf, start, end, position, token]: Parameters<OnRejected>): void {
    if (!isQuarantined(code)) return;
    const line = buf.subarray(start, Math.min(end, start + QUARANTINE_LINE_BYTES));
    const { conceal } = this.tokens;
    this.quarantined.add(
      this.positionsAreBytes ? position + start : position,
      code,
      end - start,
      conceal === undefined ? line : conceal(line, token),
    );
  }

  /** Bytes of the texts of the batch so far. */
  private get dictionary_bytes(): number {
    const { locations, addresses, userAgents, edges } = this.reader;
    return locations.bytes + addresses.bytes + userAgents.bytes + edges.bytes + this.classifier.bytes;
  }

  private countDuplicate(fields: LineFields): void {
    const id = fields.requestId;
    if (id.end > id.start && this.ids.add(id.buf, id.start, id.end)) this.duplicates++;
  }
}
