// A family's charges as FOCUS 1.4 rows (FinOps Open Cost and Usage Specification), one per organisation, requester class and
// evidence. While the period is open, the rows are a show-back: BilledCost is 0, EffectiveCost is the share so far.

import { type FamilyFunding } from '../../dashboards/report/figures.ts';
import { centsText } from '../../transform/funding/money.ts';
import { fromBp, classWeightBp } from '../../transform/funding/policy.ts';
import { decimalText, multiply, rational, type Rational, zero } from '../../transform/funding/rational.ts';
import { splitStatement } from '../../transform/funding/rounding.ts';
import { type CsvColumn, type CsvValue } from '../../transform/csv.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { rangeKey, type UnitRange } from '../funding/interval-records.ts';
import { rowUnits, type PricedTerms } from '../funding/parties.ts';
import { formatCents } from '../../transform/numbers.ts';
import { periodEnd, periodStart } from '../../transform/periods.ts';

/** Column → type in Parquet. Our own columns begin with x_ and are last. */
export const focusColumns = {
  AllocatedMethodDetails: 'Nullable(String)',
  AllocatedMethodId: 'Nullable(String)',
  BilledCost: 'Decimal(18, 2)',
  BillingAccountId: 'String',
  BillingAccountName: 'Nullable(String)',
  BillingCurrency: 'String',
  BillingPeriodEnd: "DateTime64(3, 'UTC')",
  BillingPeriodStart: "DateTime64(3, 'UTC')",
  ChargeCategory: 'String',
  ChargeClass: 'Nullable(String)',
  ChargeDescription: 'Nullable(String)',
  ChargeFrequency: 'String',
  ChargePeriodEnd: "DateTime64(3, 'UTC')",
  ChargePeriodStart: "DateTime64(3, 'UTC')",
  ConsumedQuantity: 'Nullable(Decimal(38, 0))',
  ConsumedUnit: 'Nullable(String)',
  ContractedCost: 'Decimal(18, 2)',
  EffectiveCost: 'Decimal(18, 2)',
  HostProviderName: 'String',
  InvoiceId: 'Nullable(String)',
  InvoiceIssuerName: 'String',
  ListCost: 'Decimal(18, 2)',
  PricingQuantity: 'Nullable(Decimal(38, 6))',
  PricingUnit: 'Nullable(String)',
  ServiceCategory: 'String',
  ServiceName: 'String',
  ServiceProviderName: 'String',
  ServiceSubcategory: 'String',
  SkuId: 'Nullable(String)',
  SubAccountId: 'Nullable(String)',
  SubAccountName: 'Nullable(String)',
  Tags: 'String',
  x_AllocationRunId: 'String',
  x_AttributionVersion: 'String',
  x_Bytes: 'Nullable(Decimal(38, 0))',
  x_EvidenceKind: 'Nullable(String)',
  x_RequesterClass: 'Nullable(String)',
  x_UnitsHigh: 'Nullable(Decimal(38, 6))',
  x_UnitsLow: 'Nullable(Decimal(38, 6))',
} as const;
export type FocusColumn = keyof typeof focusColumns;
/** Numbers and times as text, so that none passes through floating point. */
export type FocusRow = Readonly<Record<FocusColumn, string | null>>;

export const focusCsvColumns: readonly CsvColumn[] = Object.entries(focusColumns).map(([name, type]) => ({
  name,
  kind: type.includes('Decimal') ? 'number' : 'text',
}));
export const focusCsvValues = (row: FocusRow): CsvValue[] =>
  focusCsvColumns.map(({ name }) => row[name as FocusColumn]);

/** A row of queries/export/charges.sql. */
export interface ChargeUsage extends Pick<PartyUsage, 'requester_class' | 'tier' | 'requests' | 'bytes'> {
  readonly org_id: string;
  readonly kind: string;
}

export interface FocusInput {
  readonly period: string;
  readonly status: 'open' | 'closed';
  readonly issuer: { readonly name: string };
  readonly currency: string;
  readonly family: { readonly id: string; readonly name: string };
  readonly nameOf: (orgId: string) => string;
  readonly usage: readonly ChargeUsage[];
  /** Ranges of usage whose evidence may err, by rangeKey. E1–E3 have no range, only a value. */
  readonly ranges: ReadonlyMap<string, UnitRange>;
  /** undefined: the family is not in the allocation */
  readonly share: FamilyFunding | undefined;
  readonly terms: PricedTerms;
  readonly run_id: string;
  readonly attribution_version: string;
}

/** Ratios are whole multiples of 1 / RATIO_PARTS, so that the decimals sum to exactly 1. */
const RATIO_PARTS = 10n ** 12n;
const unitsText = (units: Rational): string => decimalText(units, 6);

const isCertain = (tier: string): boolean => tier <= 'E3';

/** All rows. EffectiveCost sums to the total of the family's statement: share, true-up and corrections. */
export function focusRows(input: FocusInput): FocusRow[] {
  const { usage, share, terms, family } = input;
  const units = usage.map((row) => rowUnits(row, terms));
  const cents = usageCents(usage, units, share);
  const details = methodDetails(usage, terms);
  const rows = usage.map((row, index): FocusRow => {
    const isBillable = row.kind === 'billable';
    const exact = unitsText(units[index]);
    const range = input.ranges.get(rangeKey(row));
    return {
      ...common(input, cents[index]),
      AllocatedMethodDetails: details[index]!,
      AllocatedMethodId: isBillable ? methodId(terms) : null,
      ChargeCategory: 'Usage',
      ChargeDescription: `Package registry usage: ${row.requester_class}, evidence ${row.tier}${isBillable ? '' : `, ${row.kind}`}`,
      ChargeFrequency: 'Usage-Based',
      ConsumedQuantity: row.requests,
      ConsumedUnit: 'Requests',
      PricingQuantity: exact,
      PricingUnit: 'Units',
      SkuId: `registry-usage/${row.requester_class}`,
      SubAccountId: row.org_id,
      SubAccountName: input.nameOf(row.org_id),
      Tags: JSON.stringify({ 'fairshare/evidence': row.tier, 'fairshare/requester_class': row.requester_class }),
      x_Bytes: row.bytes,
      x_EvidenceKind: row.tier,
      x_RequesterClass: row.requester_class,
      x_UnitsHigh: range?.high ?? (isCertain(row.tier) ? exact : null),
      x_UnitsLow: range?.low ?? (isCertain(row.tier) ? exact : null),
    };
  });
  if (share?.true_up)
    rows.push({
      ...common(input, share.true_up.cents),
      ChargeCategory: 'Adjustment',
      ChargeDescription: `True-up to the contract minimum of ${formatCents(share.true_up.contract_minimum_cents, input.currency)} for ${family.id}`,
      ChargeFrequency: 'Recurring',
      SkuId: 'contract-minimum',
    });
  for (const line of share?.corrections ?? []) {
    const [start, end] = bounds(line.of_period);
    rows.push({
      ...common(input, line.cents),
      ChargeCategory: line.cents < 0n ? 'Credit' : 'Adjustment',
      ChargeClass: 'Correction',
      ChargeDescription: `Correction of ${line.of_period} (run ${line.of_run_id}): ${line.reason}`,
      ChargeFrequency: 'One-Time',
      ChargePeriodEnd: end,
      ChargePeriodStart: start,
      SkuId: `correction/${line.kind}`,
      Tags: JSON.stringify({ 'fairshare/corrected_period': line.of_period, 'fairshare/corrected_run': line.of_run_id }),
    });
  }
  return rows;
}

const methodId = ({ policy }: PricedTerms): string => `fairshare/${policy.version}`;

/** The values that all rows share; columns that differ are null. */
function common(input: FocusInput, cents: bigint): FocusRow {
  const { period, status, issuer, currency, family, run_id, attribution_version } = input;
  const cost = centsText(cents, currency);
  const [start, end] = bounds(period);
  return {
    AllocatedMethodDetails: null,
    AllocatedMethodId: null,
    BilledCost: status === 'closed' ? cost : centsText(0n, currency),
    BillingAccountId: family.id,
    BillingAccountName: family.name,
    BillingCurrency: currency,
    BillingPeriodEnd: end,
    BillingPeriodStart: start,
    ChargeCategory: 'Usage',
    ChargeClass: null,
    ChargeDescription: null,
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: end,
    ChargePeriodStart: start,
    ConsumedQuantity: null,
    ConsumedUnit: null,
    ContractedCost: cost,
    EffectiveCost: cost,
    HostProviderName: issuer.name,
    InvoiceId: status === 'closed' ? `${period}/${family.id}` : null,
    InvoiceIssuerName: issuer.name,
    ListCost: cost,
    PricingQuantity: null,
    PricingUnit: null,
    ServiceCategory: 'Developer Tools',
    ServiceName: 'Package registry',
    ServiceProviderName: issuer.name,
    ServiceSubcategory: 'Other (Developer Tools)',
    SkuId: null,
    SubAccountId: null,
    SubAccountName: null,
    Tags: '{}',
    x_AllocationRunId: run_id,
    x_AttributionVersion: attribution_version,
    x_Bytes: null,
    x_EvidenceKind: null,
    x_RequesterClass: null,
    x_UnitsHigh: null,
    x_UnitsLow: null,
  };
}

/** Start of the month and of the next one (exclusive). */
const bounds = (period: string): [start: string, end: string] => [
  `${periodStart(period)}T00:00:00Z`,
  `${periodEnd(period)}T00:00:00Z`,
];

/** Splits each line of the statement by organisation and evidence, so that the rows sum to the line, and to the statement. */
function usageCents(
  usage: readonly ChargeUsage[],
  units: readonly Rational[],
  share: FamilyFunding | undefined,
): bigint[] {
  const cents = usage.map(() => 0n);
  for (const line of share?.share?.lines ?? []) {
    const parts = usage
      .map((row, index) => ({ row, index }))
      .filter(({ row }) => row.kind === 'billable' && row.requester_class === line.requester_class)
      .map(({ row, index }) => ({ index, id: `${row.org_id} ${row.tier}`, weight: units[index] }));
    for (const [at, part] of splitStatement(line.billed_cents, parts).entries()) cents[parts[at].index] = part;
  }
  return cents;
}

/** The part of the family's charge in each row, by requests and by bytes. The ratios of all rows sum to 1. */
function methodDetails(usage: readonly ChargeUsage[], terms: PricedTerms): (string | null)[] {
  const { policy, prices } = terms;
  const elements = usage.flatMap((row, index) => {
    if (row.kind !== 'billable') return [];
    const weight = fromBp(classWeightBp(policy, row.requester_class));
    const element = (unit: string, quantity: string, price: Rational) => ({
      index,
      unit,
      quantity,
      weight: multiply(weight, multiply(price, rational(BigInt(quantity)))),
    });
    return [element('Requests', row.requests, prices.alpha), element('Bytes', row.bytes, prices.beta)];
  });
  const isWeighted = elements.some(({ weight }) => weight.num > 0n);
  const ratios = splitStatement(
    isWeighted ? RATIO_PARTS : 0n,
    elements.map(({ index, unit, weight }) => ({ id: `${index} ${unit}`, weight: isWeighted ? weight : zero })),
  );
  return usage.map((_, index) => {
    const own = elements
      .map((element, at) => ({ ...element, ratio: ratios[at] }))
      .filter((element) => element.index === index);
    if (own.length === 0 || !isWeighted) return null;
    // Written as text, because a JavaScript number would not be exact.
    const text = own.map(
      ({ unit, quantity, ratio }) =>
        `{"AllocatedRatio":${decimalText({ num: ratio, den: RATIO_PARTS }, 12)},"UsageUnit":"${unit}","UsageQuantity":${quantity}}`,
    );
    return `{"Elements":[${text.join(',')}]}`;
  });
}
