// How often the interval of the view undeclared_ci holds the truth of simulated worlds, and how often the view is silent.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../sql/migrate.ts';
import { openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import { clientOf, fillWorlds } from './fill.ts';
import { simulateWorld, type Difference, type EstimateWorld } from './world.ts';

export interface Answer {
  readonly client: string;
  readonly ci_requests_low: string | null;
  readonly ci_requests_high: string | null;
  readonly silent_because: string;
}

export interface EstimateFigures {
  readonly difference: Difference;
  readonly worlds: number;
  /** Worlds of which the view says nothing, by reason. */
  readonly silent: Readonly<Record<string, number>>;
  readonly spoken: number;
  /** Worlds with an interval that holds the truth, that is above the truth, and below it. */
  readonly held: number;
  readonly above: number;
  readonly below: number;
  /** Median width of the intervals, as a part of what is undeclared. */
  readonly width: number;
}

function figuresOf(
  difference: Difference,
  worlds: readonly EstimateWorld[],
  answers: ReadonlyMap<string, Answer>,
): EstimateFigures {
  const silent: Record<string, number> = {};
  const counts = { held: 0, above: 0, below: 0 };
  const widths: number[] = [];
  for (const world of worlds) {
    const { silent_because, ci_requests_low, ci_requests_high } = answers.get(clientOf(world))!;
    if (silent_because !== '') {
      silent[silent_because] = (silent[silent_because] ?? 0) + 1;
      continue;
    }
    const [low, high] = [Number(ci_requests_low), Number(ci_requests_high)];
    counts[world.truth < low ? 'above' : world.truth > high ? 'below' : 'held']++;
    widths.push((high - low) / world.silent);
  }
  widths.sort((a, b) => a - b);
  return {
    difference,
    worlds: worlds.length,
    silent,
    spoken: widths.length,
    ...counts,
    width: widths[widths.length >> 1] ?? NaN,
  };
}

/** A month of one client for each seed and difference, in one warehouse; the view answers all of them at once. */
export async function measureEstimate(
  plan: readonly (readonly [difference: Difference, seeds: readonly number[]])[],
): Promise<{ readonly figures: readonly EstimateFigures[]; readonly networks: number; readonly view_ms: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'fairshare-estimate-'));
  let warehouse: Warehouse | undefined;
  try {
    warehouse = await openWarehouse({ location: join(directory, 'warehouse') });
    await migrate(warehouse);
    const parts = plan.map(([difference, seeds]) => ({ difference, worlds: seeds.map((seed) => simulateWorld(seed, difference)) })); // prettier-ignore
    await fillWorlds(warehouse, parts.flatMap(({ worlds }) => worlds)); // prettier-ignore
    const started = performance.now();
    const rows = await warehouse.query<Answer>('SELECT * FROM undeclared_ci');
    const view_ms = performance.now() - started;
    const answers = new Map(rows.map((row) => [row.client, row]));
    return {
      figures: parts.map(({ difference, worlds }) => figuresOf(difference, worlds, answers)),
      networks: parts.reduce((sum, { worlds }) => worlds.reduce((all, { networks }) => all + networks.length, sum), 0),
      view_ms,
    };
  } finally {
    await warehouse?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
