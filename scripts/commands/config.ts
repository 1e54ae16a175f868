// fairshare config check: prints the configuration, or all its faults.

import type { Command } from 'commander';
import { stringify } from 'yaml';
import { configFault, readConfig, type Config } from '../runtime/config.ts';
import { checkConfig } from './config-check.ts';
import { printJson } from '../runtime/output.ts';
import type { Runtime } from '../runtime/command.ts';

export function registerConfig(group: Command, runtime: Runtime): void {
  group
    .command('check')
    .description('check fairshare.yaml and the environment; print the configuration in force, without secrets')
    .option('--json', '{ok, file, faults: [{path, message}], notes, config}')
    .addHelpText(
      'after',
      `
The configuration is fairshare.yaml, then FAIRSHARE_* variables, then flags. A variable is named after its key, with two
underscores for each level down, and its value is YAML: FAIRSHARE_KAFKA__BROKERS='[broker1:9092, broker2:9092]'.
Passwords stand in the environment only: FAIRSHARE_WAREHOUSE_PASSWORD, and what password_env names.

Examples:
  $ fairshare config check
  $ fairshare config check --config staging.yaml --json`,
    )
    .action(({ json = false }: { json?: boolean }, command: Command) => {
      const { config: named, warehouse, logLevel } = command.optsWithGlobals<Record<string, string | undefined>>();
      const {
        file,
        config,
        checkable,
        faults: shape,
      } = readConfig({
        file: named,
        overrides: { warehouse, log_level: logLevel },
      });
      const refused = (path: string) => shape.some((fault) => path === fault.path || path.startsWith(`${fault.path}.`));
      const others = checkable === undefined ? { faults: [], notes: [] } : checkConfig(checkable, process.env);
      const faults = [...shape, ...others.faults.filter(({ path }) => !refused(path))];
      const shown = config === undefined ? undefined : withoutSecrets(config);
      if (json)
        printJson(runtime.stdout, { ok: faults.length === 0, file, faults, notes: others.notes, config: shown });
      else if (shown !== undefined && faults.length === 0)
        runtime.stdout.write(
          `# ${file ?? 'no file: defaults, environment and flags'}\n${others.notes.map((note) => `# ${note}\n`).join('')}${stringify(shown)}`,
        );
      if (faults.length > 0) throw configFault(file, faults);
    });
}

/** Only the warehouse's URL can contain a secret, its password: the schema keeps all others out. */
const withoutSecrets = ({ base_dir: _base, ...config }: Config): Omit<Config, 'base_dir'> => ({
  ...config,
  warehouse: config.warehouse.replace(/^(https?:\/\/[^:@/]*):[^@/]*@/, '$1:…@'),
});
