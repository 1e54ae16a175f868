// Metrics as Prometheus reads them, and the table of them in docs/OPERATIONS.md.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CountedBatch } from '../../ingest/observer.ts';
import { clientLists } from '../../transform/clients/lists.ts';
import { IngestMetrics } from './metrics.ts';
import { nightMetrics } from './night-metrics.ts';

const NIGHT = { outcome: 'done', started_ms: 0, ended_ms: 0, lastSuccess_seconds: 0, refusedObjects: 0 } as const;
const npm0 = { source: 'npm', partition: 'npm-logs/0' };

const batch = (last: bigint, over: Partial<CountedBatch['counts']> = {}): CountedBatch => ({
  identity: { ...npm0, last },
  counts: {
    lines: 10,
    requests: 7,
    excluded: 1,
    quarantined: 2,
    bytesUnknown: 0,
    duplicates: 1,
    byReason: { directive: 1, object_loaded: 1, malformed: 2 },
    degraded: { ambiguous_local_time: 3 },
    degradedRequests: 3,
    firstOccurredAt: 0,
    lastOccurredAt: 0,
    sent_bytes: 5000,
    ...over,
  },
  sent_bytes: 5000n,
  requestsByClass: new Map([
    ['tool', 6n],
    ['bot', 1n],
  ]),
});

const lines = async (metrics: IngestMetrics, name: string): Promise<string[]> =>
  (await metrics.registry.getSingleMetricAsString(name))
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .sort();

describe('metrics', () => {
  it('count what a batch holds, by class and reason', async () => {
    const metrics = new IngestMetrics({ now: () => 5_000 });
    metrics.counted(batch(10n));
    metrics.counted(batch(20n));
    expect(await lines(metrics, 'fairshare_lines_total')).toEqual(['fairshare_lines_total{source="npm"} 20']);
    expect(await lines(metrics, 'fairshare_batches_total')).toEqual(['fairshare_batches_total{source="npm"} 2']);
    expect(await lines(metrics, 'fairshare_sent_bytes_total')).toEqual([
      'fairshare_sent_bytes_total{source="npm"} 10000',
    ]);
    expect(await lines(metrics, 'fairshare_requests_total')).toEqual([
      'fairshare_requests_total{source="npm",requester_class="bot"} 2',
      'fairshare_requests_total{source="npm",requester_class="tool"} 12',
    ]);
    expect(await lines(metrics, 'fairshare_excluded_total')).toEqual([
      'fairshare_excluded_total{source="npm",reason="directive"} 2',
      'fairshare_excluded_total{source="npm",reason="object_loaded"} 2',
    ]);
    expect(await lines(metrics, 'fairshare_quarantined_total')).toEqual([
      'fairshare_quarantined_total{source="npm",reason="malformed"} 4',
    ]);
    expect(await lines(metrics, 'fairshare_degraded_total')).toEqual([
      'fairshare_degraded_total{source="npm",reason="ambiguous_local_time"} 6',
    ]);
    expect(await lines(metrics, 'fairshare_last_load_timestamp_seconds')).toEqual([
      'fairshare_last_load_timestamp_seconds{source="npm"} 5',
    ]);
  });

  it('follow a partition from its claim to its end', async () => {
    let elapsed = 1_000;
    const metrics = new IngestMetrics({ elapsed: () => elapsed });
    const lag = () => lines(metrics, 'fairshare_partition_lag');
    const age = () => lines(metrics, 'fairshare_batch_age_seconds');
    const inFlight = () => lines(metrics, 'fairshare_in_flight_bytes');
    metrics.membership(true);
    metrics.taken(npm0);
    metrics.resumed(npm0, 100n);
    metrics.reached('npm-logs/0', 400n);
    expect(await lag()).toEqual(['fairshare_partition_lag{source="npm",partition="npm-logs/0"} 300']);
    expect(await age()).toEqual(['fairshare_batch_age_seconds{source="npm",partition="npm-logs/0"} 0']);
    metrics.read(npm0, 64, 500n);
    elapsed += 3_000;
    metrics.read(npm0, 36, 500n);
    expect(await lag()).toEqual(['fairshare_partition_lag{source="npm",partition="npm-logs/0"} 400']);
    expect(await age()).toEqual(['fairshare_batch_age_seconds{source="npm",partition="npm-logs/0"} 3']);
    expect(await inFlight()).toEqual(['fairshare_in_flight_bytes 100']);
    expect(metrics.oldestBatch_seconds).toBe(3);
    metrics.counted(batch(500n));
    expect(await lag()).toEqual(['fairshare_partition_lag{source="npm",partition="npm-logs/0"} 0']);
    expect(await inFlight()).toEqual(['fairshare_in_flight_bytes 0']);
    expect(metrics.oldestBatch_seconds).toBe(0);
    metrics.stopped(npm0, 'retention_gap');
    expect(await lines(metrics, 'fairshare_partition_stopped')).toEqual([
      'fairshare_partition_stopped{source="npm",partition="npm-logs/0",reason="retention_gap"} 1',
    ]);
    expect(await lines(metrics, 'fairshare_partitions')).toEqual(['fairshare_partitions{source="npm"} 1']);
    metrics.released(npm0);
    metrics.membership(false);
    expect(await lag()).toEqual([]);
    expect(await lines(metrics, 'fairshare_partition_stopped')).toEqual([]);
    expect(await lines(metrics, 'fairshare_partition_stops_total')).toEqual([
      'fairshare_partition_stops_total{source="npm",reason="retention_gap"} 1',
    ]);
    expect(await lines(metrics, 'fairshare_group_member')).toEqual(['fairshare_group_member 0']);
  });

  it('say when each list of clients was read', async () => {
    const read = await lines(new IngestMetrics(), 'fairshare_client_list_read_timestamp_seconds');
    expect(read).toHaveLength(clientLists.length);
    const { name, read: day } = clientLists[0];
    expect(read).toContain(
      `fairshare_client_list_read_timestamp_seconds{list="${name}"} ${Date.parse(`${day}T00:00:00Z`) / 1000}`,
    );
  });

  it('say what the warehouse does', async () => {
    const metrics = new IngestMetrics();
    metrics.waiting(1);
    metrics.retried();
    metrics.retried();
    expect(await lines(metrics, 'fairshare_warehouse_retries_total')).toEqual(['fairshare_warehouse_retries_total 2']);
    expect(await lines(metrics, 'fairshare_warehouse_waiting')).toEqual(['fairshare_warehouse_waiting 1']);
    metrics.waiting(-1);
    expect(await lines(metrics, 'fairshare_warehouse_waiting')).toEqual(['fairshare_warehouse_waiting 0']);
    metrics.stepped('usage', 400);
    expect(await lines(metrics, 'fairshare_load_seconds')).toContain('fairshare_load_seconds_sum{step="usage"} 0.4');
  });
});

describe('docs/OPERATIONS.md', () => {
  const page = readFileSync(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8');
  const documented = new Map(
    [...page.matchAll(/^\| `(fairshare_\w+)` \|(.*?)\| /gm)].map(([, name, labels]) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ]),
  );

  it('describes every metric, with its labels, and no other', () => {
    const registered = [new IngestMetrics().registry, nightMetrics(NIGHT)]
      .flatMap((registry) => registry.getMetricsAsArray())
      .filter(({ name }) => name.startsWith('fairshare_')) as unknown as { name: string; labelNames: string[] }[];
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(registered.map(({ name, labelNames }) => [name, [...labelNames]])),
    );
  });

  it('names no metric in an alert that does not exist', () => {
    const named = [...page.matchAll(/\bfairshare_[a-z_]+\b/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    );
    const known = new Set([...documented.keys(), 'fairshare_token']);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has no label for a package, an organisation or an address', () => {
    expect([...new Set([...documented.values()].flat())].sort()).toEqual([
      'list',
      'outcome',
      'partition',
      'reason',
      'requester_class',
      'source',
      'state',
      'step',
    ]);
  });
});
