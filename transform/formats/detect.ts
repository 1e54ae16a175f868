// A format from its parser: how well it fits a sample is what its own parser says of the lines.

import { isExcluded } from '../outcome.ts';
import { utf8 } from '../scan/bytes.ts';
import { LineFields } from '../scan/line-fields.ts';
import type { Format, FormatOptions, LineParser } from './format.ts';

/**
 * Share of the lines that the parser takes for requests, of those it does not exclude; 0 where it finds none.
 * @param admits says whether a line can be this format's where another format's parser takes the same lines
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

/** A format without a field map. Its `parser` throws an Error where one is configured: it would be ignored. */
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
