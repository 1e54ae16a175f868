// Runs an embedded warehouse behind its HTTP door until stdin ends. `node warehouse-child.js DIRECTORY` prints the door's
// URL.

import { join } from 'node:path';
import { pino } from 'pino';
import { startDoor } from '../../scripts/serve/door.ts';
import { migrate } from '../../sql/migrate.ts';
import { openWarehouse } from '../../sql/warehouse.ts';

const warehouse = await openWarehouse({ location: join(process.argv[2], 'ours') });
await migrate(warehouse);
const door = await startDoor({ warehouse, port: 0, log: pino({ level: 'silent' }) });
process.stdout.write(`${door.url}\n`);
process.stdin.resume().once('end', () => {
  void (async () => {
    await door.close();
    await warehouse.close();
    process.exit(0);
  })();
});
