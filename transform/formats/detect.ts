// How well a format fits a sample: its own parser is asked.

import { isExcluded } from '../outcome.ts';
import { utf8 } from '../scan/bytes.ts';
import { LineFields } from '../scan/line-fields.ts';
import type { LineParser } from './format.ts';

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
