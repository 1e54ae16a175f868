// Exports an organisation: usage and charges of its family as files, then a manifest, and a record in the warehouse.

import { methodologyAt, methodologyChange } from '../../sql/methodology.ts';
import { resolve } from 'node:path';
import { orgNames, usageParameters, type OrgName } from '../../dashboards/report/collect.ts';
import { statementNumber } from '../../dashboards/report/names.ts';
import { erasedOrgs } from '../../sql/erasure.ts';
import { allocationRun } from '../../sql/allocation-run.ts';
import { sha256 } from '../../sql/sha256.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type QueryParams, type Warehouse } from '../../sql/warehouse.ts';
import { lastDay } from '../../transform/periods.ts';
import { latestAttribution } from '../../sql/attribution.ts';
import { allocatePeriod, checkPeriod } from '../funding/allocation.ts';
import { fundingFigures } from '../funding/figures.ts';
import { unitRanges } from '../funding/interval-records.ts';
import { priced } from '../funding/parties.ts';
import { closedRun, type PeriodAllocation } from '../funding/run.ts';
import { fundingTerms } from '../funding/terms.ts';
import { findOrg } from '../orgs/find-org.ts';
import { type Runtime } from '../runtime/command.ts';
import { type Config } from '../runtime/config.ts';
import {
  EXPORT_SCHEMA,
  ExportDirectory,
  writeFocus,
  writeUsage,
  type ExportStyle,
  type ExportVersions,
  type Manifest,
} from './files.ts';
import { focusColumnNames } from './focus-columns.ts';
import { focusRows, type ChargeUsage, type FocusRow } from './focus.ts';

export interface ExportOptions {
  readonly org: string;
  readonly period: string;
  readonly out: string;
  readonly style?: Partial<ExportStyle>;
}

/** The run that closed the period, else a fresh one; undefined if the foundation has no policy or costs. */
async function allocationOf(
  runtime: Runtime,
  warehouse: Warehouse,
  config: Config,
  period: string,
): Promise<PeriodAllocation | undefined> {
  if (config.policy !== undefined && config.costs !== undefined)
    return allocatePeriod(warehouse, period, () => fundingTerms(() => config).of(period), runtime.now());
  const closed = await closedRun(warehouse, period);
  if (closed !== undefined) return closed;
  runtime.stderr.write(
    'fairshare: no policy or no costs are configured: the export holds usage without charges (policy_version is null)\n',
  );
  return undefined;
}

/**
 * Writes an organisation's export, which includes its family's usage.
 * @throws Fault(inputRefused) for an unknown organisation, or a directory with other contents
 */
export async function writeExport(
  runtime: Runtime,
  warehouse: Warehouse,
  options: ExportOptions,
): Promise<{ readonly manifest: Manifest; readonly changed: boolean }> {
  const config = runtime.config();
  const period = checkPeriod(options.period);
  // Check before allocating, so that a typing error does not cost a minute.
  const known = await orgNames(
    warehouse,
    usageParameters({
      period,
      until: lastDay(period),
      status: 'open',
      attribution_version: '',
      billable_tiers: [],
    }),
  );
  findOrg(known, options.org);
  const directory = new ExportDirectory(resolve(options.out), { organisation: options.org, period });

  const allocation = await allocationOf(runtime, warehouse, config, period);
  const run = allocation && (await allocationRun(warehouse, allocation.run_id));
  const attribution = allocation?.attribution_version ?? (await latestAttribution(warehouse));
  const status = allocation?.status ?? 'open';
  const scope = usageParameters(
    allocation ?? { period, until: lastDay(period), status, attribution_version: attribution, billable_tiers: [] },
    run?.computed_at,
  );
  const orgs = await orgNames(warehouse, scope);
  // An organisation that was registered after the period was closed gets no rows.
  const family = orgs.find(({ org_id }) => org_id === options.org)?.family ?? options.org;
  const members = orgs.filter((org) => org.family === family).map(({ org_id }) => org_id);
  const parameters = { ...scope, orgs: [...new Set([...members, options.org])] };

  // Late rows of earlier periods are in no other export; their charges are corrections.
  const style: ExportStyle = { apostrophe: true, focusColumns: focusColumnNames, ...options.style };
  await writeUsage(warehouse, directory, { ...parameters, with_late: true }, style);
  if (allocation !== undefined)
    await writeFocus(
      warehouse,
      directory,
      await chargesOf(warehouse, parameters, config, allocation, family, orgs),
      allocation.result.currency,
      style,
    );

  const until = allocation?.until ?? lastDay(period);
  const methodology_from = await methodologyChange(warehouse, { period, until });
  const versions: ExportVersions = {
    schema: EXPORT_SCHEMA,
    organisation: options.org,
    period,
    status,
    run_id: allocation?.run_id ?? null,
    attribution_version: attribution === '' ? null : attribution,
    policy_version: run?.policy_version ?? null,
    methodology_version: run?.methodology_version ?? (await methodologyAt(warehouse, until)),
    ...(methodology_from !== null && { methodology_from }),
  };
  const erased = await erasedOrgs(warehouse);
  const isErased = parameters.orgs.some((org) => erased.has(org));
  const { manifest, text, changed } = directory.finish(versions, runtime.now().toISOString(), isErased);
  await recordExport(warehouse, manifest, text);
  return { manifest, changed };
}

async function chargesOf(
  warehouse: Warehouse,
  parameters: QueryParams,
  config: Config,
  allocation: PeriodAllocation,
  family: string,
  orgs: readonly OrgName[],
): Promise<FocusRow[]> {
  const terms = priced(allocation.parties, allocation.terms);
  const names = new Map(orgs.map(({ org_id, name }) => [org_id, name]));
  const nameOf = (id: string): string => names.get(id) || id;
  const funding = fundingFigures(allocation, terms);
  return focusRows({
    period: allocation.period,
    invoice:
      allocation.status === 'open' || config.issuer.payment === undefined
        ? null
        : statementNumber(allocation.period, family, allocation.run_id),
    issuer: config.issuer,
    currency: funding.currency,
    family: { id: family, name: nameOf(family) },
    nameOf,
    usage: await warehouse.query<ChargeUsage>(sqlFile('queries/export/charges.sql'), parameters),
    ranges: await unitRanges(warehouse, allocation.run_id, family),
    share: funding.families.find((candidate) => candidate.family === family),
    terms,
    run_id: allocation.run_id,
    attribution_version: allocation.attribution_version,
  });
}

/** Records each manifest once, even after an interruption. */
async function recordExport(warehouse: Warehouse, manifest: Manifest, text: string): Promise<void> {
  const run_id = sha256(text);
  const { organisation, period, status, created_at } = manifest;
  const known = await warehouse.query(sqlFile('queries/export/recorded.sql'), { run_id });
  if (known.length === 0)
    await warehouse.insert('export_run', [{ run_id, organisation, period, status, manifest: text, created_at }]);
}
