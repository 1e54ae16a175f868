// Detects a format with its own parser: the share of a sample's lines that it takes for requests.

import { isExcluded } from '../outcome.ts';
import { utf8 } from '../scan/bytes.ts';
import { LineFields } from '../scan/line-fields.ts';
import type { Format, FormatOptions, LineParser } from './format.ts';

/**
 * Share of requests among the lines that the parser does not exclude; 0 if it finds none.
 * @param admits whether a line can have this format, if another format's parser takes the same lines
 */
export function shareOfRequests(
  lines: readonly string[],
  parser: LineParser,
  admits: (line: string) => boolean = () => true,
): number {
  const out = new LineFields();
  let requests = 0;
  let considered = 0;
  for (const line of lines) {
    const bytes = utf8(line);
    const code = parser.parse(bytes, 0, bytes.length, out);
    if (isExcluded(code)) continue;
    considered++;
    if (code === 0 && admits(line)) requests++;
  }
  return considered === 0 ? 0 : requests / considered;
}

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
