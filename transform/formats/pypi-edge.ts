// PyPI's edge: 'TYPE|Thu, 07 Jan 2021 20:54:54 GMT|US|/path|tls|cipher|project|version|packagetype|user agent', TYPE
// download or simple. '(null)' is no value; only the user agent, which is last, may contain '|'. Every line is a GET with
// answer 200; bytes and address are not logged.

import { reason } from '../outcome.ts';
import { indexOfByte, isBlank, isPrintableAscii, Scratch, utf8, equals } from '../scan/bytes.ts';
import type { LineFields } from '../scan/line-fields.ts';
import { parseHttpDate } from '../scan/time.ts';
import { textFormat } from './detect.ts';
import { escapeUnclean, setCountry, setOccurredAt, setTarget, setText } from './fields.ts';
import type { LineParser } from './format.ts';
import { lineStart } from './syslog.ts';

const DOWNLOAD = utf8('download');
const SIMPLE = utf8('simple');
const BAR = 0x7c;
/** Number of bars before the user agent. */
const BARS = 9;

class PypiEdgeParser implements LineParser {
  private readonly scratch = new Scratch();
  private readonly bars = new Int32Array(BARS);

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    this.scratch.reset();
    start = lineStart(buf, start, end);
    if (end > start && buf[end - 1] === 0x0d) end--;
    if (isBlank(buf, start, end)) return reason.blank_line;
    const bars = this.bars;
    let count = 0;
    for (let i = start; i < end && count < BARS; i++) if (buf[i] === BAR) bars[count++] = i;
    const isKnown = count > 0 && (equals(buf, start, bars[0], DOWNLOAD) || equals(buf, start, bars[0], SIMPLE));
    if (!isKnown) return isMessage(buf, start, end) ? reason.other_log : reason.malformed;
    if (count < BARS) return reason.truncated;
    if (bars[1] === bars[0] + 1) return reason.missing_field;

    const fault = setOccurredAt(out, parseHttpDate(buf, bars[0] + 1, bars[1]));
    if (fault !== 0) return fault;
    setTarget(out, buf, bars[2] + 1, bars[3]);
    out.status = 200;
    setCountry(out, buf, bars[1] + 1, bars[2], this.scratch);
    setText(out.userAgent, buf, bars[8] + 1, end);
    if (!isPrintableAscii(buf, start, end)) escapeUnclean(out, this.scratch);
    return 0;
  }
}

/** Another type of message: a word, and a date after the first bar. */
function isMessage(buf: Uint8Array, start: number, end: number): boolean {
  const bar = indexOfByte(buf, BAR, start, end);
  for (let i = start; i < bar; i++) if ((buf[i] < 0x61 || buf[i] > 0x7a) && buf[i] !== 0x5f) return false;
  if (bar === start || bar === end) return false;
  return !Number.isNaN(parseHttpDate(buf, bar + 1, indexOfByte(buf, BAR, bar + 1, end)));
}

export const pypiEdge = textFormat(
  {
    name: 'pypi-edge',
    description: "PyPI's edge log, separated by bars",
    bytesIncludeHeaders: null,
  },
  () => new PypiEdgeParser(),
);
