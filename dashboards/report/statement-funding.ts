// The amounts of a family in the annex of its statement: the lines, corrections of earlier months, and each step of the calculation.

import { type AllocationRule } from '../../transform/funding/allocate.ts';
import { dueCents, payableCents, type FamilyFunding, type FamilyShare, type Statement } from './figures.ts';
import { correctionsTable } from './funding-tables.ts';
import { type Child, type Markup, bytesCell, from, html, section, table } from './markup.ts';
import { type Words } from './texts/words.ts';

/** The lines and the steps of the calculation. */
export const derivation = (statement: Statement, words: Words): Markup =>
  section(
    words.texts.annex.derivation,
    html`<p>${words.texts.annex.exact} ${words.texts.usage.unit}</p>`,
    dueTable(statement, words),
    notBilled(statement.share, words),
    steps(statement, words),
  );

/** The share's lines, their sum, and the amount that a contract adds. */
function dueTable({ share, funding, queries }: Statement, words: Words): Markup {
  const { annex: texts, usage } = words.texts;
  const money = (cents: bigint) => words.cents(cents, funding.currency);
  const lines = share.share?.lines ?? [];
  const { true_up } = share;
  return table({
    caption: texts.lines(funding.currency),
    source: from(queries.lines),
    columns: [
      { title: usage.kind },
      { title: usage.requests, number: true },
      { title: usage.bytes, number: true },
      { title: texts.weight, number: true },
      { title: texts.units, number: true },
      { title: texts.amount, number: true },
    ],
    rows: lines.map((line) => [
      words.className(line.requester_class),
      words.count(line.requests),
      bytesCell(line.bytes, words),
      words.factor(line.weight_bp),
      words.units(line.units),
      money(line.billed_cents),
    ]),
    foot: [
      [
        texts.share,
        words.count(lines.reduce((sum, line) => sum + line.requests, 0n)),
        bytesCell(
          lines.reduce((sum, line) => sum + line.bytes, 0n),
          words,
        ),
        '',
        words.units(share.share?.gross ?? { num: 0n, den: 1n }),
        money(share.share?.billed_cents ?? 0n),
      ],
      ...(true_up === null
        ? []
        : [
            [texts.trueUp(money(true_up.contract_minimum_cents)), '', '', '', '', money(true_up.cents)],
            [texts.amount, '', '', '', '', money(dueCents(share))],
          ]),
    ],
    empty: texts.noLines,
  });
}

const notBilled = ({ not_billed }: FamilyFunding, words: Words): Markup | null => {
  const { annex: texts } = words.texts;
  const parts = not_billed.map(({ kind, gross }) =>
    kind === 'exempt' ? texts.exemptUnits(words.units(gross)) : texts.weakUnits(words.units(gross)),
  );
  return parts.length === 0 ? null : html`<p class="note">${texts.notBilled(parts.join('; '))}</p>`;
};

/** Lines that set closed months right. They are outside the month's own sum. */
export function corrections({ share, funding, period, queries }: Statement, words: Words): Markup | null {
  if (share.corrections.length === 0) return null;
  const payable = payableCents(share);
  const { annex: texts, letter } = words.texts;
  return section(
    texts.corrections,
    correctionsTable({
      caption: texts.lines(funding.currency),
      source: queries.corrections,
      lines: share.corrections,
      heads: [
        { title: texts.month, cell: (line) => words.month(line.of_period) },
        {
          title: texts.why,
          cell: (line) =>
            line.kind === 'manual'
              ? html`${line.reason} <span class="id">${line.id}</span>`
              : texts.late(words.count(line.requests)),
        },
        { title: texts.closedRun, cell: (line) => html`<span class="id">${line.of_run_id}</span>` },
      ],
      currency: funding.currency,
      sums: [
        [texts.due(words.month(period)), dueCents(share)],
        [payable < 0n ? letter.credit : texts.amount, payable],
      ],
      words,
    }),
    html`<p class="note">${texts.correctionsText}</p>`,
  );
}

/** The allocation's steps as numbered in docs/FUNDING.md, with this family's figures. */
function steps({ share: { share, true_up }, funding, queries }: Statement, words: Words): Markup | null {
  if (share === null) return null;
  const { annex: texts } = words.texts;
  return table({
    caption: texts.steps(funding.currency),
    source: from(queries.lines),
    columns: [{ title: texts.step }, { title: texts.what }, { title: texts.figure, number: true }],
    rows: stepRows(share, true_up, funding, words),
  });
}

function stepRows(
  share: FamilyShare,
  true_up: FamilyFunding['true_up'],
  funding: Statement['funding'],
  words: Words,
): Child[][] {
  const { annex: texts } = words.texts;
  const money = (cents: bigint) => words.cents(cents, funding.currency);
  return [
    [
      texts.gross,
      texts.grossText(words.rational(funding.alpha, 9), words.rational(funding.beta, 15)),
      words.units(share.gross),
    ],
    [texts.allowance, texts.allowanceText, `− ${words.count(funding.free_allowance)}`],
    [texts.net, texts.netText, words.units(share.net)],
    ...share.bands
      .filter(({ units: part }) => part.num > 0n)
      .map((band): Child[] => [
        band.up_to === null
          ? texts.bandAbove(words.count(band.from))
          : texts.band(words.count(band.from), words.count(band.up_to)),
        texts.bandText(words.units(band.units), words.factor(band.multiplier_bp)),
        words.units(band.tiered),
      ]),
    [texts.weighted, texts.weightedText, words.units(share.tiered)],
    [
      texts.recoverable,
      `${texts.recoverableText(money(funding.cost_pool_cents), words.units(funding.units.total))}${
        funding.rho_bp === 0n ? '' : texts.withRho(words.factor(funding.rho_bp * 100n))
      }`,
      words.exactCents(funding.recoverable, funding.currency),
    ],
    [
      texts.exactShare,
      texts.exactShareText(words.units(funding.tier_sum)),
      words.exactCents(share.raw, funding.currency),
    ],
    [texts.rule(texts.rules[share.rule]), ruleOutcome(share.rule, funding, words), ''],
    [texts.billed, texts.billedText, money(share.billed_cents)],
    ...(true_up === null ? [] : [[texts.trueUp(money(true_up.contract_minimum_cents)), '', money(true_up.cents)]]),
  ];
}

/** How the rule turned the exact share into the billed amount. */
function ruleOutcome(rule: AllocationRule, funding: Statement['funding'], words: Words): string {
  const { annex: texts } = words.texts;
  const [minimum, cap] = [funding.minimum_cents, funding.cap_cents].map((cents) =>
    words.cents(cents, funding.currency),
  );
  return {
    share: texts.ruleShare(minimum, cap),
    cap: texts.ruleCap(words.factor(funding.cap_bp * 100n), cap),
    minimum: texts.ruleMinimum(minimum),
    free: texts.ruleFree,
  }[rule];
}
