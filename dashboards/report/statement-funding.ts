// The amounts of a family as sections of its statement: the lines, corrections of earlier periods, and each step of the calculation.

import { type AllocationRule } from '../../transform/funding/allocate.ts';
import {
  formatCents,
  formatCount,
  formatExactCents,
  formatFactor,
  formatRational,
  formatUnits,
} from '../../transform/numbers.ts';
import { dueCents, payableCents, type FamilyFunding, type FamilyShare, type Statement } from './figures.ts';
import { amount, correctionsTable } from './funding-tables.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { classLabel, monthName } from './names.ts';
import { familyPaceText, NOT_DUE, paceText } from './pace.ts';

export function ruleText(share: FamilyShare | null): string {
  if (share === null) return 'nothing that may be billed';
  return {
    share: 'your share, rounded',
    cap: 'cut to the cap',
    minimum: 'below the smallest amount billed',
    free: 'within the free allowance',
  }[share.rule];
}

export function due(statement: Statement): Markup {
  const { share, funding, status, period, pace } = statement;
  const total = amount(dueCents(share), funding.currency);
  return section(
    status === 'open' ? 'What it has cost so far' : 'What is due',
    status === 'open'
      ? html`<p class="due">
          ${NOT_DUE(period)} Your share of the cost is ${total} as far as it is known.
          ${pace === undefined ? null : html`${paceText(pace, funding.currency)} ${familyPaceText(pace, funding.currency)}`}
        </p>`
      : html`<p class="due">
          ${
            dueCents(share) === 0n
              ? html`Nothing is due for ${monthName(period)}: ${ruleText(share.share)}.`
              : html`<strong>${total}</strong> for ${monthName(period)}.`
          }
        </p>`,
    dueTable(statement),
    notBilled(share),
  );
}

/** The share's lines, their sum, and the amount that a contract adds. */
function dueTable({ share, funding, queries }: Statement): Markup {
  const lines = share.share?.lines ?? [];
  const { true_up } = share;
  return table({
    caption: `Lines, amounts in ${funding.currency}`,
    source: from(queries.classes),
    columns: [
      { title: 'Requester class' },
      { title: 'Requests', number: true },
      { title: 'Bytes', number: true },
      { title: 'Weight', number: true },
      { title: 'Units', number: true },
      { title: 'Amount', number: true },
    ],
    rows: lines.map((line) => [
      classLabel(line.requester_class),
      formatCount(line.requests),
      bytesCell(line.bytes),
      formatFactor(line.weight_bp),
      formatUnits(line.units),
      formatCents(line.billed_cents, funding.currency),
    ]),
    foot: [
      [
        'Share',
        formatCount(lines.reduce((sum, line) => sum + line.requests, 0n)),
        bytesCell(lines.reduce((sum, line) => sum + line.bytes, 0n)),
        '',
        share.share === null ? '0' : formatUnits(share.share.gross),
        formatCents(share.share?.billed_cents ?? 0n, funding.currency),
      ],
      ...(true_up === null
        ? []
        : [
            [
              `True-up to the contract's minimum of ${formatCents(true_up.contract_minimum_cents, funding.currency)}`,
              '',
              '',
              '',
              '',
              formatCents(true_up.cents, funding.currency),
            ],
            ['Amount', '', '', '', '', formatCents(dueCents(share), funding.currency)],
          ]),
    ],
    empty: 'No usage that may be billed.',
  });
}

const notBilled = ({ not_billed }: FamilyFunding): Markup | null =>
  not_billed.length === 0
    ? null
    : html`<p class="note">
        Not billed:
        ${not_billed
          .map(
            ({ kind, gross }) =>
              `${formatUnits(gross)} units ${kind === 'exempt' ? 'of exempt organisations' : 'attributed by evidence that is not good enough to bill'}`,
          )
          .join('; ')}.
      </p>`;

/** Lines that set closed periods right. They are outside the period's own sum. */
export function corrections({ share, funding, period, queries }: Statement): Markup | null {
  if (share.corrections.length === 0) return null;
  const payable = payableCents(share);
  return section(
    'Corrections of earlier periods',
    correctionsTable({
      caption: `Lines, amounts in ${funding.currency}`,
      source: queries.corrections,
      lines: share.corrections,
      heads: [
        { title: 'Period', cell: (line) => monthName(line.of_period) },
        {
          title: 'Why',
          cell: (line) =>
            line.kind === 'manual' ? html`${line.reason} <span class="id">${line.id}</span>` : line.reason,
        },
        { title: 'Its closed run', cell: (line) => html`<span class="id">${line.of_run_id}</span>` },
      ],
      currency: funding.currency,
      sums: [
        [`Due for ${monthName(period)}`, dueCents(share)],
        [payable < 0n ? 'Credit' : 'Amount', payable],
      ],
    }),
    html`<p class="note">
      A closed period never changes. What arrives for it later, or is taken back, is computed into it as if it had been
      there; the difference to what was billed is a line here. It stands outside the sum of this period.
    </p>`,
  );
}

/** The allocation's steps as numbered in docs/FUNDING.md, with this family's figures. */
export function steps({ share: { share, true_up }, funding, queries }: Statement): Markup | null {
  if (share === null) return null;
  return section(
    'How the amount was calculated',
    html`<p>Every step is exact; figures are rounded for reading only.</p>`,
    table({
      caption: `Steps of the allocation, money in ${funding.currency}`,
      source: from(queries.lines),
      columns: [{ title: 'Step' }, { title: 'What it is' }, { title: 'Figure', number: true }],
      rows: stepRows(share, true_up, funding),
    }),
  );
}

function stepRows(share: FamilyShare, true_up: FamilyFunding['true_up'], funding: Statement['funding']): Child[][] {
  return [
    [
      'Gross units',
      html`What the family's usage has caused: weight × (requests × ${formatRational(funding.alpha, 9)} + bytes ×
      ${formatRational(funding.beta, 15)}), summed over its organisations`,
      formatUnits(share.gross),
    ],
    ['Free allowance', 'Free once for each family', `− ${formatCount(funding.free_allowance)}`],
    ['Net units', 'What is left', formatUnits(share.net)],
    ...share.bands
      .filter(({ units: part }) => part.num > 0n)
      .map((band): Child[] => [
        band.up_to === null
          ? `Band above ${formatCount(band.from)}`
          : `Band ${formatCount(band.from)} to ${formatCount(band.up_to)}`,
        `${formatUnits(band.units)} units × ${formatFactor(band.multiplier_bp)}`,
        formatUnits(band.tiered),
      ]),
    ['Weighted units, T', 'Sum of the bands', formatUnits(share.tiered)],
    [
      'Recoverable cost, R',
      html`Net cost ${formatCents(funding.cost_pool_cents, funding.currency)} × net units of all families / all units
      (${formatUnits(funding.units.total)})${funding.rho_bp === 0n ? null : html`, with ${formatFactor(funding.rho_bp * 100n)} % of what is unattributed`}`,
      formatExactCents(funding.recoverable, funding.currency),
    ],
    [
      'Exact share',
      html`R × T / S, where S = ${formatUnits(funding.tier_sum)} are the weighted units of all families`,
      formatExactCents(share.raw, funding.currency),
    ],
    [html`Cap and minimum: <em>${share.rule}</em>`, ruleOutcome(share.rule, funding), ''],
    [
      'Billed',
      'Rounded down to the cent; cents left over go to the largest remainders',
      formatCents(share.billed_cents, funding.currency),
    ],
    ...(true_up === null
      ? []
      : [
          [
            'True-up',
            `To the contract's minimum of ${formatCents(true_up.contract_minimum_cents, funding.currency)}`,
            formatCents(true_up.cents, funding.currency),
          ],
        ]),
  ];
}

/** How the rule turned the exact share into the billed amount. */
function ruleOutcome(rule: AllocationRule, funding: Statement['funding']): string {
  return {
    share: `Between the smallest amount billed (${formatCents(funding.minimum_cents, funding.currency)}) and the cap (${formatCents(funding.cap_cents, funding.currency)}): the share stands.`,
    cap: `No share is above ${formatFactor(funding.cap_bp * 100n)} % of the cost, ${formatCents(funding.cap_cents, funding.currency)}. What the cap cuts goes to the commons, not to others.`,
    minimum: `A share below ${formatCents(funding.minimum_cents, funding.currency)} is not billed. It goes to the commons.`,
    free: 'All units are within the free allowance.',
  }[rule];
}
