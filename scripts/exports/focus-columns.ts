// The columns of the FOCUS 1.4 data set Cost and Usage that an export has, in FOCUS's order: its own columns by name, then ours (x_).
// docs/FOCUS.md says which columns of the standard are left out, and by which of its conditions.

import { type DataColumn } from './data-dictionary.ts';

const money = 'Decimal(18, 2)';
const text = 'String';
const nullable = 'Nullable(String)';
const time = "DateTime64(3, 'UTC')";

export const focusColumns = {
  BilledCost: {
    type: money,
    says: 'Cost as invoiced. 0 while nothing is invoiced: in an open month, and in show-back',
  },
  BillingAccountId: { type: text, says: 'The legal family that gets the statement' },
  BillingAccountName: { type: nullable, says: 'Its name' },
  BillingCurrency: { type: text, says: 'ISO 4217' },
  BillingPeriodEnd: { type: time, says: 'Start of the next month, exclusive' },
  BillingPeriodStart: { type: time, says: 'Start of the month' },
  ChargeCategory: {
    type: text,
    says: 'Usage, also where it is corrected; Adjustment for what a contract adds',
    values: ['Usage', 'Adjustment'],
  },
  ChargeClass: { type: nullable, says: 'Correction: of a month that was closed', values: ['Correction'] },
  ChargeDescription: { type: nullable, says: 'What it is, in a sentence' },
  ChargeFrequency: {
    type: text,
    says: 'How often it occurs',
    values: ['Usage-Based', 'Recurring', 'One-Time'],
  },
  ChargePeriodEnd: { type: time, says: 'End of the day of the usage, exclusive; of the month, if the row has no day' },
  ChargePeriodStart: { type: time, says: 'Start of the day of the usage; of the month, if the row has no day' },
  ConsumedQuantity: { type: 'Nullable(Decimal(38, 0))', says: 'Requests' },
  ConsumedUnit: { type: nullable, says: 'Unit of ConsumedQuantity', values: ['Requests'] },
  ContractedCost: { type: money, says: 'As BilledCost: there is no unit price' },
  EffectiveCost: { type: money, says: 'As BilledCost: no charge covers another' },
  HostProviderName: { type: text, says: 'The foundation' },
  InvoiceDetailId: { type: nullable, says: 'The line of the statement; null while nothing is invoiced' },
  InvoiceId: { type: nullable, says: 'Number of the statement; null while nothing is invoiced' },
  InvoiceIssuerName: { type: text, says: 'The foundation' },
  ListCost: { type: money, says: 'As BilledCost: there is no unit price' },
  PricingQuantity: {
    type: 'Nullable(Decimal(38, 6))',
    says: 'Units: usage by requests and bytes, as the policy weighs them',
  },
  PricingUnit: { type: nullable, says: 'Unit of PricingQuantity', values: ['Units'] },
  ServiceCategory: { type: text, says: 'Of the service', values: ['Developer Tools'] },
  ServiceName: { type: text, says: 'The service' },
  ServiceProviderName: { type: text, says: 'The foundation' },
  ServiceSubcategory: { type: text, says: 'Of the service', values: ['Other (Developer Tools)'] },
  SkuId: { type: nullable, says: 'Registry usage of one ecosystem and one kind of program' },
  SkuMeter: { type: nullable, says: 'What is metered' },
  SkuPriceDetails: { type: nullable, json: true, says: 'x_Ecosystem and x_RequesterClass of the SKU' },
  SkuPriceId: { type: nullable, says: 'As SkuId: an entry of the policy, which weighs kinds of programs' },
  SubAccountId: { type: nullable, says: 'The organisation; for corrections the head of the family' },
  SubAccountName: { type: nullable, says: 'Its name' },
  Tags: {
    type: text,
    json: true,
    says: 'Keys: fairshare/ecosystem, fairshare/requester_class, fairshare/evidence, fairshare/team; of corrections fairshare/corrected_period, fairshare/corrected_run',
  },
  x_AllocationMethodId: {
    type: nullable,
    says: 'The policy whose weights divide the cost (docs/FUNDING.md); null for usage that is not billed',
  },
  x_AllocationRunId: { type: text, says: 'The allocation run; fairshare verify computes it again' },
  x_AttributionVersion: { type: text, says: 'The attribution that says whose usage it is' },
  x_Bytes: { type: 'Nullable(Decimal(38, 0))', says: 'Bytes sent by the edge' },
  x_EvidenceKind: { type: nullable, says: 'Tier of the evidence, E1 … E7 (docs/GLOSSARY.md)' },
  x_OriginChargeId: {
    type: nullable,
    says: 'The line of the statement whose amount is divided among the rows with the same value',
  },
  x_OriginRatio: {
    type: 'Nullable(Decimal(38, 12))',
    says: 'Part of that line’s units in this row. The ratios of a line sum to exactly 1. The cost itself is rounded to whole cents',
  },
  x_RequesterClass: { type: nullable, says: 'Kind of program (docs/METHODOLOGY.md)' },
  x_ShownCost: {
    type: 'Nullable(Decimal(18, 2))',
    says: 'Cost that is shown and not invoiced: the share so far of an open month, or a show-back. Null where BilledCost has it',
  },
  x_TeamName: { type: nullable, says: 'Name of the token that the usage carried; null: no token' },
  x_UnitsHigh: {
    type: 'Nullable(Decimal(38, 6))',
    says: '95 % of the draws: units that are truly theirs; the month’s bound, divided by units',
  },
  x_UnitsLow: { type: 'Nullable(Decimal(38, 6))', says: '5 % of the draws, likewise' },
} as const satisfies Readonly<Record<string, DataColumn>>;

export type FocusColumn = keyof typeof focusColumns;
export const focusColumnNames = Object.keys(focusColumns) as FocusColumn[];
