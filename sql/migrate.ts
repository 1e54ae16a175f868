// Migrations: numbered files, applied once, in order; a changed one is refused. Views are re-created when their text changed.

import { Fault } from '../transform/fault.ts';
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
    return {
      name: `${folder}/${file}`,
      sha256: sha256(text),
      statements: statements(text),
    };
  });

export interface MigrateResult {
  readonly applied: readonly string[];
  readonly upToDate: boolean;
}

/** Whether anything was ever applied to this warehouse. */
export async function hasSchema(warehouse: Warehouse): Promise<boolean> {
  const [book] = await warehouse.query<{ found: string }>(sqlFile('queries/schema/has_book.sql'));
  return book?.found === '1';
}

/** What `migrate` would do. @throws Fault(checkFailed) where an applied migration differs from its file. */
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
  return [...migrations, ...load('views')].filter(({ name, sha256 }) => applied.get(name) !== sha256);
}

/** Applies what is missing. Each file is recorded after its last statement; statements must bear being run again. */
export async function migrate(
  warehouse: Warehouse,
  onApply: (name: string) => void = () => {},
): Promise<MigrateResult> {
  const pending = await pendingMigrations(warehouse);
  if (pending.length > 0) await warehouse.command(sqlFile('queries/schema/create_book.sql'));
  for (const migration of pending) {
    onApply(migration.name);
    for (const statement of migration.statements) await warehouse.command(statement);
    await warehouse.insert('schema_migration', [
      { name: migration.name, sha256: migration.sha256, applied_at: new Date().toISOString() },
    ]);
  }
  return { applied: pending.map(({ name }) => name), upToDate: pending.length === 0 };
}
