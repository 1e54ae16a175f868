// The texts of a language, and numbers and days as it writes them. Intl does not do: its output changes with the version of its data, and
// the same inputs must give the same bytes.

import {
  formatBytes,
  formatCents,
  formatCount,
  formatExactCents,
  formatFactor,
  formatPercent,
  formatRational,
  formatSmallPercent,
  formatUnits,
} from '../../../transform/numbers.ts';
import { type Rational } from '../../../transform/funding/rational.ts';
import { en, type Texts } from './en.ts';
import { type StatementLanguage } from '../../../transform/languages.ts';

const texts: Readonly<Record<StatementLanguage, Texts>> = { en };

export interface Words {
  /** BCP 47: 'en' */
  readonly language: string;
  readonly texts: Texts;
  count(value: number | bigint): string;
  rational(value: Rational, places: number): string;
  units(value: Rational): string;
  factor(basis_points: bigint): string;
  bytes(value: bigint): string;
  percent(part: bigint, whole: bigint): string;
  /** Two digits that count, so that a small share is not zero. */
  smallPercent(part: bigint, whole: bigint): string;
  cents(value: bigint, currency: string): string;
  exactCents(value: Rational, currency: string): string;
  /** Names the currency, so that an amount is the same everywhere: '1,234.50 USD'. */
  money(cents: bigint, currency: string): string;
  /** '2026-10' → 'October 2026' */
  month(period: string): string;
  /** '2026-10-31' → '31 October 2026' */
  day(day: string): string;
  /** '2026-11-01 00:00:00.000' → '1 November 2026, 00:00 UTC' */
  minute(time: string): string;
  className(name: string): string;
  reasonName(name: string): string;
}

/** A text by its name in the data; a name without a text is its own. */
export const named = (known: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(known, name) ? known[name] : name;

export function wordsOf(language: string, own: Texts): Words {
  const { decimal, group } = own.numbers;
  const local = (text: string): string => text.replace(/[.,]/g, (mark) => (mark === '.' ? decimal : group));
  const cents = (value: bigint, currency: string): string => local(formatCents(value, currency));
  const monthOf = (day: string): string => own.months[Number(day.slice(5, 7)) - 1];
  const day = (text: string): string => own.day(Number(text.slice(8, 10)), monthOf(text), text.slice(0, 4));
  return {
    language,
    texts: own,
    count: (value) => local(formatCount(value)),
    rational: (value, places) => local(formatRational(value, places)),
    units: (value) => local(formatUnits(value)),
    factor: (basis_points) => local(formatFactor(basis_points)),
    bytes: (value) => local(formatBytes(value)),
    percent: (part, whole) => local(formatPercent(part, whole)),
    smallPercent: (part, whole) => local(formatSmallPercent(part, whole)),
    cents,
    exactCents: (value, currency) => local(formatExactCents(value, currency)),
    money: (value, currency) => own.money(cents(value, currency), currency),
    month: (period) => own.month(monthOf(period), period.slice(0, 4)),
    day,
    minute: (time) => own.minute(day(time), time.slice(11, 16)),
    className: (name) => named(own.classes, name),
    reasonName: (name) => named(own.reasons, name),
  };
}

/** The language of the summary and the terminal. */
export const english = wordsOf('en', en);

export const statementWords = (language: StatementLanguage): Words =>
  language === 'en' ? english : wordsOf(language, texts[language]);
