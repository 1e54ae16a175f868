// One size of a day, in a process of its own: makes its landing, then seals, attributes, allocates and checks it, and
// prints what each step took as one line of JSON. `node child.ts ROWS DIRECTORY`

import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allocatePeriod } from '../../scripts/runtime/period-allocation.ts';
import { attribute } from '../../sql/attribution.ts';
import { runChecks } from '../../sql/checks.ts';
import { migrate } from '../../sql/migrate.ts';
import { sealDay } from '../../sql/seal.ts';
import { statements } from '../../sql/sql-file.ts';
import { openWarehouse } from '../../sql/warehouse.ts';

export interface ScaleStep {
  readonly name: string;
  readonly elapsed_ms: number;
  readonly cpu_ms: number;
  /** Largest resident size while the step ran, sampled ten times a second. */
  readonly peak_rss_mb: number;
}

export interface ScaleResult {
  readonly rows: number;
  readonly sealed_rows: number;
  /** Of the engine. */
  readonly version: string;
  readonly steps: readonly ScaleStep[];
}

const DAY = '2026-10-01';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const POLICY = `version: bench
currency: USD
free_allowance: 0
bands:
  - { multiplier_bp: 10000 }
cap_bp: 10000
minimum: 0.00
rho_bp: 0
`;
const COSTS = `pool,driver,currency,gross,donated,donor
bandwidth,bytes,USD,180000.00,120000.00,Example CDN
compute,requests,USD,25000.00,0.00,
`;

const rows = Number(process.argv[2]);
const directory = process.argv[3]!;
rmSync(directory, { recursive: true, force: true });
const warehouse = await openWarehouse({ location: directory });
const steps: ScaleStep[] = [];

async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  let peak = process.memoryUsage.rss();
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 100);
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  const result = await work();
  const elapsed_ms = performance.now() - start_ms;
  clearInterval(sampler);
  const { user, system } = process.cpuUsage(cpu);
  steps.push({ name, elapsed_ms, cpu_ms: (user + system) / 1000, peak_rss_mb: peak / 2 ** 20 });
  process.stderr.write(
    `${rows} rows: ${name} ${(elapsed_ms / 1000).toFixed(1)} s, ${Math.round(peak / 2 ** 20)} MB at most\n`,
  );
  return result;
}

await migrate(warehouse);
await step('landing', async () => {
  for (const statement of statements(readFileSync(here('landing.sql'), 'utf8')))
    await warehouse.command(statement, { rows, day: DAY });
});
const now = new Date(`${DAY}T23:59:59Z`);
const sealed = await step('seal', () => sealDay(warehouse, DAY, { lateBookedDay: DAY, now }));
await step('attribute', () => attribute(warehouse, { now }));
await step('allocate', () => allocatePeriod(warehouse, DAY.slice(0, 7), { policy: POLICY, costs: COSTS }, now));
const checks = await step('check', () => runChecks(warehouse));
for (const { name, ok, detail } of checks) if (!ok) throw new Error(`${name}: ${detail}`);
const version = (await warehouse.text('SELECT version()', 'TSV')).trim();
await warehouse.close();
rmSync(directory, { recursive: true, force: true });
const result: ScaleResult = { rows, sealed_rows: Number(sealed.usage_rows), version, steps };
process.stdout.write(`${JSON.stringify(result)}\n`);
