// The day that is made and processed at every size, and a stopwatch for its steps.

import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';

export const DAY = '2026-10-01';

export interface ScaleStep {
  readonly name: string;
  readonly elapsed_ms: number;
  readonly cpu_ms: number;
  /** Largest resident size while the step ran. Node and the engine are one process. */
  readonly peak_rss_mb: number;
  /** Load average of the minute before the step's end: processes that wanted a core, this one included. */
  readonly load?: number;
}

/** Resets the kernel's high-water mark to the current resident size. */
const resetPeak = (): void => writeFileSync('/proc/self/clear_refs', '5');
const peak_mb = (): number => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;

export async function measured<Result>(
  name: string,
  work: () => Promise<Result>,
): Promise<{ readonly step: ScaleStep; readonly result: Result }> {
  resetPeak();
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  const result = await work();
  const elapsed_ms = performance.now() - start_ms;
  const { user, system } = process.cpuUsage(cpu);
  const step = { name, elapsed_ms, cpu_ms: (user + system) / 1000, peak_rss_mb: peak_mb(), load: loadavg()[0] };
  process.stderr.write(`  ${name} ${(elapsed_ms / 1000).toFixed(1)} s, ${Math.round(step.peak_rss_mb)} MB\n`);
  return { step, result };
}
