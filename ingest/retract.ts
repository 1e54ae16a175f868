// Retracts a wrong ingest: writes a higher revision of the same ranges without rows. The ledger keeps the history. Rows that are
// left in closed figures alone cannot be retracted; a retraction of such rows by an older version can be undone.

import { Fault } from '../transform/fault.ts';
import { lostBatches, sealedBatches } from '../sql/dropped.ts';
import {
  ledgerHistory,
  type LedgerRow,
  loadedOfObject,
  loadedOfOffsets,
  rowWithoutFacts,
  writeLedger,
} from '../sql/ledger.ts';
import { continuedBy } from '../sql/object-content.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { batchId } from './load.ts';

/** The target of a retraction: an object by its name or its SHA-256, or a range of offsets of one topic partition. */
export type RetractTarget =
  | { readonly source: string; readonly object: string }
  | { readonly source: string; readonly partition: string; readonly from: bigint; readonly to: bigint };

export interface Retraction {
  readonly ranges: number;
  readonly lines: bigint;
  readonly requests: bigint;
  /** Days whose figures change at their next seal. */
  readonly days: readonly string[];
  readonly revision: number;
}

interface RetractOptions {
  readonly now: Date;
  /** Publishes a revision higher than the one given. */
  readonly revisionAbove: (above: number) => Promise<number>;
  readonly dryRun?: boolean;
}

/**
 * @throws Fault(inputRefused) if nothing that counts matches, other objects continue the object, a batch lies only partly in the range, or its rows are in the sealed
 *   rows of a day whose landing was dropped
 */
export async function retract(
  warehouse: Warehouse,
  target: RetractTarget,
  { now, revisionAbove, dryRun = false }: RetractOptions,
): Promise<Retraction> {
  const byObject = 'object' in target;
  const rows = byObject
    ? await loadedOfObject(warehouse, target.source, target.object)
    : await loadedOfOffsets(warehouse, target.source, target.partition, target.from, target.to);
  if (rows.length === 0)
    throw new Fault(
      'inputRefused',
      `nothing that counts was loaded from ${byObject ? `object ${target.object}` : `${target.partition} in [${target.from}, ${target.to})`} of source ${target.source}`,
      "See what was: fairshare query 'SELECT source, object, partition, first, last FROM ledger_current'",
    );
  const contents = new Set(rows.map(({ partition }) => partition));
  if (byObject && contents.size > 1)
    throw new Fault(
      'inputRefused',
      `${contents.size} contents were loaded under the name ${target.object}: ${[...contents].join(', ')}`,
      'Name one of them instead: --object SHA256. Their days: SELECT partition, days FROM ledger_current WHERE object = NAME.',
    );
  const later = byObject ? await continuedBy(warehouse, target.source, [...contents]) : [];
  if (later.length > 0)
    throw new Fault(
      'inputRefused',
      `only what is new was loaded of ${later.join(', ')}, because ${byObject ? target.object : ''} is loaded`,
      'Take these back first.',
    );
  const torn = byObject ? undefined : rows.find(({ first, last }) => first < target.from || last > target.to);
  if (torn !== undefined)
    throw new Fault(
      'inputRefused',
      `a batch reaches beyond the range: [${torn.first}, ${torn.last})`,
      'Batches are taken back whole: widen the range to their bounds.',
    );
  const sealed = await sealedBatches(warehouse);
  const gone = rows.flatMap(({ days, batch_id }) => days.filter((day) => sealed.get(day)?.has(batch_id)));
  if (gone.length > 0)
    throw new Fault(
      'inputRefused',
      `the landing of ${[...new Set(gone)].sort().join(', ')} was dropped: its rows are in closed figures, and cannot be taken back`,
      'Nothing was taken back. Correct the statements instead: fairshare correct FILE (docs/FUNDING.md, "Corrections").',
    );
  const revision = dryRun ? 0 : await revisionAbove(Math.max(...rows.map((row) => row.revision)));
  if (!dryRun)
    await writeLedger(
      warehouse,
      rows.map((row) => {
        const identity = { ...row, revision };
        return rowWithoutFacts(identity, {
          batch_id: batchId(identity),
          state: 'retracted',
          object: row.object,
          methodology_version: row.methodology_version,
          last_record_at: row.last_record_at,
          last_record_sha256: row.last_record_sha256,
          recorded_at: now.toISOString(),
        });
      }),
    );
  return retraction(rows, revision);
}

const retraction = (rows: readonly LedgerRow[], revision: number): Retraction => ({
  ranges: rows.length,
  lines: rows.reduce((sum, row) => sum + BigInt(row.lines), 0n),
  requests: rows.reduce((sum, row) => sum + BigInt(row.requests), 0n),
  days: [...new Set(rows.flatMap(({ days }) => days))].sort(),
  revision,
});

/**
 * Undoes a retraction after which a day could not be sealed, because the landing of the day had been dropped: repeats the rows of the
 * ledger as they were loaded, under a higher revision. An object comes back whole, because its ranges count under one revision.
 * @throws Fault(inputRefused) if nothing of it was lost in this way
 */
export async function restore(
  warehouse: Warehouse,
  target: RetractTarget,
  { now, revisionAbove, dryRun = false }: RetractOptions,
): Promise<Retraction> {
  const lost = (await lostBatches(warehouse)).filter((row) => isOf(row, target));
  if (lost.length === 0)
    throw new Fault(
      'inputRefused',
      `nothing of ${'object' in target ? `object ${target.object}` : `${target.partition} in [${target.from}, ${target.to})`} of source ${target.source} was taken back from a day whose landing is gone`,
      'Load other things that were taken back again: fairshare ingest files. `fairshare doctor` names what must be put back.',
    );
  const history = await ledgerHistory(warehouse, target.source, [...new Set(lost.map((row) => row.partition))]);
  const revisionOf = new Map(lost.map((row) => [row.partition, row.revision]));
  const rows =
    'object' in target
      ? history.filter((row) => row.state === 'loaded' && row.revision === revisionOf.get(row.partition))
      : lost;
  await requireRows(warehouse, rows);
  const revision = dryRun ? 0 : await revisionAbove(Math.max(...history.map((row) => row.revision)));
  if (!dryRun)
    await writeLedger(
      warehouse,
      rows.map((row) => ({ ...row, revision, recorded_at: now.toISOString() })),
    );
  return retraction(rows, revision);
}

const isOf = (row: LedgerRow, target: RetractTarget): boolean =>
  row.source === target.source &&
  ('object' in target
    ? row.object === target.object || (row.object !== '' && row.partition === target.object)
    : row.partition === target.partition && row.first < target.to && row.last > target.from);

/** @throws Fault(inputRefused) if a day's landing was dropped after the retraction was sealed: its sealed rows do not have the batch */
async function requireRows(warehouse: Warehouse, rows: readonly LedgerRow[]): Promise<void> {
  const sealed = await sealedBatches(warehouse);
  for (const { days, batch_id } of rows)
    for (const day of days)
      if (sealed.get(day)?.has(batch_id) === false)
        throw new Fault(
          'inputRefused',
          `the landing of ${day} was dropped, and its sealed rows do not have batch ${batch_id}`,
          'Nothing was put back. Restore the backup from before the retraction.',
        );
}
