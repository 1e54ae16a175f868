// Tables as text, for a terminal or a file. All text tables are drawn here, without colours, so that both show the same.

import Table from 'cli-table3';
import { formatCount } from '../transform/numbers.ts';
import { printable } from '../transform/printable.ts';

export type Cell = string | number | bigint | boolean | null | undefined;

export interface TextTableOptions {
  /** Columns that are aligned right, by index. Columns of numbers and bigints always are. */
  readonly right?: readonly number[];
}

/** Groups numbers by thousands, shows an absent value as '–', and replaces control characters, so that no name acts on a terminal. */
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
  return typeof cell === 'number' || typeof cell === 'bigint' ? formatCount(cell) : printable(String(cell));
}
