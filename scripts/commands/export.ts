// fairshare export: an organisation's usage and charges as files for its own systems, with a manifest.

import { type Command, InvalidArgumentError } from 'commander';
import { writeExport, type ExportOptions } from '../exports/export.ts';
import { focusColumnNames, type FocusColumn } from '../exports/focus-columns.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { type Runtime } from '../runtime/command.ts';
import { recording } from '../runtime/recording.ts';
import { printJson, printTable } from '../runtime/output.ts';

interface Flags extends Omit<ExportOptions, 'style'> {
  readonly json?: boolean;
  readonly apostrophe: boolean;
  readonly focusColumns?: readonly FocusColumn[];
}

function columnsOf(text: string): FocusColumn[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !focusColumnNames.some((known) => known === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no column ${unknown}. Columns: ${focusColumnNames.join(', ')}.`);
  return focusColumnNames.filter((known) => names.includes(known));
}

export function registerExport(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--org <id>', 'the organisation; its family is included')
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .requiredOption('--out <dir>', 'directory for this organisation and period alone')
    .option(
      '--no-apostrophe',
      'CSV for programs: no apostrophe before a text that a spreadsheet would run as a formula',
    )
    .option('--focus-columns <names>', 'only these columns in focus files, with commas between', columnsOf)
    .option('--json', 'print the manifest')
    .addHelpText(
      'after',
      `
usage-*: one row per day, organisation, package, version, class, client, CI, team and evidence. focus-*: charges as FOCUS 1.4, one
row per day, organisation, ecosystem, class, evidence and team (docs/FOCUS.md). *-schema-*: what each column means.
manifest.json is written last and names every file with its hash. The same usage gives the same files. While the period is open an export replaces the one before it.

Example:
  $ fairshare export --org example-corp --period 2026-10 --out exports/example-corp/2026-10`,
    )
    .action(async ({ json, apostrophe, focusColumns, ...flags }: Flags) => {
      const style = { apostrophe, ...(focusColumns && { focusColumns }) };
      const warehouse = await runtime.warehouse({ besideHolder: true });
      const isNew = `the figures of ${flags.org} for ${flags.period} have changed since they were last exported`;
      const { manifest, changed } = await recording(warehouse, isNew, async () => {
        await attributeFirst(runtime, warehouse);
        return writeExport(runtime, warehouse, { ...flags, style });
      });
      if (json) {
        printJson(runtime.stdout, manifest);
        return;
      }
      printTable(
        runtime.stdout,
        ['file', 'rows', 'bytes', 'sha256'],
        manifest.files.map((file) => [file.path, file.rows, file.bytes, file.sha256]),
      );
      runtime.stdout.write(
        `${manifest.organisation}, ${manifest.period} (${manifest.status}): ${changed ? 'manifest.json written' : 'nothing has changed since the last export'} in ${flags.out}\n`,
      );
    });
}
