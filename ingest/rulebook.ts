// The rules in force for a batch: networks and tokens from the warehouse, methodology from the code; one hash names
// them all, one published revision numbers them.

import { createHash } from 'node:crypto';
import { isFresh, networkLists, type ListAge } from '../sql/network-lists.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { METHODOLOGY_VERSION } from '../transform/methodology.ts';
import { buildNetworkIndex, type NetworkIndex, type NetworkIndexInput } from '../transform/networks/network-index.ts';
import { type NetworkRange, type NetworkType } from '../transform/networks/facts.ts';
import { sha256 } from '../sql/sha256.ts';

export interface Rulebook {
  readonly networks: NetworkIndex;
  /** Token → id of its evidence; null where nobody owns it. */
  readonly tokenIdOf: (token: string) => string | null;
  /** The same by the token's SHA-256, in hex: all that quarantine keeps of a token. */
  readonly tokenIdOfSha256?: (sha256: string) => string | null;
  readonly methodologyVersion: number;
  readonly rulesSha256: string;
}

/** AS numbers and network types from a MaxMind-format database, where one is configured. */
export interface AsnDatabase extends Pick<NetworkIndexInput, 'asnLookup' | 'typeLookup' | 'asnTypes'> {
  readonly sha256: string;
}

export interface RulebookOptions {
  readonly asn?: AsnDatabase;
  /** Crawler lists that are older contradict nobody; default: all may. */
  readonly crawlerListAge?: ListAge;
}

/** Reads the active registry and ranges. @param codeVersion package version: grammars and path rules are code */
export async function loadRulebook(
  warehouse: Warehouse,
  codeVersion: string,
  { asn, crawlerListAge }: RulebookOptions = {},
): Promise<Rulebook> {
  const evidence = await warehouse.query<{ evidence_id: string; kind: string; value: string; secret_sha256: string }>(
    "SELECT evidence_id, kind, value, secret_sha256 FROM org_evidence FINAL WHERE state = 0 AND kind IN ('cidr', 'token') ORDER BY kind, value, evidence_id",
  );
  const ranges = await warehouse.query<NetworkRange>(
    "SELECT DISTINCT provider, service, type, cidr FROM network_range FINAL WHERE state = 0 AND NOT startsWith(cidr, 'AS') ORDER BY type, provider, cidr, service",
  );
  const asns = await warehouse.query<{ asn: number; type: NetworkType }>(
    "SELECT DISTINCT assumeNotNull(asn) AS asn, type FROM network_range FINAL WHERE state = 0 AND startsWith(cidr, 'AS') ORDER BY asn, type",
  );
  const staleCrawlerLists =
    crawlerListAge === undefined
      ? []
      : (await networkLists(warehouse))
          .filter((list) => isFresh(list, crawlerListAge) === false)
          .map(({ provider }) => provider);
  // Nonces are found as tokens are; they name no organisation (scripts/orgs/proofs.ts).
  const nonces = await warehouse.query<{ nonce_id: string; secret_sha256: string }>(
    'SELECT nonce_id, secret_sha256 FROM proof_nonce FINAL ORDER BY nonce_id',
  );
  const tokens = new Map([
    ...nonces.map((nonce) => [nonce.secret_sha256, nonce.nonce_id] as const),
    ...evidence.filter(({ kind }) => kind === 'token').map((row) => [row.secret_sha256, row.evidence_id] as const),
  ]);
  const prefixes = [...new Set(evidence.filter(({ kind }) => kind === 'cidr').map(({ value }) => value))];
  const hash = createHash('sha256');
  for (const part of [
    METHODOLOGY_VERSION,
    codeVersion,
    asn?.sha256 ?? '',
    [...tokens],
    prefixes,
    ranges.map((range) => [range.provider, range.service, range.type, range.cidr]),
    asns,
    staleCrawlerLists,
  ])
    hash.update(JSON.stringify(part)).update('\n');
  return {
    networks: buildNetworkIndex({
      prefixes: prefixes.map((cidr) => ({ cidr })),
      ranges,
      asnTypes: new Map(asns.map(({ asn: number, type }) => [number, type])),
      staleCrawlerLists,
      ...asn,
    }),
    tokenIdOf: (token) => tokens.get(sha256(token)) ?? null,
    tokenIdOfSha256: (sha256) => tokens.get(sha256) ?? null,
    methodologyVersion: METHODOLOGY_VERSION,
    rulesSha256: hash.digest('hex'),
  };
}

export type RevisionReason = 'rules' | 'claim' | 'retract' | 'replay';

/**
 * The revision under which to load: the latest, if it stands for these rules, else a new one. Numbers only grow.
 * @param above the revision must be higher than this: a range is about to be replaced. Infinity: than all there are
 */
export async function publishRevision(
  warehouse: Warehouse,
  rulebook: Pick<Rulebook, 'rulesSha256' | 'methodologyVersion'>,
  now: Date,
  { reason = 'rules', detail = '', above = -1 }: { reason?: RevisionReason; detail?: string; above?: number } = {},
): Promise<number> {
  for (;;) {
    const [latest] = await warehouse.query<{ revision: number; contents: string[] }>(
      'SELECT revision, groupUniqArray(rules_sha256) AS contents FROM revision GROUP BY revision ORDER BY revision DESC LIMIT 1',
    );
    if (above === Infinity) above = latest?.revision ?? 0;
    // Two workers may have published one number for two contents: neither uses it from here on.
    if (
      latest !== undefined &&
      latest.revision > above &&
      latest.contents.length === 1 &&
      latest.contents[0] === rulebook.rulesSha256
    )
      return latest.revision;
    const revision = (latest?.revision ?? 0) + 1;
    await warehouse.insert('revision', [
      {
        revision,
        rules_sha256: rulebook.rulesSha256,
        reason,
        detail,
        methodology_version: rulebook.methodologyVersion,
        published_at: now.toISOString(),
      },
    ]);
  }
}

/**
 * The revisions of one process. Its rules do not change while it runs: it asks once, and again where it needs a revision
 * above its own.
 */
export function revisionsOf(
  warehouse: Warehouse,
  rulebook: Pick<Rulebook, 'rulesSha256' | 'methodologyVersion'>,
  now: () => Date,
) {
  let current: number | undefined;
  return async (above = -1, reason: RevisionReason = above >= 0 ? 'replay' : 'rules', detail = ''): Promise<number> => {
    if (current === undefined || current <= above)
      current = await publishRevision(warehouse, rulebook, now(), { above, reason, detail });
    return current;
  };
}
