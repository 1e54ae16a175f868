// The beginning of a content, by which contents are found that are the same or begin alike. No I/O.

import { createHash } from 'node:crypto';

/**
 * A head is the digest of so many bytes. They are counted from the first line that is no directive, because all logs of a format may
 * have the same directives.
 */
export const HEAD_SIZES = [128, 1024, 8192, 65536] as const;
/** Two logs do not have so many first bytes in common by chance. */
export const SHARED_BYTES: number = HEAD_SIZES[1];
const MAX_DIRECTIVES_BYTES = 65536;
/** With so many bytes, or with a whole content, `headOf` finds all. */
export const HEAD_BYTES = MAX_DIRECTIVES_BYTES + HEAD_SIZES.at(-1)!;
const HASH = '#'.charCodeAt(0);
const LF = 10;
const HEAD_DIGITS = 32;

export interface ContentHead {
  readonly bodyAt_bytes: number;
  readonly heads: readonly string[];
}

/** @param bytes a whole content, or at least its first HEAD_BYTES */
export function headOf(bytes: Uint8Array): ContentHead {
  const bodyAt_bytes = bodyAt(bytes);
  const body = bytes.subarray(bodyAt_bytes);
  const hash = createHash('sha256');
  const heads: string[] = [];
  let hashed = 0;
  for (const size of HEAD_SIZES) {
    if (body.length < size) break;
    hash.update(body.subarray(hashed, size));
    hashed = size;
    heads.push(hash.copy().digest('hex').slice(0, HEAD_DIGITS));
  }
  return { bodyAt_bytes, heads };
}

function bodyAt(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === HASH && at < MAX_DIRECTIVES_BYTES) {
    const end = bytes.indexOf(LF, at);
    if (end < 0) return Math.min(bytes.length, MAX_DIRECTIVES_BYTES);
    at = end + 1;
  }
  return Math.min(at, MAX_DIRECTIVES_BYTES);
}

/** How many first bytes of their bodies two contents share, as far as their heads tell: one of HEAD_SIZES, or 0. */
export function shared_bytes(a: ContentHead, b: ContentHead): number {
  const common = Math.min(a.heads.length, b.heads.length) - 1;
  return common >= 0 && a.heads[common] === b.heads[common] ? HEAD_SIZES[common] : 0;
}

/**
 * Passes chunks on, after `onHead` has seen the first HEAD_BYTES of them, or all.
 * @param onHead is told whether the bytes are the whole content
 */
export async function* headFirst(
  chunks: AsyncIterable<Uint8Array>,
  onHead: (bytes: Uint8Array, isWhole: boolean) => void | Promise<void>,
): AsyncGenerator<Uint8Array> {
  // A chunk is valid only until the next is requested.
  let kept: Uint8Array[] = [];
  let kept_bytes = 0;
  let isSeen = false;
  for await (const chunk of chunks) {
    if (isSeen) {
      yield chunk;
      continue;
    }
    if (kept_bytes + chunk.length < HEAD_BYTES) {
      kept.push(new Uint8Array(chunk)); // not slice(): that of a Buffer copies nothing
      kept_bytes += chunk.length;
      continue;
    }
    const head = kept_bytes === 0 ? chunk : Buffer.concat([...kept, chunk]);
    kept = [];
    isSeen = true;
    await onHead(head, false);
    yield head;
  }
  if (isSeen) return;
  const whole = kept.length === 1 ? kept[0] : Buffer.concat(kept);
  await onHead(whole, true);
  yield whole;
}
