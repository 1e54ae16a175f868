// What an open month has cost so far, and what it would cost at this pace, in words and tables.

import { formatCents } from '../../transform/numbers.ts';
import { textTable } from '../text-table.ts';
import { type MonthPace } from './figures.ts';
import { monthName } from './names.ts';

export const NOT_DUE = (period: string): string => `Nothing is due before ${monthName(period)} is closed.`;

/** How the figures of a running month are made. */
export const paceText = ({ days, of, cost_cents }: MonthPace, currency: string): string =>
  `Month to date: ${days} of ${of} days, which bear the cost pro rata. The whole month is expected to cost ${formatCents(cost_cents, currency)} ${currency}.`;

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
