// Conceals organisation tokens in lines that could not be read, because these lines are stored and tokens in clear must not be.
// Text that no parser understood is searched for the names before tokens; docs/OPERATIONS.md lists tokens that this cannot find.
// Bundler's options, which can name private hosts, and its run id are removed in the same way.

import { defaultTokenKey } from '../clients/token.ts';
import { OWN_TOKEN } from '../credentials.ts';
import { type Slice } from './line-fields.ts';

export interface ConcealRule {
  /** Query parameters and log fields whose value is a token; the one of user agents is always among them. */
  readonly keys: readonly string[];
  /** Token → its replacement: no secret, and the same for the same token. */
  readonly markerOf: (token: string) => string;
}

export type Conceal = (line: Uint8Array, token?: Slice) => Uint8Array;

/** `key=value`, `key: value`, `"key":"value"`; the separator may be escaped as in a URL or JSON, and so may the quotes. */
const patternOf = (keys: readonly string[]): RegExp => {
  const names = keys
    .filter((key) => key !== '')
    .map((key) => key.replace(/[^\w]/g, String.raw`\$&`))
    .join('|');
  const separator = String.raw`\\*["']?[ \t]*(?:[:=]|%3[ad]|\\+u003[ad])[ \t]*`;
  return new RegExp(
    `(?:${names})${separator}` +
      String.raw`(?:\\*["']([^"'\\]+)|(?:%20|\+)?((?:(?:basic|bearer)[ \t]+)?[^\s&"'\\<>;,()|\[\]{}]+))`,
    'dgi',
  );
};

/** A token of fairshare is found by its beginning wherever it stands, for example as the user of a combined log. */
const anyOwnToken = new RegExp(OWN_TOKEN, 'g');

/** Replaces every token that it finds. A line without any is returned unchanged, not copied. */
export function concealer({ keys, markerOf }: ConcealRule): Conceal {
  const pattern = patternOf([defaultTokenKey, 'authorization', ...keys]);
  return (line, token) => {
    // One character per byte, so that positions are byte positions.
    const text = latin1(line);
    const found: Found[] = [...text.matchAll(pattern)].map(({ indices }) => indices![1] ?? indices![2]);
    const add = (one: Found): void => {
      if (!found.some(([start, end]) => start < one[1] && one[0] < end)) found.push(one);
    };
    const known = sliceWithin(line, token);
    if (known !== undefined) add(known);
    for (const { index, 0: own } of text.matchAll(anyOwnToken)) add([index, index + own.length]);
    for (const one of bundlerTraces(text)) add(one);
    if (found.length === 0) return line;
    found.sort(([a], [b]) => a - b);
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const [start, end, instead] of found) {
      parts.push(line.subarray(at, start), utf8.encode(instead ?? markerOf(decoder.decode(line.subarray(start, end)))));
      at = end;
    }
    parts.push(line.subarray(at));
    return concat(parts);
  };
}

/** Range to replace, and its replacement; without one, the token's marker. */
type Found = readonly [start: number, end: number, instead?: string];

/** Bundler's user agent from its command on, raw, percent-encoded or escaped for JSON; and in it options and run id. */
const BUNDLER = /bundler(?:\\?\/|%2f)\d(?:[^"|\\]|\\\/){0,400}?command(?:\\?\/|%2f)((?:[^"|\\]|\\\/){0,2000})/dgi;
const TRACES = /(?: |\+|%20|%2520)(?:options(?:\\?\/|%2f)((?:(?! |\+|%20|%2520).)+)|([0-9a-f]{16})(?![0-9a-f]))/dgi;
const NO_RUN = '0'.repeat(16);

function* bundlerTraces(text: string): Generator<Found> {
  if (!text.includes('bundler')) return;
  for (const { 1: tail, indices } of text.matchAll(BUNDLER)) {
    const from = indices![1][0];
    for (const { indices: at } of tail.matchAll(TRACES)) {
      const [options, run] = [at![1], at![2]];
      if (options !== undefined) yield [from + options[0], from + options[1], ''];
      else yield [from + run[0], from + run[1], NO_RUN];
    }
  }
}

const utf8 = new TextEncoder();
const decoder = new TextDecoder();

/** Range in this line of the token field that a parser found before it failed. */
function sliceWithin(line: Uint8Array, token: Slice | undefined): [number, number] | undefined {
  if (token === undefined || token.end <= token.start || token.buf.buffer !== line.buffer) return undefined;
  const shift = token.buf.byteOffset - line.byteOffset;
  const [start, end] = [token.start + shift, Math.min(token.end + shift, line.length)];
  return start >= 0 && start < end ? [start, end] : undefined;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
