// Splits a byte stream of any size and any chunking into lines, without loss.

const LF = 10;
const CR = 13;

/**
 * The lines of each chunk, without their line ends (LF or CR LF). Bytes after the last line end are a line, too.
 * null stands for a line longer than the limit.
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  maxLine_bytes: number,
): AsyncGenerator<(Buffer | null)[], void, void> {
  /** The unfinished line; dropped once it is too long. */
  let parts: Buffer[] = [];
  let size = 0;
  const finish = (tail: Buffer): Buffer | null => {
    const length = size + tail.length;
    const line = parts.length === 0 ? tail : Buffer.concat([...parts, tail]);
    parts = [];
    size = 0;
    if (length > maxLine_bytes) return null;
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  };
  for await (const chunk of stream) {
    const lines: (Buffer | null)[] = [];
    let at = 0;
    for (let end; (end = chunk.indexOf(LF, at)) >= 0; at = end + 1) lines.push(finish(chunk.subarray(at, end)));
    const tail = chunk.subarray(at);
    if (size + tail.length <= maxLine_bytes) parts.push(tail);
    else parts = [];
    size += tail.length;
    if (lines.length > 0) yield lines;
  }
  if (size > 0) yield [finish(Buffer.alloc(0))];
}
