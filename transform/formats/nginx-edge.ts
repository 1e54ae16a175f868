// The project's own edge: nginx with log_format escape=json. $bytes_sent counts headers. The path is `request_uri`, the $request_uri
// that the client sent; or, in logs of earlier configurations, `request_path`: $uri, which nginx has percent-decoded, and rewritten
// where try_files or rewrite took part. The key tells which, so that each is decoded once.

import { looksLikeRubygems } from './fastly-rubygems.ts';
import { jsonFormat } from './json-lines.ts';

export const nginxEdge = jsonFormat({
  name: 'nginx-edge',
  description: 'nginx edge of this project, JSON lines',
  bytesIncludeHeaders: true,
  fields: {
    occurred_at: 'timestamp',
    address: 'client_ip',
    method: 'request',
    host: 'request_host',
    path: ['request_uri', 'request_path'],
    query: 'request_query',
    user_agent: 'user_agent',
    status: 'response_status',
    bytes: 'response_bytes',
    country: 'client_country',
    asn: 'client.as.number',
    request_id: 'request_id',
    range: 'request_range',
    token: 'request_token',
    signed_by: 'request_signed_by',
    edge: 'edge_host',
  },
  path: 'decoded',
  encodedPath: 'request_uri',
  // RubyGems' feed has the same keys, and its timestamps name no offset.
  detects: (line) => !looksLikeRubygems(line),
});
