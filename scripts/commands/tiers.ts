// fairshare tiers: the level of service for each party's load, and the list for the edge.

import { type Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { assignTiers, edgeList, SLOT_SECONDS, tierJson, type TierParty } from '../../transform/funding/tier.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { checkPeriod } from '../funding/allocation.ts';
import { DAY_MS, daysIn } from '../../transform/periods.ts';
import { sayUnattributed } from '../funding/first-attribution.ts';
import { fundingPolicy } from '../funding/terms.ts';
import { type Runtime } from '../runtime/command.ts';
import { formatRational } from '../../transform/numbers.ts';

interface Flags {
  readonly period: string;
  readonly policy?: string;
  readonly enforcement?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

interface PartyRow {
  readonly kind: TierParty['kind'];
  readonly id: string;
  readonly exempt: boolean;
  readonly counts: readonly [slot: number, requests: string][];
}

const SHOWN = 30;

export function registerTiers(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .option('--policy <file>', 'policy with service_tiers (default: from the configuration)')
    .option('--enforcement', 'print the machine-readable list for the edge, empty unless the policy says ENFORCEMENT')
    .option('--all', 'parties of the first level too')
    .option('--json', 'one JSON object per party')
    .addHelpText(
      'after',
      '\nExample:\n  $ fairshare tiers --period 2026-10\n  $ fairshare tiers --period 2026-10 --enforcement > edge.json',
    )
    .action((flags: Flags) => tiers(runtime, flags));
}

async function tiers(runtime: Runtime, flags: Flags): Promise<void> {
  const period = checkPeriod(flags.period);
  const policy = fundingPolicy(() => runtime.config(), flags);
  if (policy.service_tiers === null)
    throw new Fault(
      'usage',
      `policy ${policy.version} has no service_tiers`,
      'docs/FUNDING.md, "Service tiers", shows them.',
    );
  const warehouse = await runtime.warehouse({ readOnly: true });
  await sayUnattributed(runtime, warehouse);
  const rows = await warehouse.query<PartyRow>(sqlFile('queries/period/party_slots.sql'), { period });
  const slots = (daysIn(period) * DAY_MS) / 1000 / Number(SLOT_SECONDS);
  const report = assignTiers(
    rows.map(({ kind, id, exempt, counts }) => ({
      kind,
      id,
      exempt,
      counts: counts.map(([slot, requests]) => ({ slot: Number(slot), requests: BigInt(requests) })),
    })),
    slots,
    policy.service_tiers,
  );
  if (flags.enforcement) {
    printJson(runtime.stdout, {
      period,
      policy_version: policy.version,
      state: report.state,
      parties: edgeList(report).map(tierJson),
    });
    return;
  }
  const shown = flags.all ? report.decisions : report.decisions.filter(({ tier }) => tier !== report.free);
  if (flags.json) {
    for (const decision of shown) printJson(runtime.stdout, tierJson(decision));
    return;
  }
  const heaviest = [...shown]
    .sort((a, b) => Number(b.requests_per_month - a.requests_per_month))
    .slice(0, flags.all ? undefined : SHOWN);
  printTable(
    runtime.stdout,
    ['party', 'kind', 'level', 'decided by', 'p95 requests/s', 'requests'],
    heaviest.map((decision) => [
      decision.id,
      decision.kind,
      decision.tier,
      decision.decided_by,
      formatRational(decision.p95, 3),
      decision.requests_per_month,
    ]),
    { right: [4] },
  );
  runtime.stdout.write(
    `${period}, ${report.state}: ${report.decisions.length - report.decisions.filter(({ tier }) => tier !== report.free).length} of ${report.decisions.length} parties are ${report.free}\n`,
  );
}
