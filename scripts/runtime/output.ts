// What commands print on stdout: tables for people, JSON for scripts.

import Table from 'cli-table3';

export type Cell = string | number | bigint | boolean | null | undefined;

/** One line of JSON. Bigints become strings: they pass 2^53 in practice. */
export function printJson(stream: NodeJS.WritableStream, value: unknown): void {
  const text = JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field));
  stream.write(`${text}\n`);
}

export interface TableOptions {
  /** Columns whose cells stand to the right, by index; numbers and bigints stand there anyway. */
  readonly right?: readonly number[];
}

/** A table without colours, so that it reads the same in a file. Absent values print as '–'. */
export function printTable(
  stream: NodeJS.WritableStream,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { right = [] }: TableOptions = {},
): void {
  const isRight = (column: number) =>
    right.includes(column) || rows.some((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint');
  const table = new Table({
    head: [...head],
    colAligns: head.map((_title, column) => (isRight(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map(formatCell));
  stream.write(`${table.toString()}\n`);
}

function formatCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '–';
  return typeof cell === 'number' || typeof cell === 'bigint' ? formatCount(cell) : String(cell);
}

/** 1234567 → '1,234,567'; fractions as they are. */
export function formatCount(value: number | bigint): string {
  const [whole, fraction] = value.toString().split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** 1234567 → '1.2 MB'; powers of 1,000. */
export function formatBytes(bytes: number | bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}
