// fairshare export: one organisation's usage and charges as files for its own systems, with a manifest.

import { type Command } from 'commander';
import { resolve } from 'node:path';
import { orgNames, recordedRun, usageParameters } from '../../dashboards/report/collect.ts';
import { reportQuery } from '../../dashboards/report/queries.ts';
import { METHODOLOGY_VERSION } from '../../transform/methodology.ts';
import { type QueryParams, type Warehouse } from '../../sql/warehouse.ts';
import { type Config } from '../runtime/config.ts';
import {
  EXPORT_SCHEMA,
  ExportDirectory,
  writeFocus,
  writeUsage,
  type ExportVersions,
  type Manifest,
} from '../exports/files.ts';
import { findOrg } from '../orgs/find-org.ts';
import { focusRows, type ChargeUsage } from '../exports/focus.ts';
import { unitRanges } from '../funding/intervals.ts';
import { fundingFigures, fundingRules } from '../funding/figures.ts';
import { printJson, printTable } from '../runtime/output.ts';
import { allocatePeriod, checkPeriod, closedRun, fundingTexts, type PeriodAllocation } from '../funding/allocation.ts';
import { lastDay } from '../../transform/periods.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { type Runtime } from '../runtime/command.ts';
import { recording } from '../runtime/recording.ts';
import { sha256 } from '../../sql/sha256.ts';

export interface ExportOptions {
  readonly org: string;
  readonly period: string;
  readonly out: string;
}

/** The run that closed the period, else a fresh one; undefined where the foundation has no policy or costs. */
async function allocationOf(
  runtime: Runtime,
  warehouse: Warehouse,
  config: Config,
  period: string,
): Promise<PeriodAllocation | undefined> {
  const closed = await closedRun(warehouse, period);
  if (closed !== undefined) return closed;
  if (config.policy !== undefined && config.costs !== undefined)
    return allocatePeriod(warehouse, period, fundingTexts(config), runtime.now());
  runtime.stderr.write(
    'fairshare: no policy or no costs are configured: the export holds usage without charges (policy_version is null)\n',
  );
  return undefined;
}

async function latestAttribution(warehouse: Warehouse): Promise<string> {
  const [run] = await warehouse.query<{ version: string }>(
    'SELECT argMax(attribution_version, computed_at) AS version FROM attribution_run',
  );
  return run.version;
}

/**
 * Writes an organisation's export, its family's usage included.
 * @throws Fault(inputRefused) for an organisation nobody knows, or a directory that holds something else
 */
export async function writeExport(
  runtime: Runtime,
  warehouse: Warehouse,
  options: ExportOptions,
): Promise<{ readonly manifest: Manifest; readonly changed: boolean }> {
  const config = runtime.config();
  const period = checkPeriod(options.period);
  // Before anything is allocated: a typing error must not cost a minute.
  const known = await orgNames(
    warehouse,
    usageParameters({ period, until: lastDay(period), status: 'open', attribution_version: '' }, undefined, []),
  );
  findOrg(known, options.org);
  const directory = new ExportDirectory(resolve(options.out), { organisation: options.org, period });

  const allocation = await allocationOf(runtime, warehouse, config, period);
  const run = allocation && (await recordedRun(warehouse, allocation.run_id));
  const attribution = allocation?.attribution_version ?? (await latestAttribution(warehouse));
  const status = allocation?.status ?? 'open';
  const until = allocation?.until ?? lastDay(period);
  const scope = usageParameters(
    { period, until, status, attribution_version: attribution },
    run?.computed_at,
    allocation?.billable_tiers ?? [],
  );
  const orgs = await orgNames(warehouse, scope);
  // An organisation that was registered after the period was closed has no part in it: no rows.
  const family = orgs.find(({ org_id }) => org_id === options.org)?.family ?? options.org;
  const members = orgs.filter((org) => org.family === family).map(({ org_id }) => org_id);
  const parameters = { ...scope, orgs: [...new Set([...members, options.org])] };

  // Rows of earlier periods that came late are in no other export; their charges are corrections.
  await writeUsage(warehouse, directory, { ...parameters, with_late: true });
  if (allocation !== undefined && run !== undefined)
    await writeFocus(
      warehouse,
      directory,
      await chargesOf(warehouse, parameters, config, allocation, run, family, orgs),
    );

  const versions: ExportVersions = {
    schema: EXPORT_SCHEMA,
    organisation: options.org,
    period,
    status,
    run_id: allocation?.run_id ?? null,
    attribution_version: attribution === '' ? null : attribution,
    policy_version: run?.policy_version ?? null,
    methodology_version: run?.methodology_version ?? METHODOLOGY_VERSION,
  };
  const { manifest, text, changed } = directory.finish(versions, runtime.now().toISOString());
  await recordExport(warehouse, manifest, text);
  return { manifest, changed };
}

async function chargesOf(
  warehouse: Warehouse,
  parameters: QueryParams,
  config: Config,
  allocation: PeriodAllocation,
  run: Awaited<ReturnType<typeof recordedRun>>,
  family: string,
  orgs: Awaited<ReturnType<typeof orgNames>>,
) {
  const rules = fundingRules(allocation.parties, run);
  const names = new Map(orgs.map(({ org_id, name }) => [org_id, name]));
  const nameOf = (id: string): string => names.get(id) || id;
  const funding = fundingFigures(allocation, rules);
  return focusRows({
    period: allocation.period,
    status: allocation.status,
    issuer: config.issuer,
    currency: funding.currency,
    family: { id: family, name: nameOf(family) },
    nameOf,
    usage: await warehouse.query<ChargeUsage>(reportQuery('export_charges.sql'), parameters),
    ranges: await unitRanges(warehouse, allocation.run_id, family),
    share: funding.families.find((candidate) => candidate.family === family),
    rules,
    run_id: allocation.run_id,
    attribution_version: allocation.attribution_version,
  });
}

/** Once for each manifest, whatever was interrupted before. */
async function recordExport(warehouse: Warehouse, manifest: Manifest, text: string): Promise<void> {
  const run_id = sha256(text);
  const { organisation, period, status, created_at } = manifest;
  const known = await warehouse.query('SELECT run_id FROM export_run WHERE run_id = {run_id:String}', { run_id });
  if (known.length === 0)
    await warehouse.insert('export_run', [{ run_id, organisation, period, status, manifest: text, created_at }]);
}

export function registerExport(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--org <id>', 'the organisation; its family is included')
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .requiredOption('--out <dir>', 'directory for this organisation and period alone')
    .option('--json', 'print the manifest')
    .addHelpText(
      'after',
      `
usage-*: one row per day, organisation, package, version, class, client, CI and evidence. focus-*: charges as FOCUS 1.4
(show-back while the period is open: BilledCost is 0). manifest.json is written last and names every file with its hash.
The same usage gives the same files. While the period is open an export replaces the one before it.

Example:
  $ fairshare export --org example-corp --period 2026-10 --out exports/example-corp/2026-10`,
    )
    .action(async (flags: ExportOptions & { readonly json?: boolean }) => {
      const warehouse = await runtime.warehouse({ throughDoor: true });
      const isNew = `the figures of ${flags.org} for ${flags.period} have changed since they were last exported`;
      const { manifest, changed } = await recording(warehouse, isNew, async () => {
        await attributeFirst(runtime, warehouse);
        return writeExport(runtime, warehouse, flags);
      });
      if (flags.json) {
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
