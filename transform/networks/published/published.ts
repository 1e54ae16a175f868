// The shape of a published list of ranges: a vendor's own file → rows of network_range. To add one: a file beside this
// one that exports PublishedList objects, and a line in index.ts.

import { cidrText, parseRange } from '../address.ts';
import type { NetworkRange, NetworkType } from '../facts.ts';
import { isTooWide } from '../special-purpose.ts';

export interface PublishedFault {
  /** Place in the file: 'prefixes[3].ipv4Prefix', 'line 7'. */
  readonly path: string;
  readonly message: string;
}

/** The type of a whole AS. */
export interface AsnType {
  readonly asn: number;
  readonly type: NetworkType;
  readonly provider: string;
  readonly service: string;
}

export interface Published {
  /** The vendor's own version or serial number; '' if it has none. */
  readonly version: string;
  /** Time at which the vendor made it, RFC 3339 with Z; null if the file does not say. */
  readonly publishedAt: string | null;
  readonly ranges: readonly NetworkRange[];
  readonly asnTypes: readonly AsnType[];
  /** All faults. Refuse a file with faults as a whole, because a partial list would contradict true claims. */
  readonly faults: readonly PublishedFault[];
}

export interface PublishedList {
  /**
   * 'aws', 'google-cloud', 'openai-gptbot'. One list gives one provider's ranges and one provider has one list, so that
   * a newer file replaces all ranges of the older one.
   */
  readonly name: string;
  readonly description: string;
  /** The vendor's address of the list; null if the address changes, needs a login or repeats another list. */
  readonly url: string | null;
  /**
   * @param content parsed JSON, or the text itself if it is not JSON
   * @param location file name, path or URL
   */
  recognises(content: unknown, location: string): boolean;
  parse(content: unknown): Published;
}

/** Collects the ranges of one file; an entry that cannot be read becomes a fault. */
export class RangeCollector {
  private readonly ranges = new Map<string, NetworkRange>();
  private readonly faults: PublishedFault[] = [];

  fault(path: string, message: string): void {
    this.faults.push({ path, message });
  }

  /** Adds a range once, even if it is repeated. */
  add(path: string, text: unknown, range: Omit<NetworkRange, 'cidr'>): void {
    if (typeof text !== 'string') return this.fault(path, 'is not a text with an address range');
    const { cidr, fault } = parseRange(text);
    if (cidr === null) return this.fault(path, fault);
    if (isTooWide(cidr)) return this.fault(path, `'${text}' is wider than any network one list can hold`);
    const row = { cidr: cidrText(cidr), ...range };
    this.ranges.set([row.cidr, row.provider, row.service, row.type].join('\n'), row);
  }

  /** Runs `each` over an array, or adds a fault if there is none. */
  list(path: string, value: unknown, each: (item: unknown, path: string) => void): void {
    if (!Array.isArray(value)) return this.fault(path, 'is not a list');
    value.forEach((item, i) => each(item, `${path}[${i}]`));
  }

  done(version: unknown, publishedAt: string | null, asnTypes: readonly AsnType[] = []): Published {
    if (this.ranges.size + asnTypes.length + this.faults.length === 0) this.fault('', 'has no ranges');
    return {
      version: textOf(version),
      publishedAt,
      ranges: [...this.ranges.values()],
      asnTypes,
      faults: this.faults,
    };
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of a value that may be an object. */
export const member = (value: unknown, key: string): unknown => (isRecord(value) ? value[key] : undefined);

/** A text or number as text; '' for everything else. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** 'YYYY-MM-DD', then hours, minutes and seconds after any separators → RFC 3339. Times without a zone are UTC. */
export function toInstant(value: unknown): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[-T ](\d\d)[-:](\d\d)(?:[-:](\d\d))?(?:\.\d+)?(?:Z|\+00:00)?$/.exec(textOf(value));
  return match && `${match[1]}T${match[2]}:${match[3]}:${match[4] ?? '00'}Z`;
}

/** Last part of a path or URL, lower-case. */
export const fileNameOf = (location: string): string =>
  location
    .replace(/[?#].*$/, '')
    .split(/[/\\]/)
    .at(-1)!
    .toLowerCase();
