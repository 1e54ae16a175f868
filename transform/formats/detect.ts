// Detects a format with its own parser: the share of a sample's lines that it takes for requests.

import { isExcluded, reason } from '../outcome.ts';
import { utf8 } from '../scan/bytes.ts';
import { LineFields } from '../scan/line-fields.ts';
import type { Format, FormatOptions, LineParser } from './format.ts';
import { lineStart } from './syslog.ts';

/** Number of lines that decide. */
const DECIDING_LINES = 50;
/** Score of a sample whose lines have the format's shape, but tell little: all of them are `not_http`, or have no status. */
const LITTLE_TOLD = 0.6;

/**
 * Share of requests among the first lines that decide: the parser does not exclude them, and they have a status. Lines before them,
 * such as TLS handshakes on the port of plain HTTP, may be many.
 * @param admits whether a line, without a syslog header, can have this format, if another format's parser takes the same lines
 */
export function shareOfRequests(
  lines: readonly string[],
  parser: LineParser,
  admits: (line: string) => boolean = () => true,
): number {
  const out = new LineFields();
  let requests = 0;
  let considered = 0;
  let telling = 0;
  for (const line of lines) {
    const bytes = utf8(line);
    const code = parser.parse(bytes, 0, bytes.length, out);
    const isAdmitted = admits(decoder.decode(bytes.subarray(lineStart(bytes, 0, bytes.length))));
    const hasNoAnswer = code === 0 && out.status === 0;
    if ((code === reason.not_http || hasNoAnswer) && isAdmitted) telling++;
    if (isExcluded(code) || hasNoAnswer) continue;
    considered++;
    if (code === 0 && isAdmitted) requests++;
    if (considered === DECIDING_LINES) break;
  }
  if (considered === 0) return telling > 0 ? LITTLE_TOLD : 0;
  return requests / considered;
}
const decoder = new TextDecoder();

/** A format without a field map. Its `parser` throws an Error if one is configured, because it would be ignored. */
export function textFormat(
  about: Pick<Format, 'name' | 'description' | 'bytesIncludeHeaders'>,
  parser: (options?: FormatOptions) => LineParser,
  admits?: (line: string) => boolean,
): Format {
  return {
    ...about,
    detect: (lines) => shareOfRequests(lines, parser(), admits),
    parser(options) {
      if (options?.fields !== undefined) throw new Error(`fields: the format ${about.name} has no field map`);
      return parser(options);
    },
  };
}
