// URL parameters of ClickHouse's HTTP interface: those of the interface itself, and the settings that a reader may change.

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

/** Settings that change how a result is computed or written. They reach nothing outside the warehouse. */
const READER_SETTINGS = new RegExp(
  `^(?:${[
    'output_format_(?!schema$)\\w+', // output_format_schema names a file to write
    'input_format_\\w+',
    'format_(?:csv|tsv|custom|json)_\\w+', // format_schema* and format_template_* name files to read
    'date_time_(?:input|output)_format',
    'session_timezone',
    'max_(?:threads|block_size|execution_time|estimated_execution_time|execution_speed|memory_usage|query_size)',
    'max_(?:rows|bytes)_(?:to_read|to_group_by|to_sort|in_set|in_join|in_distinct|before_external_group_by|before_external_sort)',
    'max_result_(?:rows|bytes)',
    'max_(?:columns_to_read|subquery_depth|ast_depth|ast_elements|expanded_ast_elements)',
    'timeout_before_checking_execution_speed',
    '(?:timeout|read|result|group_by|sort|set|join|distinct)_overflow_mode',
    '(?:join|group_by)_use_nulls',
    'join_(?:algorithm|default_strictness)',
    'aggregate_functions_null_for_empty',
    '(?:union|except|intersect)_default_mode',
    'prefer_column_name_to_alias',
    'extremes|totals_mode|limit|offset|final|priority',
    'optimize_\\w+',
    'use_(?:uncompressed_cache|query_cache)',
    'allow_experimental_\\w+|enable_analyzer',
    'cast_\\w+|decimal_check_overflow|transform_null_in|short_circuit_function_evaluation',
    'interactive_delay|connect_timeout|receive_timeout|send_timeout',
  ].join('|')})$`,
);

/** They have no effect for a reader, but clients send them with every request. */
const WRITER_SETTINGS = /insert|dedup/;

export const isInterfaceParameter = (name: string): boolean =>
  INTERFACE_PARAMETERS.has(name) || name.startsWith('param_');

export const concernsWriters = (name: string): boolean => WRITER_SETTINGS.test(name) && !readerMaySet(name);

export const readerMaySet = (name: string): boolean => READER_SETTINGS.test(name);

/** Reads a URL parameter as ClickHouse does: '1', 'true' … are true; absent is false. */
export const isOn = (value: string | undefined | null): boolean => value != null && !['', '0', 'false'].includes(value);
