// crates.io's Fastly feed: a syslog header, nested keys, a whole URL, nanoseconds; `bytes` may be null and the form of
// 2024 has no user agent.

import { jsonFormat } from './json-lines.ts';

export const fastlyCrates = jsonFormat({
  name: 'fastly-crates',
  description: 'Fastly as crates.io logs it: syslog header, then JSON',
  bytesIncludeHeaders: null,
  fields: {
    occurred_at: 'date_time',
    address: 'ip',
    method: 'method',
    host: 'host',
    path: 'url',
    user_agent: 'http.useragent',
    status: 'status',
    bytes: 'bytes',
    asn: 'client.as.number',
  },
  syslog: true,
  version: { key: 'version', known: ['1'] },
});
