// fairshare orgs: imports and compares the registry of organisations, which is kept as files in version control.

import { type Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { erasedOrgs } from '../../sql/erasure.ts';
import { applyRegistry, compareRegistry, registryTables, type RegistryChange } from '../../sql/orgs.ts';
import { checkOrgs, type OrgsReport } from '../orgs/orgs-check.ts';
import { withHolders } from '../orgs/holders.ts';
import { noBilling, readOrgsFile, registryOf, type OrgsFile } from '../orgs/orgs-file.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { type Runtime } from '../runtime/command.ts';
import { registerCandidates } from './orgs-candidates.ts';
import { registerAdoption } from './orgs-adoption.ts';
import { registerEnrol } from './orgs-enrol.ts';
import { registerProve } from './orgs-prove.ts';
import { today } from './seal.ts';

export function registerOrgs(orgs: Command, runtime: Runtime): void {
  registerImport(orgs, runtime);
  registerCheck(orgs, runtime);
  registerDiff(orgs, runtime);
  registerShow(orgs, runtime);
  registerProve(orgs, runtime);
  registerCandidates(orgs, runtime);
  registerEnrol(orgs, runtime);
  registerAdoption(orgs, runtime);
}

function registerImport(orgs: Command, runtime: Runtime): void {
  orgs
    .command('import')
    .description('record what the files say, and retract what they no longer say; history is kept')
    .argument('<file...>', 'organisations (YAML), evidence (CSV), Prefix2Org (CSV), AS Organizations')
    .option('--dry-run', 'say what would change')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nThe files together are the whole registry.\n\nExample:\n  $ fairshare orgs import orgs.yaml',
    )
    .action(async (paths: string[], flags: { dryRun?: boolean; json?: boolean }) => {
      const files = readRegistry(paths);
      requireSound(checkOrgs(files, { on: today(runtime) }), runtime);
      const changes = await importOrgs(runtime, files, flags.dryRun ?? false);
      if (flags.json)
        printJson(
          runtime.stdout,
          changes.map(({ table, change }) => ({
            table,
            added: change.added.length,
            retracted: change.retracted.length,
            unchanged: change.unchanged,
          })),
        );
      else {
        printTable(
          runtime.stdout,
          ['table', 'added', 'retracted', 'unchanged'],
          changes.map(({ table, change }) => [table, change.added.length, change.retracted.length, change.unchanged]),
        );
        if (!flags.dryRun)
          runtime.stderr.write(
            'Past days are attributed anew by: fairshare attribute. Prefixes and tokens are matched from the next ingest on.\n',
          );
      }
    });
}

function registerCheck(orgs: Command, runtime: Runtime): void {
  orgs
    .command('check')
    .description('check files: conflicts, overlaps, bogus CIDRs, expired evidence, with line numbers')
    .argument('<file...>', 'organisations (YAML), evidence (CSV), Prefix2Org (CSV), AS Organizations')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExits with 4 where there is an error.\n\nExample:\n  $ fairshare orgs check orgs.yaml')
    .action((paths: string[], flags: { json?: boolean }) => {
      const report = checkOrgs(readRegistry(paths), { on: today(runtime) });
      if (flags.json) printJson(runtime.stdout, report);
      else
        runtime.stdout.write(
          `${findings(report)}${report.errors.length} error(s), ${report.warnings.length} warning(s)\n`,
        );
      if (report.errors.length > 0)
        throw new Fault(
          'checkFailed',
          `${report.errors.length} error(s) in the registry`,
          'Correct the lines named above.',
        );
    });
}

function registerDiff(orgs: Command, runtime: Runtime): void {
  orgs
    .command('diff')
    .description('what an import of these files would change')
    .argument('<file...>', 'organisations (YAML), evidence (CSV), Prefix2Org (CSV), AS Organizations')
    .addHelpText('after', '\nExample:\n  $ fairshare orgs diff orgs.yaml')
    .action(async (paths: string[]) => {
      const files = readRegistry(paths);
      requireSound(checkOrgs(files, { on: today(runtime) }), runtime);
      for (const { table, key, change } of await importOrgs(runtime, files, true)) {
        const nameOf = (row: Readonly<Record<string, unknown>>) => key.map((column) => String(row[column])).join(' ');
        for (const row of change.retracted) runtime.stdout.write(`- ${table} ${nameOf(row)}\n`);
        for (const row of change.added) runtime.stdout.write(`+ ${table} ${nameOf(row)}\n`);
      }
    });
}

function registerShow(orgs: Command, runtime: Runtime): void {
  orgs
    .command('show')
    .description('organisations as known now, with their family and evidence')
    .argument('[id]', 'one organisation')
    .option('--json', 'one JSON object per organisation')
    .addHelpText('after', '\nExample:\n  $ fairshare orgs show example-corp')
    .action(async (id: string | undefined, flags: { json?: boolean }) => {
      const warehouse = await runtime.warehouse({ readOnly: true });
      const rows = await warehouse.query<{
        org_id: string;
        name: string;
        family_id: string;
        exempt: boolean;
        evidence: [
          tier: string,
          kind: string,
          value: string,
          from: string,
          to: string | null,
          id: string,
          state: EvidenceState,
        ][];
      }>(sqlFile('queries/orgs/show.sql'), { id: id ?? '', on: today(runtime) });
      if (id !== undefined && rows.length === 0)
        throw new Fault('inputRefused', `no organisation ${id}`, 'See them all: fairshare orgs show');
      if (flags.json) for (const row of rows) printJson(runtime.stdout, row);
      else
        printTable(
          runtime.stdout,
          ['id', 'name', 'family', 'exempt', 'evidence'],
          rows.map((row) => [
            row.org_id,
            row.name,
            row.family_id,
            row.exempt ? 'yes' : '',
            row.evidence
              .map(
                ([tier, kind, value, from, to, id, state]) =>
                  `${tier} ${kind} ${value} (${id})${sayState(state, from, to)}`,
              )
              .join('\n'),
          ]),
        );
    });
}

/** The files together, with the evidence of data sets about networks. */
const readRegistry = (paths: readonly string[]): OrgsFile[] => withHolders(paths.map((path) => readOrgsFile(path)));

type EvidenceState = 'live' | 'ended' | 'not yet';

const sayState = (state: EvidenceState, from: string, to: string | null): string =>
  ({ live: '', ended: `, ended ${to ?? ''}`, 'not yet': `, from ${from} on` })[state];

const findings = ({ errors, warnings }: OrgsReport): string =>
  [
    ...errors.map((finding) => ({ ...finding, kind: 'error' })),
    ...warnings.map((finding) => ({ ...finding, kind: 'warning' })),
  ]
    .map(({ kind, file, line, code, message }) => `${file}:${line}: ${kind}: ${message} (${code})\n`)
    .join('');

function requireSound(report: OrgsReport, runtime: Runtime): void {
  if (report.errors.length > 0)
    throw new Fault(
      'inputRefused',
      `the registry has ${report.errors.length} error(s)\n${findings({ ...report, warnings: [] })}`,
      'Nothing was imported. Correct the lines named above.',
    );
  runtime.stderr.write(findings(report));
}

/** An import must not record again what was erased. */
function warnOfErased(runtime: Runtime, files: readonly OrgsFile[], erased: ReadonlyMap<string, string>): void {
  for (const { file, organisations } of files)
    for (const { row, line } of organisations) {
      const erased_at = erased.get(row.org_id);
      if (erased_at !== undefined)
        runtime.stderr.write(
          `${file}:${line}: warning: ${row.org_id} was erased on ${erased_at.slice(0, 10)}: its name, contact and sources are not recorded; remove them from the file\n`,
        );
    }
}

interface TableChange {
  readonly table: string;
  readonly key: readonly string[];
  readonly change: RegistryChange;
}

async function importOrgs(runtime: Runtime, files: readonly OrgsFile[], dryRun: boolean): Promise<TableChange[]> {
  const warehouse = await runtime.warehouse({ besideHolder: dryRun });
  const erased = await erasedOrgs(warehouse);
  warnOfErased(runtime, files, erased);
  const { organisations, edges } = registryOf(files);
  const desired = [
    [
      registryTables.org,
      organisations.map((row) => ({ ...row, ...(erased.has(row.org_id) && { name: '', contact: '', ...noBilling }) })),
    ],
    [registryTables.orgEdge, edges.map((edge) => ({ ...edge }))],
    [
      registryTables.orgEvidence,
      files.flatMap(({ evidence }) =>
        evidence.map(({ row }) => ({ ...row, ...(erased.has(row.org_id) && { source: '' }) })),
      ),
    ],
  ] as const;
  const changes: TableChange[] = [];
  const now = runtime.now();
  for (const [table, rows] of desired) {
    const change = await compareRegistry(warehouse, table, rows);
    if (!dryRun) await applyRegistry(warehouse, table, change, now);
    changes.push({ table: table.name, key: table.key, change });
  }
  return changes;
}
