// Joins metrics, readiness and their HTTP server for one run of an ingest command.

import { type Logger } from 'pino';
import { type KafkaClient } from '../../ingest/sources/kafka.ts';
import { ping, type Warehouse } from '../../sql/warehouse.ts';
import { listenAddress } from '../runtime/listen-address.ts';
import { IngestMetrics } from './metrics.ts';
import { type ReadyCheck, startMonitorServer } from './server.ts';

export interface MonitorOptions {
  /** HOST:PORT; undefined: no server. */
  readonly listen: string | undefined;
  readonly warehouse: Warehouse;
  /** The process is not ready while it has an older unfinished batch. */
  readonly maxBatchAge_seconds: number;
  /** For a member of a group: its client and topics. */
  readonly kafka?: { readonly client: KafkaClient; readonly topics: readonly string[] };
  readonly log: Logger;
}

export interface Monitor {
  /** For the loader and the worker; undefined without a server. */
  readonly observer: IngestMetrics | undefined;
  readonly url: string | undefined;
  close(): Promise<void>;
}

const WATERMARKS_EVERY_MS = 10_000;

/** @throws Fault(usage) if the address cannot be used */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  const { listen, warehouse, kafka, log } = options;
  if (listen === undefined) return { observer: undefined, url: undefined, close: async () => {} };
  const address = listenAddress(listen);
  const metrics = new IngestMetrics();
  // Readiness has a session of its own, so that it does not wait for a long insert.
  const session = await warehouse.session({ readOnly: true });
  const server = await startMonitorServer({
    ...address,
    metrics: () => metrics.registry.metrics(),
    contentType: metrics.registry.contentType,
    checks: readyChecks(metrics, session, options),
  }).catch(async (error: unknown) => {
    await session.close();
    throw error;
  });
  log.info({ url: server.url }, 'metrics and health are served');
  const timer = kafka === undefined ? undefined : followWatermarks(metrics, kafka, log);
  return {
    observer: metrics,
    url: server.url,
    async close() {
      clearInterval(timer);
      await server.close();
      await session.close();
    },
  };
}

function readyChecks(metrics: IngestMetrics, session: Warehouse, options: MonitorOptions): ReadyCheck[] {
  const { kafka, maxBatchAge_seconds } = options;
  let asked: Promise<string> | undefined;
  const checks: ReadyCheck[] = [
    {
      name: 'warehouse answers',
      // Sends one query at a time, so that requests do not pile up while the warehouse is out of reach.
      problem: () =>
        (asked ??= ping(session)
          .then(
            () => '',
            (error: Error) => error.message,
          )
          .finally(() => (asked = undefined))),
    },
    {
      name: 'no batch is too old',
      problem: () => {
        const age = metrics.oldestBatch_seconds;
        return age <= maxBatchAge_seconds
          ? ''
          : `a batch has been at hand for ${Math.round(age)} s, more than ${maxBatchAge_seconds} s`;
      },
    },
  ];
  if (kafka !== undefined)
    checks.push({
      name: 'group joined',
      problem: () => (metrics.member ? '' : 'the worker is not a member of its consumer group'),
    });
  return checks;
}

/** Asks the broker for the end of each partition, because the lag also grows while nothing is fetched and a batch waits to be stored. */
function followWatermarks(
  metrics: IngestMetrics,
  { client, topics }: NonNullable<MonitorOptions['kafka']>,
  log: Logger,
): NodeJS.Timeout {
  let busy = false;
  const ask = async () => {
    if (busy) return;
    busy = true;
    try {
      for (const topic of topics)
        for (const { partition, high } of await client.watermarks(topic))
          metrics.reached(`${topic}/${partition}`, high);
    } catch (error) {
      log.debug({ err: error }, 'cannot read the watermarks; the lag is shown as it was last known');
    } finally {
      busy = false;
    }
  };
  void ask();
  return setInterval(() => void ask(), WATERMARKS_EVERY_MS).unref();
}
