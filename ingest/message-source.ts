// What a topic's messages are made of: lines (ingest/source.ts), or announcements of objects (ingest/announced-objects.ts).

import { type BatchBuilder } from '../transform/batch-builder.ts';
import { type LedgerRow } from '../sql/ledger.ts';

export interface MessageSource {
  readonly spec: { readonly name: string };
  /** A transform for the messages of one partition; `sample` is its first message, `where` that message's position. */
  messages(sample: Uint8Array, where: string): MessageBuilder;
}

export interface MessageBuilder extends Pick<BatchBuilder, 'add' | 'full' | 'finish' | 'discard'> {
  /** Where messages only name what counts. */
  readonly objects?: AnnouncedBatch;
}

export interface AnnouncedBatch {
  /**
   * Stores what the batch's messages announce, once their range is planned and before finish(). → ledger rows: what they
   * hold counts once they are written, in one insert with the batch's own row
   * @param revoked aborted where the partition is taken back: nothing of the batch counts
   * @throws StaleClaim then · Fault(partitionStopped) where a person must help first
   */
  load(revision: number, revoked: AbortSignal): Promise<readonly LedgerRow[]>;
}
