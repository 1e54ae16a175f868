// Reads only the parts of a ClickHouse statement that decide how to run it: its kind, its format, and where the rows of an INSERT
// begin. The engine reads the rest. Pure.

import { quoteString } from '../../sql/quote.ts';

export interface Token {
  /** `quoted`: a quoted identifier; `symbol`: one other character. */
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  /** As written; `quoted` without its quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[A-Za-z_][\w$]*/y;
const NUMBER = /\d[\w.]*(?:(?<=[eEpP])[+-]\d+)?/y;
const BLANK = /\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const HEREDOC = /\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/y;
/** Opening quote → closing quote, kind. The engine reads typographic quotes as quotes, too. */
const QUOTES: Readonly<Record<string, readonly [string, Token['kind']]>> = {
  "'": ["'", 'string'],
  '"': ['"', 'quoted'],
  '`': ['`', 'quoted'],
  '‘': ['’', 'string'],
  '“': ['”', 'quoted'],
};

/** The tokens of a statement, without blanks and comments. Lazy, so that the rows after an INSERT are never read. */
export function* tokens(sql: string): Generator<Token, void, void> {
  const match = (pattern: RegExp, at: number): number => {
    pattern.lastIndex = at;
    return pattern.test(sql) ? pattern.lastIndex : -1;
  };
  for (let at = 0; at < sql.length;) {
    let end = match(BLANK, at);
    if (end > at) {
      at = end;
      continue;
    }
    const quote = QUOTES[sql[at]];
    let kind: Token['kind'] = 'symbol';
    let text: string | undefined;
    if (quote !== undefined) {
      end = closingQuote(sql, at + 1, quote[0]);
      kind = quote[1];
      if (kind === 'quoted') text = sql.slice(at + 1, end - 1);
    } else if ((end = match(WORD, at)) > 0) kind = 'word';
    else if ((end = match(NUMBER, at)) > 0) kind = 'number';
    else if ((end = match(HEREDOC, at)) > 0) kind = 'string';
    else end = at + 1;
    yield { kind, text: text ?? sql.slice(at, end), start: at, end };
    at = end;
  }
}

function closingQuote(sql: string, from: number, quote: string): number {
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length + 1;
}

const is = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === word;
const isSymbol = (token: Token | undefined, text: string): boolean => token?.kind === 'symbol' && token.text === text;

const OUTPUT_WORDS = new Set(['SELECT', 'WITH', 'FROM', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'CHECK']);
/** First words of statements whose result the engine can return piece by piece. */
const SELECT_WORDS = new Set(['SELECT', 'WITH', 'FROM']);

export interface OutputStatement {
  readonly kind: 'output';
  /** Whether it is a SELECT, not SHOW, DESCRIBE, … */
  readonly isSelect: boolean;
  /** The statement up to its FORMAT clause, its last SETTINGS clause and the final ';'. */
  readonly body: string;
  readonly format: string | undefined;
  /** The last SETTINGS clause: name → value as SQL. Clauses of sub-queries are not touched. */
  readonly settings: ReadonlyMap<string, string>;
}

/** An INSERT with its rows after the statement. */
export interface InsertStatement {
  readonly kind: 'insert';
  readonly format: string;
  /** Position of the first row, in characters of the text. */
  readonly dataStart: number;
  /** The statement, changed to read its rows from a file. */
  readonly fromFile: (path: string) => string;
}

export interface OtherStatement {
  readonly kind: 'other';
  /** First word, upper-case; '' for an empty text. */
  readonly verb: string;
  /** Without a final ';'. */
  readonly body: string;
}

export type Statement = OutputStatement | InsertStatement | OtherStatement;

export class StatementError extends Error {}

/**
 * @param isFormat whether a name is an input format of the engine
 * @throws StatementError on several statements, and on INTO OUTFILE and FROM INFILE, because they use files of the engine's machine
 */
export function readStatement(sql: string, isFormat: (name: string) => boolean): Statement {
  const stream = tokens(sql);
  const first = stream.next().value ?? undefined;
  let lead = first;
  while (isSymbol(lead, '(')) lead = stream.next().value ?? undefined;
  const verb = lead?.kind === 'word' ? lead.text.toUpperCase() : '';
  if (verb === 'INSERT') {
    const insert = readInsert(sql, isFormat);
    if (insert !== undefined) return insert;
  }
  const all = [...tokens(sql)];
  while (isSymbol(all.at(-1), ';')) all.pop();
  if (all.some((token) => isSymbol(token, ';')))
    throw new StatementError('Multi-statements are not allowed: send one statement at a time');
  for (let i = 0; i < all.length - 1; i++)
    if ((is(all[i], 'INTO') && is(all[i + 1], 'OUTFILE')) || (is(all[i], 'FROM') && is(all[i + 1], 'INFILE')))
      throw new StatementError('INTO OUTFILE and FROM INFILE are not allowed');
  const body = sql.slice(0, all.at(-1)?.end ?? 0);
  return OUTPUT_WORDS.has(verb) ? readOutput(body, all, verb) : { kind: 'other', verb, body };
}

/** [FORMAT name] [SETTINGS name = value, …] at the end, in either order. */
function readOutput(body: string, all: readonly Token[], verb: string): OutputStatement {
  const settings = new Map<string, string>();
  let format: string | undefined;
  let end = all.length;
  for (let clause = 0; clause < 2; clause++) {
    const name = all[end - 1];
    if (format === undefined && end > 2 && name?.kind === 'word' && is(all[end - 2], 'FORMAT')) {
      format = name.text;
      end -= 2;
      continue;
    }
    const start = settings.size === 0 ? settingsClause(all, end) : -1;
    if (start < 0) break;
    for (let at = start + 1; at < end; at += 4) settings.set(all[at].text, all[at + 2].text);
    end = start;
  }
  return {
    kind: 'output',
    isSelect: SELECT_WORDS.has(verb),
    body: body.slice(0, all[end - 1]?.end ?? 0),
    format,
    settings,
  };
}

/** Index of SETTINGS if `SETTINGS name = value, …` with plain values ends at `end`; −1 otherwise. */
function settingsClause(all: readonly Token[], end: number): number {
  for (let at = end; ; at -= 4) {
    const [name, equals, value] = all.slice(Math.max(0, at - 3), at);
    const plain = value?.kind === 'word' || value?.kind === 'number' || value?.kind === 'string';
    if (name?.kind !== 'word' || !isSymbol(equals, '=') || !plain) return -1;
    const before = all[at - 4];
    if (is(before, 'SETTINGS')) return at - 4;
    if (!isSymbol(before, ',')) return -1;
  }
}

function readInsert(sql: string, isFormat: (name: string) => boolean): InsertStatement | undefined {
  let depth = 0;
  let settingsAt: number | undefined;
  let selects = false;
  let input: { readonly start: number; end: number; structure: string } | undefined;
  const recent: Token[] = [];
  for (const token of tokens(sql)) {
    const [before, opening] = [recent.at(-1), recent.at(-2)];
    if (is(opening, 'INPUT') && isSymbol(before, '(') && token.kind === 'string')
      input = { start: opening!.start, end: token.end, structure: token.text };
    else if (input !== undefined && input.end === before!.end && isSymbol(token, ')')) input.end = token.end;
    if (isSymbol(token, '(')) depth++;
    else if (isSymbol(token, ')')) depth--;
    else if (depth === 0) {
      if (is(token, 'INFILE')) throw new StatementError('FROM INFILE is not allowed');
      if (is(token, 'SELECT') || is(token, 'WITH') || is(token, 'FROM')) selects = true;
      if (is(token, 'SETTINGS')) settingsAt ??= token.start;
      const named = is(before, 'FORMAT') && token.kind === 'word' && isFormat(token.text);
      if (named || (is(token, 'VALUES') && !selects)) {
        const clauseStart = named ? before!.start : token.start;
        const format = named ? token.text : 'Values';
        if (selects && input === undefined) return undefined;
        const fromFile = (path: string): string => {
          const quoted = quoteString(path);
          if (input !== undefined) {
            const file = `file(${quoted}, '${format}', ${input.structure})`;
            return `${sql.slice(0, input.start)}${file}${sql.slice(input.end, clauseStart)}`;
          }
          const at = settingsAt ?? clauseStart;
          const source = `FROM INFILE ${quoted} COMPRESSION 'none' `;
          return `${sql.slice(0, at)}${source}${sql.slice(at, clauseStart)}FORMAT ${format}`;
        };
        return { kind: 'insert', format, dataStart: skipToData(sql, token.end), fromFile };
      }
    }
    recent.push(token);
    if (recent.length > 2) recent.shift();
  }
  return undefined;
}

/** Blanks up to the first line end belong to the statement. The rows begin after them. */
function skipToData(sql: string, from: number): number {
  const blank = /[ \t]*(?:\r?\n)?/y;
  blank.lastIndex = from;
  blank.test(sql);
  return blank.lastIndex;
}
