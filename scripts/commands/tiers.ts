// fairshare tiers: the level of service for each party's load, and the list for the edge.

import { type Command } from 'commander';
import { edgeList, tierJson } from '../../transform/funding/tier.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { checkPeriod } from '../funding/allocation.ts';
import { daysIn } from '../../transform/periods.ts';
import { sayUnattributed } from '../funding/first-attribution.ts';
import { fundingPolicy } from '../funding/terms.ts';
import { periodTiers } from '../funding/tiers.ts';
import { type Runtime } from '../runtime/command.ts';
import { formatRational } from '../../transform/numbers.ts';

interface Flags {
  readonly period: string;
  readonly policy?: string;
  readonly enforcement?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
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
      '\nExits with 4 where the levels cannot be computed: nothing is loaded, sealed or attributed, or retention has deleted the rates. A list\nof an open month says that it is provisional; a closed month keeps its levels (--policy measures it anew).\n\nExample:\n  $ fairshare tiers --period 2026-10\n  $ fairshare tiers --period 2026-10 --enforcement > edge.json',
    )
    .action((flags: Flags) => tiers(runtime, flags));
}

async function tiers(runtime: Runtime, flags: Flags): Promise<void> {
  const period = checkPeriod(flags.period);
  const warehouse = await runtime.warehouse({ readOnly: true });
  await sayUnattributed(runtime, warehouse);
  const policy = () => fundingPolicy(() => runtime.config(), flags);
  const report = await periodTiers(warehouse, period, policy, { kept: flags.policy === undefined });
  const { status, until, days } = report;
  if (flags.enforcement) {
    printJson(runtime.stdout, {
      period,
      policy_version: report.policy_version,
      state: report.state,
      status,
      days,
      until,
      parties: edgeList(report).map(tierJson),
    });
    return;
  }
  const shown = flags.all ? report.decisions : report.decisions.filter(({ tier }) => tier !== report.free);
  if (flags.json) {
    for (const decision of shown) printJson(runtime.stdout, { ...tierJson(decision), status, until });
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
  const parties = report.decisions.length + report.more_free;
  const free = report.decisions.filter(({ tier }) => tier === report.free).length + report.more_free;
  runtime.stdout.write(
    `${period}, ${report.state}, ${status === 'final' ? 'final, the month is closed' : `provisional: ${days} of ${daysIn(period)} days, until ${until}`}: ${free} of ${parties} parties are ${report.free}\n`,
  );
}
