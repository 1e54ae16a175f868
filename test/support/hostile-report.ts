// A report made by hand, with hostile characters in its names, for the tests of pages, rows and terminal text.

import {
  statementQueryNames,
  summaryQueryNames,
  type FamilyFunding,
  type Funding,
  type Measures,
  type Statement,
  type Summary,
  type UsageIntervals,
} from '../../dashboards/report/figures.ts';
import { type FigureQuery } from '../../dashboards/report/queries.ts';

export const HOSTILE = '</td><script>alert(1)</script>"\'`\u202e\u001b[2J';
const used = (requests: bigint, bytes: bigint): Measures => ({
  requests,
  downloads: requests / 10n,
  bytes,
  partials: requests / 30n,
  repeat_downloads: requests / 20n,
  repeat_bytes: bytes / 4n,
});
const whole = (num: bigint) => ({ num, den: 1n });
const queries = <Name extends string>(names: readonly Name[]): Record<Name, FigureQuery> =>
  Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        id: `Q${index + 1}`,
        title: name,
        file: `sql/queries/${name}.sql`,
        parameters: { family: HOSTILE },
        sql: `SELECT '${HOSTILE}'\nFROM ${name}`,
      },
    ]),
  ) as unknown as Record<Name, FigureQuery>;

const capped: FamilyFunding = {
  family: HOSTILE,
  share: {
    gross: { num: 1001n, den: 2n },
    net: { num: 981n, den: 2n },
    bands: [
      { from: 0n, up_to: null, multiplier_bp: 10_000n, units: { num: 981n, den: 2n }, tiered: { num: 981n, den: 2n } },
    ],
    tiered: { num: 981n, den: 2n },
    raw: { num: 100_001n, den: 3n },
    billed_cents: 25_000n,
    rule: 'cap',
    lines: [
      {
        requester_class: 'ci',
        requests: 70n,
        bytes: 700n,
        weight_bp: 10_000n,
        units: whole(400n),
        billed_cents: 20_000n,
      },
      {
        requester_class: HOSTILE,
        requests: 3n,
        bytes: 30n,
        weight_bp: 2_500n,
        units: { num: 201n, den: 2n },
        billed_cents: 5_000n,
      },
    ],
  },
  not_billed: [{ kind: 'not_billable', gross: whole(7n) }],
  true_up: { contract_minimum_cents: 30_000n, cents: 5_000n },
  corrections: [
    {
      of_period: '2026-09',
      of_run_id: 'run-0',
      family: HOSTILE,
      kind: 'manual',
      id: HOSTILE,
      requests: -3n,
      bytes: -30n,
      cents: -1_234n,
      reason: HOSTILE,
    },
  ],
};
const funding: Funding = {
  currency: 'EUR',
  pools: [{ pool: HOSTILE, driver: '', gross_cents: 120_000n, donated_cents: 20_000n, net_cents: 100_000n }],
  cost_pool_cents: 100_000n,
  billed_cents: 25_000n,
  true_up_cents: 5_000n,
  commons_cents: 70_000n,
  corrections_cents: -1_234n,
  pending: [{ of_period: '2026-09', requests: 5n, bytes: 50n }],
  commons_parts: [
    { reason: 'unattributed', cents: 60_000n },
    { reason: 'cap', cents: 15_000n },
  ],
  recoverable: whole(40_000n),
  tier_sum: { num: 981n, den: 2n },
  cap_bp: 2500n,
  cap_cents: 25_000n,
  minimum_cents: 100n,
  rho_bp: 0n,
  free_allowance: 10n,
  alpha: { num: 1n, den: 3n },
  beta: { num: 1n, den: 7n },
  units: {
    billable: whole(500n),
    exempt: whole(0n),
    not_billable: whole(7n),
    unattributed: whole(493n),
    total: whole(1000n),
  },
  families: [capped],
};
const intervals: UsageIntervals = {
  seed: '202610',
  draws: 1000,
  precision: [{ tier: HOSTILE, org: '', right: 9, wrong: 1 }],
  rows: ['', HOSTILE].map((org) => ({
    family: HOSTILE,
    org,
    requests: { attributed: 73n, low: 60n, point: 70n, high: 72n },
    bytes: { attributed: 730n, low: 600n, point: 700n, high: 720n },
    units: { attributed: whole(500n), low: whole(400n), point: whole(480n), high: { num: 981n, den: 2n } },
  })),
};
export const head = {
  issuer: {
    name: `Foundation ${HOSTILE}`,
    currency: 'EUR',
    contact: HOSTILE,
    address: [HOSTILE],
    tax_id: HOSTILE,
    payment: [HOSTILE],
    language: 'en' as const,
  },
  period: '2026-10',
  until: '2026-10-31',
  status: 'open' as const,
  versions: {
    run_id: 'run-1',
    attribution_version: 'attribution-1',
    policy_version: HOSTILE,
    methodology_version: 2,
    methodology_from: null,
    code_version: '0.1.0',
    policy_sha256: 'p'.repeat(64),
    costs_sha256: 'c'.repeat(64),
    usage_sha256: 'u'.repeat(64),
    lines_sha256: 'l'.repeat(64),
    supersedes: '',
    computed_at: '2026-11-02 06:00:00.000',
    closed_at: null,
  },
};
const registry = {
  totals: {
    ...used(200n, 9_007_199_254_740_993n),
    attributed_requests: 100n,
    attributed_bytes: 3_000_000_000_000_000n,
    unknown_class_requests: 9n,
    unknown_class_bytes: 90n,
  },
  unattributed: [
    { reason: 'platform', platform: HOSTILE, ...used(60n, 6_000_000_000_000_000n) },
    { reason: 'unknown', platform: '', ...used(40n, 7_199_254_740_993n) },
  ],
};
const billable = { billable_requests: 73n, billable_bytes: 730n };
const by = { ...used(100n, 1000n), ...billable, attributed_bytes: 500n };
const family = { family: HOSTILE, name: `Family ${HOSTILE}`, exempt: false, ...used(100n, 1000n), ...billable };

export const summary: Summary = {
  ...head,
  ...registry,
  classes: [
    { value: 'ci', ...by },
    { value: HOSTILE, ...by },
  ],
  ecosystems: [{ value: HOSTILE, ...by }],
  clients: [
    { value: HOSTILE, ...by },
    { value: '', ...by },
  ],
  ci: [
    { value: '', ...by },
    { value: 'true', ...by },
  ],
  packages: [{ ecosystem: HOSTILE, package: HOSTILE, ...by }],
  days: [{ day: '2026-10-03', series: 'attributed', ...by }],
  families: [family],
  funding: { ...funding, families: [{ ...capped, name: family.name }] },
  freshness: [
    {
      source: HOSTILE,
      last_record_at: '2026-10-31 23:59:58.120',
      last_day: '2026-10-31',
      loaded_at: '2026-11-01 00:30:00.000',
      last_sealed_day: '2026-10-31',
      lines: 12n,
      requests: 10n,
      excluded: 1n,
      quarantined: 1n,
      bytes_unknown: 0n,
      degraded_requests: 1n,
      reasons: { [HOSTILE]: 2n },
      degraded: { [HOSTILE]: 1n },
    },
  ],
  intervals,
  day_states: [{ state: 'open', days: 31n, first_day: '2026-10-01', last_day: '2026-10-31' }],
  queries: queries(summaryQueryNames),
};
const { families: _families, ...terms } = funding;
export const statement: Statement = {
  ...head,
  ...registry,
  number: '202610-0123456789AB',
  family: family.family,
  name: family.name,
  recipient: { name: '', address: [HOSTILE], tax_id: HOSTILE, purchase_order: HOSTILE, reference: HOSTILE },
  before: {
    period: '2026-09',
    run_id: 'run-0',
    currency: 'EUR',
    due_cents: 25_000n,
    requests: 90n,
    bytes: 900n,
  },
  usage: family,
  members: [{ value: HOSTILE, name: HOSTILE, ...by }],
  classes: [
    { value: 'unknown', ...by },
    { value: 'ci', ...by },
  ],
  sources: [{ requester_class: 'unknown', client: HOSTILE, rule_id: HOSTILE, ...used(100n, 1000n) }],
  ecosystems: [{ value: HOSTILE, ...by }],
  clients: [{ value: HOSTILE, ...by }],
  evidence: [
    { value: 'E1', ...by },
    { value: HOSTILE, ...by },
  ],
  packages: [{ ecosystem: HOSTILE, package: HOSTILE, ...by }],
  teams: [
    { value: HOSTILE, ...by, billed_cents: 100n },
    { value: '(unnamed)', ...by, billed_cents: 20n },
    { value: '', ...by, billed_cents: 3n },
  ],
  days: [{ value: '2026-10-03', ...by }],
  funding: terms,
  share: capped,
  intervals,
  queries: queries(statementQueryNames),
};
