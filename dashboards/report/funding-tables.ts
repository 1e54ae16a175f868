// Tables about money that the summary and the statements share: the policy, the parts of the commons, corrections of closed periods.

import { type CorrectionLine } from '../../transform/funding/corrections.ts';
import { formatCents } from '../../transform/numbers.ts';
import { type FamilyFunding, type Funding, type ReportHead } from './figures.ts';
import { type Child, type Markup, bytesCell, from, table } from './markup.ts';
import { label } from './names.ts';
import { type FigureQuery } from './queries.ts';
import { type Words } from './texts/words.ts';

export const amount = (cents: bigint, currency: string): string => `${formatCents(cents, currency)} ${currency}`;

/** The parts of the cost that no share pays, in words. */
export const commonsText: Readonly<Record<string, string>> = {
  unattributed: 'Usage that no organisation can be named for',
  allowance: 'Usage within the free allowances',
  exempt: 'Usage of exempt organisations',
  not_billable: 'Usage attributed by evidence that is not good enough to bill',
  cap: 'What exceeds the cap on a share',
  minimum: 'Shares below the smallest amount billed',
  unborne: 'What could be recovered, but nobody is above the allowance',
  rounding: 'Rounding',
  unused: 'Nothing was used',
};

/** Why a family owes what it owes. A family that an earlier version billed in part is shown as both. */
export const rulesText = ({
  share,
  not_billed,
  true_up,
}: Pick<FamilyFunding, 'share' | 'not_billed' | 'true_up'>): string =>
  [
    share?.rule ?? not_billed.map(({ kind }) => label(kind)).join(', '),
    share !== null && not_billed.some(({ kind }) => kind === 'exempt') ? 'exempt in part' : '',
    true_up === null ? '' : 'true-up',
  ]
    .filter((text) => text !== '')
    .join(', ');

/** The policy behind the amounts. */
export function policyTable(
  funding: Omit<Funding, 'families'>,
  versions: ReportHead['versions'],
  source: FigureQuery,
  words: Words,
): Markup {
  const { currency } = funding;
  const { annex: texts } = words.texts;
  return table({
    caption: texts.policy(versions.policy_version),
    source: from(source),
    columns: [{ title: texts.policyRule }, { title: texts.policyValue, number: true }],
    rows: [
      [texts.policyCost, words.money(funding.cost_pool_cents, currency)],
      [texts.policyAllowance, words.count(funding.free_allowance)],
      [texts.policyCap, `${words.factor(funding.cap_bp * 100n)} % = ${words.money(funding.cap_cents, currency)}`],
      [texts.policyMinimum, words.money(funding.minimum_cents, currency)],
      [texts.policyRho, `${words.factor(funding.rho_bp * 100n)} %`],
    ],
  });
}

interface CorrectionsTable<Line extends CorrectionLine> {
  readonly caption: string;
  readonly source: FigureQuery;
  readonly lines: readonly Line[];
  /** Columns that identify a line; they come before the columns that every line has. */
  readonly heads: readonly { readonly title: string; readonly cell: (line: Line) => Child }[];
  readonly currency: string;
  /** Sums below the lines: a text and cents. */
  readonly sums: readonly (readonly [text: string, cents: bigint])[];
  readonly words: Words;
}

/** Lines that set closed periods right. Only lines that follow from late usage show usage. */
export const correctionsTable = <Line extends CorrectionLine>({
  caption,
  source,
  lines,
  heads,
  currency,
  sums,
  words,
}: CorrectionsTable<Line>): Markup =>
  table({
    caption,
    source: from(source),
    columns: [
      ...heads.map(({ title }) => ({ title })),
      { title: words.texts.usage.requests, number: true },
      { title: words.texts.usage.bytes, number: true },
      { title: words.texts.annex.amount, number: true },
    ],
    rows: lines.map((line) => [
      ...heads.map(({ cell }) => cell(line)),
      line.kind === 'manual' ? '' : words.count(line.requests),
      line.kind === 'manual' ? '' : bytesCell(line.bytes, words),
      words.cents(line.cents, currency),
    ]),
    foot: sums.map(([text, cents]) => [text, ...heads.slice(1).map(() => ''), '', '', words.cents(cents, currency)]),
  });
