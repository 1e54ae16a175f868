// The metrics of a night, as a file for the textfile collector of Prometheus' node exporter: the job itself has ended when somebody
// reads them. docs/OPERATIONS.md explains each one; a test compares the two.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Gauge, Registry } from 'prom-client';
import { type FaultKind } from '../../transform/fault.ts';

/** How a night ends: `done`, or the kind of its fault. Each has its exit code (docs/OPERATIONS.md). */
export const nightOutcomes = [
  'done', 'defect', 'usage', 'inputRefused', 'checkFailed', 'warehouseUnreachable', 'partitionStopped', 'interrupted',
] as const satisfies readonly ('done' | 'interrupted' | FaultKind)[]; // prettier-ignore
export type NightOutcome = (typeof nightOutcomes)[number];

/** What a night has found so far; undefined: it did not come to that step. */
export interface NightFacts {
  sealed?: number;
  unsealed?: number;
  held?: number;
  refusedObjects?: number;
}

export interface Night extends NightFacts {
  readonly outcome: NightOutcome;
  readonly started_ms: number;
  readonly ended_ms: number;
  /** Of the last night that ended well. */
  readonly lastSuccess_seconds: number | undefined;
}

const gauge = (registry: Registry, name: string, help: string, labelNames: string[] = []): Gauge =>
  new Gauge({ name, help, labelNames, registers: [registry] });

export function nightMetrics(night: Night): Registry {
  const registry = new Registry();
  const set = (name: string, help: string, value: number | undefined): void => {
    const metric = gauge(registry, name, help);
    // A gauge without labels begins with 0; what is not known is left out.
    if (value === undefined) registry.removeSingleMetric(name);
    else metric.set(value);
  };
  set('fairshare_nightly_last_run_timestamp_seconds', 'When the last night ended', night.ended_ms / 1000);
  set(LAST_SUCCESS, 'When the last night that was done ended', night.lastSuccess_seconds);
  set('fairshare_nightly_duration_seconds', 'How long it took', (night.ended_ms - night.started_ms) / 1000);
  set('fairshare_nightly_refused_objects', 'Objects that were refused and wait for a person', night.refusedObjects);
  const outcome = gauge(registry, 'fairshare_nightly_outcome', '1 for how it ended, 0 for the others', ['outcome']);
  for (const one of nightOutcomes) outcome.set({ outcome: one }, one === night.outcome ? 1 : 0);
  const days = gauge(registry, 'fairshare_nightly_days', 'Days: sealed; not sealable; held back as suspect', ['state']);
  for (const state of ['sealed', 'unsealed', 'held'] as const) {
    const value = night[state];
    if (value !== undefined) days.set({ state }, value);
  }
  return registry;
}

const LAST_SUCCESS = 'fairshare_nightly_last_success_timestamp_seconds';

/** What an earlier file says; undefined: nothing. */
export function lastSuccessOf(text: string): number | undefined {
  const found = new RegExp(`^${LAST_SUCCESS} (\\S+)$`, 'm').exec(text)?.[1];
  return found === undefined || Number.isNaN(Number(found)) ? undefined : Number(found);
}

/** Writes the file whole, so that a collector never reads a part of it. */
export async function writeNightMetrics(path: string, night: Omit<Night, 'lastSuccess_seconds'>): Promise<void> {
  const before = existsSync(path) ? lastSuccessOf(readFileSync(path, 'utf8')) : undefined;
  const lastSuccess_seconds = night.outcome === 'done' ? night.ended_ms / 1000 : before;
  // The collector reads files that end with .prom only.
  writeFileSync(`${path}.${process.pid}`, await nightMetrics({ ...night, lastSuccess_seconds }).metrics());
  renameSync(`${path}.${process.pid}`, path);
}
