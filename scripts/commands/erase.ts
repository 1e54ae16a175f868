// fairshare erase: removes the personal data of an organisation or a network, and records that it did.

import { resolve } from 'node:path';
import { type Command } from 'commander';
import { erasedOrgs, exportsOf, isKnownOrg, namesOfOrg } from '../../sql/erasure.ts';
import { withRunLock } from '../../sql/run-lock.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { cidrText, parseRange } from '../../transform/networks/address.ts';
import { formatCount } from '../../transform/numbers.ts';
import { replaceNames } from '../funding/erased-texts.ts';
import { renderAgain } from '../exports/reports.ts';
import { planNetworkErasure, planOrgErasure, type ErasurePlan, type PlannedErasure } from '../funding/erase.ts';
import { type Runtime } from '../runtime/command.ts';
import { thisProcess } from '../runtime/lock-holder.ts';
import { printJson } from '../runtime/output.ts';
import { decodeText, readBytes } from '../runtime/text-file.ts';

interface Flags {
  readonly org?: string;
  readonly network?: string;
  readonly reason?: string;
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function registerErase(command: Command, runtime: Runtime): void {
  command
    .option('--org <id>', 'the names and contacts of an organisation, in every version')
    .option('--network <cidr>', 'the facts of a network: e.g. 198.51.100.0/24, or a single address')
    .option('--reason <text>', 'why, for the record, e.g. the number of a request; without personal data')
    .option('--out <dir>', 'where reports are that are rendered again (default: output of the configuration)')
    .option('--dry-run', 'say what would go')
    .option('--yes', 'erase: it cannot be undone')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The id and all amounts stay, and fairshare verify still computes every run again. docs/PRIVACY.md says what is erased,
what stays and why.

Examples:
  $ fairshare erase --org example-corp --dry-run
  $ fairshare erase --network 198.51.100.0/24 --dry-run`,
    )
    .action((flags: Flags) => erase(runtime, flags));
}

async function erase(runtime: Runtime, flags: Flags): Promise<void> {
  const planOf = planner(flags);
  if (flags.dryRun) return show(runtime, flags, await planOf(await runtime.warehouse({ readOnly: true })));
  if (flags.reason === undefined || flags.reason.trim() === '')
    throw new Fault(
      'usage',
      'an erasure needs a reason',
      'Write it with --reason, for example the number of the request.',
    );
  const { reason } = flags;
  if (!flags.yes)
    throw new Fault(
      'usage',
      'nothing was erased: an erasure cannot be undone',
      'See what would go with --dry-run, then say --yes.',
    );
  const warehouse = await runtime.warehouse();
  // The lock keeps it apart from a night, which reads and seals what is replaced here.
  await withRunLock(warehouse, 'nightly', thisProcess(), async () => {
    if (flags.org !== undefined) await requireFilesWithout(runtime, warehouse, flags.org);
    const erased = await (await planOf(warehouse)).run(reason, runtime.now);
    const reports = flags.org === undefined ? undefined : await renderAgain(runtime, warehouse, flags);
    const exports = flags.org === undefined ? [] : await exportsOf(warehouse, [flags.org]);
    const notes = [
      ...erased.notes,
      ...(reports?.left ?? []).map(
        (period) =>
          `the report of ${period} still has the name: fairshare report --period ${period}, with a policy and costs`,
      ),
      ...exports.map(
        ({ organisation, period }) =>
          `the export of ${period} still has the name: fairshare export --org ${organisation} --period ${period} --out DIRECTORY writes it again`,
      ),
    ];
    show(runtime, flags, { ...erased, notes, ...(reports && { rendered: reports.rendered }) });
  });
}

/**
 * The next allocation would record a name again that is in the policy or the costs.
 * @throws Fault(inputRefused)
 */
async function requireFilesWithout(runtime: Runtime, warehouse: Warehouse, org: string): Promise<void> {
  const { policy, costs, base_dir } = runtime.config();
  const names = await namesOfOrg(warehouse, org);
  for (const file of [policy, costs]) {
    if (file === undefined) continue;
    const path = resolve(base_dir, file);
    const text = decodeText(readBytes(path), path);
    const lines = text.split('\n').flatMap((line, i) => (replaceNames(line, names, org) === line ? [] : [i + 1]));
    if (lines.length > 0)
      throw new Fault(
        'inputRefused',
        `${path}:${lines.join(',')} has a name of ${org}: the next allocation would record it again; nothing was erased`,
        `Write ${org} there instead, then erase.`,
      );
  }
}

/** @throws Fault(usage, inputRefused) */
function planner({ org, network }: Flags): (warehouse: Warehouse) => Promise<PlannedErasure> {
  if ((org === undefined) === (network === undefined))
    throw new Fault('usage', 'name one of --org and --network', 'See: fairshare erase --help');
  if (network !== undefined) {
    const { cidr, fault } = parseRange(network);
    if (cidr === null) throw new Fault('usage', fault, 'Write it as 198.51.100.0/24, or as one address.');
    return (warehouse) => planNetworkErasure(warehouse, cidr, cidrText(cidr));
  }
  return async (warehouse) => {
    if (!(await isKnownOrg(warehouse, org!)) && !(await erasedOrgs(warehouse)).has(org!))
      throw new Fault('inputRefused', `there is no organisation ${org}`, 'See them: fairshare orgs show');
    return planOrgErasure(warehouse, org!);
  };
}

interface Shown extends ErasurePlan {
  readonly erasure_id?: string;
  readonly erased_at?: string;
  /** Periods whose reports were rendered again. */
  readonly rendered?: readonly string[];
}

function show(
  { stdout }: Runtime,
  { json, dryRun, org }: Flags,
  { rows, notes, rendered, erasure_id, erased_at }: Shown,
): void {
  if (json)
    return printJson(stdout, {
      dry_run: dryRun ?? false,
      erasure_id,
      erased_at,
      rows,
      rendered: rendered ?? [],
      notes,
    });
  const verb = dryRun ? 'would be erased' : 'erased';
  const found = Object.entries(rows);
  if (found.length === 0) stdout.write(`nothing is left to erase${org === undefined ? '' : ` of ${org}`}\n`);
  for (const [table, count] of found) stdout.write(`${table.padEnd(22)} ${formatCount(count)} row(s) ${verb}\n`);
  if (rendered !== undefined && rendered.length > 0) stdout.write(`reports rendered again: ${rendered.join(', ')}\n`);
  if (erasure_id !== undefined) stdout.write(`recorded as erasure ${erasure_id}\n`);
  for (const note of notes) stdout.write(`note: ${note}\n`);
}
