// A family's charges as rows of FOCUS 1.4 (FinOps Open Cost and Usage Specification): one for each day, organisation, ecosystem, kind of
// program, evidence and team; then what a contract adds, and corrections. docs/FOCUS.md names the clause behind each rule.

import { type FamilyFunding } from '../../dashboards/report/figures.ts';
import { centsText } from '../../transform/funding/money.ts';
import { splitNested } from '../../transform/funding/nested-split.ts';
import { decimalText, parseRational, rational, type Rational, zero } from '../../transform/funding/rational.ts';
import { splitStatement } from '../../transform/funding/rounding.ts';
import { type CorrectionLine } from '../../transform/funding/corrections.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { addDays, periodEnd, periodStart } from '../../transform/periods.ts';
import { formatCents } from '../../transform/numbers.ts';
import { rangeKey, type UnitRange } from '../funding/interval-records.ts';
import { rowUnits, type PricedTerms } from '../funding/parties.ts';
import { focusColumnNames, type FocusColumn } from './focus-columns.ts';

/** Numbers and times as text, so that none passes through floating point. */
export type FocusRow = Readonly<Record<FocusColumn, string | null>>;

/** A row of queries/export/charges.sql. */
export interface ChargeUsage extends Pick<PartyUsage, 'requester_class' | 'tier' | 'requests' | 'bytes'> {
  readonly day: string;
  readonly org_id: string;
  readonly ecosystem: string;
  readonly kind: string;
  /** Name of the token; '' for usage without one. */
  readonly team: string;
}

export interface FocusInput {
  readonly period: string;
  /** Number of the statement; null: nothing is invoiced, because the month is open or the issuer only shows back. */
  readonly invoice: string | null;
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

/** Ratios and bounds are whole multiples of one part, so that their decimals sum exactly. */
const RATIO_PLACES = 12;
const UNIT_PLACES = 6;

const isCertain = (tier: string): boolean => tier <= 'E3';

/** All rows. Their costs sum to the total of the family's statement: share, true-up and corrections. */
export function focusRows(input: FocusInput): FocusRow[] {
  const { share, family } = input;
  const rows = usageRows(input);
  if (share?.true_up)
    rows.push({
      ...common(input, share.true_up.cents, 'true-up'),
      ChargeCategory: 'Adjustment',
      ChargeDescription: `True-up to the contract minimum of ${formatCents(share.true_up.contract_minimum_cents, input.currency)} for ${family.id}`,
      ChargeFrequency: 'Recurring',
    });
  for (const line of share?.corrections ?? []) rows.push(correctionRow(input, line));
  return rows;
}

function usageRows(input: FocusInput): FocusRow[] {
  const { usage, terms, period, family, ranges } = input;
  const units = usage.map((row) => rowUnits(row, terms));
  const cents = usageCents(usage, units, input.share);
  const ratios = originRatios(usage, units);
  const low = boundsOf(usage, units, ranges, 'low');
  const high = boundsOf(usage, units, ranges, 'high');
  return usage.map((row, index): FocusRow => {
    const { day, org_id, ecosystem, requester_class, tier, kind, team } = row;
    const isBilled = kind === 'billable';
    const line = `share/${requester_class}`;
    const sku = `registry-usage/${ecosystem}/${requester_class}`;
    const exact = decimalText(units[index], UNIT_PLACES);
    const head = isBilled ? common(input, cents[index], line) : common({ ...input, invoice: null }, 0n, null);
    return {
      ...head,
      ChargeDescription: `Package registry usage, ${ecosystem}: ${requester_class}, evidence ${tier}${team === '' ? '' : `, team ${team}`}${isBilled ? '' : ` (${kind})`}`,
      ChargePeriodEnd: midnight(addDays(day, 1)),
      ChargePeriodStart: midnight(day),
      ConsumedQuantity: row.requests,
      ConsumedUnit: 'Requests',
      PricingQuantity: exact,
      PricingUnit: 'Units',
      SkuId: sku,
      SkuMeter: 'Requests and bytes',
      SkuPriceDetails: JSON.stringify({ x_Ecosystem: ecosystem, x_RequesterClass: requester_class }),
      SkuPriceId: sku,
      SubAccountId: org_id,
      SubAccountName: input.nameOf(org_id),
      Tags: JSON.stringify({
        'fairshare/ecosystem': ecosystem,
        'fairshare/requester_class': requester_class,
        'fairshare/evidence': tier,
        ...(team !== '' && { 'fairshare/team': team }),
      }),
      x_AllocationMethodId: isBilled ? `fairshare/${terms.policy.version}` : null,
      x_Bytes: row.bytes,
      x_EvidenceKind: tier,
      x_OriginChargeId: isBilled ? `${period}/${family.id}/${line}` : null,
      x_OriginRatio: ratios[index],
      x_RequesterClass: requester_class,
      x_TeamName: team === '' ? null : team,
      x_UnitsHigh: high[index] ?? (isCertain(tier) ? exact : null),
      x_UnitsLow: low[index] ?? (isCertain(tier) ? exact : null),
    };
  });
}

/** A correction of usage is Usage again, of the month that it corrects and in the month that shows it. */
function correctionRow(input: FocusInput, line: CorrectionLine): FocusRow {
  const { id, name } = input.family;
  return {
    ...common(input, line.cents, `correction/${line.of_period}/${line.kind}${line.id === '' ? '' : `/${line.id}`}`),
    ChargeClass: 'Correction',
    ChargeDescription: `Correction of ${line.of_period} (run ${line.of_run_id}): ${line.reason}`,
    ChargeFrequency: line.kind === 'manual' ? 'One-Time' : 'Usage-Based',
    ChargePeriodEnd: midnight(periodEnd(line.of_period)),
    ChargePeriodStart: midnight(periodStart(line.of_period)),
    SubAccountId: id,
    SubAccountName: name,
    Tags: JSON.stringify({ 'fairshare/corrected_period': line.of_period, 'fairshare/corrected_run': line.of_run_id }),
    x_Bytes: line.kind === 'late_usage' ? String(line.bytes) : null,
  };
}

/**
 * The values that all rows share; columns that differ are null.
 * @param detail the line of the statement; null: the statement has none
 */
function common(input: FocusInput, cents: bigint, detail: string | null): FocusRow {
  const { period, invoice, issuer, currency, family, run_id, attribution_version } = input;
  const cost = centsText(cents, currency);
  const billed = invoice === null ? centsText(0n, currency) : cost;
  return {
    ...empty,
    BilledCost: billed,
    BillingAccountId: family.id,
    BillingAccountName: family.name,
    BillingCurrency: currency,
    BillingPeriodEnd: midnight(periodEnd(period)),
    BillingPeriodStart: midnight(periodStart(period)),
    ChargeCategory: 'Usage',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: midnight(periodEnd(period)),
    ChargePeriodStart: midnight(periodStart(period)),
    ContractedCost: billed,
    EffectiveCost: billed,
    HostProviderName: issuer.name,
    InvoiceDetailId: invoice === null ? null : `${invoice}/${detail}`,
    InvoiceId: invoice,
    InvoiceIssuerName: issuer.name,
    ListCost: billed,
    ServiceCategory: 'Developer Tools',
    ServiceName: 'Package registry',
    ServiceProviderName: issuer.name,
    ServiceSubcategory: 'Other (Developer Tools)',
    Tags: '{}',
    x_AllocationRunId: run_id,
    x_AttributionVersion: attribution_version,
    x_ShownCost: invoice === null && detail !== null ? cost : null,
  };
}
const empty = Object.fromEntries(focusColumnNames.map((name) => [name, null])) as Record<FocusColumn, null>;

const midnight = (day: string): string => `${day}T00:00:00Z`;

/** Where a row stands below its line of the statement, the highest level first. Statements stop at the team (scripts/funding/teams.ts). */
const pathOf = ({ org_id, team, ecosystem, tier, day }: ChargeUsage): string[] => [org_id, team, ecosystem, tier, day];

/** The rows of each line of the statement; usage that is not billed has none. */
function byLine(usage: readonly ChargeUsage[]): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  usage.forEach(({ kind, requester_class }, index) => {
    if (kind !== 'billable') return;
    const line = lines.get(requester_class);
    if (line === undefined) lines.set(requester_class, [index]);
    else line.push(index);
  });
  return lines;
}

/** Splits each line of the statement, so that its rows sum to it. */
function usageCents(
  usage: readonly ChargeUsage[],
  units: readonly Rational[],
  share: FamilyFunding | undefined,
): bigint[] {
  const cents = usage.map(() => 0n);
  const lines = byLine(usage);
  for (const line of share?.share?.lines ?? []) {
    const rows = lines.get(line.requester_class) ?? [];
    const leaves = rows.map((index) => ({ path: pathOf(usage[index]), weight: units[index] }));
    splitNested(line.billed_cents, leaves).forEach((part, at) => {
      cents[rows[at]] = part;
    });
  }
  return cents;
}

/** The part of its line's units in each row, as decimals that sum to exactly 1; null where nothing weighs. */
function originRatios(usage: readonly ChargeUsage[], units: readonly Rational[]): (string | null)[] {
  const ratios: (string | null)[] = usage.map(() => null);
  for (const rows of byLine(usage).values()) {
    const own = rows.map((index) => units[index]);
    dividedExactly({ num: 1n, den: 1n }, own, RATIO_PLACES)?.forEach((text, at) => {
      ratios[rows[at]] = text;
    });
  }
  return ratios;
}

/** A bound of the month's units, divided among its days. */
function boundsOf(
  usage: readonly ChargeUsage[],
  units: readonly Rational[],
  ranges: ReadonlyMap<string, UnitRange>,
  bound: keyof UnitRange,
): (string | undefined)[] {
  const groups = new Map<string, number[]>();
  usage.forEach((row, index) => {
    const key = rangeKey(row);
    if (!ranges.has(key)) return;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  });
  const texts: (string | undefined)[] = usage.map(() => undefined);
  for (const [key, rows] of groups) {
    const value = parseRational(ranges.get(key)![bound]);
    const own = rows.map((index) => units[index]);
    dividedExactly(value ?? zero, own, UNIT_PLACES)?.forEach((text, at) => {
      texts[rows[at]] = text;
    });
  }
  return texts;
}

/** Decimals of `places` places in proportion to the weights, which sum to the value; undefined if nothing weighs. */
function dividedExactly(value: Rational, weights: readonly Rational[], places: number): string[] | undefined {
  const parts = weights.map((weight, index) => ({ id: String(index), weight: weight.num < 0n ? zero : weight }));
  if (parts.every(({ weight }) => weight.num === 0n)) return undefined;
  const scale = 10n ** BigInt(places);
  const whole = (value.num * scale) / value.den;
  return splitStatement(whole, parts).map((part) => decimalText(rational(part, scale), places));
}
