// Cloudflare Logpush, dataset http_requests. EdgeStartTimestamp is RFC 3339, seconds or nanoseconds, as configured in the job.
// Only requests of visitors count: ClientRequestSource marks Workers' sub-requests, image resizing and similar requests.

import { jsonFormat } from './json-lines.ts';

export const cloudflareLogpush = jsonFormat({
  name: 'cloudflare-logpush',
  description: 'Cloudflare Logpush http_requests, JSON lines',
  bytesIncludeHeaders: true,
  fields: {
    occurred_at: ['EdgeStartTimestamp', 'EdgeEndTimestamp'],
    address: 'ClientIP',
    method: 'ClientRequestMethod',
    host: 'ClientRequestHost',
    // The URI has the query, the path has not.
    path: ['ClientRequestURI', 'ClientRequestPath'],
    user_agent: 'ClientRequestUserAgent',
    status: 'EdgeResponseStatus',
    bytes: 'EdgeResponseBytes',
    country: 'ClientCountry',
    asn: 'ClientASN',
    request_id: 'RayID',
    edge: 'EdgeColoCode',
  },
  admit: { key: 'ClientRequestSource', prefix: 'eyeball' },
});
