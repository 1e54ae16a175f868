// CSV by RFC 4180: a strict reader for small files that people maintain, and a writer whose output is safe in a spreadsheet.
// Nothing is guessed: every error is a fault with its line.

import type { InputFault, TextRecord } from './funding/checked.ts';
import { printable } from './printable.ts';

/** A record, and the line where it begins. */
interface Parsed {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Splits the text into records. A record that cannot be read becomes a fault, and reading continues at the next line. */
function split(text: string): { records: Parsed[]; faults: InputFault[] } {
  const records: Parsed[] = [];
  const faults: InputFault[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  const endsHere = () => at >= text.length || text[at] === '\n' || text.startsWith('\r\n', at);

  while (at < text.length) {
    const record = { line, fields: [] as string[] };
    let message = '';
    for (;;) {
      let field = '';
      if (text[at] === '"') {
        let close = text.indexOf('"', ++at);
        while (close !== -1 && text[close + 1] === '"') {
          field += text.slice(at, close + 1);
          at = close + 2;
          close = text.indexOf('"', at);
        }
        if (close === -1) {
          faults.push({ line: record.line, message: 'a quote is never closed' });
          return { records, faults };
        }
        field += text.slice(at, close);
        line += field.split('\n').length - 1;
        at = close + 1;
        if (!endsHere() && text[at] !== ',') message = 'text follows a closing quote';
      } else {
        const start = at;
        while (!endsHere() && text[at] !== ',') at++;
        field = text.slice(start, at);
        if (field.includes('"')) message = 'a quote stands inside a field that is not quoted';
        if (field.includes('\r')) message = 'a carriage return stands alone: lines end in LF or CRLF';
      }
      record.fields.push(field);
      if (message !== '' || endsHere()) break;
      at++; // the comma
    }
    if (message !== '') faults.push({ line: record.line, message });
    else if (record.fields.length > 1 || record.fields[0] !== '') records.push(record);
    const end = text.indexOf('\n', at);
    at = end === -1 ? text.length : end + 1;
    line++;
  }
  return { records, faults };
}

/**
 * Reads a table with a header of exactly these columns, in any order. Blank lines are skipped. Fields are text as
 * written, blanks included.
 * @param optional those of the columns that the header may leave out; then no record has a value of that name
 */
export function readCsv(
  text: string,
  columns: readonly string[],
  optional: readonly string[] = [],
): { records: TextRecord[]; faults: InputFault[] } {
  const { records, faults } = split(text);
  const header = records.shift();
  if (!header)
    return { records: [], faults: [...faults, { line: 1, message: `the header ${columns.join(',')} is missing` }] };
  const headerFaults = [
    ...columns
      .filter((name) => !header.fields.includes(name) && !optional.includes(name))
      .map((name) => `column ${name} is missing`),
    ...header.fields
      .filter((name) => !columns.includes(name))
      .map((name) => `unknown column ${JSON.stringify(name)}; known are ${columns.join(', ')}`),
    ...header.fields
      .filter((name, index) => header.fields.indexOf(name) < index)
      .map((name) => `column ${name} comes twice`),
  ];
  if (headerFaults.length > 0) {
    faults.push(...headerFaults.map((message) => ({ line: header.line, message })));
    return { records: [], faults };
  }
  const rows: TextRecord[] = [];
  for (const { line, fields } of records) {
    if (fields.length === header.fields.length) {
      rows.push({ line, values: Object.fromEntries(header.fields.map((name, index) => [name, fields[index]])) });
    } else faults.push({ line, message: `${fields.length} fields where the header has ${header.fields.length}` });
  }
  return { records: rows, faults };
}

export interface CsvColumn {
  readonly name: string;
  /** Text that a spreadsheet would run as a formula is neutralised, and hidden characters are escaped; a number is written unchanged. */
  readonly kind: 'text' | 'number';
}
export type CsvValue = string | bigint | number | null;

export interface CsvStyle {
  /** Quotes every text, so that a reader takes an id of digits for text, and null (an empty field) differs from ''. */
  readonly quoteTexts?: boolean;
  /** Default: true. false: texts stay as they are, for readers that are no spreadsheets. */
  readonly apostrophe?: boolean;
}

const inQuotes = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const quoted = (field: string): string => (/[",\r\n]/.test(field) ? inQuotes(field) : field);
/** A leading = + - @ tab or CR would start a formula: an apostrophe before it makes it text. */
const neutralised = (field: string): string => (/^[=+\-@\t\r]/.test(field) ? `'${field}` : field);

/**
 * Header, then one line per row, each ending in CRLF; null is an empty field.
 * @throws RangeError for a row of the wrong width, or for another value in a number column.
 */
export function* csvLines(
  columns: readonly CsvColumn[],
  rows: Iterable<readonly CsvValue[]>,
  { quoteTexts = false, apostrophe = true }: CsvStyle = {},
): Generator<string> {
  const textField = (value: CsvValue): string => {
    if (value === null) return '';
    const text = printable(String(value));
    const safe = apostrophe ? neutralised(text) : text;
    return quoteTexts ? inQuotes(safe) : quoted(safe);
  };
  yield `${columns.map(({ name }) => quoted(neutralised(name))).join(',')}\r\n`;
  for (const row of rows) {
    if (row.length !== columns.length) throw new RangeError(`${row.length} values for ${columns.length} columns`);
    const fields = row.map((value, index) => {
      const { name, kind } = columns[index];
      if (kind === 'text') return textField(value);
      const text = value === null ? '' : String(value);
      if (text !== '' && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) {
        throw new RangeError(`column ${name} takes numbers, not ${JSON.stringify(text)}`);
      }
      return text;
    });
    yield `${fields.join(',')}\r\n`;
  }
}
