// SQL lives in .sql files beside this one; this file reads them. A query takes values as ClickHouse's own parameters, {name:Type}
// and {table:Identifier}. It has a {{placeholder}} where the engine takes no parameter.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

/**
 * All values that a {{placeholder}} of queries/ can have. {{input}} is not among them, because Warehouse.insertArrow fills it in.
 */
export const placeholders = {
  /** FINAL reads a third slower, so a query uses it only if a repeated load stored rows again. */
  final: ['', 'FINAL'],
  /** The number, from 1, of the given batch that a row of an Arrow stream belongs to. */
  batch: ['1', 'batch + 1'],
  /** REPLACE PARTITION … FROM takes no {table:Identifier}. */
  staging: [
    'usage_daily_staging',
    'usage_hourly_staging',
    'network_daily_staging',
    'request_rate_staging',
    'client_daily_staging',
    'status_daily_staging',
    'package_daily_staging',
  ],
} as const;

export type PlaceholderValues = {
  readonly [Name in keyof typeof placeholders]?: (typeof placeholders)[Name][number];
};

const texts = new Map<string, string>();

function textOf(path: string): string {
  let text = texts.get(path);
  if (text === undefined) {
    text = readFileSync(`${root}${path}`, 'utf8');
    texts.set(path, text);
  }
  return text;
}

/** The text of sql/<path>, with values in place of its placeholders. */
export function sqlFile(path: string, values: PlaceholderValues = {}): string {
  let text = textOf(path);
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{{${name}}}`, value);
  return text;
}

/** Names of the .sql files in a folder of sql/, sorted. */
export const sqlFiles = (folder: string): string[] =>
  readdirSync(`${root}${folder}`)
    .filter((name) => name.endsWith('.sql'))
    .sort();

/** Statements of a file; each ends with ';' at a line's end. Comment lines before a statement stay with it. */
export const statements = (text: string): string[] =>
  text
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^--.*$/gm, '').trim() !== '');
