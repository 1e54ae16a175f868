// An allocation as text for a terminal: each family's share, the evidence that was billed, corrections, and a comparison with
// another policy.

import { type AllocationResult } from '../../transform/funding/allocate.ts';
import { LEAST_TESTED_PREFIXES } from '../../transform/funding/billable.ts';
import { type Comparison } from '../../transform/funding/compare.ts';
import { type CorrectionLine } from '../../transform/funding/corrections.ts';
import { decimalsOf } from '../../transform/funding/currencies.ts';
import { inUnits } from '../../transform/funding/money.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { precisionOfTier, type Precision } from '../../transform/funding/precision.ts';
import { type Rational } from '../../transform/funding/rational.ts';
import {
  formatCents,
  formatCount,
  formatExactCents,
  formatPercent,
  formatRational,
  formatUnits,
} from '../../transform/numbers.ts';
import { textTable } from '../text-table.ts';

/** The result: a line per family, other usage, totals, and an explanation. */
export const allocationText = (result: AllocationResult, policy: Policy): string =>
  [
    `Allocation of ${formatCents(result.cost_pool_cents, result.currency)} ${result.currency} under policy ${result.policy_version}`,
    familiesTable(result),
    totalsTable(result),
    ...meaning(result, policy),
    '',
  ].join('\n');

function familiesTable({ currency, lines, not_billed }: AllocationResult): string {
  return textTable(
    ['family', 'gross', 'net', 'tiered', `raw share ${currency}`, `billed ${currency}`, 'rule'],
    [
      ...lines.map((line) => [
        line.family,
        formatUnits(line.gross),
        formatUnits(line.net),
        formatUnits(line.tiered),
        formatExactCents(line.raw, currency),
        formatCents(line.billed_cents, currency),
        line.rule,
      ]),
      ...not_billed.map(({ family, kind, gross }) => [family, formatUnits(gross), '', '', '', '', kind]),
    ],
    { right: [1, 2, 3, 4, 5] },
  );
}

function totalsTable({ currency, billed_cents, true_ups, commons_cents, cost_pool_cents }: AllocationResult): string {
  return textTable(
    ['', currency],
    [
      ['billed', formatCents(billed_cents, currency)],
      ...true_ups.map(({ family, cents }) => [`true-up to contract minimum: ${family}`, formatCents(cents, currency)]),
      ['commons', formatCents(commons_cents, currency)],
      ['cost pool', formatCents(cost_pool_cents, currency)],
    ],
    { right: [1] },
  );
}

/** The explanation, in sentences. */
function meaning(result: AllocationResult, policy: Policy): string[] {
  const { lines, units, currency, cost_pool_cents, billed_cents, commons_cents } = result;
  const paying = lines.filter((line) => line.billed_cents > 0n).length;
  return [
    `${lines.length} billable ${lines.length === 1 ? 'family' : 'families'} caused ${partOf(units.billable, units.total)} of all usage; ` +
      `after the free allowance of ${formatCount(policy.free_allowance)} units each, ` +
      `${formatRational(inUnits(result.recoverable, currency), decimalsOf(currency))} of the ${formatCents(cost_pool_cents, currency)} ${currency} can be recovered from them.`,
    `${formatCents(billed_cents, currency)} is billed to ${paying}; no share is above ${formatCents(result.cap_cents, currency)}, ` +
      `and one below ${formatCents(policy.minimum_cents, currency)} is not billed.`,
    commons_cents < 0n
      ? `Contracts bring ${formatCents(-commons_cents, currency)} more than the cost.`
      : `${formatCents(commons_cents, currency)} stays with the commons: no other payer bears it.`,
  ];
}

const partOf = (part: Rational, whole: Rational): string => formatPercent(part.num * whole.den, whole.num * part.den);

/** Evidence that the policy would bill: its precision as measured with tokens, and whether that is enough. */
export const measuredText = (
  { bill_measured }: Policy,
  precision: readonly Precision[],
  billed: readonly string[],
): string =>
  bill_measured
    .map((tier) => {
      const { right, wrong } = precisionOfTier(precision, tier);
      const need = billed.includes(tier) ? '' : `: needs 95 % of at least ${LEAST_TESTED_PREFIXES}`;
      return `${tier} is ${billed.includes(tier) ? '' : 'not '}billed: tokens show ${right} of ${right + wrong} prefixes right${need}\n`;
    })
    .join('');

/** Lines that set closed periods right. They are outside the allocation's sum. */
export const correctionsText = (lines: readonly CorrectionLine[], currency: string): string =>
  `Corrections of closed periods, outside the sum above\n${textTable(
    ['family', 'period', 'requests', currency, 'why'],
    lines.map((line) => [line.family, line.of_period, line.requests, formatCents(line.cents, currency), line.reason]),
    { right: [3] },
  )}\n`;

/** Compares two policies: the families side by side, and the commons. */
export function comparisonText(comparison: Comparison, a: AllocationResult, b: AllocationResult): string {
  const { currency } = a;
  const signed = (cents: bigint) => `${cents > 0n ? '+' : ''}${formatCents(cents, currency)}`;
  const rows = comparison.families.map((family) => [
    family.family,
    formatCents(family.a_cents, currency),
    formatCents(family.b_cents, currency),
    signed(family.difference_cents),
    family.a_rule === family.b_rule ? (family.a_rule ?? '') : `${family.a_rule ?? 'none'} → ${family.b_rule ?? 'none'}`,
  ]);
  rows.push([
    '(commons)',
    formatCents(comparison.a_commons_cents, currency),
    formatCents(comparison.b_commons_cents, currency),
    signed(comparison.commons_difference_cents),
    '',
  ]);
  const head = ['family', `policy ${a.policy_version}`, `policy ${b.policy_version}`, `change ${a.currency}`, 'rule'];
  return `What if: policy ${b.policy_version} instead of ${a.policy_version} (true-ups included)\n${textTable(head, rows, { right: [1, 2, 3] })}\n`;
}
