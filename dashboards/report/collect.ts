// Collects the figures of a period from the warehouse: one query per figure, under one recorded allocation.
// Money comes ready from the allocation; nothing is drawn here.

import { Fault } from '../../transform/fault.ts';
import { type QueryParams, type Warehouse } from '../../sql/warehouse.ts';
import {
  statementQueryNames,
  summaryQueryNames,
  type ClassUsage,
  type DayStates,
  type DayUsage,
  type FamilyUsage,
  type FamilyUsageBy,
  type Funding,
  type Issuer,
  type PackageUsage,
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
import { familyIntervals, intervalFigures, type IntervalRow, type PrecisionRow } from './intervals.ts';
import { figureQuery, runReportQuery, type FigureQuery } from './queries.ts';

/** A recorded allocation, and what figures need of it. */
export interface RecordedAllocation {
  readonly run_id: string;
  readonly period: string;
  readonly status: 'open' | 'closed';
  readonly attribution_version: string;
  /** Last day whose bookings count. */
  readonly until: string;
  /** Rows of allocation_input, in order of (kind, party, requester_class, tier). */
  readonly parties: readonly Readonly<Record<string, string>>[];
}

export interface CollectOptions {
  readonly allocation: RecordedAllocation;
  readonly funding: Funding;
  readonly issuer: Issuer;
  /** Evidence that may be billed. */
  readonly billable_tiers: readonly string[];
  /** Rows of the tables that show only the largest; default 15. */
  readonly top?: number;
}

export interface RunRow {
  readonly run_id: string;
  readonly attribution_version: string;
  readonly policy_version: string;
  readonly methodology_version: number;
  readonly code_version: string;
  readonly inputs_sha256: readonly [policy: string, costs: string, usage: string];
  readonly lines_sha256: string;
  readonly supersedes: string;
  readonly interval_seed: string;
  readonly interval_draws: number;
  readonly policy: string;
  readonly costs: string;
  readonly computed_at: string;
  readonly closed_at: string;
}

/** A recorded run. @throws Fault(inputRefused) */
export async function recordedRun(warehouse: Warehouse, runId: string): Promise<RunRow> {
  const [run] = await runReportQuery<RunRow>(warehouse, 'report/run.sql', { run_id: runId });
  if (run === undefined) throw new Fault('inputRefused', `no allocation run ${runId}`);
  return run;
}

/** Later than any time at which something was recorded: the registry as it is known now. */
const NOW_KNOWN = '2199-01-01 00:00:00.000';
/** Where nothing is left out. */
const ALL = 100_000;

/**
 * Parameters that every usage query has. A closed period stays with the families as they were known when its run was computed.
 */
export const usageParameters = (
  {
    period,
    until,
    status,
    attribution_version,
  }: Pick<RecordedAllocation, 'period' | 'until' | 'status' | 'attribution_version'>,
  computedAt: string | undefined,
  billableTiers: readonly string[],
): QueryParams => ({
  period,
  until,
  with_late: false,
  attribution_version,
  known_at: status === 'closed' && computedAt !== undefined ? computedAt : NOW_KNOWN,
  billable_tiers: billableTiers,
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
  'days',
]);

/** 64-bit integers come as text. */
const typed = <Row>(row: Record<string, unknown>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, bigintColumns.has(name) ? BigInt(value as string) : value]),
  ) as Row;

/** Which query of which parameters makes a figure. */
type Plan<Name extends string> = Readonly<
  Record<Name, { readonly file: string; readonly title: string; readonly parameters: QueryParams }>
>;

const summaryPlan = (common: QueryParams, top: number): Plan<keyof SummaryQueries> => {
  const by = (title: string, dimension: string, rows: number) => ({
    file: 'report/by.sql',
    title,
    parameters: { ...common, dimension, top: rows },
  });
  const plain = (title: string, file: string) => ({ file, title, parameters: { ...common, family: '', top } });
  return {
    totals: plain('All usage of the period', 'report/totals.sql'),
    classes: by('Usage by requester class', 'requester_class', ALL),
    unattributed: plain('What no organisation answers for', 'report/unattributed.sql'),
    families: plain('Usage of the families', 'report/families.sql'),
    lines: plain('What each family owes', 'report/lines.sql'),
    run: plain('The recorded allocation: policy, costs, versions', 'report/run.sql'),
    days: plain('Usage by day', 'report/days.sql'),
    ecosystems: by('Usage by ecosystem', 'ecosystem', ALL),
    clients: by('The clients that cause the most bytes', 'client', top),
    packages: plain('The packages that cause the most bytes', 'report/packages.sql'),
    ci: by('What is known of CI', 'ci', ALL),
    freshness: plain('How far each source has come', 'report/freshness.sql'),
    day_states: plain('Days by state', 'report/seals.sql'),
    parties: plain('Usage as the allocation takes it', 'report/parties.sql'),
    intervals: plain('What is truly theirs of what was attributed', 'report/intervals.sql'),
    precision: plain('Measured precision of evidence', 'report/precision.sql'),
    corrections: plain('Lines that set closed periods right', 'report/corrections.sql'),
  };
};

/** @param family '' for all at once: each gets the same rows as if it were named */
const statementPlan = (common: QueryParams, top: number, family: string): Plan<keyof StatementQueries> => {
  const by = (title: string, dimension: string, rows: number) => ({
    file: 'report/family_by.sql',
    title,
    parameters: { ...common, family, dimension, top: rows },
  });
  const plain = (title: string, file: string) => ({ file, title, parameters: { ...common, family, top } });
  return {
    usage: plain('Usage of the family', 'report/families.sql'),
    classes: by('Usage by requester class', 'requester_class', ALL),
    lines: plain('What the family owes', 'report/lines.sql'),
    run: plain('The recorded allocation: policy, costs, versions', 'report/run.sql'),
    days: by('Usage by day', 'booked_day', ALL),
    ecosystems: by('Usage by ecosystem', 'ecosystem', ALL),
    clients: by('The clients that cause the most bytes', 'client', top),
    packages: plain('The packages that cause the most bytes', 'report/family_packages.sql'),
    evidence: by('Usage by evidence', 'tier', ALL),
    members: by('Usage by organisation of the family', 'org_id', ALL),
    totals: plain('All usage of the registry in the period', 'report/totals.sql'),
    unattributed: plain('What no organisation answers for', 'report/unattributed.sql'),
    intervals: plain("What is truly the family's of what was attributed", 'report/intervals.sql'),
    precision: plain('Measured precision of evidence', 'report/precision.sql'),
    corrections: plain('Lines that set closed periods right', 'report/corrections.sql'),
  };
};

/** Numbered in the order of their names. */
const numbered = <Name extends string>(plan: Plan<Name>, names: readonly Name[]): Record<Name, FigureQuery> =>
  Object.fromEntries(
    names.map((name, index) => [
      name,
      { id: `Q${index + 1}`, ...figureQuery(plan[name].file, plan[name].title, plan[name].parameters) },
    ]),
  ) as Record<Name, FigureQuery>;

/**
 * The whole report of a period: the foundation's summary, and a statement for each family with usage or a contract.
 * @throws Fault(checkFailed) where usage is not what the allocation took
 */
export async function collectReport(warehouse: Warehouse, options: CollectOptions): Promise<Report> {
  const { allocation, funding, issuer, billable_tiers, top = 15 } = options;
  const run = await recordedRun(warehouse, allocation.run_id);
  const common = {
    ...usageParameters(allocation, run.computed_at, billable_tiers),
    run_id: allocation.run_id,
  };
  const head: ReportHead = {
    issuer,
    period: allocation.period,
    until: allocation.until,
    status: allocation.status,
    versions: versionsOf(run, allocation.status),
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
      await summaryRows<PrecisionRow>('precision'),
    ),
    freshness: await summaryRows<SourceFreshness>('freshness'),
    day_states: await summaryRows<DayStates>('day_states'),
    queries: numbered(plan, summaryQueryNames),
  };
  return { summary, statements: await collectStatements(warehouse, summary, common, top, nameOf) };
}

/** One query per figure for all families together; a statement names the same query for its own family alone. */
async function collectStatements(
  warehouse: Warehouse,
  summary: Summary,
  common: QueryParams,
  top: number,
  nameOf: (id: string) => string,
): Promise<Statement[]> {
  const { issuer, period, until, status, versions, totals, unattributed } = summary;
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
  const ecosystems = await byFamily<FamilyUsageBy>('ecosystems');
  const clients = await byFamily<FamilyUsageBy>('clients');
  const evidence = await byFamily<FamilyUsageBy>('evidence');
  const members = await byFamily<FamilyUsageBy>('members');
  const packages = await byFamily<PackageUsage>('packages');
  const days = await byFamily<FamilyUsageBy>('days');
  return shares.map((share) => ({
    issuer,
    period,
    until,
    status,
    versions,
    totals,
    unattributed,
    family: share.family,
    name: nameOf(share.family),
    usage: summary.families.find(({ family }) => family === share.family) ?? null,
    members: members(share.family).map((member) => ({ ...member, name: nameOf(member.value) })),
    classes: classes(share.family),
    ecosystems: ecosystems(share.family),
    clients: clients(share.family),
    evidence: [...evidence(share.family)].sort((a, b) => (a.value < b.value ? -1 : 1)),
    packages: packages(share.family),
    days: [...days(share.family)].sort((a, b) => (a.value < b.value ? -1 : 1)),
    funding,
    share,
    intervals: familyIntervals(summary.intervals, share.family),
    queries: numbered(statementPlan(common, top, share.family), statementQueryNames),
  }));
}

/** A statement's figures are those of a recorded run, or there is no statement. */
async function requireSameUsage(
  warehouse: Warehouse,
  parameters: QueryParams,
  { run_id, status, parties }: RecordedAllocation,
): Promise<void> {
  const columns = ['kind', 'party', 'requester_class', 'tier', 'requests', 'downloads', 'bytes'];
  const text = (row: Readonly<Record<string, string>>) => columns.map((name) => row[name]).join('\u0000');
  const rows = await runReportQuery<Record<string, string>>(warehouse, 'report/parties.sql', parameters);
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

function versionsOf(run: RunRow, status: 'open' | 'closed'): RunVersions {
  const { run_id, attribution_version, policy_version, methodology_version, code_version } = run;
  const [policy_sha256, costs_sha256, usage_sha256] = run.inputs_sha256;
  return {
    run_id,
    attribution_version,
    policy_version,
    methodology_version,
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
