// Result of checking an input: the typed value, or every fault at once with its place.

export interface InputFault {
  /** Line of a table, from 1 (the header). */
  readonly line?: number;
  /** Path of keys and indexes in a document. */
  readonly path?: readonly (string | number)[];
  readonly message: string;
}

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly InputFault[] };

/** The value when there are no faults. */
export const checked = <T>(value: T, faults: readonly InputFault[]): Checked<T> =>
  faults.length === 0 ? { ok: true, value } : { ok: false, faults };

/** One row of a table file, its fields by column name, all text. */
export interface TextRecord {
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/** Order of ids by their UTF-8 bytes (which is the order of code points), on every machine and locale. */
export function compareIds(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.codePointAt(i)! - b.codePointAt(i)!;
  }
  return a.length - b.length;
}

const controlCharacter = /\p{Cc}/u;
/** Names appear on terminals and statements: no control characters, no blanks at the ends. */
export const isName = (text: string): boolean => text !== '' && text.trim() === text && !controlCharacter.test(text);
