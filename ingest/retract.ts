// Retracts a wrong ingest: writes a higher revision of the same ranges without rows. The ledger keeps the history.

import { Fault } from '../transform/fault.ts';
import { loadedOfObject, loadedOfOffsets, rowWithoutFacts, writeLedger } from '../sql/ledger.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { batchId } from './load.ts';

/** The target of a retraction: an object by its name, or a range of offsets of one topic partition. */
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

/**
 * @param revisionAbove publishes a revision higher than the one given
 * @throws Fault(inputRefused) if nothing that counts matches, or a batch lies only partly in the range
 */
export async function retract(
  warehouse: Warehouse,
  target: RetractTarget,
  {
    now,
    revisionAbove,
    dryRun = false,
  }: {
    readonly now: Date;
    readonly revisionAbove: (above: number) => Promise<number>;
    readonly dryRun?: boolean;
  },
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
  const torn = byObject ? undefined : rows.find(({ first, last }) => first < target.from || last > target.to);
  if (torn !== undefined)
    throw new Fault(
      'inputRefused',
      `a batch reaches beyond the range: [${torn.first}, ${torn.last})`,
      'Batches are taken back whole: widen the range to their bounds.',
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
  return {
    ranges: rows.length,
    lines: rows.reduce((sum, row) => sum + BigInt(row.lines), 0n),
    requests: rows.reduce((sum, row) => sum + BigInt(row.requests), 0n),
    days: [...new Set(rows.flatMap(({ days }) => days))].sort(),
    revision,
  };
}
