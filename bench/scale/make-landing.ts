// Makes the landing of one size of a day, in a process of its own. `node make-landing.ts ROWS DIRECTORY`
// It ends when the engine has nothing left to merge, because a real day arrives over a whole day and is merged before the
// night.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '../../sql/migrate.ts';
import { statements } from '../../sql/sql-file.ts';
import { openWarehouse } from '../../sql/warehouse.ts';
import { DAY, measured } from './day.ts';

/** Waits until no merge runs; it looks every five seconds. */
async function settled(): Promise<void> {
  for (let quiet = 0; quiet < 4; await sleep(3_000)) {
    const [merges] = await warehouse.query<{ running: string }>('SELECT count() AS running FROM system.merges');
    quiet = merges.running === '0' ? quiet + 1 : 0;
  }
}

const rows = Number(process.argv[2]);
const directory = process.argv[3];
rmSync(directory, { recursive: true, force: true });
const warehouse = await openWarehouse({ location: directory });
await migrate(warehouse);
const sql = readFileSync(fileURLToPath(new URL('landing.sql', import.meta.url)), 'utf8');
const { step } = await measured('landing', async () => {
  for (const statement of statements(sql)) await warehouse.command(statement, { rows, day: DAY });
});
await settled();
await warehouse.close();
// This file is written last, so a landing that was cut off has none.
writeFileSync(join(directory, 'landing.json'), JSON.stringify(step));
