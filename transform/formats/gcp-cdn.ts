// Google Cloud CDN and load balancer: Cloud Logging entries with httpRequest. 64-bit numbers are strings in them.

import { jsonFormat } from './json-lines.ts';

export const gcpCdn = jsonFormat({
  name: 'gcp-cdn',
  description: 'Google Cloud CDN and load balancing log entries, JSON lines',
  bytesIncludeHeaders: true,
  fields: {
    occurred_at: 'timestamp',
    address: 'httpRequest.remoteIp',
    method: 'httpRequest.requestMethod',
    path: 'httpRequest.requestUrl',
    user_agent: 'httpRequest.userAgent',
    status: 'httpRequest.status',
    bytes: 'httpRequest.responseSize',
    request_id: 'insertId',
  },
  mixed: true,
  // A zero is left out of these entries, and the status of a client that went away is 0.
  statusMayBeMissing: true,
});
