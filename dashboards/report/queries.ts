// The queries behind every figure. They are run with parameters, and kept as a text that anyone can run to get the same figure.

import { sqlFile } from '../../sql/sql-file.ts';
import { type QueryParams, type Warehouse } from '../../sql/warehouse.ts';
import { quoteString } from '../../sql/quote.ts';
import { printableLines } from '../../transform/printable.ts';

/** An executed query. Figures refer to it by its id. */
export interface FigureQuery {
  /** 'Q1', 'Q2', … in the order in which a document names them. */
  readonly id: string;
  readonly title: string;
  /** File of the query: sql/queries/<file>. */
  readonly file: string;
  readonly parameters: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** The query with its parameters written in, ready for `fairshare query`. */
  readonly sql: string;
}

function written(value: unknown, type: string): string {
  if (type === 'Identifier') return `\`${String(value).replaceAll('`', '')}\``;
  if (Array.isArray(value)) return `[${value.map((item) => quoteString(String(item))).join(', ')}]`;
  if (/^(U?Int|Bool)/.test(type)) return String(value);
  return type.startsWith('DateTime64') ? `${quoteString(String(value))}::${type}` : quoteString(String(value));
}

/** Writes the parameters {name:Type} into a query. @throws RangeError for a parameter without a value */
export const bindParameters = (sql: string, parameters: QueryParams): string =>
  sql.replace(/\{(\w+):((?:[^{}']|'[^']*')+)\}/g, (_whole, name: string, type: string) => {
    if (!(name in parameters)) throw new RangeError(`the query's parameter ${name} has no value`);
    return written(parameters[name], type);
  });

/** The given parameters that the query names. */
const named = (sql: string, parameters: QueryParams): FigureQuery['parameters'] =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => sql.includes(`{${name}:`))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ) as FigureQuery['parameters'];

/** A query as documents show it. @throws RangeError for a parameter without a value */
export function figureQuery(file: string, title: string, parameters: QueryParams): Omit<FigureQuery, 'id'> {
  const sql = sqlFile(`queries/${file}`).trimEnd();
  return {
    title,
    file: `sql/queries/${file}`,
    parameters: named(sql, parameters),
    sql: bindParameters(sql, parameters),
  };
}

/** The queries of a document as a file, each with its number and title. @param heading what the document is */
export const queriesText = (heading: string, queries: Readonly<Record<string, FigureQuery>>): string =>
  printableLines(
    [
      `-- ${heading.replaceAll(/\s+/g, ' ')}`,
      '-- The queries behind the figures, by their numbers there. Run one with: fairshare query',
      ...Object.values(queries).map(({ id, title, file, sql }) => `\n-- ${id}: ${title} (${file})\n${sql};`),
      '',
    ].join('\n'),
  );

export const runReportQuery = <Row>(warehouse: Warehouse, file: string, parameters: QueryParams): Promise<Row[]> => {
  const sql = sqlFile(`queries/${file}`);
  return warehouse.query<Row>(sql, { ...named(sql, parameters) });
};
