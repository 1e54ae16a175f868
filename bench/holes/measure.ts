// Measures the hole detector on simulated worlds: what it finds, what it misses, what it holds without a reason.

import { type Counts, judgeDay, type SourceCounts } from '../../transform/completeness/holes.ts';
import { type Loss, type LossDays, simulateWorld, type WorldSource, WORLD_DAYS } from './world.ts';

export interface HoleFigures {
  readonly worlds: number;
  readonly sourceDays: number;
  /** Source-days without a loss that were held. */
  readonly falseAlarms: number;
  readonly days: Found;
  readonly edges: Found;
  readonly missed: readonly (Loss & { readonly seed: number; readonly requests: number })[];
  readonly alarms: readonly { readonly seed: number; readonly day: number; readonly text: string }[];
}
export interface Found {
  readonly lost: number;
  readonly found: number;
}

/** A day that lost less than this is no loss of half: it is neither found nor missed. */
const HALF = 0.5;

const add = (series: readonly (readonly number[])[]): number[] =>
  Array.from({ length: 24 }, (_, hour) => series.reduce((sum, hours) => sum + hours[hour], 0));
const total = (hours: readonly number[]): number => hours.reduce((a, b) => a + b, 0);

const countsOf = (part: string, hours: readonly (readonly number[])[]): Counts => ({
  part,
  days: hours.map(total),
  hours,
});

const sourceCounts = ({ name, edges }: WorldSource): SourceCounts => ({
  source: name,
  first: 0,
  whole: countsOf(
    '',
    Array.from({ length: WORLD_DAYS }, (_, day) => add(edges.map((edge) => edge[day]))),
  ),
  divisions: [edges.map((edge, i) => countsOf(`edge-${i}`, edge))],
});

export function measureHoles(seeds: readonly number[], lossDays?: LossDays): HoleFigures {
  const days = { lost: 0, found: 0 };
  const edges = { lost: 0, found: 0 };
  const missed: (Loss & { seed: number; requests: number })[] = [];
  const alarms: { seed: number; day: number; text: string }[] = [];
  let sourceDays = 0;
  let falseAlarms = 0;
  for (const seed of seeds) {
    const world = simulateWorld(seed, lossDays);
    const counts = world.sources.map(sourceCounts);
    for (let day = 1; day < WORLD_DAYS; day++) {
      const { holes } = judgeDay(counts, day);
      for (const { source, whole } of counts) {
        sourceDays++;
        const own = holes.filter((hole) => hole.source === source);
        const losses = world.losses.filter((loss) => loss.source === source && loss.day === day);
        if (losses.length === 0 && own.length > 0) {
          falseAlarms++;
          alarms.push({
            seed,
            day,
            text: `${source} of ${world.sources.length} ${world.holidays.get(day)?.toFixed(2) ?? ''} ${own.map((hole) => `${hole.part}[${hole.hours.join()}] ${Math.round(hole.came)}/${Math.round(hole.usual)}`).join(' ')}`,
          });
        }
        for (const loss of losses.filter(({ share }) => share >= HALF)) {
          const isFound =
            loss.edge < 0 ? own.length > 0 : own.some(({ part }) => part === `edge-${loss.edge}` || part === '');
          const kind = loss.edge < 0 ? days : edges;
          kind.lost++;
          if (isFound) kind.found++;
          else missed.push({ ...loss, seed, requests: whole.days[day] });
        }
      }
    }
  }
  return { worlds: seeds.length, sourceDays, falseAlarms, days, edges, missed, alarms };
}
