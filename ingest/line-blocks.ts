// An object's bytes, however they arrive, cut into blocks of whole lines at places that depend on the content alone: a
// batch may end at any of them, and must end at the same one when the object is read again.

import { Fault } from '../sql/fault.ts';

/** Whole lines, one after the other. The bytes are valid until the next block is asked for. */
export interface LineBlock {
  readonly bytes: Uint8Array;
  /** Of its first byte, in the content. */
  readonly position: number;
}

/** A block ends at the last line end before a multiple of this. */
export const BLOCK_BYTES = 256 << 10;
const MAX_UNFINISHED_BYTES = 256 << 20;
const LF = 10;

/**
 * The last block is what follows the last line end: empty where nothing does. Memory: one block and one unfinished line.
 * @param content its chunks are copied before the next is asked for
 * @param cuts places in the content, ascending, at which a block must end too
 * @throws Fault(inputRefused) where no line ends within 256 MiB
 */
export async function* lineBlocks(
  content: AsyncIterable<Uint8Array>,
  cuts: readonly number[] = [],
): AsyncGenerator<LineBlock> {
  let buf = new Uint8Array(2 * BLOCK_BYTES);
  let filled = 0;
  let position = 0;

  function* wholeLines(): Generator<LineBlock> {
    const end = buf.lastIndexOf(LF, filled - 1) + 1;
    if (filled - end > MAX_UNFINISHED_BYTES)
      throw new Fault(
        'inputRefused',
        `byte ${position}: no line end within ${MAX_UNFINISHED_BYTES >> 20} MiB`,
        'This is not a log of lines.',
      );
    let from = 0;
    for (const cut of cuts) {
      const at = cut - position;
      if (at > from && at < end) {
        yield { bytes: buf.subarray(from, at), position: position + from };
        from = at;
      }
    }
    if (end > from) yield { bytes: buf.subarray(from, end), position: position + from };
    buf.copyWithin(0, end, filled);
    filled -= end;
    position += end;
  }

  for await (const chunk of content) {
    for (let from = 0; from < chunk.length;) {
      const toBoundary = BLOCK_BYTES - ((position + filled) % BLOCK_BYTES);
      const part = chunk.subarray(from, from + toBoundary);
      if (filled + part.length > buf.length) {
        const larger = new Uint8Array(2 * (filled + part.length));
        larger.set(buf.subarray(0, filled));
        buf = larger;
      }
      buf.set(part, filled);
      filled += part.length;
      from += part.length;
      if (part.length === toBoundary) yield* wholeLines();
    }
  }
  if (filled > 0) yield* wholeLines();
  yield { bytes: buf.subarray(0, filled), position };
}
