// The stored evidence of the organisation behind a request: five pieces, each null when absent. SQL decides which piece wins and what
// vetoes it, so that this choice can change; the set itself never does.

import { hashBytes } from '../scan/intern.ts';

export interface EvidenceSet {
  /** Id of the organisation token, never the token. */
  readonly tokenId: string | null;
  /** Longest registry prefix, canonical CIDR. */
  readonly prefix: string | null;
  /** Published range, '<provider>:<cidr>'. */
  readonly rangeId: string | null;
  readonly asn: number | null;
  readonly networkType: string | null;
}

const encoder = new TextEncoder();

/** The set as one string: equal sets, equal strings. */
export const evidenceKey = (set: EvidenceSet): string =>
  [set.tokenId, set.prefix, set.rangeId, set.asn, set.networkType].map((piece) => piece ?? '').join('\u0000');

/** 64-bit id of a set: two independent 32-bit hashes of its key. `doctor` checks that no two sets share an id. */
export function evidenceId(set: EvidenceSet): bigint {
  const key = encoder.encode(evidenceKey(set));
  const reversed = key.slice().reverse();
  const high = hashBytes(key, 0, key.length) >>> 0;
  const low = hashBytes(reversed, 0, reversed.length) >>> 0;
  return (BigInt(high) << 32n) | BigInt(low);
}
