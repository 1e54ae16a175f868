// A statement of each kind, made by hand: payable, show-back, exempt, corrected (to a credit, too), nothing due, an open month, very long
// names, 300 packages, Japanese yen, and the smallest one.

import {
  type FamilyFunding,
  type FamilyUsageBy,
  type Measures,
  type PackageUsage,
  type Statement,
} from '../../dashboards/report/figures.ts';
import { statementNumber } from '../../dashboards/report/names.ts';
import { statement as hostile } from './hostile-report.ts';

const GB = 1_000_000_000n;
const used = (requests: bigint, bytes: bigint): Measures => ({
  requests,
  downloads: requests / 3n,
  bytes,
  partials: requests / 100n,
  repeat_downloads: requests / 8n,
  repeat_bytes: (bytes * 2n) / 5n,
});
const by = (value: string, requests: bigint, bytes: bigint): FamilyUsageBy => ({
  value,
  ...used(requests, bytes),
  billable_requests: (requests * 9n) / 10n,
  billable_bytes: (bytes * 9n) / 10n,
});
const whole = (num: bigint) => ({ num, den: 1n });

const classes = [
  by('unknown', 812_345n, 310n * GB),
  by('hosted', 400_123n, 140n * GB),
  by('ci', 390_000n, 120n * GB),
  by('container_build', 120_000n, 40n * GB),
  by('developer', 90_000n, 20n * GB),
  by('mirror_proxy', 12_000n, 9n * GB),
  by('update_bot', 9_000n, GB),
  by('ai_coding_agent', 8_000n, GB),
];
const sumOf = (measure: keyof Measures) => classes.reduce((sum, row) => sum + row[measure], 0n);
const usage = {
  ...by('', sumOf('requests'), sumOf('bytes')),
  family: 'example-corp',
  name: 'Example Corp',
  exempt: false,
};
const packageNames = ['numpy', 'torch', 'pandas', 'requests', 'boto3', 'cryptography', 'pip', 'setuptools'];
const packageUsage = (name: string, rank: number): PackageUsage => ({
  ecosystem: 'pypi',
  package: name,
  ...used(90_000n / BigInt(rank + 1), (80n * GB) / BigInt(rank + 1)),
});
const share = (billed_cents: bigint): FamilyFunding['share'] => ({
  gross: whole(64_100n),
  net: whole(44_100n),
  bands: [
    { from: 0n, up_to: 25_000n, multiplier_bp: 10_000n, units: whole(25_000n), tiered: whole(25_000n) },
    { from: 25_000n, up_to: null, multiplier_bp: 12_500n, units: whole(19_100n), tiered: whole(23_875n) },
  ],
  tiered: whole(48_875n),
  raw: { num: billed_cents * 3n + 1n, den: 3n },
  billed_cents,
  rule: 'share',
  lines: classes.map((row, rank) => ({
    requester_class: row.value,
    requests: row.billable_requests,
    bytes: row.billable_bytes,
    weight_bp: rank === 4 ? 2_500n : 10_000n,
    units: { num: (row.billable_bytes * 64_100n) / (577n * GB), den: 1n },
    billed_cents: (billed_cents * row.bytes) / usage.bytes,
  })),
});
const days = Array.from({ length: 31 }, (_, index) =>
  by(
    `2026-10-${String(index + 1).padStart(2, '0')}`,
    50_000n,
    (index % 7 < 5 ? 24n : 7n) * GB + BigInt(index) * 100_000_000n,
  ),
);

const tenth = (value: bigint) => (value * 9n) / 10n;
const closed: Statement = {
  ...hostile,
  issuer: {
    name: 'Example Package Foundation',
    currency: 'USD',
    contact: 'funding@example.org',
    address: ['1 Example Street', '12345 Example Town', 'Exampleland'],
    tax_id: 'XX 123 456 789',
    payment: [
      'Please pay within 30 days of the date of this statement.',
      'Account XX00 0000 0000 0000 of Example Package Foundation, Example Bank, EXAMXX00',
    ],
    language: 'en',
  },
  status: 'closed',
  notes: [{ kind: 'unreadable', count: 2n, of: 10_000n }],
  versions: {
    ...hostile.versions,
    run_id: '3f9a21c07b44'.repeat(5).slice(0, 64),
    policy_version: '2026-2',
    closed_at: '2026-11-05 08:00:00.000',
  },
  number: '',
  family: 'example-corp',
  name: 'Example Corp',
  recipient: {
    name: 'Example Corporation Ltd',
    address: ['Accounts payable', '2 Example Road', '54321 Example City'],
    tax_id: 'XX 987 654 321',
    purchase_order: '4500012345',
    reference: 'cost centre 4711',
  },
  before: {
    period: '2026-09',
    run_id: 'a'.repeat(64),
    currency: 'USD',
    due_cents: 104_210n,
    requests: 1_700_000n,
    bytes: 590n * GB,
  },
  usage,
  teams: [
    { ...by('ci', 900_000n, 400n * GB), billed_cents: 61_000n },
    { ...by('web-shop', 600_000n, 180n * GB), billed_cents: 30_000n },
    { ...by('data-science', 200_000n, 40n * GB), billed_cents: 6_000n },
    { ...by('', 141_468n, 21n * GB), billed_cents: 3_345n },
  ],
  members: [by('example-corp', 1_500_000n, 560n * GB), by('example-labs', 341_468n, 81n * GB)].map((row, rank) => ({
    ...row,
    name: rank === 0 ? 'Example Corp' : 'Example Labs',
  })),
  classes,
  sources: [
    ['unknown', 'pip', 'unknown/no-evidence', 170n],
    ['unknown', 'unknown', 'unknown/no-evidence', 80n],
    ['unknown', 'none', 'unknown/no-user-agent', 40n],
    ['unknown', 'npm', 'unknown/claimed-client', 20n],
    ['hosted', 'uv', 'hosted/hosting-network', 110n],
    ['hosted', 'pip', 'hosted/hosting-network', 30n],
    ['ci', 'pip', 'ci/client-flag', 120n],
  ].map(([requester_class, client, rule_id, gb]) => ({
    requester_class: requester_class as string,
    client: client as string,
    rule_id: rule_id as string,
    ...used(90_000n, (gb as bigint) * GB),
  })),
  ecosystems: [by('pypi', 1_200_000n, 420n * GB), by('npm', 500_000n, 160n * GB), by('maven', 141_468n, 61n * GB)],
  clients: [by('pip', 900_000n, 400n * GB), by('uv', 500_000n, 160n * GB), by('', 441_468n, 81n * GB)],
  evidence: [
    by('E1', 800_000n, 300n * GB),
    by('E2', 900_000n, 277n * GB),
    { ...by('E5', 141_468n, 64n * GB), billable_bytes: 0n, billable_requests: 0n },
  ],
  packages: packageNames.map(packageUsage),
  days,
  totals: {
    ...used(39_000_000n, 14_000n * GB),
    attributed_requests: 9_000_000n,
    attributed_bytes: 4_700n * GB,
    unknown_class_requests: 9_000_000n,
    unknown_class_bytes: 4_000n * GB,
  },
  unattributed: [
    { reason: 'platform', platform: 'aws', ...used(20_000_000n, 6_000n * GB) },
    { reason: 'negative', platform: '', ...used(6_000_000n, 2_000n * GB) },
    { reason: 'unknown', platform: '', ...used(4_000_000n, 1_300n * GB) },
  ],
  funding: {
    ...hostile.funding,
    currency: 'USD',
    cost_pool_cents: 2_450_001n,
    recoverable: { num: 4_000_001n, den: 4n },
    tier_sum: whole(460_000n),
    cap_cents: 612_500n,
    minimum_cents: 40_000n,
    free_allowance: 20_000n,
    alpha: { num: 3n, den: 1_000n },
    beta: { num: 1n, den: 10_000_000n },
    units: {
      billable: whole(900_000n),
      exempt: whole(50_000n),
      not_billable: whole(100_000n),
      unattributed: whole(1_400_001n),
      total: whole(2_450_001n),
    },
  },
  share: { family: 'example-corp', share: share(118_730n), not_billed: [], true_up: null, corrections: [] },
  intervals: {
    seed: '202610',
    draws: 1000,
    precision: [{ tier: 'E5', org: '', right: 57, wrong: 4 }],
    rows: ['', 'example-corp', 'example-labs'].map((org, rank) => ({
      family: 'example-corp',
      org,
      requests: {
        attributed: usage.requests,
        low: tenth(usage.requests),
        point: tenth(usage.requests),
        high: usage.requests,
      },
      bytes: { attributed: usage.bytes, low: tenth(usage.bytes), point: tenth(usage.bytes), high: usage.bytes },
      units:
        rank === 2
          ? { attributed: whole(9_000n), low: whole(9_000n), point: whole(9_000n), high: whole(9_000n) }
          : { attributed: whole(64_100n), low: whole(57_300n), point: whole(61_000n), high: whole(63_020n) },
    })),
  },
};

const manual = (cents: bigint, reason: string) => ({
  of_period: '2026-08',
  of_run_id: 'b'.repeat(64),
  family: 'example-corp',
  kind: 'manual' as const,
  id: 'correction-17',
  requests: 0n,
  bytes: 0n,
  cents,
  reason,
});
const late = {
  ...manual(-2_311n, '12,345 requests came late'),
  of_period: '2026-09',
  kind: 'late_usage' as const,
  requests: 12_345n,
  bytes: 3n * GB,
};
const { payment: _payment, ...withoutPayment } = closed.issuer;
const LONG_NAME =
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft für außerordentlich langfristige Vorhaben mit beschränkter Haftung & Compagnie Kommanditgesellschaft auf Aktien';
const LONG_ID = `long-${'organisation-'.repeat(9)}end`;
const nothing: Measures = used(0n, 0n);

const kinds = {
  payable: closed,
  'show-back': { ...closed, issuer: withoutPayment },
  exempt: {
    ...closed,
    name: 'Example University',
    recipient: { name: '', address: [], tax_id: '', purchase_order: '', reference: '' },
    share: {
      ...closed.share,
      share: null,
      not_billed: [{ kind: 'exempt' as const, gross: whole(64_100n) }],
    },
    before: { ...closed.before!, due_cents: 0n },
  },
  corrected: {
    ...closed,
    share: {
      ...closed.share,
      true_up: { contract_minimum_cents: 150_000n, cents: 31_270n },
      corrections: [late, manual(-5_000n, 'A proxy of another company was counted here in August.')],
    },
  },
  credit: {
    ...closed,
    share: { ...closed.share, corrections: [manual(-200_000n, 'The range 198.51.100.0/24 was never yours.')] },
  },
  zero: {
    ...closed,
    share: { ...closed.share, share: { ...share(0n)!, rule: 'free' as const, net: whole(0n), bands: [] } },
    before: null,
    issuer: { ...closed.issuer, payment: closed.issuer.payment },
  },
  open: {
    ...closed,
    status: 'open' as const,
    until: '2026-10-17',
    days: days.slice(0, 17),
    versions: { ...closed.versions, closed_at: null },
  },
  'long-names': {
    ...closed,
    family: LONG_ID,
    name: LONG_NAME,
    recipient: { ...closed.recipient, name: LONG_NAME, address: [LONG_NAME, 'x'.repeat(120), 'Ort'] },
    issuer: { ...closed.issuer, name: `Foundation of the ${LONG_NAME}` },
    packages: [packageUsage(`@${'scope'.repeat(20)}/${'package-'.repeat(20)}`, 0), ...closed.packages],
    ecosystems: [by('e'.repeat(60), 1_200_000n, 420n * GB), ...closed.ecosystems],
  },
  'many-packages': {
    ...closed,
    packages: Array.from({ length: 300 }, (_, rank) => packageUsage(`package-${rank + 1}`, rank)),
  },
  yen: {
    ...closed,
    funding: { ...closed.funding, currency: 'JPY' },
    before: { ...closed.before!, currency: 'USD' },
  },
  smallest: {
    ...closed,
    usage: null,
    members: [],
    classes: [],
    sources: [],
    ecosystems: [],
    clients: [],
    evidence: [],
    packages: [],
    days: [],
    notes: [],
    intervals: { ...closed.intervals, precision: [], rows: [] },
    share: {
      ...closed.share,
      share: null,
      true_up: { contract_minimum_cents: 25_000n, cents: 25_000n },
    },
    before: { ...closed.before!, due_cents: 25_000n, requests: nothing.requests, bytes: nothing.bytes },
  },
} satisfies Record<string, Statement>;

export type KindName = keyof typeof kinds;
/** By name, each with the number that its family and run give it. */
export const statementKinds = Object.fromEntries(
  Object.entries(kinds).map(([name, statement]: [string, Statement]) => [
    name,
    { ...statement, number: statementNumber(statement.period, statement.family, statement.versions.run_id) },
  ]),
) as Record<KindName, Statement>;
