// The content of a topic's messages: lines (ingest/source.ts), or announcements of objects (ingest/announced-objects.ts).

import { type BatchBuilder } from '../transform/batch-builder.ts';
import { type LedgerRow } from '../sql/ledger.ts';

export interface MessageSource {
  readonly spec: { readonly name: string; readonly tolerance_ms?: number };
  /** Builds batches from the messages of one partition. `sample` is its first message, `where` that message's position. */
  messages(sample: Uint8Array, where: string): MessageBuilder;
}

export interface MessageBuilder extends Pick<BatchBuilder, 'add' | 'full' | 'finish' | 'discard'> {
  /** Present if messages only announce objects. */
  readonly objects?: AnnouncedBatch;
}

export interface AnnouncedBatch {
  /**
   * Stores the objects that the batch's messages announce, after their range is planned and before finish().
   * @param revoked aborted when the partition is revoked: nothing of the batch counts
   * @returns ledger rows. The objects count once these are written, in one insert with the batch's own row
   * @throws StaleClaim if revoked · Fault(partitionStopped) if a person must act first
   */
  load(revision: number, revoked: AbortSignal): Promise<readonly LedgerRow[]>;
}
