// Collects the figures of a period from the warehouse: one query per figure, under one recorded allocation. The allocation has
// computed all amounts of money already. Nothing is drawn here.

import { type AllocationRun } from '../../sql/allocation-run.ts';
import { methodologyChange } from '../../sql/methodology.ts';
import { type QueryParams, type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { type Precision } from '../../transform/funding/precision.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import {
  statementQueryNames,
  summaryQueryNames,
  type ClassSource,
  type ClassUsage,
  type DayStates,
  type DayUsage,
  type FamilyUsage,
  type FamilyUsageBy,
  type Funding,
  type Issuer,
  type MonthPace,
  type MonthBefore,
  type PackageUsage,
  type PeriodNotes,
  type Recipient,
  type Report,
  type ReportHead,
  type RunVersions,
  type SourceFreshness,
  type Statement,
  type StatementQueries,
  type Summary,
  type SummaryQueries,
  type Totals,
  type UnattributedUsage,
} from './figures.ts';
import { familyIntervals, intervalFigures, type IntervalRow } from './intervals.ts';
import { statementNumber } from './names.ts';
import { teamsOf, type TeamRow } from './teams.ts';
import { numbered, statementPlan, summaryPlan } from './plans.ts';
import { runReportQuery } from './queries.ts';

/** The parts of an allocation that figures need. */
export interface ReportedAllocation extends Pick<AllocationRun, 'run_id' | 'period' | 'attribution_version'> {
  readonly status: 'open' | 'closed';
  /** Last day whose bookings count. */
  readonly until: string;
  /** Tiers of evidence that are billed. */
  readonly billable_tiers: readonly string[];
  /** Rows of allocation_input, in order of (kind, party, requester_class, tier). */
  readonly parties: readonly PartyUsage[];
}

/** A recorded run of the month before, for comparison. */
export interface RunBefore extends Pick<MonthBefore, 'period' | 'run_id' | 'currency'> {
  /** A family that is not here had no usage and no contract. */
  readonly families: ReadonlyMap<string, Pick<MonthBefore, 'due_cents' | 'requests' | 'bytes'>>;
}

export interface CollectOptions {
  readonly allocation: ReportedAllocation;
  /** The run as recorded. */
  readonly run: AllocationRun;
  readonly funding: Funding;
  readonly issuer: Issuer;
  /** Default: none. */
  readonly notes?: PeriodNotes;
  /** Default: the month does not run any more. */
  readonly pace?: MonthPace | null;
  /** The last recorded run of the month before; absent if there is none. */
  readonly before?: RunBefore;
  /** Number of rows in tables that show only the largest; default 15. */
  readonly top?: number;
}

/** Later than every recorded time, so that it selects the registry as known now. */
const NOW_KNOWN = '2199-01-01 00:00:00.000';
/**
 * Parameters of every usage query. A closed period keeps the families as known when its run was computed.
 */
export const usageParameters = (
  { period, until, status, attribution_version, billable_tiers }: Omit<ReportedAllocation, 'run_id' | 'parties'>,
  computedAt?: string,
): QueryParams => ({
  period,
  until,
  with_late: false,
  attribution_version,
  known_at: status === 'closed' && computedAt !== undefined ? computedAt : NOW_KNOWN,
  billable_tiers,
});

export interface OrgName {
  readonly org_id: string;
  readonly name: string;
  readonly family: string;
}

/** The registry's organisations, by id. */
export const orgNames = (warehouse: Warehouse, parameters: QueryParams): Promise<OrgName[]> =>
  runReportQuery<OrgName>(warehouse, 'report/names.sql', parameters);

const bigintColumns = new Set([
  'requests',
  'downloads',
  'bytes',
  'repeat_downloads',
  'repeat_bytes',
  'partials',
  'attributed_requests',
  'attributed_bytes',
  'unknown_class_requests',
  'unknown_class_bytes',
  'billable_requests',
  'billable_bytes',
  'lines',
  'excluded',
  'quarantined',
  'bytes_unknown',
  'degraded_requests',
  'days',
]);
/** Maps of a reason to a count. */
const countsColumns: ReadonlySet<string> = new Set(['reasons', 'degraded']);

/** A row of queries/report/precision.sql. */
interface PrecisionRow {
  readonly tier: string;
  readonly prefixes_right: string;
  readonly prefixes_wrong: string;
}
const precisionOf = ({ tier, prefixes_right, prefixes_wrong }: PrecisionRow): Precision => ({
  tier,
  org: '',
  right: Number(prefixes_right),
  wrong: Number(prefixes_wrong),
});

/** 64-bit integers arrive as text. */
const typed = <Row>(row: Record<string, unknown>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (bigintColumns.has(name)) return [name, BigInt(value as string)];
      return [name, countsColumns.has(name) ? countsOf(value as Readonly<Record<string, string>>) : value];
    }),
  ) as Row;
const countsOf = (counts: Readonly<Record<string, string>>): Record<string, bigint> =>
  Object.fromEntries(Object.entries(counts).map(([reason, count]) => [reason, BigInt(count)]));

/**
 * The whole report of a period: the foundation's summary, and a statement for each family with usage or a contract.
 * @throws Fault(checkFailed) if usage differs from the usage that the allocation took
 */
export async function collectReport(warehouse: Warehouse, options: CollectOptions): Promise<Report> {
  const { allocation, run, funding, issuer, notes, pace, before, top = 15 } = options;
  const common = {
    ...usageParameters(allocation, run.computed_at),
    run_id: allocation.run_id,
    recorded_by: run.computed_at,
  };
  const head: ReportHead = {
    issuer,
    period: allocation.period,
    until: allocation.until,
    status: allocation.status,
    versions: versionsOf(run, allocation.status, await methodologyChange(warehouse, allocation)),
  };

  const plan = summaryPlan(common, top);
  const summaryRows = async <Row>(name: keyof SummaryQueries): Promise<Row[]> => {
    const rows = await runReportQuery<Record<string, unknown>>(warehouse, plan[name].file, plan[name].parameters);
    return rows.map((row) => typed<Row>(row));
  };
  await requireSameUsage(warehouse, plan.parties.parameters, allocation);
  const names = new Map((await orgNames(warehouse, common)).map(({ org_id, name }) => [org_id, name]));
  const nameOf = (id: string): string => names.get(id) || id;

  const families = (await summaryRows<FamilyUsage>('families')).map((row) => ({
    ...row,
    exempt: Boolean(row.exempt),
    name: nameOf(row.family),
  }));
  const [totals] = await summaryRows<Totals>('totals');
  const summary: Summary = {
    ...head,
    ...(notes !== undefined && notes.summary.length > 0 && { notes: notes.summary }),
    ...(pace && { pace }),
    totals: totals,
    classes: await summaryRows<ClassUsage>('classes'),
    unattributed: await summaryRows<UnattributedUsage>('unattributed'),
    families,
    funding: { ...funding, families: funding.families.map((family) => ({ ...family, name: nameOf(family.family) })) },
    days: await summaryRows<DayUsage>('days'),
    ecosystems: await summaryRows<ClassUsage>('ecosystems'),
    clients: await summaryRows<ClassUsage>('clients'),
    packages: await summaryRows<PackageUsage>('packages'),
    ci: await summaryRows<ClassUsage>('ci'),
    intervals: intervalFigures(
      run,
      await summaryRows<IntervalRow>('intervals'),
      (await summaryRows<PrecisionRow>('precision')).map(precisionOf),
    ),
    freshness: await summaryRows<SourceFreshness>('freshness'),
    day_states: await summaryRows<DayStates>('day_states'),
    queries: numbered(plan, summaryQueryNames),
  };
  const statements = await collectStatements(warehouse, summary, { common, top, before, nameOf });
  return {
    summary,
    statements:
      notes === undefined || notes.statement.length === 0
        ? statements
        : statements.map((statement) => ({ ...statement, notes: notes.statement })),
  };
}

/** Runs one query per figure for all families together. A statement names the same query for its own family alone. */
async function collectStatements(
  warehouse: Warehouse,
  summary: Summary,
  {
    common,
    top,
    before,
    nameOf,
  }: {
    readonly common: QueryParams;
    readonly top: number;
    readonly before: RunBefore | undefined;
    readonly nameOf: (id: string) => string;
  },
): Promise<Statement[]> {
  const { issuer, period, until, status, versions, totals, unattributed, pace } = summary;
  const { families: shares, ...funding } = summary.funding;
  const plan = statementPlan(common, top, '');
  const byFamily = async <Row>(name: keyof StatementQueries): Promise<(family: string) => Row[]> => {
    const rows = await runReportQuery<{ family: string }>(warehouse, plan[name].file, plan[name].parameters);
    const groups = new Map<string, Row[]>();
    for (const { family, ...row } of rows) {
      const group = groups.get(family) ?? [];
      if (group.length === 0) groups.set(family, group);
      group.push(typed<Row>(row));
    }
    return (family) => groups.get(family) ?? [];
  };
  const classes = await byFamily<FamilyUsageBy>('classes');
  const sources = await byFamily<ClassSource>('sources');
  const recipients = await byFamily<RecipientRow>('recipient');
  const ecosystems = await byFamily<FamilyUsageBy>('ecosystems');
  const clients = await byFamily<FamilyUsageBy>('clients');
  const evidence = await byFamily<FamilyUsageBy>('evidence');
  const members = await byFamily<FamilyUsageBy>('members');
  const packages = await byFamily<PackageUsage>('packages');
  const teams = await byFamily<TeamRow>('teams');
  const days = await byFamily<FamilyUsageBy>('days');
  return shares.map((share) => ({
    issuer,
    period,
    until,
    status,
    versions,
    ...(pace && { pace: { ...pace, families: pace.families.filter(({ family }) => family === share.family) } }),
    totals,
    unattributed,
    number: statementNumber(period, share.family, versions.run_id),
    family: share.family,
    name: nameOf(share.family),
    recipient: recipientOf(recipients(share.family)[0]),
    before: monthBefore(before, share.family),
    usage: summary.families.find(({ family }) => family === share.family) ?? null,
    members: members(share.family).map((member) => ({ ...member, name: nameOf(member.value) })),
    classes: classes(share.family),
    sources: sources(share.family),
    ecosystems: ecosystems(share.family),
    clients: clients(share.family),
    evidence: [...evidence(share.family)].sort((a, b) => (a.value < b.value ? -1 : 1)),
    packages: packages(share.family),
    teams: teamsOf(teams(share.family), share.share, funding),
    days: [...days(share.family)].sort((a, b) => (a.value < b.value ? -1 : 1)),
    funding,
    share,
    intervals: familyIntervals(summary.intervals, share.family),
    queries: numbered(statementPlan(common, top, share.family), statementQueryNames),
  }));
}

/** A row of queries/report/recipients.sql. */
interface RecipientRow {
  readonly billing_name: string;
  readonly billing_address: string;
  readonly billing_tax_id: string;
  readonly billing_purchase_order: string;
  readonly billing_reference: string;
}
/** The registry may have no such organisation any more. */
const recipientOf = (row: RecipientRow | undefined): Recipient => ({
  name: row?.billing_name ?? '',
  address: (row?.billing_address ?? '').split('\n').filter((line) => line !== ''),
  tax_id: row?.billing_tax_id ?? '',
  purchase_order: row?.billing_purchase_order ?? '',
  reference: row?.billing_reference ?? '',
});

function monthBefore(before: RunBefore | undefined, family: string): MonthBefore | null {
  if (before === undefined) return null;
  const { families, ...run } = before;
  return { ...run, ...(families.get(family) ?? { due_cents: 0n, requests: 0n, bytes: 0n }) };
}

/** A statement may only have the figures of a recorded run. @throws Fault(checkFailed) */
async function requireSameUsage(
  warehouse: Warehouse,
  parameters: QueryParams,
  { run_id, status, parties }: ReportedAllocation,
): Promise<void> {
  const text = ({ kind, party, requester_class, tier, requests, downloads, bytes }: PartyUsage) =>
    [kind, party, requester_class, tier, requests, downloads, bytes].join('\u0000');
  const rows = await runReportQuery<PartyUsage>(warehouse, 'report/parties.sql', parameters);
  const difference = rows.findIndex((row, index) => parties[index] === undefined || text(row) !== text(parties[index]));
  if (difference === -1 && rows.length === parties.length) return;
  const { kind, party, requester_class } = rows[difference] ?? parties[rows.length];
  throw new Fault(
    'checkFailed',
    `usage is not what allocation run ${run_id} took (first difference: ${kind} ${party}, ${requester_class})`,
    status === 'closed'
      ? 'The period is closed and its figures must not change: run `fairshare verify` and `fairshare doctor`.'
      : 'Usage changed while the report was made: run it again.',
  );
}

function versionsOf(run: AllocationRun, status: 'open' | 'closed', methodology_from: string | null): RunVersions {
  const { run_id, attribution_version, policy_version, methodology_version, code_version } = run;
  const [policy_sha256, costs_sha256, usage_sha256] = run.inputs_sha256;
  return {
    run_id,
    attribution_version,
    policy_version,
    methodology_version,
    methodology_from,
    code_version,
    policy_sha256,
    costs_sha256,
    usage_sha256,
    lines_sha256: run.lines_sha256,
    supersedes: run.supersedes,
    computed_at: run.computed_at,
    closed_at: status === 'closed' ? run.closed_at : null,
  };
}
