// Prints on stdout: tables for people, JSON for scripts.

import { printableJson } from '../../transform/printable.ts';
import { textTable, type Cell, type TextTableOptions } from '../../dashboards/text-table.ts';

/** One line of JSON. Bigints become strings, because they exceed 2^53 in practice. Hidden characters are escaped, as JSON has it. */
export function printJson(stream: NodeJS.WritableStream, value: unknown): void {
  const text = JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field));
  stream.write(`${printableJson(text)}\n`);
}

export function printTable(
  stream: NodeJS.WritableStream,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  options?: TextTableOptions,
): void {
  stream.write(`${textTable(head, rows, options)}\n`);
}
