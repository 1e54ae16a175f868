// Funding: what a month costs, who bears which share, and what stays with everybody.

import { keyFigures } from '../report/document.ts';
import { html, nameCell, section, table } from '../report/markup.ts';
import { english } from '../report/texts/words.ts';
import { addressOf, big, choice, pageQuery, source, text, type Page } from './page.ts';

export const funding: Page = {
  name: 'funding',
  title: 'Funding',
  plan({ to }, address) {
    return {
      periods: pageQuery('pages/periods.sql', 'Months that are allocated', {}),
      shares: pageQuery('pages/shares.sql', 'Shares of a month', { period: monthIn(address, to) }),
    };
  },
  render(answers, range, address) {
    const month = monthIn(address, range.to);
    const rows = answers.rowsOf('shares');
    const months = choice(
      'Month',
      answers.rowsOf('periods').map((row) => ({
        title: `${english.month(text(row.period))} (${text(row.status)})`,
        href: addressOf('funding', { from: range.from, to: range.to, month: text(row.period) }),
        current: row.period === month,
      })),
    );
    if (rows.length === 0)
      return [months, html`<p class="problem">${english.month(month)} is not allocated yet. The operator allocates it with <code>fairshare nightly</code>.</p>`]; // prettier-ignore
    const [{ status, until, currency, result }] = rows;
    const totals = JSON.parse(text(result)) as Readonly<
      Record<'cost_pool_cents' | 'billed_cents' | 'commons_cents', string>
    >;
    const money = (cents: string) => english.money(BigInt(cents), text(currency));
    const pool = BigInt(totals.cost_pool_cents);
    return [
      months,
      status === 'closed'
        ? html`<p class="status closed"><strong>Final.</strong> The month is closed.</p>`
        : html`<p class="status"><strong>Provisional.</strong> Computed up to ${text(until)}; nothing is due before the month is closed.</p>`, // prettier-ignore
      keyFigures([
        { title: 'Cost of the month, donations taken off', figure: money(totals.cost_pool_cents) },
        {
          title: 'Borne by families',
          figure: money(totals.billed_cents),
          note: english.percent(BigInt(totals.billed_cents), pool),
        },
        {
          title: 'Left to everybody',
          figure: money(totals.commons_cents),
          note: english.percent(BigInt(totals.commons_cents), pool),
        },
      ]),
      section(
        'Shares',
        table({
          caption: `What ${english.month(month)} allocates to each family`,
          source: source(answers.queryOf('shares')),
          columns: [
            { title: 'Family' },
            { title: 'Amount', number: true },
            { title: 'Of the cost', number: true },
            { title: 'Rule' },
          ],
          rows: rows.map((row) => [
            nameCell(text(row.family)),
            english.money(big(row.billed_cents), text(currency)),
            english.percent(big(row.billed_cents), pool),
            text(row.rule),
          ]),
        }),
        html`<p class="note">
          Rules: share, cap, minimum and free (docs/FUNDING.md). A statement has the derivation, the interval and the
          queries of each share.
        </p>`,
      ),
    ];
  },
};

/** The month that the address names, or that of the last day. */
const monthIn = (address: URLSearchParams, to: string): string => {
  const month = address.get('month') ?? '';
  return /^\d{4}-\d\d$/.test(month) ? month : to.slice(0, 7);
};
