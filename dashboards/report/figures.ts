// A report as plain data: collected in collect.ts, drawn in *-html.ts, terminal.ts and figure-rows.ts.
// Counts, bytes and cents are bigint; units are exact fractions; days 'YYYY-MM-DD', times 'YYYY-MM-DD hh:mm:ss.sss', UTC.

import { type AllocationLine, type AllocationResult, type TrueUp } from '../../transform/funding/allocate.ts';
import { type CorrectionLine, type PendingUsage } from '../../transform/funding/corrections.ts';
import { type CostPool } from '../../transform/funding/costs.ts';
import { type Interval } from '../../transform/funding/intervals.ts';
import { type Policy } from '../../transform/funding/policy.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { type Rational } from '../../transform/funding/rational.ts';
import { type UnitPrices, type UsageKind } from '../../transform/funding/units.ts';
import { type FigureQuery } from './queries.ts';
import { type StatementLanguage } from '../../transform/languages.ts';

export interface Measures {
  readonly requests: bigint;
  readonly downloads: bigint;
  /** Bytes sent by the edge. */
  readonly bytes: bigint;
  /** An upper bound of the downloads that a cache would have saved. */
  readonly repeat_downloads: bigint;
  readonly repeat_bytes: bigint;
  /** Transfers of parts of files, which are no downloads; 0 on days of methodology 1. */
  readonly partials: bigint;
}

/** Usage by a value of one dimension; '' if it is not known. */
export interface UsageBy extends Measures {
  readonly value: string;
}
export interface ClassUsage extends UsageBy {
  readonly attributed_bytes: bigint;
}
/** Usage, and the part of it that may be billed. */
export interface BillableUsage extends Measures {
  readonly billable_requests: bigint;
  readonly billable_bytes: bigint;
}
export type FamilyUsageBy = UsageBy & BillableUsage;
/** `value` is the name of a token, '' for usage without one. */
export interface TeamUsage extends UsageBy {
  /** Its part of the share. The parts of all teams sum to the share's amount. */
  readonly billed_cents: bigint;
}
export interface PackageUsage extends Measures {
  readonly ecosystem: string;
  readonly package: string;
}
/** Usage that no organisation answers for. */
export interface UnattributedUsage extends Measures {
  /** platform, negative, conflict, unknown */
  readonly reason: string;
  /** Cloud or CI provider; '' if none is published. */
  readonly platform: string;
}
export interface DayUsage extends Measures {
  readonly day: string;
  /** attributed, or the reason why not */
  readonly series: string;
}
export interface Totals extends Measures {
  readonly attributed_requests: bigint;
  readonly attributed_bytes: bigint;
  readonly unknown_class_requests: bigint;
  readonly unknown_class_bytes: bigint;
}
export interface FamilyUsage extends BillableUsage {
  readonly family: string;
  readonly name: string;
  /** Whether the foundation exempts it: all of its usage is exempt. */
  readonly exempt: boolean;
}

export interface SourceFreshness {
  readonly source: string;
  /** null: no request yet */
  readonly last_record_at: string | null;
  readonly last_day: string | null;
  readonly loaded_at: string;
  readonly last_sealed_day: string | null;
  /** = requests + excluded + quarantined */
  readonly lines: bigint;
  readonly requests: bigint;
  readonly excluded: bigint;
  readonly quarantined: bigint;
  readonly bytes_unknown: bigint;
  /** Requests with a field that could not be read or is in doubt, each once. */
  readonly degraded_requests: bigint;
  /** Lines that are no requests, by reason. */
  readonly reasons: Readonly<Record<string, bigint>>;
  /** Requests with a field in doubt, by reason; one with several counts under each. */
  readonly degraded: Readonly<Record<string, bigint>>;
}
export interface DayStates {
  readonly state: string;
  readonly days: bigint;
  readonly first_day: string;
  readonly last_day: string;
}

export interface BandUnits {
  /** Net units above `from`, up to `up_to` (null: without end), count multiplier_bp/10,000 each. */
  readonly from: bigint;
  readonly up_to: bigint | null;
  readonly multiplier_bp: bigint;
  readonly units: Rational;
  readonly tiered: Rational;
}
/** One line of a statement. The cents of all lines sum to the family's billed amount. */
export interface StatementLine {
  readonly requester_class: string;
  readonly requests: bigint;
  readonly bytes: bigint;
  readonly weight_bp: bigint;
  readonly units: Rational;
  readonly billed_cents: bigint;
}
/** A family's line of the allocation, with its bands and statement lines. */
export interface FamilyShare extends Omit<AllocationLine, 'family'> {
  readonly bands: readonly BandUnits[];
  readonly lines: readonly StatementLine[];
}
export interface FamilyFunding {
  readonly family: string;
  /** null: none of its usage may be billed */
  readonly share: FamilyShare | null;
  /** Usage that is not billed: exempt, not_billable. */
  readonly not_billed: readonly { readonly kind: UsageKind; readonly gross: Rational }[];
  /** The amount that its contract adds. */
  readonly true_up: Omit<TrueUp, 'family'> | null;
  /** Lines that set closed periods right. They are outside this period's sum. */
  readonly corrections: readonly CorrectionLine[];
}

export type NamedFunding = FamilyFunding & { readonly name: string };

/** A part of the cost that no share pays, with its cause. */
export interface CommonsPart {
  /** allowance, exempt, not_billable, unattributed, cap, minimum, unborne, rounding, unused */
  readonly reason: string;
  readonly cents: bigint;
}
/** The allocation with all its inputs. docs/FUNDING.md */
export interface Funding
  extends
    Pick<
      AllocationResult,
      | 'currency'
      | 'cost_pool_cents'
      | 'billed_cents'
      | 'true_up_cents'
      | 'commons_cents'
      | 'recoverable'
      | 'tier_sum'
      | 'cap_cents'
      | 'units'
    >,
    Pick<Policy, 'cap_bp' | 'minimum_cents' | 'rho_bp' | 'free_allowance'>,
    UnitPrices {
  readonly pools: readonly CostPool[];
  /** Sum of the families' corrections. It is outside the cost pool. */
  readonly corrections_cents: bigint;
  readonly pending: readonly PendingUsage[];
  /** Their cents sum to cost_pool − billed. */
  readonly commons_parts: readonly CommonsPart[];
  /** By id. */
  readonly families: readonly FamilyFunding[];
}

/** How much of the attributed usage is truly a family's, or one of its organisation's. */
export interface IntervalFigures {
  readonly family: string;
  /** '': all of the family */
  readonly org: string;
  readonly requests: Interval<bigint>;
  readonly bytes: Interval<bigint>;
  readonly units: Interval;
}
export interface UsageIntervals {
  readonly seed: string;
  /** 0: the run was recorded before intervals existed. */
  readonly draws: number;
  /** By tier, for all organisations of the tier together. */
  readonly precision: readonly Precision[];
  readonly rows: readonly IntervalFigures[];
}

export interface RunVersions {
  readonly run_id: string;
  readonly attribution_version: string;
  readonly policy_version: string;
  /** The version of the last day. */
  readonly methodology_version: number;
  /** First day of it, if days of the version before are among the figures: the two do not count downloads alike. */
  readonly methodology_from: string | null;
  readonly code_version: string;
  readonly policy_sha256: string;
  readonly costs_sha256: string;
  readonly usage_sha256: string;
  readonly lines_sha256: string;
  /** The run that this one replaced; '' if none. */
  readonly supersedes: string;
  readonly computed_at: string;
  /** null: the period is open */
  readonly closed_at: string | null;
}

export interface Issuer {
  readonly name: string;
  readonly currency: string;
  readonly contact: string;
  /** Lines of the postal address. */
  readonly address?: readonly string[];
  readonly tax_id?: string;
  /** Lines that say how to pay. Without them statements are show-back: nothing is due. */
  readonly payment?: readonly string[];
  readonly language: StatementLanguage;
}

/** Whom a statement is for, as the registry says; '' each, if it does not. */
export interface Recipient {
  /** Legal name. */
  readonly name: string;
  readonly address: readonly string[];
  readonly tax_id: string;
  readonly purchase_order: string;
  readonly reference: string;
}

/** A family's part of the last recorded run of the month before. */
export interface MonthBefore {
  readonly period: string;
  readonly run_id: string;
  readonly currency: string;
  /** Share and true-up, without corrections. */
  readonly due_cents: bigint;
  readonly requests: bigint;
  readonly bytes: bigint;
}

/** Usage of a class by one client and the rule that gave the class. */
export interface ClassSource extends Measures {
  readonly requester_class: string;
  readonly client: string;
  readonly rule_id: string;
}

/**
 * What the reader of a statement must know beside its figures. unreadable: lines of the period's logs that could not be read. no_size:
 * requests of which the log does not say how many bytes were sent.
 */
export interface StatementNote {
  readonly kind: 'unreadable' | 'no_size';
  readonly count: bigint;
  /** All lines, or all requests. */
  readonly of: bigint;
}

/** What readers must know beside the figures. The summary is in English, a statement in the language of its issuer. */
export interface PeriodNotes {
  /** Sentences. */
  readonly summary: readonly string[];
  readonly statement: readonly StatementNote[];
}

/** The amount that an open month would cost a family at its pace so far. */
export interface FamilyPace {
  readonly family: string;
  /** Share and true-up. */
  readonly cents: bigint;
  /** 5 % and 95 % of the draws; null: too few days. */
  readonly low_cents: bigint | null;
  readonly high_cents: bigint | null;
}

/** A month that runs: its figures are of the days so far, and bear the cost pro rata. */
export interface MonthPace {
  readonly days: number;
  /** Days of the whole month. */
  readonly of: number;
  /** Net cost of the whole month. */
  readonly cost_cents: bigint;
  /** By id; a statement has only its own family. */
  readonly families: readonly FamilyPace[];
}

/** At the top of every document. */
export interface ReportHead {
  readonly issuer: Issuer;
  /** 'YYYY-MM' */
  readonly period: string;
  /** Last day whose bookings count, 'YYYY-MM-DD'. */
  readonly until: string;
  readonly status: 'open' | 'closed';
  readonly versions: RunVersions;
  /** Absent unless the month still runs. */
  readonly pace?: MonthPace;
}

/** Figures of all usage that a statement shows, too. */
export interface RegistryFigures {
  readonly totals: Totals;
  readonly unattributed: readonly UnattributedUsage[];
}

export interface Summary extends ReportHead, RegistryFigures {
  /** Sentences; absent if there are none. */
  readonly notes?: readonly string[];
  readonly classes: readonly ClassUsage[];
  readonly ecosystems: readonly ClassUsage[];
  readonly clients: readonly ClassUsage[];
  /** value: true, false, '' (not known) */
  readonly ci: readonly ClassUsage[];
  readonly packages: readonly PackageUsage[];
  readonly days: readonly DayUsage[];
  /** Largest first. */
  readonly families: readonly FamilyUsage[];
  readonly funding: Omit<Funding, 'families'> & { readonly families: readonly NamedFunding[] };
  readonly intervals: UsageIntervals;
  readonly freshness: readonly SourceFreshness[];
  readonly day_states: readonly DayStates[];
  readonly queries: SummaryQueries;
}
export type SummaryQueries = Readonly<Record<(typeof summaryQueryNames)[number], FigureQuery>>;
export const summaryQueryNames = [
  'totals',
  'classes',
  'unattributed',
  'families',
  'lines',
  'run',
  'days',
  'ecosystems',
  'clients',
  'packages',
  'ci',
  'freshness',
  'day_states',
  'parties',
  'intervals',
  'precision',
  'corrections',
] as const;

export interface Statement extends ReportHead, RegistryFigures {
  /** Absent if there are none. */
  readonly notes?: readonly StatementNote[];
  /** Unique and stable: the same period, family and run have the same number. */
  readonly number: string;
  readonly family: string;
  readonly name: string;
  readonly recipient: Recipient;
  /** null: no run of the month before was recorded */
  readonly before: MonthBefore | null;
  /** null: it owes only by contract, and has no usage */
  readonly usage: FamilyUsage | null;
  readonly members: readonly (FamilyUsageBy & { readonly name: string })[];
  readonly classes: readonly FamilyUsageBy[];
  /** The largest of each class. */
  readonly sources: readonly ClassSource[];
  readonly ecosystems: readonly FamilyUsageBy[];
  readonly clients: readonly FamilyUsageBy[];
  /** By evidence tier. */
  readonly evidence: readonly FamilyUsageBy[];
  readonly packages: readonly PackageUsage[];
  /** By name of the token, '' for usage without one; empty, if no usage carried one. */
  readonly teams: readonly TeamUsage[];
  /** By day, in order; value: the day. */
  readonly days: readonly FamilyUsageBy[];
  readonly funding: Omit<Funding, 'families'>;
  readonly share: FamilyFunding;
  /** Intervals of the family and its organisations. */
  readonly intervals: UsageIntervals;
  readonly queries: StatementQueries;
}
export type StatementQueries = Readonly<Record<(typeof statementQueryNames)[number], FigureQuery>>;
export const statementQueryNames = [
  'recipient',
  'before',
  'usage',
  'classes',
  'sources',
  'lines',
  'run',
  'days',
  'ecosystems',
  'clients',
  'packages',
  'teams',
  'evidence',
  'members',
  'totals',
  'unattributed',
  'intervals',
  'precision',
  'corrections',
] as const;

export interface Report {
  readonly summary: Summary;
  /** By family id. */
  readonly statements: readonly Statement[];
}

/** The amount that a family owes for the period: share and true-up. */
export const dueCents = ({ share, true_up }: FamilyFunding): bigint =>
  (share?.billed_cents ?? 0n) + (true_up?.cents ?? 0n);

export const correctionCents = ({ corrections }: Pick<FamilyFunding, 'corrections'>): bigint =>
  corrections.reduce((sum, { cents }) => sum + cents, 0n);

/** The total of its statement: the amount due, and corrections of earlier periods. Negative: a credit. */
export const payableCents = (family: FamilyFunding): bigint => dueCents(family) + correctionCents(family);

/** Largest amount first, then largest usage. */
export function byDue({ funding, families }: Pick<Summary, 'funding' | 'families'>): {
  readonly funding: NamedFunding;
  readonly used: FamilyUsage | undefined;
}[] {
  const rankOf = new Map(families.map(({ family }, rank) => [family, rank]));
  const rank = (family: string) => rankOf.get(family) ?? families.length;
  return [...funding.families]
    .sort((a, b) => {
      const difference = dueCents(b) - dueCents(a);
      return difference === 0n ? rank(a.family) - rank(b.family) : difference > 0n ? 1 : -1;
    })
    .map((owed) => ({ funding: owed, used: families[rank(owed.family)] }));
}
