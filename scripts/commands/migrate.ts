// fairshare migrate: brings a warehouse's schema to this version.

import type { Command } from 'commander';
import { migrate, pendingMigrations } from '../../sql/migrate.ts';
import { printJson } from '../runtime/output.ts';
import type { Runtime } from '../runtime/command.ts';

export function registerMigrate(command: Command, runtime: Runtime): void {
  command
    .option('--dry-run', 'say what would be applied, and change nothing but the book of migrations')
    .option('--json', '{applied|pending: [name…], up_to_date}')
    .addHelpText(
      'after',
      `
An embedded warehouse is migrated on its first use; a server only by this command.

Examples:
  $ fairshare migrate
  $ fairshare migrate --dry-run --warehouse https://admin@warehouse.example.org:8443/fairshare`,
    )
    .action(async ({ dryRun = false, json = false }: { dryRun?: boolean; json?: boolean }) => {
      const warehouse = await runtime.warehouse({ migrate: false });
      const names = dryRun
        ? (await pendingMigrations(warehouse)).map(({ name }) => name)
        : (await migrate(warehouse, (name) => runtime.log.info({ name }, 'migrate'))).applied;
      const upToDate = names.length === 0;
      if (json) printJson(runtime.stdout, { [dryRun ? 'pending' : 'applied']: names, up_to_date: upToDate });
      else if (upToDate) runtime.stdout.write(`${warehouse.location}: up to date\n`);
      else runtime.stdout.write(`${names.map((name) => `${dryRun ? 'pending' : 'applied'} ${name}`).join('\n')}\n`);
    });
}
