// The shape of a log format. To add one: a file beside this one that exports a Format, and a line in index.ts.

import type { LineFields } from '../scan/line-fields.ts';
import type { LocalTime } from '../scan/local-time.ts';
import type { PlainLines } from '../scan/plain-lines.ts';

export interface FormatOptions {
  /** For 'json': field map, our field name → key path in the line (`http.useragent`); it overrides a preset's. */
  readonly fields?: Readonly<Record<string, string>>;
  /** For timestamps that name no offset; UTC unless configured. */
  readonly local?: LocalTime;
  /** Number of our own proxies that append to X-Forwarded-For: the entry counts that the outermost of them has written. Default: 1. */
  readonly trustedHops?: number;
}

/** Reads the lines of one object or partition in order; may keep state that directives set (`#Fields`). */
export interface LineParser {
  /**
   * Parses buf[start, end) (one line, without its line end) into `out`, which it resets first.
   * Never throws, never reads outside the range, allocates nothing on the good path.
   * @returns 0 (ok), or a code of `reason`: excluded or quarantined.
   */
  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number;
  /** Reads the usual lines of the format many at a time, with the same result as `parse`. `parse` reads all others. */
  readonly plain?: PlainLines;
}

export interface Format {
  /** Name in configuration and on the command line: lower-case, kebab-case. */
  readonly name: string;
  /** One line for help texts and the coverage table. */
  readonly description: string;
  /** Whether `bytes` includes response headers, for METHODOLOGY; null if the vendor does not say. */
  readonly bytesIncludeHeaders: boolean | null;
  /**
   * Score of the first lines of a stream: 0 no match … 1 certain. The caller takes the best one above 0.5.
   * @param lines the first lines, decoded as UTF-8, blank ones removed
   */
  detect(lines: readonly string[]): number;
  parser(options?: FormatOptions): LineParser;
}
