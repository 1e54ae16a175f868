// The rules in force for a batch: networks and tokens from the warehouse, methodology from the code. One hash identifies all
// of them, and one published revision numbers them.

import { createHash } from 'node:crypto';
import { isFresh, networkLists, type ListAge } from '../sql/network-lists.ts';
import { sqlFile } from '../sql/sql-file.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { type Methodology, versionOf } from '../transform/methodology.ts';
import { methodologyOf } from '../sql/methodology.ts';
import { buildNetworkIndex, type NetworkIndex, type NetworkIndexInput } from '../transform/networks/network-index.ts';
import { type NetworkRange, type NetworkType } from '../transform/networks/facts.ts';
import { sha256 } from '../sql/sha256.ts';

export interface Rulebook {
  readonly networks: NetworkIndex;
  /** Token → id of its evidence; null if nobody owns it. */
  readonly tokenIdOf: (token: string) => string | null;
  /** The same by the token's SHA-256 in hex, because quarantine keeps only that of a token. */
  readonly tokenIdOfSha256?: (sha256: string) => string | null;
  readonly methodology: Methodology;
  readonly methodologyVersion: number;
  readonly rulesSha256: string;
  /** The databases among the rules with the dates when they were built, for people; '' without any. Stored with the revision. */
  readonly databases?: string;
}

/** AS numbers and network types from a MaxMind-format database, if one is configured. */
export interface AsnDatabase extends Pick<NetworkIndexInput, 'asnLookup' | 'typeLookup' | 'asnTypes'> {
  readonly sha256: string;
  readonly databaseType: string;
  readonly builtAt: string;
}

/** Countries from a MaxMind-format database, if one is configured. */
export interface CountryDatabase extends Pick<AsnDatabase, 'sha256' | 'databaseType' | 'builtAt'> {
  readonly countryLookup: NonNullable<NetworkIndexInput['countryLookup']>;
}

export interface RulebookOptions {
  readonly asn?: AsnDatabase;
  readonly country?: CountryDatabase;
  /** Lists that are too old contradict no crawler's claim. Default: none is too old. */
  readonly crawlerListAge?: ListAge;
}

/** Reads the active registry and ranges. @param codeVersion package version, because grammars and path rules are code */
export async function loadRulebook(
  warehouse: Warehouse,
  codeVersion: string,
  { asn, country, crawlerListAge }: RulebookOptions = {},
): Promise<Rulebook> {
  const evidence = await warehouse.query<{ evidence_id: string; kind: string; value: string; secret_sha256: string }>(
    sqlFile('queries/rulebook/declared_evidence.sql'),
  );
  const ranges = await warehouse.query<NetworkRange>(sqlFile('queries/rulebook/network_ranges.sql'));
  const asns = await warehouse.query<{ asn: number; type: NetworkType }>(sqlFile('queries/rulebook/asn_types.sql'));
  const staleCrawlerLists =
    crawlerListAge === undefined
      ? []
      : (await networkLists(warehouse))
          .filter((list) => isFresh(list, crawlerListAge) === false)
          .map(({ provider }) => provider);
  // Nonces are found in the same way as tokens; they name no organisation (scripts/orgs/proofs.ts).
  const nonces = await warehouse.query<{ nonce_id: string; secret_sha256: string }>(
    sqlFile('queries/rulebook/nonces.sql'),
  );
  const tokens = new Map([
    ...nonces.map((nonce) => [nonce.secret_sha256, nonce.nonce_id] as const),
    ...evidence.filter(({ kind }) => kind === 'token').map((row) => [row.secret_sha256, row.evidence_id] as const),
  ]);
  const prefixes = [...new Set(evidence.filter(({ kind }) => kind === 'cidr').map(({ value }) => value))];
  const methodology = await methodologyOf(warehouse);
  const hash = createHash('sha256');
  for (const part of [
    methodology,
    codeVersion,
    asn?.sha256 ?? '',
    [...tokens],
    prefixes,
    ranges.map((range) => [range.provider, range.service, range.type, range.cidr]),
    asns,
    staleCrawlerLists,
    ...(country === undefined ? [] : [{ country: country.sha256 }]),
  ])
    hash.update(JSON.stringify(part)).update('\n');
  return {
    networks: buildNetworkIndex({
      prefixes: prefixes.map((cidr) => ({ cidr })),
      ranges,
      asnTypes: new Map(asns.map(({ asn: number, type }) => [number, type])),
      staleCrawlerLists,
      ...asn,
      countryLookup: country?.countryLookup,
    }),
    tokenIdOf: (token) => tokens.get(sha256(token)) ?? null,
    tokenIdOfSha256: (sha256) => tokens.get(sha256) ?? null,
    methodology,
    methodologyVersion: versionOf(methodology),
    rulesSha256: hash.digest('hex'),
    databases: [asn, country]
      .flatMap((database) => (database === undefined ? [] : [`${database.databaseType} of ${database.builtAt}`]))
      .join(', '),
  };
}

export type RevisionReason = 'rules' | 'claim' | 'retract' | 'restore' | 'replay';

/**
 * The revision under which to load: the latest if it has these rules, else a new one. Revisions only increase.
 * @param above the revision must be higher than this, because a range is replaced. Infinity: higher than all there are
 */
export async function publishRevision(
  warehouse: Warehouse,
  rulebook: Pick<Rulebook, 'rulesSha256' | 'methodologyVersion' | 'databases'>,
  now: Date,
  {
    reason = 'rules',
    detail = rulebook.databases ?? '',
    above = -1,
  }: { reason?: RevisionReason; detail?: string; above?: number } = {},
): Promise<number> {
  for (;;) {
    const [latest] = await warehouse.query<{ revision: number; contents: string[] }>(
      sqlFile('queries/rulebook/latest_revision.sql'),
    );
    if (above === Infinity) above = latest?.revision ?? 0;
    // Two workers may have published one number for different contents: then neither uses it.
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
 * The revisions of one process. Its rules do not change while it runs, so it asks once, and again only if it needs a revision
 * above its own.
 */
export function revisionsOf(
  warehouse: Warehouse,
  rulebook: Pick<Rulebook, 'rulesSha256' | 'methodologyVersion' | 'databases'>,
  now: () => Date,
) {
  let current: number | undefined;
  return async (
    above = -1,
    reason: RevisionReason = above >= 0 ? 'replay' : 'rules',
    detail?: string,
  ): Promise<number> => {
    if (current === undefined || current <= above)
      current = await publishRevision(warehouse, rulebook, now(), { above, reason, detail });
    return current;
  };
}
