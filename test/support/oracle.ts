// What must be true of a warehouse when everything that was generated has been loaded, however often and by whomever:
// figures equal the generator's cell by cell, every id is there once, and the ledger accounts for each line.

import { runChecks } from '../../sql/checks.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type Truth } from './generator.ts';

const COUNTING = "SELECT batch_id FROM ledger_current WHERE state = 'loaded'";

/** Everything that differs from the truth, as sentences; empty where all is well. */
export async function differences(warehouse: Warehouse, truth: Truth): Promise<string[]> {
  const found: string[] = [];
  const expect = (what: string, is: unknown, shall: unknown) => {
    if (String(is) !== String(shall)) found.push(`${what}: ${String(is)}, generated were ${String(shall)}`);
  };
  const [ledger] = await warehouse.query<Record<'lines' | 'requests' | 'excluded' | 'quarantined', string>>(
    "SELECT sum(lines) AS lines, sum(requests) AS requests, sum(excluded) AS excluded, sum(quarantined) AS quarantined FROM (SELECT * FROM ledger_current WHERE state = 'loaded')",
  );
  for (const measure of ['lines', 'requests', 'excluded', 'quarantined'] as const)
    expect(`${measure} in the ledger`, ledger![measure], truth[measure]);
  expect(
    'counted + excluded + quarantined',
    BigInt(ledger!.requests) + BigInt(ledger!.excluded) + BigInt(ledger!.quarantined),
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
  expect('distinct ids', ids!.lines, truth.requests);
  expect('ids counted more than once', ids!.doubled, 0);

  const [quarantine] = await warehouse.query<{ lines: string }>(
    `SELECT count() AS lines FROM quarantine FINAL WHERE batch_id IN (${COUNTING})`,
  );
  expect('lines in quarantine', quarantine!.lines, truth.quarantined);
  const [usage] = await warehouse.query<{ requests: string; bytes: string }>(
    'SELECT sum(requests) AS requests, sum(bytes) AS bytes FROM usage_known',
  );
  expect('requests in usage_known', usage!.requests, truth.requests);
  expect('bytes in usage_known', usage!.bytes, truth.bytes);

  for (const { name, ok, detail } of await runChecks(warehouse)) if (!ok) found.push(`${name}: ${detail}`);
  return found;
}
