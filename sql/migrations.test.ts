// The files of sql/migrations: numbered without a gap, safe to run again, and every table and column says what it holds.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/support/warehouse.ts';
import { sqlFile, sqlFiles, statements } from './sql-file.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const directory = temporaryDirectory();
const files = sqlFiles('migrations');
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await openWarehouse({ location: `${directory.path}/w` });
});
afterAll(async () => {
  await warehouse.close();
  directory.remove();
});

it('are numbered one by one', () => {
  const numbers = files.map((file) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1]);
  for (const [n, number] of numbers.entries())
    expect(number, `sql/migrations/${files[n]}`).toBe(String(n + 1).padStart(4, '0'));
});

it.each(files)('%s can be run again after a crash', async (file) => {
  for (const statement of statements(sqlFile(`migrations/${file}`))) {
    await warehouse.command(statement);
    await warehouse.command(statement).catch((error: unknown) => {
      throw new Error(`sql/migrations/${file} fails the second time: write IF NOT EXISTS\n${statement}`, {
        cause: error,
      });
    });
  }
});

it('give every table and every column a COMMENT', async () => {
  const bare = await warehouse.query<{ name: string }>(`
    SELECT name || ': the table has no COMMENT' AS name
    FROM system.tables WHERE database = currentDatabase() AND comment = ''
    UNION ALL
    SELECT table || '.' || name || ': the column has no COMMENT'
    FROM system.columns WHERE database = currentDatabase() AND comment = ''
    ORDER BY name`);
  expect(bare.map(({ name }) => name)).toEqual([]);
});
