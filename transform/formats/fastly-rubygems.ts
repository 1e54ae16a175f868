// RubyGems' Fastly feed: flat keys, a status in quotes, timestamps like '2018-04-16 04:59:59' without an offset.

import { jsonFormat } from './json-lines.ts';

export const fastlyRubygems = jsonFormat({
  name: 'fastly-rubygems',
  description: 'Fastly as RubyGems.org logs it, JSON lines',
  bytesIncludeHeaders: null,
  fields: {
    occurred_at: 'timestamp',
    address: 'client_ip',
    method: 'request',
    host: 'request_host',
    path: 'request_path',
    query: 'request_query',
    user_agent: 'user_agent',
    status: 'response_status',
    bytes: 'response_bytes',
    country: 'client_country',
    asn: 'client.as.number',
    range: 'request_range',
  },
  detects: looksLikeRubygems,
});

/** Tells RubyGems' feed from the project's own edge log, which has the same keys. */
export function looksLikeRubygems(line: string): boolean {
  return /"timestamp"\s*:\s*"[\d-]+ /.test(line) || line.includes('"response_text"');
}
