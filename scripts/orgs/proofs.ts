// Proofs of declared ranges: issues nonces, and finds them again in the logged requests that carried them.

import { randomBytes } from 'node:crypto';
import { Fault } from '../../transform/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { cidrContains, parseCidr } from '../../transform/networks/address.ts';
import { addDays, DAY_MS, dayOf } from '../../transform/periods.ts';
import { sha256 } from '../../sql/sha256.ts';

const SLOT_MS = 300_000;

export interface IssuedNonce {
  /** The secret itself: shown once, stored as a hash. */
  readonly nonce: string;
  readonly nonce_id: string;
  readonly evidence_id: string;
  readonly org_id: string;
  readonly cidr: string;
  readonly issued_at: string;
  readonly valid_until: string;
}

/** Issues a nonce for a declared range of the registry. @throws Fault(inputRefused) if there is no such range */
export async function issueNonce(
  warehouse: Warehouse,
  evidenceId: string,
  { now, valid_days }: { readonly now: Date; readonly valid_days: number },
): Promise<IssuedNonce> {
  const [evidence] = await warehouse.query<{ org_id: string; kind: string; value: string }>(
    sqlFile('queries/orgs/evidence_by_id.sql'),
    { id: evidenceId },
  );
  if (evidence === undefined)
    throw new Fault(
      'inputRefused',
      `there is no evidence ${evidenceId}`,
      'Import the registry first: fairshare orgs import FILE; see what is there: fairshare orgs show',
    );
  if (evidence.kind !== 'cidr')
    throw new Fault('inputRefused', `evidence ${evidenceId} is no range (${evidence.kind})`, 'Only ranges are proven.');
  const nonce = `fsn_${randomBytes(18).toString('base64url')}`;
  const secret_sha256 = sha256(nonce);
  const issued = {
    nonce_id: `nonce:${secret_sha256.slice(0, 16)}`,
    evidence_id: evidenceId,
    org_id: evidence.org_id,
    cidr: evidence.value,
    issued_at: now.toISOString(),
    valid_until: new Date(now.getTime() + valid_days * DAY_MS).toISOString(),
  };
  await warehouse.insert('proof_nonce', [{ ...issued, secret_sha256 }]);
  return { nonce, ...issued };
}

/**
 * proven: a request from the range carried the nonce in time; proof_expired: it did, but too long ago; withdrawn: the log that carried it
 * was taken back, and no other does; out_of_time: the only such requests from the range were made before the nonce was handed out, or
 * after it had expired; elsewhere: the only such requests were from other networks; waiting, nonce_expired: no such request was found
 */
export type ProofState =
  'proven' | 'proof_expired' | 'withdrawn' | 'out_of_time' | 'elsewhere' | 'waiting' | 'nonce_expired';

export interface ProofStatus {
  readonly nonce_id: string;
  readonly evidence_id: string;
  readonly org_id: string;
  readonly cidr: string;
  readonly issued_at: string;
  readonly valid_until: string;
  readonly state: ProofState;
  /** Start of the five minutes, 'YYYY-MM-DD hh:mm:ss'; '' if no request was found. */
  readonly seen_at: string;
  /** Registry prefix of a proof, or of a request out of time; or the networks of requests from elsewhere. */
  readonly seen_from: string;
  /** Last day of the proof. */
  readonly expires_on: string;
  /** Entry for the registry's file. */
  readonly proof: string;
}

interface StoredNonce extends Omit<IssuedNonce, 'nonce'> {
  readonly seen_prefix: string;
  readonly occurred_at: string;
  readonly expires_on: string;
  readonly is_withdrawn: boolean;
}
interface SeenRequest {
  readonly nonce_id: string;
  readonly prefix: string;
  readonly network: string;
  readonly slot: string;
  /** Of requests whose landing is stored. */
  readonly batches: readonly string[];
}

const timeOf = (engineTime: string): number => Date.parse(`${engineTime.replace(' ', 'T')}Z`);

/**
 * Looks for all nonces without a proof, and records the proofs that it finds. A proof falls with the log that carried it: then it is looked
 * for again, because another log may carry it too.
 */
export async function findProofs(
  warehouse: Warehouse,
  { now, proof_days }: { readonly now: Date; readonly proof_days: number },
): Promise<ProofStatus[]> {
  const nonces = await warehouse.query<StoredNonce>(sqlFile('queries/orgs/proofs.sql'));
  const open = nonces
    .filter(({ occurred_at, is_withdrawn }) => occurred_at === '' || is_withdrawn)
    .map(({ nonce_id }) => nonce_id);
  const seen =
    open.length === 0
      ? []
      : await warehouse.query<SeenRequest>(sqlFile('queries/orgs/proof_requests.sql'), { nonces: open });
  const judged = nonces.map((nonce) =>
    judge(
      nonce,
      seen.filter(({ nonce_id }) => nonce_id === nonce.nonce_id),
      now,
      proof_days,
    ),
  );
  await warehouse.insert(
    'proof_seen',
    judged
      .filter(({ status: { nonce_id, expires_on } }) => expires_on !== '' && open.includes(nonce_id))
      .map(({ status: { nonce_id, evidence_id, org_id, cidr, seen_from, seen_at, expires_on }, batches }) => ({
        nonce_id,
        evidence_id,
        org_id,
        cidr,
        prefix: seen_from,
        occurred_at: seen_at,
        expires_on,
        batches,
        recorded_at: now.toISOString(),
      })),
  );
  return judged.map(({ status }) => status);
}

interface Judged {
  readonly status: ProofStatus;
  /** Batches that carry a proof that was found now. */
  readonly batches: readonly string[];
}

function judge(nonce: StoredNonce, seen: readonly SeenRequest[], now: Date, proof_days: number): Judged {
  const { seen_prefix, occurred_at, expires_on, is_withdrawn, ...head } = nonce;
  const proven = (seen_at: string, seen_from: string, until: string): ProofStatus => ({
    ...head,
    state: until < dayOf(now) ? 'proof_expired' : 'proven',
    seen_at,
    seen_from,
    expires_on: until,
    proof: `nonce ${head.nonce_id} seen ${seen_at.slice(0, 16)} UTC from ${seen_from}, expires ${until}`,
  });
  if (occurred_at !== '' && !is_withdrawn) return { status: proven(occurred_at, seen_prefix, expires_on), batches: [] };
  const range = parseCidr(head.cidr).cidr!;
  const inTime = (slot: string) =>
    timeOf(slot) + SLOT_MS > timeOf(head.issued_at) && timeOf(slot) <= timeOf(head.valid_until);
  const inRange = (prefix: string) => {
    const { cidr } = parseCidr(prefix);
    return cidr !== null && cidrContains(range, cidr);
  };
  const own = seen.filter(({ prefix }) => inRange(prefix));
  const proof = own.find(({ slot }) => inTime(slot));
  if (proof !== undefined) {
    const until = addDays(dayOf(timeOf(proof.slot)), proof_days);
    const batches = [...new Set(own.filter(({ slot }) => inTime(slot)).flatMap((request) => request.batches))];
    return { status: proven(proof.slot, proof.prefix, until), batches };
  }
  return { status: { ...head, expires_on: '', proof: '', ...unproven(nonce, seen, own, now) }, batches: [] };
}

/** Why a nonce proves nothing. @param own its requests from the range: all of them are out of time */
function unproven(
  { occurred_at, seen_prefix, valid_until }: StoredNonce,
  seen: readonly SeenRequest[],
  own: readonly SeenRequest[],
  now: Date,
): Pick<ProofStatus, 'state' | 'seen_at' | 'seen_from'> {
  if (occurred_at !== '') return { state: 'withdrawn', seen_at: occurred_at, seen_from: seen_prefix };
  if (own.length > 0) return { state: 'out_of_time', seen_at: own[0].slot, seen_from: own[0].prefix };
  if (seen.length > 0)
    return {
      state: 'elsewhere',
      seen_at: seen[0].slot,
      seen_from: [...new Set(seen.map(({ network }) => network || 'an unknown network'))].join(' '),
    };
  return { state: now.getTime() > timeOf(valid_until) ? 'nonce_expired' : 'waiting', seen_at: '', seen_from: '' };
}
