// A small month with all cases that reports must show correctly, written directly into the warehouse's tables: families with
// subsidiaries, an exempt project, evidence too weak to bill, every kind of unattributed usage, late rows, hostile names.

import { migrate } from '../../sql/migrate.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { openPlace, type WarehousePlace } from './warehouse.ts';

export const HOSTILE = '<img src=x onerror=alert(1)>\u202egpj';
export const FORMULA = '=HYPERLINK("http://evil.example","pay")';

const never = '2199-12-31 00:00:00.000';
const recorded = { recorded_at: '2026-09-01 00:00:00.000', retracted_at: never, state: 0 };

const orgs = [
  { org_id: 'acme', name: 'Acme Corporation', exempt: false, family: 'acme' },
  { org_id: 'acme-labs', name: 'Acme Labs GmbH', exempt: false, family: 'acme' },
  { org_id: 'globex', name: `Globex ${HOSTILE} & Sons`, exempt: false, family: null },
  { org_id: 'initech', name: '=Initech', exempt: false, family: null },
  { org_id: 'Hooli.Cloud', name: 'Hooli', exempt: false, family: null },
  { org_id: 'openproj', name: 'The Open Project', exempt: true, family: null },
  { org_id: 'umbrella', name: 'Umbrella', exempt: false, family: null },
  { org_id: 'quiet', name: 'Quiet & Small', exempt: false, family: null },
];

/** Evidence set → verdict and load (requests a day). */
const sets: readonly {
  readonly id: number;
  readonly org: string | null;
  readonly tier: string;
  readonly unattributed: string;
  readonly platform: string;
  readonly load: number;
}[] = [
  { id: 1, org: 'acme', tier: 'E1', unattributed: '', platform: 'aws', load: 400 },
  { id: 2, org: 'acme', tier: 'E5', unattributed: '', platform: '', load: 40 },
  { id: 3, org: 'acme-labs', tier: 'E2', unattributed: '', platform: '', load: 130 },
  { id: 4, org: 'globex', tier: 'E2', unattributed: '', platform: '', load: 160 },
  { id: 5, org: 'initech', tier: 'E3', unattributed: '', platform: '', load: 30 },
  { id: 6, org: 'Hooli.Cloud', tier: 'E5', unattributed: '', platform: '', load: 90 },
  { id: 7, org: 'openproj', tier: 'E1', unattributed: '', platform: 'github', load: 70 },
  { id: 8, org: null, tier: '', unattributed: 'platform', platform: 'aws', load: 800 },
  { id: 9, org: null, tier: '', unattributed: 'platform', platform: 'azure', load: 300 },
  { id: 10, org: null, tier: '', unattributed: 'negative', platform: '', load: 250 },
  { id: 11, org: null, tier: '', unattributed: 'conflict', platform: '', load: 20 },
  { id: 12, org: null, tier: '', unattributed: 'unknown', platform: '', load: 120 },
  { id: 13, org: 'quiet', tier: 'E2', unattributed: '', platform: '', load: 1 },
];
/** An evidence set without a verdict yet: unknown. */
const UNJUDGED = 99;

const classes = [
  ['ci', 'npm', 'npm', true],
  ['developer', 'yarn', 'npm', false],
  ['mirror_proxy', 'nexus', 'maven', null],
  ['container_build', 'pip', 'pypi', null],
  ['ai_coding_agent', 'npm', 'npm', null],
  ['unknown', '', 'pypi', null],
] as const;

/** A small linear congruential generator, which gives the same numbers on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

const names = [
  'lodash',
  'react',
  '@types/node',
  HOSTILE,
  FORMULA,
  'org.slf4j/slf4j-api',
  'requests',
  'numpy',
  'x\u202egnp.exe',
];

interface UsageSeed {
  readonly day: string;
  readonly booked_day: string;
  readonly evidence_set: number;
  readonly requests: number;
  readonly [column: string]: unknown;
}

function usageOf(days: readonly string[]): UsageSeed[] {
  const random = numbers(7);
  const rows: UsageSeed[] = [];
  for (const [index, day] of days.entries())
    for (const { id, load } of sets)
      for (const [rank, [requester_class, client, ecosystem, ci]] of classes.entries()) {
        const weekend = new Date(`${day}T00:00:00Z`).getUTCDay() % 6 === 0;
        const requests = Math.ceil((load * (weekend ? 0.4 : 1) * (0.6 + random() * 0.8)) / (rank + 1));
        const downloads = Math.floor(requests / 8);
        const bytes = requests * (2_000 + Math.floor(random() * 90_000));
        const version = `${1 + (index % 3)}.${rank}.0`;
        rows.push({
          day,
          booked_day: day,
          ecosystem,
          package: names[(id + rank + index) % names.length],
          version,
          artifact: downloads > 0 ? 'artifact' : 'metadata',
          requester_class,
          identity: 'none',
          client,
          ci,
          ci_provider: ci === true ? 'github-actions' : '',
          container: null,
          rule_id: 'test',
          evidence_set: id,
          country: 'DE',
          requests,
          downloads,
          bytes,
          repeat_downloads: Math.floor(downloads / 2),
          repeat_bytes: Math.floor(bytes / 5),
        });
      }
  // Rows of September that came after its days were closed, and a row whose evidence has no verdict.
  const [first] = rows;
  rows.push({ ...first, day: '2026-09-29', booked_day: '2026-10-02', requests: 17, bytes: 1_700_001 });
  rows.push({ ...first, evidence_set: UNJUDGED, requests: 11, bytes: 7_654_321 });
  return rows;
}

export const PERIOD = '2026-10';
const octoberDays = Array.from({ length: 31 }, (_, index) => `${PERIOD}-${String(index + 1).padStart(2, '0')}`);

/** Makes a warehouse in an empty place, with one month of usage and a day of the month after it. */
export async function reportWarehouse(place: WarehousePlace): Promise<Warehouse> {
  const warehouse = await openPlace(place);
  await migrate(warehouse);
  await warehouse.insert(
    'org',
    orgs.map(({ org_id, name, exempt }) => ({ org_id, name, exempt, contact: `${org_id}@example.org`, ...recorded })),
  );
  await warehouse.insert(
    'org_edge',
    orgs
      .filter(({ family }) => family !== null)
      .map(({ org_id, family }) => ({ org_id, family_id: family, ...recorded })),
  );
  await recordAttribution(warehouse, 'attribution-1', '2026-11-01 00:00:00.000');
  const rows = [...usageOf(octoberDays), ...usageOf(['2026-11-01']).slice(0, 6)];
  await warehouse.insert('usage_daily', rows);
  const partitions = [...new Set(rows.map(({ day, booked_day }) => `${day} ${booked_day}`))].map((key) =>
    key.split(' '),
  );
  await warehouse.insert(
    'day_seal',
    partitions.map(([day, booked_day]) => ({
      day,
      booked_day,
      seal_no: 1,
      state: day < '2026-10-28' ? 'closed' : 'open',
      batches: [],
      revisions: [1],
      methodology_version: 2,
      requests: 0,
      downloads: 0,
      bytes: 0,
      usage_rows: 0,
      usage_hash: 0,
      sealed_at: '2026-11-01 01:00:00.000',
    })),
  );
  await recordLedger(warehouse);
  return warehouse;
}

/** Writes verdicts under a version; views show the latest version. @param overrides evidence set → other organisation */
export async function recordAttribution(
  warehouse: Warehouse,
  version: string,
  at: string,
  overrides: Readonly<Record<number, string>> = {},
): Promise<void> {
  await warehouse.insert(
    'evidence_verdict',
    sets.map(({ id, org, tier, unattributed, platform }) => ({
      attribution_version: version,
      evidence_set: id,
      valid_from: '2000-01-01',
      valid_to: '2149-06-06',
      org_id: overrides[id] ?? org,
      tier: overrides[id] === undefined ? tier : 'E3',
      evidence_id: org === null ? '' : `${org}-evidence`,
      unattributed: overrides[id] === undefined ? unattributed : '',
      platform,
    })),
  );
  await warehouse.insert('attribution_run', [
    { attribution_version: version, known_at: at, evidence_rows: 9, evidence_sets: sets.length, computed_at: at },
  ]);
}

async function recordLedger(warehouse: Warehouse): Promise<void> {
  const source = (name: string, lines: number, at: string) => ({
    source: name,
    epoch: 0,
    partition: name,
    first: 0,
    last: 1000,
    revision: 1,
    batch_id: `00000000-0000-0000-0000-0000000000${name.length.toString().padStart(2, '0')}`,
    state: 'loaded',
    object: `${name}.gz`,
    lines,
    requests: lines - 12,
    excluded: 5,
    quarantined: 7,
    bytes_unknown: 3,
    duplicates: 0,
    reasons: { blank: 5, bad_json: 7 },
    degraded: { bad_address: 4, no_status: 2 },
    degraded_requests: 5,
    days: ['2026-10-31'],
    day_requests: [lines - 12],
    day_downloads: [1],
    day_bytes: [1],
    usage_rows: 0,
    usage_hash: 0,
    rate_rows: 0,
    rate_hash: 0,
    quarantine_rows: 0,
    quarantine_hash: 0,
    methodology_version: 2,
    last_record_at: at,
    last_record_sha256: '',
    recorded_at: '2026-11-01 00:30:00.000',
  });
  await warehouse.insert('ingest_ledger', [
    source('npm', 412_345, '2026-10-31 23:59:58.120'),
    source('pypi-edge', 98_765, '2026-10-31 23:58:01.000'),
  ]);
}

/** Amounts with which every rule occurs: acme capped, initech below the minimum, quiet within its allowance. */
export const POLICY = `version: test-1
currency: EUR
free_allowance: 5000
bands:
  - { up_to: 40000, multiplier_bp: 10000 }
  - { up_to: 150000, multiplier_bp: 12000 }
  - { multiplier_bp: 15000 }
cap_bp: 1000
minimum: 400.00
class_weights_bp: { developer: 2500, ai_coding_agent: 12500 }
pools:
  staff: { requests_bp: 5000, bytes_bp: 5000 }
contract_minimums: { umbrella: 250.00 }
`;
export const COSTS = `period,pool,driver,currency,gross,donated,donor
2026-10,bandwidth,bytes,EUR,25000.00,17500.00,Example CDN
2026-10,compute,requests,EUR,7500.01,0.00,
2026-10,staff,,EUR,11500.00,2000.00,Example Foundation
`;
