// The project's own edge: nginx with log_format escape=json. $uri is percent-decoded, $bytes_sent counts headers.

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
    path: 'request_path',
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
  // RubyGems' feed has the same keys, and its timestamps name no offset.
  detects: (line) => !looksLikeRubygems(line),
});
