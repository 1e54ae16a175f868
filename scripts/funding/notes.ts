// What readers of a period's documents must know beside its figures: lines that could not be read, days that are not complete,
// objects that were refused, requests without a size, usage that came late.

import { dayDecisions, lastJudgedDay, unreadableLines } from '../../sql/completeness.ts';
import { openRefusals } from '../../sql/refused-objects.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type PeriodNotes, type StatementNote } from '../../dashboards/report/figures.ts';
import { formatBytes, formatCount } from '../../transform/numbers.ts';
import { periodOf, periodStart } from '../../transform/periods.ts';
import { judgeDays, type Limits, sayDecision, sayShare } from './held-days.ts';
import { type PeriodAllocation } from './run.ts';
import { loggedSizes, saySizes } from './sizes.ts';

/** A long list is cut: `fairshare days` has all of it. */
const SHOWN = 10;

export async function periodNotes(
  warehouse: Warehouse,
  limits: Limits,
  { period, until, status, terms }: Pick<PeriodAllocation, 'period' | 'until' | 'status' | 'terms'>,
): Promise<PeriodNotes> {
  const range = { from: periodStart(period), to: until };
  const unreadable = await sayUnreadable(warehouse, range);
  const sizes = saySizes(await loggedSizes(warehouse, range), terms);
  const statement = [...unreadable.all, ...sizes.all];
  const decisions = await dayDecisions(warehouse);
  const accepted = decisions
    .filter(({ state, day }) => state === 'accepted' && periodOf(day) === period)
    .map((decision) => `${sayDecision(decision)}.`);
  const settled = [...unreadable.bySource, ...sizes.bySource, ...cut(accepted)];
  if (status === 'closed') return { statement, summary: settled };
  // Later days of the month have not come yet.
  const last = (await lastJudgedDay(warehouse)) ?? until;
  const { days } = await judgeDays(warehouse, limits, last < until ? last : until);
  const held = days.filter(({ day, accepted: passed }) => passed === undefined && periodOf(day) === period);
  const refused = await openRefusals(warehouse);
  return {
    statement,
    summary: [
      ...settled,
      ...cut(held.map(({ found }) => `Held back: ${found}.`)),
      ...cut(refused.map(({ source, object, reason }) => `Refused, and not counted: ${source} ${object}: ${reason}.`)),
      ...(await lateUsage(warehouse, period)),
    ],
  };
}

const cut = (lines: readonly string[]): string[] =>
  lines.length <= SHOWN
    ? [...lines]
    : [...lines.slice(0, SHOWN), `And ${lines.length - SHOWN} more of this kind: fairshare days.`];

/** The share of the lines that could not be read; nothing where it is zero. */
async function sayUnreadable(
  warehouse: Warehouse,
  range: { readonly from: string; readonly to: string },
): Promise<{ readonly all: StatementNote[]; readonly bySource: string[] }> {
  const days = await unreadableLines(warehouse, range);
  const sums = new Map<string, { lines: number; unreadable: number }>();
  for (const { source, lines, unreadable } of days) {
    const before = sums.get(source) ?? { lines: 0, unreadable: 0 };
    sums.set(source, { lines: before.lines + lines, unreadable: before.unreadable + unreadable });
  }
  const of = (measure: 'lines' | 'unreadable') => [...sums.values()].reduce((sum, row) => sum + row[measure], 0);
  if (of('unreadable') === 0) return { all: [], bySource: [] };
  return {
    all: [{ kind: 'unreadable', count: BigInt(of('unreadable')), of: BigInt(of('lines')) }],
    bySource: [...sums]
      .filter(([, { unreadable }]) => unreadable > 0)
      .map(
        ([source, { unreadable, lines }]) =>
          `${source}: ${sayShare(unreadable, lines)} could not be read, and count nothing.`,
      ),
  };
}

/** Usage of the period that is booked in later ones, because it came after its day was closed. */
export async function lateUsage(warehouse: Warehouse, period: string): Promise<string[]> {
  const rows = await warehouse.query<{ booked_in: string; requests: string; bytes: string }>(
    sqlFile('queries/period/late_of_period.sql'),
    { period },
  );
  return rows.map(
    ({ booked_in, requests, bytes }) =>
      `${formatCount(BigInt(requests))} requests (${formatBytes(BigInt(bytes))}) of ${period} came, or were taken back, after their days were closed. They are booked in ${booked_in}, and corrected there once ${period} is closed.`,
  );
}
