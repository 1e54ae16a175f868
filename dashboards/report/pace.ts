// What an open month has cost so far, and what it would cost at this pace, in words and tables.

import { formatCents } from '../../transform/numbers.ts';
import { textTable } from '../text-table.ts';
import { type FamilyPace, type MonthPace } from './figures.ts';
import { monthName } from './names.ts';

export const NOT_DUE = (period: string): string => `Nothing is due before ${monthName(period)} is closed.`;

/** 'between 10.00 and 14.00'; '' without an interval. */
const rangeText = ({ low_cents, high_cents }: FamilyPace, currency: string): string =>
  low_cents === null || high_cents === null
    ? ''
    : `between ${formatCents(low_cents, currency)} and ${formatCents(high_cents, currency)} in nine of ten draws`;

/** How the figures of a running month are made. */
export const paceText = ({ days, of, cost_cents }: MonthPace, currency: string): string =>
  `Month to date: ${days} of ${of} days, which bear the cost pro rata. The whole month is expected to cost ${formatCents(cost_cents, currency)} ${currency}.`;

/** One family's month at its pace, as a sentence; '' if it pays nothing. */
export function familyPaceText({ families, days }: MonthPace, currency: string): string {
  const [own] = families;
  if (own === undefined) return '';
  const range = rangeText(own, currency);
  return `At this pace the month would cost ${formatCents(own.cents, currency)} ${currency}${range === '' ? ` (${days} days are too few for an interval)` : `, ${range}`}.`;
}

/** All families at their pace, for a terminal. */
export const printPace = (pace: MonthPace, currency: string): string =>
  `${paceText(pace, currency)}\nAt this pace the month would cost\n${textTable(
    ['family', currency, '5 %', '95 %'],
    pace.families.map(({ family, cents, low_cents, high_cents }) => [
      family,
      formatCents(cents, currency),
      ...[low_cents, high_cents].map((bound) => (bound === null ? 'too few days' : formatCents(bound, currency))),
    ]),
    { right: [1, 2, 3] },
  )}`;
