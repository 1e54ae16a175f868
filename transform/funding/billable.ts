// Decides which evidence may be billed. E1–E3 are proof. E4 and E5 are billed if the policy allows it and tokens of the same
// period have shown that they name the right organisation. docs/FUNDING.md, Which evidence is billed

import { BP, measurableTiers, type MeasurableTier, type Policy } from './policy.ts';
import { precisionOfTier, type Precision } from './precision.ts';

const provedTiers = ['E1', 'E2', 'E3'] as const;
/** Smallest share of the tested prefixes that must be right. */
const LEAST_PRECISION_BP = 9_500n;
/** Fewer tested prefixes prove too little: of 60 prefixes that are right 19 times in 20, three are wrong. */
export const LEAST_TESTED_PREFIXES = 60;

/** Whether a tier is precise enough: right / (right + wrong) ≥ 0.95, of 60 prefixes or more. */
export function isMeasured(tier: MeasurableTier, precision: readonly Precision[]): boolean {
  const { right, wrong } = precisionOfTier(precision, tier);
  const tested = right + wrong;
  return tested >= LEAST_TESTED_PREFIXES && BigInt(right) * BP >= BigInt(tested) * LEAST_PRECISION_BP;
}

/** Tiers whose usage is billed, by the policy and the period's measured precision; strongest first. */
export const billableTiers = (
  { bill_measured }: Pick<Policy, 'bill_measured'>,
  precision: readonly Precision[],
): string[] => [
  ...provedTiers,
  ...measurableTiers.filter((tier) => bill_measured.includes(tier) && isMeasured(tier, precision)),
];
