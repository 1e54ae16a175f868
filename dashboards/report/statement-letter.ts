// The first page of a statement, a letter: who, to whom, which number and dates, the one amount, what it is for, how it has changed, how
// it is paid, and whom to ask.

import { lastDay, periodStart } from '../../transform/periods.ts';
import { payableCents, type Statement } from './figures.ts';
import { type Child, type Markup, from, html, table } from './markup.ts';
import { amountParts, amountText, changeText, companyName, noteTexts, type AmountText } from './statement-amount.ts';
import { type Words } from './texts/words.ts';

export const letterHeader = ({ issuer, period }: Statement, words: Words): Markup =>
  html`<p class="issuer">${issuer.name}</p>
    <h1>${words.texts.heading(words.month(period))}</h1>
    <p class="subtitle">${words.texts.subheading}</p>`;

export function letter(statement: Statement, words: Words): Markup {
  const { issuer, number, versions } = statement;
  const { letter: texts } = words.texts;
  const amount = amountText(statement, words);
  const sentences = [amount.sentence, ...reasonOf(statement, amount, words)];
  const remarks = [
    ...(versions.methodology_from === null ? [] : [texts.methodology(words.day(versions.methodology_from))]),
    ...noteTexts(statement, words),
  ];
  return html`<section class="letter">
    <div class="parties">${sender(statement, words)}${recipient(statement, words)}</div>
    ${facts(statement, words)}
    <div class="payable ${amount.kind}">
      <p class="label">${amount.label}</p>
      <p class="figure">${amount.figure}</p>
      <p>${sentences.join(' ')}</p>
    </div>
    ${parts(statement, amount, words)}
    <h2>${texts.changed}</h2>
    <p>${changeText(statement, words).join(' ')}${from(statement.queries.before)}</p>
    ${payment(statement, amount, words)}
    <h2>${texts.questions}</h2>
    <p>${texts.ask(issuer.contact, number)} ${texts.wrong}</p>
    ${
      remarks.length === 0
        ? null
        : html`<h2>${texts.notes}</h2>
            <ul class="notes">
              ${remarks.map((remark) => html`<li>${remark}</li>`)}
            </ul>`
    }
  </section> `;
}

const address = (heading: string, lines: readonly Child[]): Markup =>
  html`<address>
    <span class="label">${heading}</span>
    ${lines.map((line) => html`<span class="line">${line}</span>`)}
  </address>`;

const sender = ({ issuer }: Statement, { texts }: Words): Markup =>
  address(texts.letter.from, [
    html`<strong>${issuer.name}</strong>`,
    ...(issuer.address ?? []),
    ...(issuer.tax_id === undefined ? [] : [texts.letter.taxId(issuer.tax_id)]),
    issuer.contact,
  ]);

const recipient = (statement: Statement, { texts }: Words): Markup =>
  address(texts.letter.to, [
    html`<strong>${companyName(statement)}</strong>`,
    ...statement.recipient.address,
    ...(statement.recipient.tax_id === '' ? [] : [texts.letter.taxId(statement.recipient.tax_id)]),
  ]);

function facts(statement: Statement, words: Words): Markup {
  const { number, period, until, status, versions, recipient: to, family } = statement;
  const { letter: texts } = words.texts;
  const isFinal = status === 'closed' && versions.closed_at !== null;
  const end = lastDay(period);
  const rows: [string, Child][] = [
    [texts.number, html`<strong>${number}</strong>`],
    [texts.date, words.day((isFinal ? versions.closed_at : versions.computed_at) ?? '')],
    [texts.period, texts.days(words.day(periodStart(period)), words.day(end))],
    ...(to.purchase_order === '' ? [] : [[texts.order, to.purchase_order] as [string, Child]]),
    ...(to.reference === '' ? [] : [[texts.reference, to.reference] as [string, Child]]),
    [texts.id, html`<span class="id">${family}</span>`],
    [texts.state, isFinal ? texts.final(words.minute(versions.closed_at ?? '')) : texts.provisional(words.day(until))],
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([title, value]) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl> `;
}

/** Sentences on the usage, and on the rule that cut the share. */
function reasonOf(statement: Statement, { kind }: AmountText, words: Words): string[] {
  const { usage, totals, share, funding } = statement;
  const { letter: texts } = words.texts;
  const name = companyName(statement);
  const used =
    usage === null
      ? texts.noUsage(name)
      : texts.usage(
          name,
          words.count(usage.requests),
          words.bytes(usage.bytes),
          words.percent(usage.bytes, totals.bytes),
        );
  const isCapped = share.share?.rule === 'cap' && kind !== 'exempt';
  return [
    used,
    ...(isCapped
      ? [texts.capped(`${words.factor(funding.cap_bp * 100n)} %`, words.money(funding.cap_cents, funding.currency))]
      : []),
  ];
}

/** A table, if the amount has more than one part. */
function parts(statement: Statement, { kind, label }: AmountText, words: Words): Markup | null {
  const { funding, queries, share } = statement;
  const { letter: texts } = words.texts;
  const rows = amountParts(statement, words);
  if (rows.length < 2) return null;
  const total = kind === 'open' ? texts.soFar : kind === 'show_back' ? texts.shown : label;
  const payable = payableCents(share);
  return table({
    caption: texts.parts,
    source: from(queries.lines),
    columns: [{ title: texts.part }, { title: texts.value(funding.currency), number: true }],
    rows: rows.map(({ text, cents }) => [text, words.cents(cents, funding.currency)]),
    foot: [[total, words.cents(kind === 'credit' ? -payable : payable, funding.currency)]],
  });
}

function payment({ issuer, number }: Statement, { kind }: AmountText, words: Words): Markup | null {
  const { letter: texts } = words.texts;
  if (kind === 'credit')
    return html`<h2>${texts.pay}</h2>
      <p>${texts.payCredit(issuer.contact)}</p>`;
  if (kind !== 'payable') return null;
  return html`<h2>${texts.pay}</h2>
    <p class="payment">${(issuer.payment ?? []).map((line) => html`<span class="line">${line}</span>`)}</p>
    <p>${texts.payName(number)}</p>`;
}
