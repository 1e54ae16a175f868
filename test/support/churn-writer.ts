// A writer that inserts, replaces, drops, changes and merges parts of one table without rest, for a reader beside it. Each statement
// leaves a multiple of a thousand rows, all with this writer's number or an earlier one's.
// Usage: node churn-writer.js WAREHOUSE SECONDS NUMBER → the rows at the end

import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openWarehouse } from '../../sql/warehouse.ts';

const [location = '', seconds = '1', number = '1'] = process.argv.slice(2);
const warehouse = await openWarehouse({ location });
for (const name of ['churn', 'churn_staging'])
  await warehouse.command(
    `CREATE TABLE IF NOT EXISTS ${name} (p UInt8, a UInt64, v UInt64) ENGINE = MergeTree PARTITION BY p ORDER BY a`,
  );
const rows = (p: number) => `SELECT ${p}, number, ${number} FROM numbers(1000)`;
const until = performance.now() + Number(seconds) * 1000;
for (let turn = 0; performance.now() < until; turn++) {
  const p = turn % 3;
  const kind = (turn * 7) % 10;
  if (kind < 5) await warehouse.command(`INSERT INTO churn ${rows(p)}`);
  else if (kind < 7) {
    await warehouse.command('TRUNCATE TABLE churn_staging');
    await warehouse.command(`INSERT INTO churn_staging ${rows(p)}`);
    await warehouse.command(`ALTER TABLE churn REPLACE PARTITION ${p} FROM churn_staging`);
  } else if (kind === 7) await warehouse.command(`ALTER TABLE churn DROP PARTITION ${p}`);
  else if (kind === 8) await warehouse.command('OPTIMIZE TABLE churn FINAL');
  else await warehouse.command(`ALTER TABLE churn UPDATE v = ${number} WHERE 1 SETTINGS mutations_sync = 1`);
  await sleep(150);
}
process.stdout.write(await warehouse.text('SELECT count(), sum(v) FROM churn', 'TabSeparated'));
await warehouse.close();
