// RubyGems.org's syslog before its JSON feed: '<134>TIME HOST downloads[PID]: ADDRESS Mon, 30 Nov 2015 21:00:05 GMT
// /path/gems/name-1.0.gem 200 USER AGENT'. The user agent is the rest of the line; every line is a GET, without bytes.

import { reason } from '../outcome.ts';
import { indexOfByte, isBlank, isPrintableAscii, Scratch, skipBom, utf8 } from '../scan/bytes.ts';
import type { LineFields } from '../scan/line-fields.ts';
import { parseHttpDate } from '../scan/time.ts';
import { textFormat } from './detect.ts';
import { escapeUnclean, setAddress, setOccurredAt, setStatus, setTarget, setText } from './fields.ts';
import type { LineParser } from './format.ts';
import { syslogMessage } from './text.ts';

const PROGRAM = utf8('downloads');
/** Bytes of 'Mon, 30 Nov 2015 21:00:05 GMT'. */
const DATE_LENGTH = 29;

class RubygemsSyslogParser implements LineParser {
  private readonly scratch = new Scratch();

  parse(buf: Uint8Array, start: number, end: number, out: LineFields): number {
    out.reset();
    this.scratch.reset();
    start = skipBom(buf, start, end);
    if (end > start && buf[end - 1] === 0x0d) end--;
    if (isBlank(buf, start, end)) return reason.blank_line;
    const message = syslogMessage(buf, start, end, PROGRAM);
    if (message < 0) return -message;

    const addressEnd = indexOfByte(buf, 0x20, message, end);
    const dateStart = addressEnd + 1;
    const dateEnd = dateStart + DATE_LENGTH;
    const pathEnd = indexOfByte(buf, 0x20, dateEnd + 1, end);
    if (pathEnd >= end) return reason.truncated;
    if (buf[dateEnd] !== 0x20) return reason.bad_timestamp;
    const statusEnd = indexOfByte(buf, 0x20, pathEnd + 1, end);
    const fault = setOccurredAt(out, parseHttpDate(buf, dateStart, dateEnd));
    if (fault !== 0) return fault;
    setTarget(out, buf, dateEnd + 1, pathEnd);
    setStatus(out, buf, pathEnd + 1, statusEnd);
    setAddress(out, buf, message, addressEnd);
    setText(out.userAgent, buf, statusEnd + 1, end);
    if (!isPrintableAscii(buf, start, end)) escapeUnclean(out, this.scratch);
    return 0;
  }
}

export const rubygemsSyslog = textFormat(
  {
    name: 'rubygems-syslog',
    description: 'RubyGems.org download log of 2015, syslog',
    bytesIncludeHeaders: null,
  },
  () => new RubygemsSyslogParser(),
);
