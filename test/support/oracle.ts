// Conditions that a warehouse must meet after all generated lines were loaded, however often and by whichever worker: figures
// equal the generator's cell by cell, every id is there once, and the ledger accounts for each line.

import { runChecks } from '../../sql/checks.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { addTruth, noTruth, type Truth } from './generator.ts';

const COUNTING = "SELECT batch_id FROM ledger_current WHERE state = 'loaded'";

/** Returns every difference from the truth as a sentence; empty if all is right. */
export async function differences(warehouse: Warehouse, ...truths: readonly Truth[]): Promise<string[]> {
  const truth = truths.reduce(addTruth, noTruth());
  const found: string[] = [];
  const expect = (what: string, is: unknown, shall: unknown) => {
    if (String(is) !== String(shall)) found.push(`${what}: ${String(is)}, generated were ${String(shall)}`);
  };
  const [ledger] = await warehouse.query<Record<'lines' | 'requests' | 'excluded' | 'quarantined', string>>(
    "SELECT sum(lines) AS lines, sum(requests) AS requests, sum(excluded) AS excluded, sum(quarantined) AS quarantined FROM (SELECT * FROM ledger_current WHERE state = 'loaded')",
  );
  for (const measure of ['lines', 'requests', 'excluded', 'quarantined'] as const)
    expect(`${measure} in the ledger`, ledger[measure], truth[measure]);
  expect(
    'counted + excluded + quarantined',
    BigInt(ledger.requests) + BigInt(ledger.excluded) + BigInt(ledger.quarantined),
    truth.lines,
  );

  const cells = await warehouse.query<{ key: string; requests: string; bytes: string }>(
    `SELECT concat(formatDateTime(hour, '%Y-%m-%d %H:00:00', 'UTC'), ' ', package) AS key, sum(usage_batch.requests) AS requests, sum(usage_batch.bytes) AS bytes
    FROM usage_batch FINAL WHERE batch_id IN (${COUNTING}) GROUP BY key`,
  );
  const missing = new Set(truth.cells.keys());
  let wrong = 0;
  for (const { key, requests, bytes } of cells) {
    missing.delete(key);
    const cell = truth.cells.get(key);
    if (requests === String(cell?.requests ?? 0) && bytes === String(cell?.bytes ?? 0n)) continue;
    if (wrong++ === 0)
      found.push(
        `${key}: ${requests} requests, ${bytes} bytes; generated were ${cell?.requests ?? 0}, ${cell?.bytes ?? 0}`,
      );
  }
  if (wrong > 1) found.push(`${wrong} cells of (hour, package) differ`);
  if (missing.size > 0) found.push(`${missing.size} cells are missing, first: ${[...missing][0]}`);

  const [ids] = await warehouse.query<{ lines: string; doubled: string }>(
    `SELECT count() AS lines, countIf(times != 1) AS doubled
    FROM (SELECT package, version, sum(usage_batch.requests) AS times FROM usage_batch FINAL WHERE batch_id IN (${COUNTING}) GROUP BY package, version)`,
  );
  expect('distinct ids', ids.lines, truth.requests);
  expect('ids counted more than once', ids.doubled, 0);

  const [quarantine] = await warehouse.query<{ lines: string }>(
    `SELECT count() AS lines FROM quarantine FINAL WHERE batch_id IN (${COUNTING})`,
  );
  expect('lines in quarantine', quarantine.lines, truth.quarantined);
  const [usage] = await warehouse.query<{ requests: string; bytes: string }>(
    'SELECT sum(requests) AS requests, sum(bytes) AS bytes FROM usage_known',
  );
  expect('requests in usage_known', usage.requests, truth.requests);
  expect('bytes in usage_known', usage.bytes, truth.bytes);

  for (const { name, ok, detail } of await runChecks(warehouse)) if (!ok) found.push(`${name}: ${detail}`);
  return found;
}

/** Hash of all usage by every dimension; it does not depend on the way of loading. */
export async function fingerprint(warehouse: Warehouse): Promise<string> {
  const [row] = await warehouse.query<{ rows: string; hash: string }>(
    'SELECT count() AS rows, sum(cityHash64(* EXCEPT (ci, container), ifNull(toUInt8(ci), 2), ifNull(toUInt8(container), 2))) AS hash FROM usage_known',
  );
  return `${row.rows} rows, ${row.hash}`;
}

/** 'table' or 'seal of day' → hash of everything on which two ways of loading must agree. */
export type SealedHashes = Readonly<Record<string, string>>;

export async function sealedHashes(warehouse: Warehouse): Promise<SealedHashes> {
  const hashes: Record<string, string> = {};
  for (const table of [
    'usage_daily',
    'usage_hourly',
    'network_daily',
    'request_rate',
    'client_daily',
    'status_daily',
  ]) {
    const nullable = table === 'usage_daily' ? ['ci', 'container'] : table === 'client_daily' ? ['ci'] : [];
    const columns = nullable.length === 0 ? '*' : `* EXCEPT (${nullable.join(', ')})`;
    const rest = nullable.map((column) => `, ifNull(toUInt8(${column}), 2)`).join('');
    const [row] = await warehouse.query<{ rows: string; hash: string }>(
      `SELECT count() AS rows, sum(cityHash64(${columns}${rest})) AS hash FROM ${table}`,
    );
    hashes[table] = `${row.rows} rows, ${row.hash}`;
  }
  const seals = await warehouse.query<Record<string, string>>(
    'SELECT day, booked_day, state, requests, downloads, bytes, usage_rows, usage_hash FROM seal_current ORDER BY day, booked_day',
  );
  for (const { day, ...seal } of seals) hashes[`seal of ${day}`] = JSON.stringify(seal);
  return hashes;
}
