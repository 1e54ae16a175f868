// Days that must not be closed or published yet: requests are missing in them, or too many of their lines could not be read.
// A person lets such a day pass by `fairshare days accept`.

import {
  dayDecisions,
  type DayDecision,
  type DayRange,
  firstDays,
  fixedDays,
  type HeldKind,
  requestsByDay,
  requestsByHour,
  type UnreadableLines,
  unreadableLines,
} from '../../sql/completeness.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type Counts, type Hole, judgeDay, type SourceCounts } from '../../transform/completeness/holes.ts';
import { Fault } from '../../transform/fault.ts';
import { formatCount, formatSmallPercent } from '../../transform/numbers.ts';
import { addDays, daysBetween, periodOf } from '../../transform/periods.ts';
import { type Config } from '../runtime/config.ts';

export interface HeldDay {
  readonly source: string;
  readonly day: string;
  readonly kind: HeldKind;
  /** Requests of the day (hole), or its lines that could not be read (unreadable). */
  readonly came: number;
  /** What is usual and what came, one sentence. */
  readonly found: string;
  /** What a person decided, while it still applies. */
  readonly accepted?: DayDecision;
}

export interface Completeness {
  /** By day and source; accepted ones too. */
  readonly days: readonly HeldDay[];
  /** 'source day', for lack of earlier days. */
  readonly notJudged: readonly string[];
}

export type Limits = Pick<Config, 'completeness' | 'sources'>;

/** Open days so far back are judged: an open month, and the one before it. */
export const JUDGED_DAYS = 62;
/** Days before the first judged one that it is compared with: six weeks, each with the week before it. */
const EARLIER_DAYS = 70;

/**
 * Judges the open days up to one.
 * @param until YYYY-MM-DD
 */
export async function judgeDays(warehouse: Warehouse, limits: Limits, until: string): Promise<Completeness> {
  const from = addDays(until, 1 - JUDGED_DAYS);
  const fixed = await fixedDays(warehouse, from);
  const open = daysOf({ from, to: until }).filter((day) => !fixed.has(day) && !fixed.has(periodOf(day)));
  if (open.length === 0) return { days: [], notJudged: [] };
  const range = { from: addDays(open[0], -EARLIER_DAYS), to: until };
  const { holes, notJudged } = findHoles(await sourceCounts(warehouse, range), range, open, limits);
  const unreadable = (await tooUnreadable(warehouse, limits, { from: open[0], to: until })).filter(({ day }) =>
    open.includes(day),
  );
  const decisions = await dayDecisions(warehouse);
  const days = [...holes, ...unreadable.map(heldForLines)].map((held) => ({
    ...held,
    accepted: decisionOf(held, decisions),
  }));
  return {
    days: days.sort((a, b) => (a.day + a.source < b.day + b.source ? -1 : 1)),
    notJudged,
  };
}

/** Days of sources on which more lines could not be read than the configuration allows. */
export async function tooUnreadable(
  warehouse: Warehouse,
  { completeness: { max_unreadable_share } }: Limits,
  range: DayRange,
): Promise<UnreadableLines[]> {
  const days = await unreadableLines(warehouse, range);
  return days.filter(({ lines, unreadable }) => unreadable > lines * max_unreadable_share);
}

/** A decision applies until more requests are missing, or more lines unreadable, than when it was made. */
function decisionOf(
  { source, day, kind, came }: Omit<HeldDay, 'accepted'>,
  decisions: readonly DayDecision[],
): DayDecision | undefined {
  const last = decisions.find((one) => one.source === source && one.day === day && one.kind === kind);
  if (last?.state !== 'accepted') return undefined;
  return (kind === 'hole' ? came >= last.came : came <= last.came) ? last : undefined;
}

/** @throws Fault(checkFailed) if a day of the period is held back */
export async function requireComplete(
  warehouse: Warehouse,
  limits: Limits,
  period: string,
  until: string,
): Promise<void> {
  const { days } = await judgeDays(warehouse, limits, until);
  const held = days.filter(({ day, accepted }) => accepted === undefined && periodOf(day) === period);
  if (held.length > 0) throw heldFault(held, `${period} stays open`);
}

/** One fault for all of them. */
export const heldFault = (held: readonly HeldDay[], outcome: string): Fault =>
  new Fault(
    'checkFailed',
    `${held.length} day(s) are held back; ${outcome}\n${held.map(({ found }) => `  ${found}`).join('\n')}`,
    [...new Set(held.map(acceptHint))].join('\n'),
  );

/** What a person does about such a day. */
export const acceptHint = ({ source, day }: HeldDay): string =>
  `Load what is missing; or let the day pass: fairshare days accept ${day} --source ${source} --reason WHY`;

function daysOf({ from, to }: DayRange): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Requests of one source, one array element a day. */
class Series {
  private readonly days: number[];
  private readonly hours: (number[] | undefined)[];

  constructor(days: number) {
    this.days = new Array<number>(days).fill(0);
    this.hours = new Array<undefined>(days).fill(undefined);
  }

  addDay(at: number, requests: number): void {
    this.days[at] += requests;
  }

  addHour(at: number, hour: number, requests: number): void {
    (this.hours[at] ??= new Array<number>(24).fill(0))[hour] += requests;
  }

  /** @param isEdge an edge host is known by its hours alone */
  counts(part: string, isEdge = false): Counts {
    const sums = this.hours.map((hours) => hours?.reduce((a, b) => a + b, 0) ?? 0);
    if (isEdge) return { part, days: sums, hours: this.hours };
    // A day that was loaded in part before hours were recorded has no known hours.
    return {
      part,
      days: this.days,
      hours: this.hours.map((hours, at) => (sums[at] === this.days[at] ? hours : undefined)),
    };
  }
}

interface SourceSeries {
  readonly whole: Series;
  readonly partitions: Map<string, Series>;
  readonly edges: Map<string, Series>;
}

/** The counts of all sources. Day 0 is the first of the range. */
async function sourceCounts(warehouse: Warehouse, range: DayRange): Promise<SourceCounts[]> {
  const days = indexOfDay(range, range.to) + 1;
  const series = new Map<string, SourceSeries>();
  const of = (source: string): SourceSeries =>
    entry(series, source, () => ({ whole: new Series(days), partitions: new Map(), edges: new Map() }));
  const first = await firstDays(warehouse);
  for (const { source, part, day, requests } of await requestsByDay(warehouse, range)) {
    const { whole, partitions } = of(source);
    const at = indexOfDay(range, day);
    whole.addDay(at, requests);
    if (part !== '') entry(partitions, part, () => new Series(days)).addDay(at, requests);
  }
  for (const { source, part, edge, day, hour, requests } of await requestsByHour(warehouse, range)) {
    const { whole, partitions, edges } = of(source);
    const at = indexOfDay(range, day);
    whole.addHour(at, hour, requests);
    if (part !== '') entry(partitions, part, () => new Series(days)).addHour(at, hour, requests);
    if (edge !== '') entry(edges, edge, () => new Series(days)).addHour(at, hour, requests);
  }
  return [...first]
    .filter(([, day]) => day <= range.to)
    .map(([source, day]) => {
      const { whole, partitions, edges } = of(source);
      return {
        source,
        first: Math.max(0, indexOfDay(range, day)),
        whole: whole.counts(''),
        divisions: [
          [...partitions].map(([part, counts]) => counts.counts(part)),
          [...edges].map(([edge, counts]) => counts.counts(edge, true)),
        ],
      };
    });
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}

const indexOfDay = ({ from }: DayRange, day: string): number => daysBetween(from, day);

function findHoles(
  sources: readonly SourceCounts[],
  range: DayRange,
  open: readonly string[],
  { sources: configured }: Limits,
): { readonly holes: Omit<HeldDay, 'accepted'>[]; readonly notJudged: string[] } {
  const retiredAfter = new Map(configured.map(({ name, retired_after }) => [name, retired_after]));
  const varying = new Set(configured.filter(({ parts_vary }) => parts_vary).map(({ name }) => name));
  const holes: Omit<HeldDay, 'accepted'>[] = [];
  const notJudged: string[] = [];
  for (const day of open) {
    const delivering = sources
      .filter(({ source }) => !((retiredAfter.get(source) ?? day) < day))
      .map((source) => (varying.has(source.source) ? { ...source, divisions: [] } : source));
    const at = indexOfDay(range, day);
    const verdict = judgeDay(delivering, at);
    notJudged.push(...verdict.notJudged.map((source) => `${source} ${day}`));
    for (const { source, whole } of delivering) {
      const found = verdict.holes.filter((hole) => hole.source === source).map((hole) => sayHole(hole, day));
      if (found.length > 0)
        holes.push({ source, day, kind: 'hole', came: whole.days[at], found: `${source} ${day}: ${found.join('; ')}` });
    }
  }
  return { holes, notJudged };
}

const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' });

function sayHole({ part, hours, usual, came, compared, equalWeekdays }: Hole, day: string): string {
  const numbers = hours.map((hour) => `${hour}`.padStart(2, '0')).join(', ');
  const where = [part, hours.length === 0 ? '' : `${hours.length === 1 ? 'hour' : 'hours'} ${numbers} UTC`].filter(
    Boolean,
  );
  const kind = equalWeekdays ? weekday.format(new Date(day)) : 'day';
  return `${where.length === 0 ? '' : `${where.join(', ')}: `}${rounded(came)} of usually ${rounded(usual)} requests came (compared with ${compared} earlier ${kind}${compared === 1 ? '' : 's'})`;
}

const rounded = (count: number): string => formatCount(Math.round(count));

const heldForLines = ({ source, day, lines, unreadable }: UnreadableLines): Omit<HeldDay, 'accepted'> => ({
  source,
  day,
  kind: 'unreadable',
  came: unreadable,
  found: sayUnreadable({ source, day, lines, unreadable }),
});

export const sayUnreadable = ({ source, day, lines, unreadable }: UnreadableLines): string =>
  `${source} ${day}: ${sayShare(unreadable, lines)} could not be read`;

/** Who let a day pass, when and why. */
export const sayDecision = ({ found, reason, decided_by, recorded_at }: DayDecision): string =>
  `${found}; accepted by ${decided_by}, ${recorded_at.slice(0, 10)}: ${reason}`;

/** '7 of 10 lines (70 %)' */
export const sayShare = (unreadable: number, lines: number): string =>
  `${formatCount(unreadable)} of ${formatCount(lines)} lines (${formatSmallPercent(BigInt(unreadable), BigInt(lines))})`;
