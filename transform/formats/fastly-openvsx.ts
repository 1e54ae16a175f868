// Open VSX' Fastly feed: a syslog header, then JSON with a blank after each colon. A shield logs the same request again
// with fastly_is_edge false. Only the edge's line counts, so that shielded requests do not count twice.

import { jsonFormat } from './json-lines.ts';

export const fastlyOpenvsx = jsonFormat({
  name: 'fastly-openvsx',
  description: 'Fastly as Open VSX logs it: syslog header, then JSON',
  bytesIncludeHeaders: false,
  fields: {
    occurred_at: 'timestamp',
    address: 'client_ip',
    method: 'request_method',
    host: 'host',
    path: 'url',
    user_agent: 'request_user_agent',
    status: 'response_status',
    bytes: 'response_body_size',
    country: 'geo_country',
    range: 'request_range',
  },
  admit: { key: 'fastly_is_edge', prefix: 'true' },
  syslog: true,
});
