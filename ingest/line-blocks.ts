// Cuts an object's bytes into blocks of whole lines. The places of the cuts depend on the content alone, because a batch may
// end at any of them, and must end at the same one when the object is read again.

import { Fault } from '../transform/fault.ts';

/** Whole lines, one after the other. The bytes are valid until the next block is requested. */
export interface LineBlock {
  readonly bytes: Uint8Array;
  /** Position of its first byte in the content. */
  readonly position: number;
}

/** A block ends at the last line end before a multiple of this. */
export const BLOCK_BYTES = 256 << 10;
const MAX_UNFINISHED_BYTES = 256 << 20;
const LF = 10;
/** Bytes keep their alignment in a word of the content, because V8 then copies shared memory by words instead of by bytes. */
const WORD_BYTES = 8;

/**
 * The last block is the rest after the last line end; it may be empty. Memory: one block and one unfinished line.
 * @param content its chunks are copied before the next is requested
 * @param cuts positions in the content, ascending, at which a block must also end
 * @throws Fault(inputRefused) if no line ends within 256 MiB
 */
export async function* lineBlocks(
  content: AsyncIterable<Uint8Array>,
  cuts: readonly number[] = [],
): AsyncGenerator<LineBlock> {
  let buf = new Uint8Array(2 * BLOCK_BYTES);
  /** Bytes that were not returned yet: buf[begin, end), from `position` in the content. */
  let position = 0;
  let begin = 0;
  let end = 0;
  /** No line ends in buf[begin, searched). Only new bytes are searched, so that a line without an end takes linear time. */
  let searched = 0;

  function* wholeLines(): Generator<LineBlock> {
    const found = buf.subarray(searched, end).lastIndexOf(LF);
    const linesEnd = found < 0 ? begin : searched + found + 1;
    if (end - linesEnd > MAX_UNFINISHED_BYTES)
      throw new Fault(
        'inputRefused',
        `byte ${position}: no line end within ${MAX_UNFINISHED_BYTES >> 20} MiB`,
        'This is not a log of lines.',
      );
    let from = begin;
    for (const cut of cuts) {
      const at = begin + cut - position;
      if (at > from && at < linesEnd) {
        yield { bytes: buf.subarray(from, at), position: position + from - begin };
        from = at;
      }
    }
    if (linesEnd > from) yield { bytes: buf.subarray(from, linesEnd), position: position + from - begin };
    if (linesEnd > begin) {
      position += linesEnd - begin;
      begin = position % WORD_BYTES;
      buf.copyWithin(begin, linesEnd, end);
      end += begin - linesEnd;
    }
    searched = end;
  }

  for await (const chunk of content) {
    for (let from = 0; from < chunk.length;) {
      const toBoundary = BLOCK_BYTES - ((position + end - begin) % BLOCK_BYTES);
      const part = chunk.subarray(from, from + toBoundary);
      if (end + part.length > buf.length) {
        const larger = new Uint8Array(2 * (end + part.length));
        larger.set(buf.subarray(0, end));
        buf = larger;
      }
      buf.set(part, end);
      end += part.length;
      from += part.length;
      if (part.length === toBoundary) yield* wholeLines();
    }
  }
  if (end > begin) yield* wholeLines();
  yield { bytes: buf.subarray(begin, end), position };
}
