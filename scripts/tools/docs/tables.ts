// docs/TABLES.md: tables and views of the warehouse with their columns, read from the engine after every migration was applied.
// `make docs` writes it; an integration test fails if it is out of date.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { currentDatabase } from '../../../sql/analysts.ts';
import { migrate } from '../../../sql/migrate.ts';
import { openWarehouse, type Warehouse } from '../../../sql/warehouse.ts';
import { code, table } from './markdown.ts';

export const tablesPath = fileURLToPath(new URL('../../../docs/TABLES.md', import.meta.url));

interface Relation {
  readonly database: string;
  readonly name: string;
  readonly engine: string;
  readonly comment: string;
  readonly sorting_key: string;
}
interface Column {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

const NOT_OURS = "database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')";

/** @param warehouse with all migrations applied */
export async function tablesPage(warehouse: Warehouse): Promise<string> {
  const relations = await warehouse.query<Relation>(
    `SELECT database, name, engine, comment, sorting_key FROM system.tables WHERE ${NOT_OURS} ORDER BY database, name`,
  );
  const columns = await warehouse.query<Column>(
    `SELECT database, table, name, type, comment FROM system.columns WHERE ${NOT_OURS} ORDER BY database, table, position`,
  );
  const current = await currentDatabase(warehouse);
  const isView = ({ engine }: Relation): boolean => engine.endsWith('View');
  const section = (relation: Relation): string => {
    const { database, name, comment, sorting_key } = relation;
    const own = columns.filter((column) => column.database === database && column.table === name);
    const title = database === current ? name : `${database}.${name}`;
    return [
      `### ${title}`,
      ...(comment === '' ? [] : [`${comment}.`.replace(/\.\.$/, '.')]),
      ...(sorting_key === '' ? [] : [`Sorted by ${code(sorting_key)}.`]),
      ...(own.length === 0
        ? []
        : [table(['column', 'type', 'what it says'], own.map((column) => [code(column.name), code(column.type), column.comment]))]), // prettier-ignore
    ].join('\n\n');
  };
  return `<!-- Written by scripts/tools/docs/tables.ts (make docs). Do not edit. -->
# Tables and views

As the engine knows them after every migration. docs/ANALYSTS.md says where to begin; a row of landing counts only through the ledger, and the
views see to it.

## Views

${relations.filter(isView).map(section).join('\n\n')}

## Tables

${relations
  .filter((relation) => !isView(relation))
  .map(section)
  .join('\n\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const location = mkdtempSync(join(tmpdir(), 'fairshare-docs-'));
  const warehouse = await openWarehouse({ location });
  try {
    await migrate(warehouse);
    writeFileSync(tablesPath, await tablesPage(warehouse));
  } finally {
    await warehouse.close();
    rmSync(location, { recursive: true, force: true });
  }
}
