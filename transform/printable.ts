// Makes text and bytes of unknown origin safe to show: nothing in them controls a terminal, changes the format of a file, turns the
// direction of a line, or is invisible. This is the one rule; pages, text tables, CSV files and messages use it.

const HIDDEN = String.raw`[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const hidden = new RegExp(HIDDEN, 'gu');
const hiddenButLineFeed = new RegExp(`(?!\\n)${HIDDEN}`, 'gu');
const hiddenOrBackslash = new RegExp(`${HIDDEN}|\\\\`, 'gu');
const hiddenButCsvLineEnds = new RegExp(`(?!\\r?\\n)${HIDDEN}`, 'gu');

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** A name or another text of one line: '\u202e' is shown as \u{202e}. */
export const printable = (text: string): string => text.replace(hidden, escaped);

/** A text of several lines, such as a message with names in it. */
export const printableLines = (text: string): string => text.replace(hiddenButLineFeed, escaped);

/** CSV that is written already, with its line ends. */
export const printableCsv = (text: string): string => text.replace(hiddenButCsvLineEnds, escaped);

/** JSON with the same content: in its strings the characters stand as \uXXXX. */
export const printableJson = (json: string): string =>
  json.replace(hiddenButLineFeed, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Loses no byte: UTF-8 stays, and \xNN are the bytes of a hidden character, of a backslash, and of what is not UTF-8. */
export function printableBytes(bytes: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x20 || byte > 0x7e || byte === 0x5c ? hex(byte) : String.fromCharCode(byte))).join(''); // prettier-ignore
  }
  return text.replace(hiddenOrBackslash, (character) => Array.from(new TextEncoder().encode(character), hex).join(''));
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
