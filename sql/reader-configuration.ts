// The engine's configuration for a process that only reads: the engine itself then refuses everything else, however a statement is
// written. Rights, settings and their bounds, and the engine's own tables are each an allow-list.

/** What this engine has. */
export interface EngineNames {
  readonly settings: readonly string[];
  readonly systemTables: readonly string[];
}

export interface ReaderRights {
  /** Databases whose tables and views may be read. */
  readonly databases: readonly string[];
  /** undefined: none. */
  readonly limits: ReaderLimits | undefined;
}

/** For each statement. */
export interface ReaderLimits {
  readonly seconds: number;
  readonly memory_bytes: number;
  /** Of all statements together. */
  readonly total_memory_bytes: number;
  readonly read_rows: number;
  readonly result_rows: number;
  readonly result_bytes: number;
  readonly threads: number;
  /** Of the statement's text. */
  readonly query_bytes: number;
}

/** Set for every session. 64-bit integers are quoted, because bytes exceed 2^53 in practice. */
export const SESSION_SETTINGS = {
  output_format_json_quote_64bit_integers: 1,
  // The engine's default, set against any server profile, so that views give the same on every client.
  join_use_nulls: 0,
  date_time_input_format: 'best_effort',
  input_format_null_as_default: 0,
  // The engine of 26.x batches small inserts by itself and answers before they are stored.
  async_insert: 0,
  // A repeated insert must store its rows again: their key collapses them. A deduplication token would drop them silently.
  deduplicate_insert: 'disable',
} as const;

/** Settings that change how a result is computed or written. They reach nothing outside the warehouse. */
const READER_SETTINGS = new RegExp(
  `^(?:${[
    'output_format_(?!schema$)\\w+', // output_format_schema names a file to write
    'input_format_\\w+',
    'format_(?:csv|tsv|custom|json)_\\w+', // format_schema* and format_template_* name files to read
    'date_time_(?:input|output)_format',
    'session_timezone',
    'max_(?:block_size|estimated_execution_time|execution_speed)',
    'max_(?:rows|bytes)_(?:to_group_by|to_sort|in_set|in_join|in_distinct|before_external_group_by|before_external_sort)',
    'max_bytes_to_read',
    'max_(?:columns_to_read|subquery_depth|ast_depth|ast_elements|expanded_ast_elements)',
    'timeout_before_checking_execution_speed',
    '(?:group_by|sort|set|join|distinct)_overflow_mode',
    '(?:join|group_by)_use_nulls',
    'join_(?:algorithm|default_strictness)',
    'aggregate_functions_null_for_empty',
    '(?:union|except|intersect)_default_mode',
    'prefer_column_name_to_alias',
    'extremes|totals_mode|limit|offset|final|priority',
    'optimize_\\w+',
    'cast_\\w+|decimal_check_overflow|transform_null_in|short_circuit_function_evaluation',
    'interactive_delay|connect_timeout|receive_timeout|send_timeout',
    // Finds the session's query, so that it can be ended.
    'log_comment',
  ].join('|')})$`,
);

/** A reader may lower these, but neither raise them nor set them to 0, which lifts them. */
const BOUNDED = ['max_execution_time', 'max_memory_usage', 'max_rows_to_read', 'max_result_rows', 'max_result_bytes', 'max_threads', 'max_query_size'] as const; // prettier-ignore
const boundsOf = (limits: ReaderLimits): ReadonlyMap<string, number> =>
  new Map<(typeof BOUNDED)[number], number>([
    ['max_execution_time', limits.seconds],
    ['max_memory_usage', limits.memory_bytes],
    ['max_rows_to_read', limits.read_rows],
    ['max_result_rows', limits.result_rows],
    ['max_result_bytes', limits.result_bytes],
    ['max_threads', limits.threads],
    ['max_query_size', limits.query_bytes],
  ]);
const bounded: ReadonlySet<string> = new Set(BOUNDED);

export const readerMaySet = (name: string): boolean => READER_SETTINGS.test(name);

/** Tables of `system` that clients ask about the rows that they may see. All others show a reader no row. */
const READER_SYSTEM_TABLES = new Set(
  `aggregate_function_combinators collations columns data_type_families databases formats functions keywords numbers
   numbers_mt one settings table_functions tables time_zones zeros zeros_mt`.split(/\s+/),
);

const escapeXml = (text: string): string => text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * Two files.
 * @param usersFile absolute path of the second, which the first names
 * @param controlMark a session with this `log_comment` sees what runs
 */
export function readerConfiguration(
  usersFile: string,
  controlMark: string,
  names: EngineNames,
  { databases, limits }: ReaderRights,
): { readonly main: string; readonly users: string } {
  const bounds = limits === undefined ? new Map<string, number>() : boundsOf(limits);
  // A client over HTTP expects JSON as ClickHouse writes it.
  const { output_format_json_quote_64bit_integers: _quoted, ...shared } = SESSION_SETTINGS;
  const defaults = Object.entries(shared).map(([name, value]) => `<${name}>${value}</${name}>`);
  const set = [...bounds].map(([name, value]) => `<${name}>${value}</${name}>`);
  if (limits !== undefined)
    set.push(`<max_memory_usage_for_user>${limits.total_memory_bytes}</max_memory_usage_for_user>`);
  const constraints = names.settings
    .filter((name) => !readerMaySet(name))
    .flatMap((name) => {
      const most = bounds.get(name);
      if (most !== undefined) return [`<${name}><min>1</min><max>${most}</max></${name}>`];
      return limits === undefined && bounded.has(name) ? [] : [`<${name}><const/></${name}>`];
    });
  const hidden = names.systemTables
    .filter((name) => !['processes', 'parts'].includes(name) && !READER_SYSTEM_TABLES.has(name))
    .map((name) => `<${name}><filter>0</filter></${name}>`);
  const settable = names.settings.filter((name) => readerMaySet(name) || bounded.has(name)).map((name) => `'${name}'`);
  const user = '<networks><ip>::/0</ip></networks><quota>default</quota><no_password/>';
  const rights = databases.map((name) => `GRANT SELECT, SHOW ON ${name}.*`);
  // The control session asks which parts the engine knows of the warehouse's own tables; readers see no row about them.
  if (!databases.includes('default')) rights.push('GRANT SHOW DATABASES, SHOW TABLES ON default.*');
  const grants = rights.map((right) => `<query>${escapeXml(right)}</query>`);
  const isControl = `getSetting('log_comment') = '${controlMark}'`;
  const shown = databases.map((name) => `'${name}'`).join(', ');
  const filters = [
    ...['processes', 'parts'].map((name) => [name, isControl]),
    ...['tables', 'columns'].map((name) => [name, `database IN (${shown}) OR ${isControl}`]),
    ['databases', `name IN (${shown}) OR ${isControl}`],
    ['settings', `name IN (${settable.join(', ')})`],
  ].map(([name, filter]) => `<${name}><filter>${escapeXml(filter)}</filter></${name}>`);
  return {
    main: `<clickhouse><display_name>fairshare</display_name><users_config>${escapeXml(usersFile)}</users_config></clickhouse>`,
    // The analysts' views run with the rights of `owner`, as which nobody can log in: the engine's one session is `default`.
    users: `<clickhouse>
<profiles>
<default/>
<reader>
${[...defaults, ...set].join('\n')}
<readonly>2</readonly>
<timeout_overflow_mode>throw</timeout_overflow_mode>
<constraints>
${constraints.join('\n')}
</constraints>
</reader>
</profiles>
<quotas><default/></quotas>
<users>
<owner>${user}<profile>default</profile><grants><query>GRANT SELECT ON default.*</query></grants></owner>
<default>${user}<profile>reader</profile><grants>${grants.join('')}</grants>
<databases><system>
${hidden.join('\n')}
${filters.join('\n')}
</system></databases>
</default>
</users>
</clickhouse>`,
  };
}
