// Seals, attributes, allocates and checks the landing that make-landing.ts made. Then it declares networks and a token later
// than their traffic and attributes again. It prints the measurements of each step as one line of JSON. `node child.ts ROWS
// DIRECTORY`

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { termsOf } from '../../scripts/funding/terms.ts';
import { attribute } from '../../sql/attribution.ts';
import { runChecks } from '../../sql/checks.ts';
import { migrate } from '../../sql/migrate.ts';
import { sealDay } from '../../sql/seal.ts';
import { openWarehouse } from '../../sql/warehouse.ts';
import { DAY, measured, type ScaleStep } from './day.ts';
import { periodOf } from '../../transform/periods.ts';

export interface ScaleResult {
  readonly rows: number;
  readonly sealed_rows: number;
  /** Version of the engine. */
  readonly version: string;
  readonly steps: readonly ScaleStep[];
}

const POLICY = `version: bench
currency: USD
free_allowance: 0
bands:
  - { multiplier_bp: 10000 }
cap_bp: 10000
minimum: 0.00
rho_bp: 0
`;
const COSTS = `pool,driver,currency,gross,donated,donor
bandwidth,bytes,USD,180000.00,120000.00,Example CDN
compute,requests,USD,25000.00,0.00,
`;

const rows = Number(process.argv[2]);
const directory = process.argv[3];
const warehouse = await openWarehouse({ location: directory });
await migrate(warehouse); // the landing may have an older schema
const steps = [JSON.parse(readFileSync(join(directory, 'landing.json'), 'utf8')) as ScaleStep];

async function step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const { step, result } = await measured(name, work);
  steps.push(step);
  return result;
}

async function check(days?: readonly string[]): Promise<void> {
  for (const { name, ok, detail } of await runChecks(warehouse, days)) if (!ok) throw new Error(`${name}: ${detail}`);
}

/** Returns the requests attributed to an organisation. */
async function requestsOf(org: string): Promise<number> {
  const [row] = await warehouse.query<{ requests: string }>(
    'SELECT sum(usage.requests) AS requests FROM attributed_usage AS usage WHERE org_id = {org:String}',
    { org },
  );
  return Number(row.requests);
}

/** Declares evidence after the day was read, and attributes again. */
async function declareLate(name: string, at: Date, org: string, values: readonly string[]): Promise<void> {
  const evidence = values.map((value) => ({
    evidence_id: value.startsWith('token') ? value : `late-${value}`,
    org_id: org,
    tier: value.startsWith('token') ? 'E1' : 'E2',
    kind: value.startsWith('token') ? 'token' : 'cidr',
    value,
    secret_sha256: '',
    valid_from: '2026-01-01',
    source: 'bench',
    recorded_at: at.toISOString(),
  }));
  await warehouse.insert('org_evidence', evidence);
  await step(name, () => attribute(warehouse, { now: at }));
  if ((await requestsOf(org)) === 0) throw new Error(`${name}: nothing went to ${org}`);
}

const at = (day: string): Date => new Date(`${day}T02:00:00Z`);
const now = at('2026-10-02');
const sealed = await step('seal', () => sealDay(warehouse, DAY, { lateBookedDay: DAY, now }));
await step('attribute', () => attribute(warehouse, { now }));
await step('check', () => check([DAY]));
await step('allocate', () => allocatePeriod(warehouse, periodOf(DAY), termsOf({ policy: POLICY, costs: COSTS }), now));
await declareLate('attribute: a /22 and a token declared later', at('2026-10-05'), 'org-late', [
  '1.0.4.0/22',
  'token-0',
]);
await declareLate('attribute: a /9 declared later', at('2026-10-06'), 'org-later', ['2.0.0.0/9']);
await step('check again', () => check());
const [{ version }] = (await warehouse.query<{ version: string }>('SELECT version() AS version')) as [
  { version: string },
];
await warehouse.close();
const result: ScaleResult = { rows, sealed_rows: Number(sealed.usage_rows), version, steps };
process.stdout.write(`${JSON.stringify(result)}\n`);
