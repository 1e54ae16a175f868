// Akamai DataStream 2, JSON. Every value is a string; user agents are URL-encoded, in some streams with '+' for a blank.

import { indexOfByte, percentDecode, utf8, type Scratch } from '../scan/bytes.ts';
import type { LineFields } from '../scan/line-fields.ts';
import { jsonFormat } from './json-lines.ts';

const ENCODED_BLANK = utf8('%20');

export const akamaiDatastream = jsonFormat({
  name: 'akamai-datastream',
  description: 'Akamai DataStream 2, JSON lines',
  // totalBytes counts the overhead; if only `bytes` is logged, it is the body.
  bytesIncludeHeaders: true,
  fields: {
    occurred_at: 'reqTimeSec',
    address: 'cliIP',
    method: 'reqMethod',
    host: 'reqHost',
    path: 'reqPath',
    query: 'queryStr',
    user_agent: 'UA',
    status: 'statusCode',
    bytes: ['totalBytes', 'bytes'],
    country: 'country',
    asn: 'asn',
    request_id: 'reqId',
    range: 'range',
  },
  path: 'relative',
  version: { key: 'version', known: ['1', '2'] },
  decode: decodeUserAgent,
});

/** '+' is a blank if no blank is written '%20': 'Mozilla%2F5.0+%28Macintosh%29', but 'GPTBot/1.2;%20+https://…'. */
function decodeUserAgent(out: LineFields, scratch: Scratch): void {
  const agent = out.userAgent;
  if (
    indexOfByte(agent.buf, 0x2b, agent.start, agent.end) < agent.end &&
    !contains(agent.buf, agent.start, agent.end)
  ) {
    const from = (scratch.reserve(agent.length), scratch.used);
    for (let i = agent.start; i < agent.end; i++) scratch.push(agent.buf[i] === 0x2b ? 0x20 : agent.buf[i]);
    agent.set(scratch.buf, from, scratch.used);
  }
  percentDecode(agent, scratch, 1);
}

function contains(buf: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i + 3 <= end; i++) {
    if (buf[i] === ENCODED_BLANK[0] && buf[i + 1] === ENCODED_BLANK[1] && buf[i + 2] === ENCODED_BLANK[2]) return true;
    if (buf[i] === 0x20) return true;
  }
  return false;
}
