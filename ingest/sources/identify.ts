// Reads a content to its end: its SHA-256, and how much of it consists of contents that are loaded, from its beginning on.

import { createHash, type Hash } from 'node:crypto';
import { type Content } from '../../sql/object-content.ts';
import { headFirst, headOf, type ContentHead } from './content-head.ts';

/** A loaded content that others may begin with. */
export interface Whole {
  readonly partition: string;
  readonly sha256: string;
  readonly content_bytes: number;
}

export interface Identified {
  readonly content: Content;
  /** The first bytes that are loaded: the contents of other objects, one after the other. */
  readonly covered?: {
    readonly bytes: number;
    /** Of these objects, in order. */
    readonly partitions: readonly string[];
    /** False: the last of them ends in the middle of a line of this content. */
    readonly endsLine: boolean;
  };
}

/** Places in a content from which other contents are looked for at the same time. */
const MAX_STARTS = 16;
const LF = 10;
const CR = 13;

interface Start {
  readonly at: number;
  readonly hash: Hash;
  readonly partitions: readonly string[];
  endsLine: boolean;
  /** Next length to compare. */
  next: number;
}

/**
 * @param content its chunks are valid until the next is requested
 * @param wholes loaded contents; those that it begins with are found by their lengths and digests, in one pass
 */
export async function identify(content: AsyncIterable<Uint8Array>, wholes: readonly Whole[]): Promise<Identified> {
  const byLength = new Map<number, Map<string, string>>();
  for (const { content_bytes, sha256, partition } of wholes) {
    if (content_bytes === 0) continue;
    const same = byLength.get(content_bytes);
    if (same === undefined) byLength.set(content_bytes, new Map([[sha256, partition]]));
    else same.set(sha256, partition);
  }
  const lengths = [...byLength.keys()].sort((a, b) => a - b);
  const startAt = (at: number, partitions: readonly string[], endsLine: boolean): Start => ({
    at,
    hash: createHash('sha256'),
    partitions,
    endsLine,
    next: 0,
  });
  const starts = [startAt(0, [], true)];
  let position = 0;
  let head: ContentHead = { bodyAt_bytes: 0, heads: [] };
  const stopOf = (start: Start) => start.at + (lengths[start.next] ?? Infinity);
  for await (const chunk of headFirst(content, (bytes) => void (head = headOf(bytes)))) {
    for (let from = 0; from < chunk.length;) {
      // The first byte after a covered part tells whether a line ended there.
      for (const start of starts)
        if (start.at === position && !start.endsLine) start.endsLine = chunk[from] === LF || chunk[from] === CR;
      const stop = Math.min(position + chunk.length - from, ...starts.map(stopOf));
      const part = chunk.subarray(from, from + stop - position);
      for (const start of starts) start.hash.update(part);
      from += part.length;
      position = stop;
      for (const start of [...starts]) {
        if (stopOf(start) !== position) continue;
        const partition = byLength.get(lengths[start.next])!.get(start.hash.copy().digest('hex'));
        start.next++;
        if (partition === undefined || starts.length === MAX_STARTS || starts.some(({ at }) => at === position))
          continue;
        starts.push(startAt(position, [...start.partitions, partition], part.at(-1) === LF));
      }
    }
  }
  const last = starts.at(-1)!;
  return {
    content: { sha256: starts[0].hash.digest('hex'), content_bytes: position, ...head },
    ...(last.at > 0 && {
      covered: {
        bytes: last.at,
        partitions: last.partitions,
        // Nothing follows: there is no line to be torn.
        endsLine: last.endsLine || last.at === position,
      },
    }),
  };
}
