// Worlds for the hole detector: sixty days of a registry's sources, and what was lost of them. Shares no code with the detector.

import { Draw } from '../draw.ts';

export const WORLD_DAYS = 60;
/** Losses are on the days [0] to [1] − 1. By default a source has four equal weekdays behind it then. */
export type LossDays = readonly [number, number];
const LOSS_DAYS: LossDays = [28, WORLD_DAYS];

export interface WorldSource {
  readonly name: string;
  /** Requests: edge → day → 24 hours, after the losses. */
  readonly edges: readonly (readonly (readonly number[])[])[];
}

export interface Loss {
  readonly source: string;
  readonly day: number;
  /** −1: of the whole source */
  readonly edge: number;
  readonly form: 'day' | 'share' | 'hours' | 'edge';
  /** Share that was lost. */
  readonly share: number;
}

export interface World {
  readonly sources: readonly WorldSource[];
  readonly losses: readonly Loss[];
  /** Day → share of people's usual requests; only holidays. */
  readonly holidays: ReadonlyMap<number, number>;
}

/** The share of each hour in a day. People work in daytime; machines hardly mind. */
function shape(draw: Draw, depth: number): number[] {
  const peak = draw.uniform(0, 24);
  const second = draw.uniform(0, 0.3);
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const phase = ((hour - peak) / 24) * 2 * Math.PI;
    return Math.exp(depth * Math.cos(phase) + second * depth * Math.cos(2 * phase));
  });
  const sum = hours.reduce((a, b) => a + b, 0);
  return hours.map((value) => value / sum);
}

function holidaysOf(draw: Draw): Map<number, number> {
  const holidays = new Map<number, number>();
  const single = 1 + draw.below(4);
  for (let i = 0; i < single; i++) holidays.set(draw.below(WORLD_DAYS), draw.uniform(0.4, 0.7));
  // Some worlds have a holiday week, as at the end of a year.
  if (draw.chance(0.2)) {
    const start = 10 + draw.below(WORLD_DAYS - 18);
    for (let day = start; day < start + 8; day++) holidays.set(day, draw.uniform(0.4, 0.6));
  }
  return holidays;
}

/** Requests of a source on its first day. */
const REQUESTS = [1_200, 3_000_000] as const;

export function simulateWorld(seed: number, lossDays = LOSS_DAYS): World {
  const draw = new Draw(seed, 0x401e5);
  const holidays = holidaysOf(draw);
  const startsOn = draw.below(7);
  const losses: Loss[] = [];
  // All sources share this: they have the same people and the same days.
  const common = Array.from({ length: WORLD_DAYS }, () => draw.uniform(0, 0.05) * draw.normal());
  const sources = Array.from({ length: 1 + draw.below(4) }, (_, i) =>
    simulateSource(draw, `source-${i}`, { holidays, startsOn, common, lossDays, losses }),
  );
  return { sources, losses, holidays };
}

interface Surroundings {
  readonly holidays: ReadonlyMap<number, number>;
  readonly startsOn: number;
  readonly common: readonly number[];
  readonly lossDays: LossDays;
  readonly losses: Loss[];
}

function simulateSource(
  draw: Draw,
  name: string,
  { holidays, startsOn, common, lossDays, losses }: Surroundings,
): WorldSource {
  const level = draw.scale(...REQUESTS);
  const people = draw.uniform(0.25, 0.9);
  const weekend = draw.uniform(0.3, 0.8);
  const growth = draw.uniform(-0.1, 0.35) / 30;
  const wobble = draw.uniform(0.02, 0.09);
  const hourly = draw.uniform(0.02, 0.12);
  const count = draw.chance(0.25) ? 1 : 2 + draw.below(9);
  const weights = Array.from({ length: count }, () => draw.uniform(0.4, 2) ** 2);
  const sum = weights.reduce((a, b) => a + b, 0);
  // Edges are in different parts of the world, so that their days begin at different times; some have their own holidays.
  const shapes = weights.map(() => shape(draw, draw.uniform(0.4, 1.3)));
  const machines = shape(draw, draw.uniform(0, 0.3));
  const regional = weights.map(() => (draw.chance(0.15) ? draw.below(WORLD_DAYS) : -1));
  const drift = weights.map(() => 0);

  const edges: number[][][] = weights.map(() => []);
  for (let day = 0; day < WORLD_DAYS; day++) {
    const isWeekend = (day + startsOn) % 7 >= 5;
    const ofDay = level * Math.exp(growth * day + common[day] + wobble * draw.normal());
    const burst = draw.chance(0.01) ? draw.uniform(1.3, 2.5) : 1;
    for (let edge = 0; edge < count; edge++) {
      drift[edge] += 0.01 * draw.normal();
      const away = holidays.get(day) ?? (regional[edge] === day ? draw.uniform(0.4, 0.7) : 1);
      const present = Math.min(isWeekend ? weekend : 1, away);
      const share = (weights[edge] / sum) * Math.exp(drift[edge] + 0.03 * draw.normal());
      let slow = 0;
      edges[edge].push(
        Array.from({ length: 24 }, (_, hour) => {
          slow = 0.6 * slow + hourly * draw.normal();
          const mean = people * present * shapes[edge][hour] + (1 - people) * machines[hour];
          return draw.poisson(ofDay * burst * share * mean * Math.exp(slow));
        }),
      );
    }
  }
  const [from, to] = lossDays;
  const days = [from + draw.below(to - from), from + draw.below(to - from)];
  for (const day of new Set(days)) if (draw.chance(0.6)) losses.push(lose(draw, name, edges, day));
  return { name, edges };
}

function lose(draw: Draw, source: string, edges: number[][][], day: number): Loss {
  const forms =
    edges.length > 1 ? (['day', 'share', 'hours', 'edge', 'edge'] as const) : (['day', 'share', 'hours'] as const);
  const form = forms[draw.below(forms.length)];
  const edge = form === 'edge' ? draw.below(edges.length) : -1;
  const lost = edge < 0 ? edges : [edges[edge]];
  const share = form === 'day' ? 1 : draw.uniform(0.5, 1);
  const hours = Math.ceil(24 * share);
  const from = draw.below(25 - hours);
  const had = sumOf(lost, day);
  for (const series of lost)
    series[day] = series[day].map((count, hour) => {
      if (form === 'hours') return hour >= from && hour < from + hours ? 0 : count;
      return share === 1 ? 0 : draw.poisson(count * (1 - share));
    });
  const left = sumOf(lost, day);
  return { source, day, edge, form, share: had === 0 ? 0 : 1 - left / had };
}

const sumOf = (series: readonly (readonly (readonly number[])[])[], day: number): number =>
  series.reduce((sum, days) => sum + days[day].reduce((a, b) => a + b, 0), 0);
