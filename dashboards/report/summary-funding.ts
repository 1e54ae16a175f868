// Funding sections of the summary: amounts of the families, where the cost goes, the pools, corrections of closed periods.

import {
  formatBytes,
  formatCents,
  formatCount,
  formatExactCents,
  formatPercent,
  formatUnits,
} from '../../transform/numbers.ts';
import { byDue, type Summary } from './figures.ts';
import { commonsText, correctionsTable, policyTable, rulesText } from './funding-tables.ts';
import { type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { statementName } from './names.ts';
import { NOT_DUE, paceText } from './pace.ts';
import { english } from './texts/words.ts';

export interface SummaryHtmlOptions {
  /** Whether there are statements in statements/ beside it to link to. */
  readonly statements: boolean;
}

export const whoOwes = (summary: Summary, options: SummaryHtmlOptions): Markup =>
  section(
    'Who owes what',
    summary.status === 'open' ? html`<p>${NOT_DUE(summary.period)}</p>` : null,
    familiesTable(summary, options),
    paceTable(summary),
    html`<p class="note">
      A unit is the cost in cents that usage has caused, where the policy fixes no other price. Gross: all of a family's
      units. Net: above the free allowance. Weighted: after the bands. Rule: <em>share</em> – the rounded share;
      <em>cap</em> – cut to the highest share; <em>minimum</em> – below the smallest amount billed; <em>free</em> –
      within the allowance; <em>exempt</em> and <em>not_billable</em> – used, never billed. Bytes of
      families${from(summary.queries.families)}.
    </p>`,
    costTable(summary),
    poolsTable(summary),
    policyTable(summary.funding, summary.versions, summary.queries.run, english),
  );

function familiesTable(summary: Summary, { statements }: SummaryHtmlOptions): Markup {
  const { funding, totals, queries } = summary;
  const rows = byDue(summary).map(({ funding: { family, name, share, not_billed, true_up }, used }) => {
    const gross = share?.gross ?? not_billed[0]?.gross;
    return [
      html`${statements ? html`<a href="statements/${statementName(family, summary.period)}.html">${name}</a>` : name}
        <span class="id">${family}</span>`,
      used === undefined ? '–' : html`${bytesCell(used.bytes, english)}`,
      used === undefined ? '–' : formatPercent(used.bytes, totals.bytes),
      gross === undefined ? '–' : formatUnits(gross),
      share === null ? '–' : formatUnits(share.net),
      share === null ? '–' : formatUnits(share.tiered),
      share === null ? '–' : formatExactCents(share.raw, funding.currency),
      formatCents((share?.billed_cents ?? 0n) + (true_up?.cents ?? 0n), funding.currency),
      rulesText({ share, not_billed, true_up }),
    ];
  });
  return table({
    caption: `Families, amounts in ${funding.currency}`,
    source: from(queries.lines),
    columns: [
      { title: 'Family' },
      { title: 'Bytes', number: true },
      { title: 'Of all', number: true },
      { title: 'Gross units', number: true },
      { title: 'Net units', number: true },
      { title: 'Weighted', number: true },
      { title: 'Exact share', number: true },
      { title: 'Due', number: true },
      { title: 'Rule' },
    ],
    rows,
    foot: [
      [
        'All families',
        bytesCell(totals.attributed_bytes, english),
        formatPercent(totals.attributed_bytes, totals.bytes),
        '',
        '',
        formatUnits(funding.tier_sum),
        '',
        formatCents(funding.billed_cents + funding.true_up_cents, funding.currency),
        '',
      ],
    ],
    empty: 'No organisation has usage in this period.',
  });
}

/** A table of the amounts that the whole month would cost each family at its pace. */
function paceTable({ pace, funding, queries }: Summary): Markup | null {
  if (pace === undefined) return null;
  const { currency } = funding;
  const names = new Map(funding.families.map(({ family, name }) => [family, name]));
  return html`<p>${paceText(pace, currency)}</p>
    ${table({
      caption: `The whole month at this pace, ${currency}`,
      source: from(queries.run),
      columns: [
        { title: 'Family' },
        { title: 'Amount', number: true },
        { title: '5 % of the draws', number: true },
        { title: '95 % of the draws', number: true },
      ],
      rows: pace.families.map(({ family, cents, low_cents, high_cents }) => [
        html`${names.get(family) ?? family} <span class="id">${family}</span>`,
        formatCents(cents, currency),
        ...[low_cents, high_cents].map((bound) => (bound === null ? 'too few days' : formatCents(bound, currency))),
      ]),
    })}`;
}

/** The whole cost by destination: the billed amount, and each part of the commons. */
const costTable = ({ funding, queries }: Summary): Markup =>
  table({
    caption: `Where the cost goes, ${funding.currency}`,
    source: from(queries.run),
    columns: [{ title: 'Part of the cost' }, { title: 'Amount', number: true }, { title: 'Of the cost', number: true }],
    rows: [
      [
        'Billed to families by their shares',
        formatCents(funding.billed_cents, funding.currency),
        formatPercent(funding.billed_cents, funding.cost_pool_cents),
      ],
      ...funding.commons_parts.map(({ reason, cents }) => [
        `Commons: ${(commonsText[reason] ?? reason).replace(/^./, (letter) => letter.toLowerCase())}`,
        formatCents(cents, funding.currency),
        formatPercent(cents, funding.cost_pool_cents),
      ]),
    ],
    foot: [
      ['Net cost', formatCents(funding.cost_pool_cents, funding.currency), ''],
      ...(funding.true_up_cents === 0n
        ? []
        : [
            [
              'True-ups by contract, which relieve the commons',
              formatCents(funding.true_up_cents, funding.currency),
              '',
            ],
            ['Commons after true-ups', formatCents(funding.commons_cents, funding.currency), ''],
          ]),
    ],
  });

const poolsTable = ({ funding, queries }: Summary): Markup =>
  table({
    caption: `What the period cost, ${funding.currency}`,
    source: from(queries.run),
    columns: [
      { title: 'Pool' },
      { title: 'Driver' },
      { title: 'Gross', number: true },
      { title: 'Donated', number: true },
      { title: 'Net', number: true },
    ],
    rows: funding.pools.map((pool) => [
      pool.pool,
      pool.driver || 'as the policy says',
      formatCents(pool.gross_cents, funding.currency),
      formatCents(pool.donated_cents, funding.currency),
      formatCents(pool.net_cents, funding.currency),
    ]),
    foot: [
      [
        'All',
        '',
        formatCents(
          funding.pools.reduce((sum, pool) => sum + pool.gross_cents, 0n),
          funding.currency,
        ),
        formatCents(
          funding.pools.reduce((sum, pool) => sum + pool.donated_cents, 0n),
          funding.currency,
        ),
        formatCents(funding.cost_pool_cents, funding.currency),
      ],
    ],
  });

/** Lines that set closed periods right, and late usage whose period is still to be closed. */
export function corrections({ funding, queries }: Summary): Markup | null {
  const lines = funding.families.flatMap(({ name, family, corrections: own }) =>
    own.map((line) => ({ ...line, name, family })),
  );
  if (lines.length === 0 && funding.pending.length === 0) return null;
  return section(
    'Corrections of closed periods',
    lines.length === 0
      ? null
      : correctionsTable({
          caption: `Outside the sum of this period, amounts in ${funding.currency}; negative amounts are credits`,
          source: queries.corrections,
          lines,
          heads: [
            { title: 'Family', cell: ({ name, family }) => html`${name} <span class="id">${family}</span>` },
            {
              title: 'Period',
              cell: (line) => html`${line.of_period} <span class="id">run ${line.of_run_id.slice(0, 12)}</span>`,
            },
            { title: 'Why', cell: ({ reason }) => reason },
          ],
          currency: funding.currency,
          sums: [['All', funding.corrections_cents]],
          words: english,
        }),
    funding.pending.map(
      ({ of_period, requests, bytes: late }) =>
        html`<p>
          ${formatCount(requests)} requests (${formatBytes(late)}) of ${of_period} came, or were taken back, after their
          days were closed. They are corrected once ${of_period} is closed.
        </p>`,
    ),
  );
}
