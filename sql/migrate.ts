// Migrations are numbered files. Each is applied once, in order; a changed one is refused. A view is created again when its text
// changed; the analysts' database, when anything that it shows may have changed.

import { Fault } from '../transform/fault.ts';
import { analystObjects, createAnalystDatabase, currentDatabase } from './analysts.ts';
import { quoteIdentifier } from './quote.ts';
import { sqlFile, sqlFiles, statements } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';
import { sha256 } from './sha256.ts';

export interface Migration {
  readonly name: string;
  readonly sha256: string;
  readonly statements: readonly string[];
}

const load = (folder: string): Migration[] =>
  sqlFiles(folder).map((file) => {
    const text = sqlFile(`${folder}/${file}`);
    return { name: `${folder}/${file}`, sha256: sha256(text), statements: statements(text) };
  });

/** Tables that the applied migrations have made. None if a reader may not know them, or if their list is damaged. */
export async function expectedTables(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ name: string }>(sqlFile('queries/schema/applied.sql')).catch(() => []);
  const applied = new Set(rows.map(({ name }) => name));
  return load('migrations')
    .filter(({ name }) => applied.has(name))
    .flatMap((migration) =>
      migration.statements.flatMap((statement) => /^CREATE TABLE IF NOT EXISTS (\w+)/m.exec(statement)?.[1] ?? []),
    );
}

/** The inputs of the analysts' database as one migration. It has no statements of its own. */
function analysts(files: readonly Migration[]): Migration {
  const parts = [...analystObjects, sqlFile('analysts/view.sql'), ...files.map((file) => file.sha256)];
  return { name: ANALYSTS, sha256: sha256(parts.join('\n')), statements: [] };
}
const ANALYSTS = 'analysts';

export interface MigrateResult {
  readonly applied: readonly string[];
  readonly upToDate: boolean;
}

/** Whether any migration was ever applied to this warehouse. An analyst may see only the analysts' views. */
export async function hasSchema(warehouse: Warehouse, { readOnly = false } = {}): Promise<boolean> {
  const name = readOnly ? 'usage_known' : 'schema_migration';
  const [table] = await warehouse.query<{ found: string }>(sqlFile('queries/schema/has_table.sql'), { name });
  return table?.found === '1';
}

/** The migrations that `migrate` would apply. @throws Fault(checkFailed) if an applied migration differs from its file */
export async function pendingMigrations(warehouse: Warehouse): Promise<Migration[]> {
  const rows = (await hasSchema(warehouse))
    ? await warehouse.query<{ name: string; sha256: string }>(sqlFile('queries/schema/applied.sql'))
    : [];
  const applied = new Map(rows.map((row) => [row.name, row.sha256]));
  const migrations = load('migrations');
  for (const { name, sha256 } of migrations) {
    const known = applied.get(name);
    if (known !== undefined && known !== sha256)
      throw new Fault(
        'checkFailed',
        `${name} was applied to this warehouse with other content (${known.slice(0, 12)}… there, ${sha256.slice(0, 12)}… here)`,
        'An applied migration never changes: restore the file and write a new one.',
      );
  }
  const unknown = rows.find(
    ({ name }) => name.startsWith('migrations/') && !migrations.some((migration) => migration.name === name),
  );
  if (unknown !== undefined)
    throw new Fault(
      'checkFailed',
      `this warehouse has ${unknown.name}, which this version of fairshare does not know`,
      'It was written by a newer version: upgrade.',
    );
  const files = [...migrations, ...load('views')];
  return [...files, analysts(files)].filter(({ name, sha256 }) => applied.get(name) !== sha256);
}

/** Applies missing migrations. It records each file after its last statement, so every statement must allow a second run. */
export async function migrate(
  warehouse: Warehouse,
  onApply: (name: string) => void = () => {},
): Promise<MigrateResult> {
  const pending = await pendingMigrations(warehouse);
  if (pending.length > 0) await warehouse.command(sqlFile('queries/schema/create_book.sql'));
  const database = quoteIdentifier(await currentDatabase(warehouse));
  for (const migration of pending) {
    onApply(migration.name);
    // Inside a view, the engine looks for a view with parameters in the reader's database, unless its name includes a database.
    for (const statement of migration.statements)
      await warehouse.command(statement.replaceAll('{{database}}', () => database));
    if (migration.name === ANALYSTS) await createAnalystDatabase(warehouse);
    await warehouse.insert('schema_migration', [
      { name: migration.name, sha256: migration.sha256, applied_at: new Date().toISOString() },
    ]);
  }
  return { applied: pending.map(({ name }) => name), upToDate: pending.length === 0 };
}
