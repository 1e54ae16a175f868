// The analysts' database offers the tables and views of docs/ANALYSTS.md under the same names, so that one grant covers them.
// Its views run with the rights of the user who migrated: analysts need no right on the warehouse's own database.

import { Fault } from '../transform/fault.ts';
import { quoteIdentifier, quoteString } from './quote.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/** Tables and views that analysts read. Staging, bookkeeping, quarantine and networks are left out. */
export const analystObjects = [
  'allocation_correction',
  'allocation_line',
  'allocation_run',
  'attributed_by_evidence',
  'attributed_usage',
  'ci_flag_coverage',
  'client_usage',
  'downloads_by_country',
  'downloads_by_day',
  'downloads_by_installer',
  'downloads_by_runtime',
  'downloads_by_system',
  'downloads_by_type',
  'downloads_by_version',
  'downloads_by_week',
  'facet_days',
  'freshness',
  'funding_share',
  'interval_precision',
  'ledger_current',
  'line_reasons',
  'org_current',
  'org_known_at',
  'org_usage_daily',
  'package_reach',
  'period_close',
  'period_usage',
  'request_peak',
  'seal_current',
  'status_usage',
  'team_usage_daily',
  'top_risers',
  'unattributed_usage_daily',
  'undeclared_ci',
  'usage_hourly',
  'usage_interval',
  'usage_known',
  'waste_daily',
] as const;

/** Hidden from analysts: the address to which statements are sent, and ids of evidence, among them those of tokens. */
const WITHHELD: ReadonlySet<string> = new Set(['contact', 'evidence_id']);

/** Named `analyst` beside the database `default`, else `NAME_analyst`. */
export const analystDatabase = (database: string): string =>
  database === 'default' ? 'analyst' : `${database}_analyst`;

export async function currentDatabase(warehouse: Warehouse): Promise<string> {
  const [row] = await warehouse.query<{ database: string }>(sqlFile('queries/schema/current_database.sql'));
  return row.database;
}

interface AnalystObject {
  readonly name: string;
  readonly engine: string;
  readonly comment: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  /** Empty for a view with parameters, because the engine does not list its columns; they are part of the view. */
  readonly columns: readonly (readonly [name: string, type: string, comment: string])[];
}

/**
 * Builds the analysts' database again from the warehouse's own.
 * @throws Fault(checkFailed) if this user may not create it
 */
export async function createAnalystDatabase(warehouse: Warehouse): Promise<void> {
  const database = await currentDatabase(warehouse);
  const target = analystDatabase(database);
  await createDatabase(warehouse, target);
  const objects = await warehouse.query<AnalystObject>(sqlFile('queries/schema/analyst_objects.sql'), {
    names: analystObjects,
  });
  for (const object of objects) await warehouse.command(analystView(object, database, target));
  const stale = await warehouse.query<{ name: string }>(sqlFile('queries/schema/stale_analyst_views.sql'), {
    target,
    names: analystObjects,
  });
  for (const { name } of stale)
    await warehouse.command(sqlFile('queries/schema/drop_analyst_view.sql'), { target, name });
}

/** A read-only session that starts in the analysts' database, if it exists. */
export async function analystSession(warehouse: Warehouse): Promise<Warehouse> {
  return warehouse.session({ readOnly: true, database: await existingAnalystDatabase(warehouse) });
}

async function existingAnalystDatabase(warehouse: Warehouse): Promise<string | undefined> {
  const name = analystDatabase(await currentDatabase(warehouse));
  return (await hasDatabase(warehouse, name)) ? name : undefined;
}

async function hasDatabase(warehouse: Warehouse, name: string): Promise<boolean> {
  const [database] = await warehouse.query<{ found: string }>(sqlFile('queries/schema/has_database.sql'), { name });
  return database.found !== '0';
}

async function createDatabase(warehouse: Warehouse, name: string): Promise<void> {
  if (await hasDatabase(warehouse, name)) return;
  try {
    await warehouse.command(sqlFile('queries/schema/create_analyst_database.sql'), { name });
  } catch (cause) {
    if ((cause as { type?: unknown }).type !== 'ACCESS_DENIED') throw cause;
    throw new Fault(
      'checkFailed',
      `this user may not create the analysts' database ${name}: ${(cause as Error).message}`,
      `Let an administrator create it: CREATE DATABASE ${name}; GRANT SELECT, CREATE VIEW, DROP VIEW, SHOW ON ${name}.* TO this user. Then migrate again.`,
      { cause },
    );
  }
}

function analystView(object: AnalystObject, database: string, target: string): string {
  const columns = object.columns.filter(([name]) => !WITHHELD.has(name));
  const names = columns.map(([name]) => quoteIdentifier(name)).join(', ');
  const types = columns.map(
    ([name, type, comment]) => `${quoteIdentifier(name)} ${type} COMMENT ${quoteString(comment)}`,
  );
  const parameters = object.parameters.map(({ name, type }) => `${name} = {${name}:${type}}`).join(', ');
  const source = `${quoteIdentifier(database)}.${quoteIdentifier(object.name)}`;
  return sqlFile('analysts/view.sql')
    .replaceAll('{{view}}', () => `${quoteIdentifier(target)}.${quoteIdentifier(object.name)}`)
    .replaceAll('{{columns}}', () => (parameters === '' ? `(${types.join(', ')})` : ''))
    .replaceAll('{{comment}}', () => quoteString(object.comment))
    .replaceAll('{{names}}', () => (parameters === '' ? names : `* EXCEPT (${[...WITHHELD].join(', ')})`))
    .replaceAll('{{source}}', () => (parameters === '' ? source : `${source}(${parameters})`))
    .replaceAll('{{final}}', () => (object.engine.startsWith('Replacing') ? 'FINAL' : ''));
}
