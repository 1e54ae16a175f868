// Contents of log objects, under each name and in each form of storage in which an ingest met them. An object counts through the
// ledger alone: a row here says only what the bytes of an object are.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/** What identifies a content, and tells which contents may begin with it. */
export interface Content {
  readonly sha256: string;
  readonly content_bytes: number;
  /** Where the first line begins that is no directive. */
  readonly bodyAt_bytes: number;
  /** Digests of the first bytes from there on (HEAD_SIZES), as far as the content has so many. */
  readonly heads: readonly string[];
}

/** A content under one name, in one form of storage. */
export interface ObjectContent extends Content {
  readonly object: string;
  readonly stored_sha256: string;
  /** Its partition in the ledger. */
  readonly partition: string;
  /** Name of the object with the same content that counts; '': it counts itself. */
  readonly sameAs: string;
  /** Partitions of the loaded objects that it begins with. */
  readonly continues: readonly string[];
  /** Why a person had it loaded although its content or its name is loaded already. */
  readonly reason: string;
}

/** A content that an object may be the same as, or begin with. */
export interface ContentSearch {
  readonly stored_sha256?: string;
  readonly object?: string;
  readonly content_sha256?: string;
  readonly heads?: readonly string[];
  /** Contents that are too short for a head, too. */
  readonly tiny?: boolean;
}

/** @param search default: all contents of the source */
export async function readContents(
  warehouse: Warehouse,
  source: string,
  search?: ContentSearch,
): Promise<ObjectContent[]> {
  const rows = await warehouse.query<{
    object: string;
    stored_sha256: string;
    content_sha256: string;
    content_bytes: string;
    body_at_bytes: string;
    heads: string[];
    partition: string;
    same_as: string;
    continues: string[];
    reason: string;
  }>(sqlFile('queries/ledger/object_contents.sql'), {
    source,
    all: search === undefined,
    stored_sha256: search?.stored_sha256 ?? '-',
    object: search?.object ?? '',
    content_sha256: search?.content_sha256 ?? '-',
    heads: search?.heads ?? [],
    tiny: search?.tiny ?? false,
  });
  return rows.map(({ content_sha256, content_bytes, body_at_bytes, same_as, ...row }) => ({
    ...row,
    sha256: content_sha256,
    content_bytes: Number(content_bytes),
    bodyAt_bytes: Number(body_at_bytes),
    sameAs: same_as,
  }));
}

export const writeContents = (
  warehouse: Warehouse,
  contents: readonly (ObjectContent & { readonly source: string })[],
  now: Date,
): Promise<void> =>
  warehouse.insert(
    'object_content',
    contents.map((content) => ({
      source: content.source,
      object: content.object,
      stored_sha256: content.stored_sha256,
      content_sha256: content.sha256,
      content_bytes: content.content_bytes,
      body_at_bytes: content.bodyAt_bytes,
      heads: content.heads,
      partition: content.partition,
      same_as: content.sameAs,
      continues: content.continues,
      reason: content.reason,
      recorded_at: now.toISOString(),
    })),
  );

/** Names of the objects that count and continue one of these contents. */
export async function continuedBy(
  warehouse: Warehouse,
  source: string,
  partitions: readonly string[],
): Promise<string[]> {
  const rows = await warehouse.query<{ object: string }>(sqlFile('queries/ledger/continued_by.sql'), {
    source,
    partitions,
  });
  return rows.map(({ object }) => object);
}

/** What doctor says of a source's objects. */
export interface ContentsShown {
  readonly source: string;
  readonly objects: number;
  /** Loaded before migration 0021, and not met since: known by their stored bytes only. */
  readonly stored_only: number;
  /** Names whose content counts under another name. */
  readonly twins: number;
}

export async function contentsShown(warehouse: Warehouse): Promise<ContentsShown[]> {
  const rows = await warehouse.query<Record<keyof ContentsShown, string>>(sqlFile('queries/ledger/contents_shown.sql'));
  return rows.map(({ source, objects, stored_only, twins }) => ({
    source,
    objects: Number(objects),
    stored_only: Number(stored_only),
    twins: Number(twins),
  }));
}
