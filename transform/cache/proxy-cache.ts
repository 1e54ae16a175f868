// A caching proxy as nginx's proxy_cache works: answers of a limited lifetime, and the least recently used go when the size is reached.

export interface CacheLimits {
  readonly size_bytes: number;
  /** Lifetime of package files. */
  readonly files_ms: number;
  /** Lifetime of everything else: indexes and metadata, which change. */
  readonly metadata_ms: number;
}

export interface CachedRequest {
  readonly occurredAt_ms: number;
  readonly key: number;
  readonly isFile: boolean;
  /** GET or HEAD; other methods pass. */
  readonly isReading: boolean;
  readonly status: number;
  /** Bytes that the registry sent. */
  readonly bytes: number;
}

interface Entry {
  size_bytes: number;
  freshUntil_ms: number;
}

/** Answers that a proxy keeps: whole files, parts of them (it fetches the whole) and confirmations that a file has not changed. */
const KEPT = new Set([200, 206, 304]);

export class ProxyCache {
  private readonly limits: CacheLimits;
  /** Least recently used first. */
  private readonly entries = new Map<number, Entry>();
  private stored_bytes = 0;

  constructor(limits: CacheLimits) {
    this.limits = limits;
  }

  /**
   * Takes the requests in the order of their times.
   * @returns whether the proxy answers by itself, and the bytes that the registry need not send: negative if the proxy fetches more than its
   *   client asks for
   */
  request({ occurredAt_ms, key, isFile, isReading, status, bytes }: CachedRequest): {
    hit: boolean;
    saved_bytes: number;
  } {
    if (!isReading) return { hit: false, saved_bytes: 0 };
    const known = this.entries.get(key);
    if (known !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, known);
      if (occurredAt_ms <= known.freshUntil_ms) return { hit: true, saved_bytes: bytes };
    }
    if (!KEPT.has(status)) return { hit: false, saved_bytes: 0 };
    const size_bytes = Math.max(bytes, known?.size_bytes ?? 0);
    this.store(key, {
      size_bytes,
      freshUntil_ms: occurredAt_ms + (isFile ? this.limits.files_ms : this.limits.metadata_ms),
    });
    // A part or a confirmation: the proxy fetches the whole file.
    return { hit: false, saved_bytes: status === 200 ? 0 : bytes - size_bytes };
  }

  private store(key: number, entry: Entry): void {
    this.remove(key);
    this.entries.set(key, entry);
    this.stored_bytes += entry.size_bytes;
    for (const oldest of this.entries.keys()) {
      if (this.stored_bytes <= this.limits.size_bytes) break;
      this.remove(oldest);
    }
  }

  private remove(key: number): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.stored_bytes -= entry.size_bytes;
  }
}
