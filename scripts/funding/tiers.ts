// The service levels of a month: measured from its rates while these are stored, and kept with the month when it is closed.

import { answeringParameters } from '../../sql/attribution.ts';
import { closedRunId } from '../../sql/allocation-run.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { type Policy, type ServiceTiers, type TierState } from '../../transform/funding/policy.ts';
import { rational } from '../../transform/funding/rational.ts';
import {
  assignTiers,
  SLOT_SECONDS,
  type TierDecision,
  type TierParty,
  type TierReport,
} from '../../transform/funding/tier.ts';
import { DAY_MS, daysIn } from '../../transform/periods.ts';
import { requireStored, storedDays } from './stored-days.ts';

export interface PeriodTiers extends TierReport {
  readonly period: string;
  readonly policy_version: string;
  /** final: the month is closed, and its levels never change. */
  readonly status: 'provisional' | 'final';
  /** Days of the month that the levels are made of. */
  readonly days: number;
  /** Last of them. */
  readonly until: string;
  /** Networks of the first level that are not among the decisions. */
  readonly more_free: number;
}

interface PartyRow {
  readonly kind: TierParty['kind'];
  readonly id: string;
  readonly exempt: boolean;
  readonly counts: readonly [slot: number, requests: string][];
}

/**
 * Measures a month, or takes the levels that it keeps.
 * @param kept false: measure the month by this policy even if it is closed
 * @throws Fault(usage) if the policy has no levels; Fault(checkFailed) if they cannot be computed
 */
export async function periodTiers(
  warehouse: Warehouse,
  period: string,
  policy: () => Policy,
  { kept = true }: { readonly kept?: boolean } = {},
): Promise<PeriodTiers> {
  const runId = await closedRunId(warehouse, period);
  const found = kept && runId !== undefined ? await keptTiers(warehouse, period, runId) : undefined;
  if (found !== undefined) return found;
  const { version, service_tiers } = policy();
  if (service_tiers === null)
    throw new Fault('usage', `policy ${version} has no service_tiers`, 'docs/FUNDING.md, "Service tiers", shows them.');
  return measureTiers(warehouse, period, version, service_tiers);
}

/** @throws Fault(checkFailed) if the rates of the month are not all there, or nothing is attributed */
async function measureTiers(
  warehouse: Warehouse,
  period: string,
  policy_version: string,
  tiers: ServiceTiers,
): Promise<PeriodTiers> {
  const stored = await storedDays(warehouse, 'request_rate', period);
  requireStored(stored, period, 'service levels');
  const until = stored.sealed.at(-1);
  if (until === undefined)
    throw new Fault(
      'checkFailed',
      `no day of ${period} is sealed yet: there are no service levels`,
      'Run fairshare nightly, or fairshare seal and fairshare attribute.',
    );
  const parameters = await answeringParameters(warehouse);
  const rows = await warehouse.query<PartyRow>(sqlFile('queries/period/party_slots.sql'), { period, ...parameters });
  const slots = (daysIn(period) * DAY_MS) / 1000 / Number(SLOT_SECONDS);
  const report = assignTiers(
    rows.map(({ kind, id, exempt, counts }) => ({
      kind,
      id,
      exempt,
      counts: counts.map(([slot, requests]) => ({ slot: Number(slot), requests: BigInt(requests) })),
    })),
    slots,
    tiers,
  );
  return { ...report, period, policy_version, status: 'provisional', days: stored.sealed.length, until, more_free: 0 };
}

interface KeptRow {
  readonly policy_version: string;
  readonly state: TierState;
  readonly kind: TierParty['kind'];
  readonly id: string;
  readonly level: string;
  readonly level_no: number;
  readonly decided_by: TierDecision['decided_by'];
  readonly peak_requests: string;
  readonly requests: string;
  readonly parties: string;
  readonly days: number;
  readonly until: string;
}

async function keptTiers(warehouse: Warehouse, period: string, run_id: string): Promise<PeriodTiers | undefined> {
  const rows = await warehouse.query<KeptRow>(sqlFile('queries/period/kept_tiers.sql'), { period, run_id });
  if (rows.length === 0) return undefined;
  const [{ policy_version, state, days, until }] = rows;
  const free = rows.find(({ id }) => id === '');
  return {
    period,
    policy_version,
    status: 'final',
    state,
    free: free?.level ?? '',
    days: Number(days),
    until,
    more_free: Number(free?.parties ?? 0),
    decisions: rows
      .filter(({ id }) => id !== '')
      .map(({ kind, id, level, decided_by, peak_requests, requests }) => ({
        kind,
        id,
        tier: level,
        decided_by,
        p95: rational(BigInt(peak_requests), SLOT_SECONDS),
        requests_per_month: BigInt(requests),
      })),
  };
}

/**
 * Keeps the levels of a month that closes: every organisation, and the networks above the first level. If rates of the month are gone
 * already, nothing is kept.
 */
export async function keepTiers(warehouse: Warehouse, period: string, run_id: string, policy: Policy): Promise<void> {
  const { service_tiers, version } = policy;
  if (service_tiers === null) return;
  const stored = await storedDays(warehouse, 'request_rate', period);
  if (stored.gone.length > 0 || stored.sealed.length === 0) return;
  const { decisions, free, state, days, until } = await measureTiers(warehouse, period, version, service_tiers);
  const isKept = ({ kind, tier }: TierDecision) => kind === 'organisation' || tier !== free;
  const others = decisions.filter((decision) => !isKept(decision));
  const head = { period, run_id, policy_version: version, state, days, until };
  const row = (decision: TierDecision, parties: number) => ({
    ...head,
    kind: decision.kind,
    id: decision.id,
    level: decision.tier,
    level_no: service_tiers.levels.findIndex(({ name }) => name === decision.tier),
    decided_by: decision.decided_by,
    peak_requests: String((decision.p95.num * SLOT_SECONDS) / decision.p95.den),
    requests: String(decision.requests_per_month),
    parties: String(parties),
  });
  const rest: TierDecision = {
    kind: 'network',
    id: '',
    tier: free,
    decided_by: 'rate',
    p95: rational(0n),
    requests_per_month: others.reduce((sum, { requests_per_month }) => sum + requests_per_month, 0n),
  };
  await warehouse.insert('period_tier', [
    ...decisions.filter(isKept).map((decision) => row(decision, 1)),
    row(rest, others.length),
  ]);
}
