// What a statement asks for: its kind, the one amount, and the sentences that say why it is this amount.

import { correctionCents, dueCents, payableCents, type Statement } from './figures.ts';
import { type Words } from './texts/words.ts';

/**
 * exempt: the foundation exempts the family. open: the month is not closed. zero: closed, and nothing comes of it. show_back: the issuer
 * names no way to pay. credit: corrections exceed the share.
 */
export type StatementKind = 'exempt' | 'open' | 'zero' | 'show_back' | 'credit' | 'payable';

export function statementKind({
  share,
  status,
  issuer,
}: Pick<Statement, 'share' | 'status' | 'issuer'>): StatementKind {
  const payable = payableCents(share);
  const isExempt = share.share === null && share.not_billed.some(({ kind }) => kind === 'exempt');
  if (isExempt && payable === 0n) return 'exempt';
  if (status === 'open') return 'open';
  if (payable === 0n) return 'zero';
  if (issuer.payment === undefined) return 'show_back';
  return payable < 0n ? 'credit' : 'payable';
}

/** The company's name: the legal one, if the registry has it. */
export const companyName = ({ recipient, name }: Pick<Statement, 'recipient' | 'name'>): string =>
  recipient.name === '' ? name : recipient.name;

export interface AmountText {
  readonly kind: StatementKind;
  readonly label: string;
  /** The amount that is payable, or that nothing is. */
  readonly figure: string;
  readonly sentence: string;
}

/** The one amount of a statement, and what it is for. */
export function amountText(statement: Statement, words: Words): AmountText {
  const { share, funding, issuer, period } = statement;
  const { letter } = words.texts;
  const kind = statementKind(statement);
  const payable = payableCents(share);
  const money = words.money(payable < 0n ? -payable : payable, funding.currency);
  const nothing = { kind, label: letter.amount, figure: letter.none };
  switch (kind) {
    case 'exempt':
      return { ...nothing, sentence: letter.exempt(issuer.name, companyName(statement)) };
    case 'open':
      return {
        ...nothing,
        figure: letter.noneYet,
        sentence: [letter.open(words.money(payable, funding.currency)), ...paceTexts(statement, words)].join(' '),
      };
    case 'zero':
      return { ...nothing, sentence: whyNothing(statement, words) };
    case 'show_back':
      return { ...nothing, sentence: payable < 0n ? letter.showBackCredit(money) : letter.showBack(money) };
    case 'credit':
      return { kind, label: letter.credit, figure: money, sentence: letter.creditFor };
    case 'payable':
      return { kind, label: letter.amount, figure: money, sentence: letter.payable(issuer.name, words.month(period)) };
  }
}

/** Sentences that say what the month would cost at this pace; none unless it still runs. */
function paceTexts({ pace, funding }: Statement, words: Words): string[] {
  if (pace === undefined) return [];
  const { letter } = words.texts;
  const money = (cents: bigint) => words.money(cents, funding.currency);
  const days = words.count(BigInt(pace.days));
  const all = letter.pace(days, words.count(BigInt(pace.of)), money(pace.cost_cents));
  const [own] = pace.families;
  if (own === undefined) return [all];
  const { cents, low_cents, high_cents } = own;
  const range =
    low_cents === null || high_cents === null
      ? letter.fewDays(days)
      : letter.ownRange(money(low_cents), money(high_cents));
  return [all, `${letter.ownPace(money(cents))}${range}`];
}

function whyNothing({ share: { share, corrections, true_up, not_billed }, funding }: Statement, words: Words): string {
  const { letter } = words.texts;
  if (correctionCents({ corrections }) !== 0n || true_up !== null) return letter.balanced;
  if (share?.rule === 'free') return `${letter.free(words.count(funding.free_allowance))} ${words.texts.usage.unit}`;
  if (share?.rule === 'minimum') return letter.minimum(words.money(funding.minimum_cents, funding.currency));
  return share === null && not_billed.length > 0 ? letter.notBillable : letter.noShare;
}

/** How the share has changed since the month before, in sentences. */
export function changeText({ before, share, usage, status, funding }: Statement, words: Words): string[] {
  const { letter } = words.texts;
  if (before === null) return [letter.first];
  const month = words.month(before.period);
  const money = (cents: bigint) => words.money(cents, funding.currency);
  const then = words.money(before.due_cents, before.currency);
  const traffic = letter.usageBefore(words.bytes(before.bytes), words.bytes(usage?.bytes ?? 0n));
  if (before.currency !== funding.currency) return [letter.otherCurrency(month, then), traffic];
  if (status === 'open') return [letter.wholeMonth(month, then)];
  const by = dueCents(share) - before.due_cents;
  const percent = words.percent(by < 0n ? -by : by, before.due_cents);
  if (by === 0n) return [letter.same(month, then), traffic];
  if (before.due_cents === 0n) return [letter.roseFromNothing(month), traffic];
  if (by > 0n) return [letter.rose(month, then, money(by), percent), traffic];
  return [letter.fell(month, then, money(-by), percent), traffic];
}

export interface AmountPart {
  readonly text: string;
  readonly cents: bigint;
}

/** The parts of the amount: the share, the addition by contract, and a line for each corrected month. They sum to it. */
export function amountParts({ share, funding, period }: Statement, words: Words): AmountPart[] {
  const { letter } = words.texts;
  const corrected = new Map<string, bigint>();
  for (const { of_period, cents } of share.corrections)
    corrected.set(of_period, (corrected.get(of_period) ?? 0n) + cents);
  return [
    { text: letter.share(words.month(period)), cents: share.share?.billed_cents ?? 0n },
    ...(share.true_up === null
      ? []
      : [
          {
            text: letter.trueUp(words.money(share.true_up.contract_minimum_cents, funding.currency)),
            cents: share.true_up.cents,
          },
        ]),
    ...[...corrected].map(([of_period, cents]) => ({ text: letter.correction(words.month(of_period)), cents })),
  ];
}

/** What the reader must know beside the figures, as sentences. */
export const noteTexts = ({ notes = [] }: Pick<Statement, 'notes'>, words: Words): string[] =>
  notes.map(({ kind, count, of }) =>
    words.texts.letter.note[kind](words.count(count), words.count(of), words.smallPercent(count, of)),
  );
