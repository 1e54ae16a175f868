// The Prometheus metrics of an ingest process. docs/OPERATIONS.md explains each one; a test compares the two.
// Labels are sources, partitions of topics, and closed lists: never a package, an organisation or an address.

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type CountedBatch, type IngestObserver, type Watched } from '../../ingest/observer.ts';
import { announcementExclusions } from '../../ingest/sources/announcements.ts';
import { clientLists, readAt_ms } from '../../transform/clients/lists.ts';
import { excludedReasons } from '../../transform/outcome.ts';

const excluded: ReadonlySet<string> = new Set([...excludedReasons, ...announcementExclusions]);

/** The state of one claimed partition. */
interface Held extends Watched {
  /** One past the last offset that counts. */
  counted?: bigint;
  /** One past the last offset that can be read. */
  end?: bigint;
  /** Log bytes of the unfinished batch, and when its first record was read (ms, monotonic). */
  inHand_bytes: number;
  since?: number;
  stopped?: string;
}

export interface MetricsOptions {
  /** Monotonic milliseconds. */
  readonly elapsed?: () => number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class IngestMetrics implements IngestObserver {
  readonly registry = new Registry();
  private readonly held = new Map<string, Held>();
  private isMember = false;
  private readonly elapsed: () => number;
  private readonly now: () => number;

  private readonly lines = this.counter('fairshare_lines_total', 'Lines of batches that count', ['source']);
  private readonly readBytes = this.counter(
    'fairshare_read_bytes_total',
    'Bytes of log content read, unpacked; what is read again after a rebalance is in it again',
    ['source'],
  );
  private readonly sent_bytes = this.counter(
    'fairshare_sent_bytes_total',
    'Bytes that the edge sent, of all requests',
    ['source'],
  );
  private readonly requests = this.counter('fairshare_requests_total', 'Requests', ['source', 'requester_class']);
  private readonly excluded = this.counter('fairshare_excluded_total', 'Lines excluded by rule', ['source', 'reason']);
  private readonly quarantined = this.counter('fairshare_quarantined_total', 'Lines that could not be read', [
    'source',
    'reason',
  ]);
  private readonly duplicates = this.counter(
    'fairshare_duplicates_total',
    'Requests whose id stood in their batch already; they count',
    ['source'],
  );
  private readonly degraded = this.counter(
    'fairshare_degraded_total',
    'Requests with a field that could not be read or is in doubt, under each of their reasons; they count',
    ['source', 'reason'],
  );
  private readonly batches = this.counter('fairshare_batches_total', 'Batches that count', ['source']);
  private readonly retries = this.counter(
    'fairshare_warehouse_retries_total',
    'Times that the warehouse gave no answer that says anything, and the same was sent again',
  );
  private readonly stops = this.counter('fairshare_partition_stops_total', 'Partitions that had to stop', [
    'source',
    'reason',
  ]);
  private readonly waits = this.gauge('fairshare_warehouse_waiting', 'Calls that wait for the warehouse to come back');
  private readonly lastLoad = this.gauge(
    'fairshare_last_load_timestamp_seconds',
    'When the last batch was counted, seconds since 1970',
    ['source'],
  );
  private readonly load_seconds = new Histogram({
    name: 'fairshare_load_seconds',
    help: 'Time that a load step takes until its outcome is known',
    labelNames: ['step'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
    registers: [this.registry],
  });

  private readonly listRead = this.gauge(
    'fairshare_client_list_read_timestamp_seconds',
    'When a list of clients was last compared with its source, seconds since 1970',
    ['list'],
  );

  constructor({ elapsed = () => performance.now(), now = () => Date.now() }: MetricsOptions = {}) {
    this.elapsed = elapsed;
    this.now = now;
    collectDefaultMetrics({ register: this.registry });
    this.retries.inc(0);
    this.waits.set(0);
    for (const list of clientLists) this.listRead.set({ list: list.name }, readAt_ms(list) / 1000);
    const perPartition = ['source', 'partition'] as const;
    this.collected('fairshare_group_member', 'Whether the worker is a member of its consumer group', [], (gauge) =>
      gauge.set(this.isMember ? 1 : 0),
    );
    this.collected('fairshare_partitions', 'Partitions in the hands of this worker', ['source'], (gauge) => {
      for (const { source } of this.held.values()) gauge.inc({ source });
    });
    this.collected(
      'fairshare_partition_lag',
      'Records of the topic partition that do not count yet',
      perPartition,
      (gauge) => {
        for (const { source, partition, counted, end } of this.held.values())
          if (counted !== undefined && end !== undefined)
            gauge.set({ source, partition }, Number(end > counted ? end - counted : 0n));
      },
    );
    this.collected(
      'fairshare_batch_age_seconds',
      'Time since the first record of the batch at hand was read; 0 where there is none',
      perPartition,
      (gauge) => {
        for (const { source, partition, since } of this.held.values())
          gauge.set({ source, partition }, since === undefined ? 0 : (this.elapsed() - since) / 1000);
      },
    );
    this.collected(
      'fairshare_partition_stopped',
      '1 for a partition that waits for a person',
      ['source', 'partition', 'reason'],
      (gauge) => {
        for (const { source, partition, stopped } of this.held.values())
          if (stopped !== undefined) gauge.set({ source, partition, reason: stopped }, 1);
      },
    );
    this.collected('fairshare_in_flight_bytes', 'Log bytes of batches that are read and not counted', [], (gauge) =>
      gauge.set([...this.held.values()].reduce((sum, { inHand_bytes }) => sum + inHand_bytes, 0)),
    );
  }

  /** Whether the worker is a member of its group now. */
  get member(): boolean {
    return this.isMember;
  }

  /** Age of the oldest unfinished batch, in seconds; 0 if there is none. */
  get oldestBatch_seconds(): number {
    const ages = [...this.held.values()].map(({ since }) => (since === undefined ? 0 : this.elapsed() - since));
    return Math.max(0, ...ages) / 1000;
  }

  get stoppedPartitions(): string[] {
    return [...this.held.values()].filter(({ stopped }) => stopped !== undefined).map(({ partition }) => partition);
  }

  /** @param end one past the last offset of the topic partition, as the broker reports it */
  reached(partition: string, end: bigint): void {
    for (const held of this.held.values()) if (held.partition === partition) held.end = end;
  }

  stepped(step: string, elapsed_ms: number): void {
    this.load_seconds.observe({ step }, elapsed_ms / 1000);
  }

  retried(): void {
    this.retries.inc();
  }

  waiting(change: 1 | -1): void {
    this.waits.inc(change);
  }

  counted({ identity, counts, sent_bytes, requestsByClass }: CountedBatch): void {
    const { source, partition } = identity;
    this.batches.inc({ source });
    this.lines.inc({ source }, counts.lines);
    this.sent_bytes.inc({ source }, Number(sent_bytes));
    this.duplicates.inc({ source }, counts.duplicates);
    this.lastLoad.set({ source }, this.now() / 1000);
    for (const [requester_class, requests] of requestsByClass)
      this.requests.inc({ source, requester_class }, Number(requests));
    for (const [reason, lines] of Object.entries(counts.byReason))
      if (reason !== 'ok') (excluded.has(reason) ? this.excluded : this.quarantined).inc({ source, reason }, lines);
    for (const [reason, requests] of Object.entries(counts.degraded)) this.degraded.inc({ source, reason }, requests);
    const held = this.held.get(key({ source, partition }));
    if (held === undefined) return;
    held.counted = identity.last;
    held.inHand_bytes = 0;
    held.since = undefined;
  }

  membership(isMember: boolean): void {
    this.isMember = isMember;
  }

  taken({ source, partition }: Watched): void {
    this.held.set(key({ source, partition }), { source, partition, inHand_bytes: 0 });
  }

  released(watched: Watched): void {
    this.held.delete(key(watched));
  }

  stopped({ source, partition }: Watched, reason: string): void {
    this.stops.inc({ source, reason });
    const held = this.held.get(key({ source, partition }));
    if (held === undefined) return;
    held.stopped = reason;
    held.inHand_bytes = 0;
    held.since = undefined;
  }

  resumed(watched: Watched, position: bigint): void {
    const held = this.held.get(key(watched));
    if (held !== undefined) held.counted = position;
  }

  read(watched: Watched, size_bytes: number, endOffset?: bigint): void {
    this.readBytes.inc({ source: watched.source }, size_bytes);
    const held = this.held.get(key(watched));
    if (held === undefined) return;
    held.inHand_bytes += size_bytes;
    held.since ??= this.elapsed();
    held.end = endOffset ?? held.end;
  }

  private counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  private gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** A gauge that computes its values when it is scraped. */
  private collected<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    fill: (gauge: Gauge<Label>) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        this.reset();
        fill(this);
      },
    });
  }
}

const key = ({ source, partition }: Watched): string => `${source}\n${partition}`;
