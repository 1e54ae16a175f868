// Tables as text, for a terminal or a file: the one way to draw them. No colours, so that they read the same in both.

import Table from 'cli-table3';
import { formatCount } from '../transform/numbers.ts';
import { plain } from './report/names.ts';

export type Cell = string | number | bigint | boolean | null | undefined;

export interface TextTableOptions {
  /** Columns whose cells are aligned right, by index; columns of numbers and bigints are anyway. */
  readonly right?: readonly number[];
}

/** Numbers are grouped by thousands; an absent value is '–'; nothing in a name reaches the terminal as a control character. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { right = [] }: TextTableOptions = {},
): string {
  const isRight = (column: number) =>
    right.includes(column) || rows.some((row) => typeof row[column] === 'number' || typeof row[column] === 'bigint');
  const table = new Table({
    head: [...head],
    colAligns: head.map((_title, column) => (isRight(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map(cellText));
  return table.toString();
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '–';
  return typeof cell === 'number' || typeof cell === 'bigint' ? formatCount(cell) : plain(String(cell));
}
