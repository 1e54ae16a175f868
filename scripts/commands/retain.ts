// fairshare retain: deletes data whose time of retention is over.

import { type Command } from 'commander';
import { applyRetention, type ExpiredDay, planRetention, type RetentionLimits } from '../../sql/retention.ts';
import { type Config } from '../runtime/config.ts';
import { printJson } from '../runtime/output.ts';
import { withRunLock } from '../../sql/run-lock.ts';
import { thisProcess } from '../runtime/lock-holder.ts';
import { type Runtime } from '../runtime/command.ts';
import { formatCount } from '../../transform/numbers.ts';

export const retentionLimits = ({ quarantine, retention }: Config): RetentionLimits => ({
  quarantine_days: quarantine.retention_days,
  network_days: retention.network_days,
  hourly_days: retention.hourly_days,
});

export function registerRetain(command: Command, runtime: Runtime): void {
  command
    .option('--dry-run', 'say what would go')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Usage, attribution, allocations, exports and the ledger are kept for ever; days that are open are left alone. Days count back
from the last sealed one that has at least a thousandth of a typical day's requests. Settings: quarantine.retention_days, retention.network_days, retention.hourly_days.

Example:
  $ fairshare retain --dry-run`,
    )
    .action(async (flags: { dryRun?: boolean; json?: boolean }) => {
      const limits = retentionLimits(runtime.config());
      const warehouse = await runtime.warehouse({ readOnly: flags.dryRun });
      const work = async () => {
        const now = runtime.now();
        const plan = await planRetention(warehouse, limits, now);
        if (!flags.dryRun) await applyRetention(warehouse, plan, limits, now);
        return plan;
      };
      // The lock keeps it apart from a night, which must not lose landing while it seals days.
      const plan = flags.dryRun ? await work() : await withRunLock(warehouse, 'nightly', thisProcess(), work);
      if (flags.json) return printJson(runtime.stdout, { dry_run: flags.dryRun ?? false, ...plan });
      const verb = flags.dryRun ? 'would go' : 'gone';
      runtime.stdout.write(
        `${formatCount(plan.quarantinedLines)} quarantined line(s): their bytes ${flags.dryRun ? 'would go' : 'are gone'}; position and reason stay\n`,
      );
      for (const [what, days] of [
        ['landing', plan.landing],
        ['networks', plan.networks],
        ['hours', plan.hours],
      ] as const)
        runtime.stdout.write(`${what.padEnd(8)} of ${describe(days)} ${verb}\n`);
      for (const { day, why } of plan.kept) runtime.stdout.write(`landing  of ${day} is kept: ${why}\n`);
    });
}

function describe(days: readonly ExpiredDay[]): string {
  if (days.length === 0) return 'no day';
  const rows = days.reduce((sum, day) => sum + BigInt(day.rows), 0n);
  return `${days.length} day(s), ${days[0].day} to ${days.at(-1)!.day}, ${formatCount(rows)} rows`;
}
