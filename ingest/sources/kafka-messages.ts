// How messages carry lines. A value is text: lines end with \n, which the last may lack; an empty value has no line. So a value
// is one line or many, and the worker splits it in the same way as a file.

const LF = 10;
/** Limit of a line, because a line without an end must not fill the memory. */
export const MAX_LINE_BYTES = 64 << 20;

export interface LineMessage {
  /** A view: copy it to keep it after the next message. */
  readonly value: Uint8Array;
  readonly lines: number;
}

/** Counts `\n`, and one more line if the last lacks it. */
export function countLines(value: Uint8Array): number {
  if (value.length === 0) return 0;
  let lines = value[value.length - 1] === LF ? 0 : 1;
  for (let at = value.indexOf(LF); at !== -1; at = value.indexOf(LF, at + 1)) lines++;
  return lines;
}

/**
 * Bytes → messages of whole lines, in order, none lost. A message has at most `max_bytes`, except for a single longer line. 'line'
 * gives one line each, without its \n (a blank line keeps it, or it would be no line).
 * @throws RangeError for a line longer than MAX_LINE_BYTES
 */
export async function* cutMessages(
  chunks: AsyncIterable<Uint8Array>,
  max_bytes: number | 'line',
): AsyncGenerator<LineMessage> {
  const limit = max_bytes === 'line' ? 1 : max_bytes;
  const message = (value: Uint8Array): LineMessage => {
    const bare = max_bytes === 'line' && value.length > 1 && value.at(-1) === LF;
    return { value: bare ? value.subarray(0, -1) : value, lines: max_bytes === 'line' ? 1 : countLines(value) };
  };
  let parts: Uint8Array[] = [];
  let size = 0;
  let hasLineEnd = false;
  for await (const chunk of chunks) {
    parts.push(chunk);
    size += chunk.length;
    hasLineEnd ||= chunk.includes(LF);
    if (size > MAX_LINE_BYTES && !hasLineEnd) throw new RangeError(`a line of more than ${MAX_LINE_BYTES} bytes`);
    if (size <= limit || !hasLineEnd) continue;
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    let start = 0;
    while (bytes.length - start > limit) {
      const within = bytes.subarray(start, start + limit).lastIndexOf(LF);
      const end = within === -1 ? bytes.indexOf(LF, start + limit) + 1 : start + within + 1;
      if (end === 0) break;
      yield message(bytes.subarray(start, end));
      start = end;
    }
    const rest = bytes.subarray(start);
    parts = rest.length === 0 ? [] : [rest];
    size = rest.length;
    hasLineEnd = rest.includes(LF);
  }
  if (size > 0) yield message(parts.length === 1 ? parts[0] : Buffer.concat(parts));
}
