// Caddy's access log, encoder json. Error and process messages share the stream, under another logger.

import { jsonFormat } from './json-lines.ts';

export const caddy = jsonFormat({
  name: 'caddy',
  description: 'Caddy access log, JSON lines',
  bytesIncludeHeaders: false,
  fields: {
    occurred_at: 'ts',
    // client_ip respects the trusted proxies; older versions have remote_ip only.
    address: ['request.client_ip', 'request.remote_ip', 'request.remote_addr'],
    method: 'request.method',
    host: 'request.host',
    path: 'request.uri',
    user_agent: 'request.headers.User-Agent',
    range: 'request.headers.Range',
    status: 'status',
    bytes: 'size',
  },
  admit: { key: 'logger', prefix: 'http.log.access' },
  mixed: true,
});
