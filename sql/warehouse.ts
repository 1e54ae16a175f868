// The only way to reach ClickHouse: one client over two engines, a server over HTTP(S) or the embedded engine.

export type QueryParams = Record<string, unknown>;

export interface Warehouse {
  readonly engine: 'embedded' | 'server';
  /** Rows as JSON objects: 64-bit integers are strings, times are 'YYYY-MM-DD hh:mm:ss' in UTC. Buffers its result. */
  query<Row = Record<string, unknown>>(sql: string, params?: QueryParams): Promise<Row[]>;
  /** The result in any ClickHouse text format, as text. */
  text(sql: string, format: string, params?: QueryParams): Promise<string>;
  /** Runs a statement without a result. */
  command(sql: string, params?: QueryParams): Promise<void>;
  /** Inserts JSON rows (small tables). Bigints and dates as strings. */
  insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void>;
  /** Writes a query's result to a new local file, in any format (Parquet, ArrowStream, …), bytes untouched. */
  writeFile(sql: string, path: string, format: string, params?: QueryParams): Promise<void>;
  close(): Promise<void>;
}
