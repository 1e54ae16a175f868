// `make figures`: a hash for each source of figures (sealed tables, allocations, statements), so that two versions of this program
// can be compared. The same logs, registry and policy must give the same lines.
// Usage: tsx scripts/tools/figures.ts WAREHOUSE [OUTPUT_DIRECTORY]

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWarehouse } from '../../sql/warehouse.ts';
import { sha256 } from '../../sql/sha256.ts';

/** Tables whose rows contain no time of computing, and no id that contains one. */
const tables = [
  'usage_daily',
  'usage_hourly',
  'network_daily',
  'request_rate',
  'client_daily',
  'status_daily',
  'evidence_verdict FINAL',
  'allocation_input FINAL',
  'allocation_line FINAL',
  'allocation_correction FINAL',
  'interval_input FINAL',
  'interval_precision FINAL',
  'usage_interval FINAL',
  '(SELECT day, booked_day, seal_no, state, requests, downloads, bytes, usage_rows, usage_hash FROM day_seal FINAL)',
];

/** Rows of a statement's CSV with the time at which it was made. */
const isTime = (line: string): boolean => /^document,(computed_at|closed_at),/.test(line);

const [location, output] = process.argv.slice(2);
if (location === undefined || !existsSync(location)) {
  process.stderr.write('Usage: tsx scripts/tools/figures.ts WAREHOUSE [OUTPUT_DIRECTORY]\n');
  process.exit(2);
}

const warehouse = await openWarehouse({ location });
for (const table of tables) {
  const [row] = await warehouse.query<{ rows: string; hash: string }>(
    `SELECT count() AS rows, hex(sum(cityHash64(toString(tuple(*))))) AS hash FROM ${table}`,
  );
  process.stdout.write(`${table}\t${row.rows}\t${row.hash}\n`);
}
await warehouse.close();

const folders = output === undefined ? [] : [output, join(output, 'statements')].filter((folder) => existsSync(folder));
for (const folder of folders)
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.csv')) continue;
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    const text = lines.filter((line) => !isTime(line)).join('\n');
    process.stdout.write(`${name}\t${lines.length}\t${sha256(text)}\n`);
  }
