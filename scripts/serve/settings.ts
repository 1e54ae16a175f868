// URL parameters of ClickHouse's HTTP interface: those of the interface itself, and those that concern writers only.

import { readerMaySet } from '../../sql/reader-configuration.ts';

/** For the interface, not the engine. Other code refuses those that ask for a feature that the door does not have. */
const INTERFACE_PARAMETERS = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'user',
  'password',
  'quota_key',
  'stacktrace',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'client_protocol_version',
  'enable_http_compression',
  'http_zlib_compression_level',
  'http_wait_end_of_query',
  'http_response_buffer_size',
  'http_headers_progress_interval_ms',
  'http_write_exception_in_output_format',
  'http_native_compression_disable_checksumming_on_decompress',
  'send_progress_in_http_headers',
  'add_http_cors_header',
  'cancel_http_readonly_queries_on_client_close',
  'replace_running_query',
  'log_queries',
  // The door finds its queries by it, so that it can end them.
  'log_comment',
]);

/** They have no effect for a reader, but clients send them with every request. */
const WRITER_SETTINGS = /insert|dedup/;

export const isInterfaceParameter = (name: string): boolean =>
  INTERFACE_PARAMETERS.has(name) || name.startsWith('param_');

export const concernsWriters = (name: string): boolean => WRITER_SETTINGS.test(name) && !readerMaySet(name);

/** Reads a URL parameter as ClickHouse does: '1', 'true' … are true; absent is false. */
export const isOn = (value: string | undefined | null): boolean => value != null && !['', '0', 'false'].includes(value);
