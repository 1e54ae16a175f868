// Amazon CloudFront standard logs: tab-separated, in the order of #Fields; and version 2's JSON with the same names.
// sc-bytes counts headers. CloudFront percent-encodes its values: user agents are decoded in full, paths lose only
// CloudFront's own layer, so that a '+' which the client wrote '%2B' (logged '%252B') is '%2B' as in every other format.

import { hexValue, percentDecode, type Scratch } from '../scan/bytes.ts';
import type { LineFields, Slice } from '../scan/line-fields.ts';
import { textFormat } from './detect.ts';
import { jsonFormat } from './json-lines.ts';
import { W3cParser, type W3cDialect } from './w3c.ts';

const dialect: W3cDialect = {
  separator: 0x09,
  columns:
    'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end'.split(
      ' ',
    ),
  decode,
};

export const cloudfront = textFormat(
  {
    name: 'cloudfront',
    description: 'Amazon CloudFront standard log (W3C, tab-separated)',
    bytesIncludeHeaders: true,
  },
  () => new W3cParser(dialect),
);

/** A field's name in JSON, and in Parquet: 'cs(User-Agent)' is 'cs_user_agent'. */
const either = (name: string): string[] => [name, name.toLowerCase().replace(/[-(]/g, '_').replace(')', '')];

export const cloudfrontJson = jsonFormat({
  name: 'cloudfront-json',
  description: 'Amazon CloudFront standard log version 2, JSON lines; Parquet through the engine (docs/FORMATS.md)',
  bytesIncludeHeaders: true,
  fields: {
    date: 'date',
    occurred_at: ['time', 'timestamp(ms)', 'timestamp'],
    address: either('c-ip'),
    method: either('cs-method'),
    host: [...either('x-host-header'), ...either('cs(Host)')],
    path: either('cs-uri-stem'),
    query: either('cs-uri-query'),
    user_agent: either('cs(User-Agent)'),
    status: either('sc-status'),
    bytes: either('sc-bytes'),
    country: either('c-country'),
    asn: 'asn',
    request_id: either('x-edge-request-id'),
    range: either('sc-range-start'),
    edge: either('x-edge-location'),
  },
  decode,
});

function decode(out: LineFields, scratch: Scratch): void {
  percentDecode(out.userAgent, scratch, 2);
  removeExtraEncoding(out.path, scratch);
  removeExtraEncoding(out.query, scratch);
}

/** '%25XX' → '%XX', if XX are hexadecimal digits. */
function removeExtraEncoding(slice: Slice, scratch: Scratch): void {
  const { buf, start, end } = slice;
  let i = start;
  while (i < end && !isEncodedTwice(buf, i, end)) i++;
  if (i === end) return;
  scratch.reserve(end - start);
  const from = scratch.used;
  for (i = start; i < end; i++) {
    scratch.push(buf[i]);
    if (isEncodedTwice(buf, i, end)) i += 2;
  }
  slice.set(scratch.buf, from, scratch.used);
}

function isEncodedTwice(buf: Uint8Array, i: number, end: number): boolean {
  return (
    buf[i] === 0x25 &&
    end - i >= 5 &&
    buf[i + 1] === 0x32 &&
    buf[i + 2] === 0x35 &&
    (hexValue[buf[i + 3]] | hexValue[buf[i + 4]]) >= 0
  );
}
