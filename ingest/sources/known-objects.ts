// The log objects of a source that the ledger has, found by their stored bytes, their content, the beginning of their content, or
// their names.

import { type ContentHead, shared_bytes, SHARED_BYTES } from './content-head.ts';
import { type Whole } from './identify.ts';
import { type ObjectRange, objectRanges } from '../../sql/ledger.ts';
import { type Content, type ContentSearch, type ObjectContent, readContents } from '../../sql/object-content.ts';
import { sha256 } from '../../sql/sha256.ts';
import { type Warehouse } from '../../sql/warehouse.ts';

/** A content that the ledger has under a partition of its own. */
interface KnownContent extends ObjectContent {
  /** Has lines that were read. Contents of directives alone begin many others. */
  isLog: boolean;
}

const grouped = <T>(map: Map<string, Set<T>>, key: string, value: T): void => {
  const group = map.get(key);
  if (group === undefined) map.set(key, new Set([value]));
  else group.add(value);
};

export class KnownObjects {
  private readonly ranges = new Map<string, ObjectRange[]>();
  private readonly contents = new Map<string, KnownContent>();
  private readonly byStored = new Map<string, ObjectContent>();
  /** Names, each with its stored bytes. */
  private readonly rows = new Set<string>();
  private readonly bySha256 = new Map<string, Set<string>>();
  /** By the shortest head alone: one entry for each content, because a source may have a million. */
  private readonly byHead = new Map<string, Set<string>>();
  /** Contents of lines that are too short for a head: length → SHA-256 → partition. */
  private readonly tiny = new Map<number, Map<string, string>>();
  /** Names under which a content was met. */
  private readonly names = new Map<string, Set<string>>();
  /** Contents that begin with another one. */
  private readonly continuedBy = new Map<string, Set<string>>();
  private readonly partitionsOfName = new Map<string, Set<string>>();

  /** @param more reads what a search may find; absent: all is read already */
  constructor(private readonly more?: (search: ContentSearch, known: KnownObjects) => Promise<void>) {}

  async search(search: ContentSearch): Promise<void> {
    await this.more?.(search, this);
  }

  addRanges(rows: readonly ObjectRange[]): void {
    for (const row of rows) {
      const ranges = this.ranges.get(row.partition);
      if (ranges === undefined) this.ranges.set(row.partition, [row]);
      else if (!ranges.some(({ first }) => first === row.first)) ranges.push(row);
      if (row.state === 'loaded') grouped(this.partitionsOfName, row.object, row.partition);
      grouped(this.names, row.partition, row.object);
    }
  }

  /** An object that was read just now; its rows may not be written yet. */
  setLoaded(range: ObjectRange): void {
    this.ranges.set(range.partition, [range]);
    grouped(this.partitionsOfName, range.object, range.partition);
    grouped(this.names, range.partition, range.object);
  }

  /** Ranges come first: a content without ranges is known by its bytes, but does not count. */
  addContents(contents: readonly ObjectContent[]): void {
    for (const content of contents) {
      this.byStored.set(content.stored_sha256, content);
      this.rows.add(`${content.object}\0${content.stored_sha256}`);
      grouped(this.names, content.partition, content.object);
      for (const before of content.continues) grouped(this.continuedBy, before, content.partition);
      const ranges = this.ranges.get(content.partition);
      if (ranges === undefined || content.content_bytes === 0) continue;
      const known = this.contents.get(content.partition);
      const isLog = ranges.some(({ read_lines }) => read_lines > 0);
      // One row for each name: the one that counts says what it continues.
      if (known === undefined || content.sameAs === '') this.contents.set(content.partition, { ...content, isLog });
      if (known !== undefined) continue;
      grouped(this.bySha256, content.sha256, content.partition);
      const { heads, content_bytes } = content;
      if (heads.length > 0) grouped(this.byHead, heads[0], content.partition);
      else if (isLog) {
        const same = this.tiny.get(content_bytes) ?? new Map<string, string>();
        this.tiny.set(content_bytes, same.set(content.sha256, content.partition));
      }
    }
  }

  /** Ranges of a partition in the ledger, in any state. */
  rangesOf(partition: string): readonly ObjectRange[] {
    return this.ranges.get(partition) ?? [];
  }

  /** The content of these stored bytes, if they were met before. */
  contentOf(stored_sha256: string): ObjectContent | undefined {
    return this.byStored.get(stored_sha256);
  }

  /** Whether these stored bytes are recorded under this name. */
  wasMet(name: string, stored_sha256: string): boolean {
    return this.rows.has(`${name}\0${stored_sha256}`);
  }

  /** How a content was loaded. */
  decidedOf(partition: string): Pick<ObjectContent, 'continues' | 'reason'> {
    const { continues = [], reason = '' } = this.contents.get(partition) ?? {};
    return { continues, reason };
  }

  /** Partitions that have the content, loaded or not. */
  partitionsWith(sha256: string): string[] {
    const found = new Set(this.bySha256.get(sha256));
    // Plain objects from before contents were recorded.
    if (this.ranges.has(sha256)) found.add(sha256);
    return [...found];
  }

  /** Whether it counts, or is about to. */
  isLoaded(partition: string): boolean {
    return this.rangesOf(partition).some(({ state }) => state === 'loaded');
  }

  /** The name under which it was loaded. */
  nameOf(partition: string): string {
    return this.rangesOf(partition)[0]?.object ?? '';
  }

  /** Contents that were loaded under this name, and were not met under another name since, by themselves or as a part. */
  unmovedOf(name: string): string[] {
    return [...(this.partitionsOfName.get(name) ?? [])].filter(
      (partition) => this.rangesOf(partition).some(({ last }) => last > 0n) && !this.hasMoved(partition, name),
    );
  }

  private hasMoved(partition: string, from: string): boolean {
    return (
      [...(this.names.get(partition) ?? [])].some((name) => name !== from) ||
      [...(this.continuedBy.get(partition) ?? [])].some((whole) => this.hasMoved(whole, from))
    );
  }

  /** A content was met under this name, by itself or as a part of another one. */
  meet(partition: string, name: string): void {
    grouped(this.names, partition, name);
  }

  /**
   * Whether a known content begins like an object. If not, the object has no twin, and begins with no other one.
   * @param bytes the whole content, or its first HEAD_BYTES
   */
  hasLike(head: ContentHead, bytes: Uint8Array, isWhole: boolean): boolean {
    if (isWhole && this.partitionsWith(sha256(bytes)).length > 0) return true;
    for (const partition of this.byHead.get(head.heads[0]) ?? [])
      if (shared_bytes(this.contents.get(partition)!, head) > 0) return true;
    for (const [length, bySha256] of this.tiny)
      if (length <= bytes.length && bySha256.has(sha256(bytes.subarray(0, length)))) return true;
    return false;
  }

  /** Another loaded content with the same first lines. */
  sharing(content: Content): ObjectContent | undefined {
    return [...(this.byHead.get(content.heads[0]) ?? [])]
      .map((partition) => this.contents.get(partition)!)
      .find(
        (other) =>
          other.isLog &&
          other.sha256 !== content.sha256 &&
          this.isLoaded(other.partition) &&
          shared_bytes(other, content) >= SHARED_BYTES,
      );
  }

  /** Loaded contents that others may begin with. */
  wholes(): Whole[] {
    return [...this.contents.values()].filter(({ isLog, partition }) => isLog && this.isLoaded(partition));
  }
}

/** All objects of a source. */
export async function knownObjects(warehouse: Warehouse, source: string): Promise<KnownObjects> {
  const known = new KnownObjects();
  known.addRanges(await objectRanges(warehouse, source));
  known.addContents(await readContents(warehouse, source));
  return known;
}

/**
 * The objects of a source, read as they are looked for.
 * @param read runs a query until its outcome is known
 */
export function lookedUpObjects(
  warehouse: Warehouse,
  source: string,
  read: <T>(query: () => Promise<T>) => Promise<T>,
): KnownObjects {
  return new KnownObjects(async (search, known) => {
    const contents = await read(() => readContents(warehouse, source, search));
    const only = {
      partitions: [search.stored_sha256, search.content_sha256, ...contents.map(({ partition }) => partition)].filter((partition) => partition !== undefined), // prettier-ignore
      object: search.object ?? '',
    };
    const ranges = await read(() => objectRanges(warehouse, source, only));
    // An object that was taken back is treated as loaded, so that a second announcement does not load it again.
    known.addRanges(ranges.map((range) => ({ ...range, state: 'loaded' })));
    known.addContents(contents);
  });
}
