// Reads the files that a foundation keeps (registry, ranges, policy, costs). It returns text or throws a clear error.

import { readFileSync, statSync } from 'node:fs';
import { Fault, type FaultKind } from '../../transform/fault.ts';

/** Larger files are refused: the largest published list (Azure) has a few MiB. */
export const MAX_FILE_BYTES = 128 * 2 ** 20;

/** @throws Fault(usage) if there is no such file, Fault(inputRefused) if it is too large */
export function readBytes(path: string, max_bytes = MAX_FILE_BYTES): Buffer {
  try {
    const { size } = statSync(path);
    if (size > max_bytes) throw new Fault('inputRefused', `${path}: ${size} bytes, more than ${max_bytes}`);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('usage', `cannot read ${path}: ${(cause as Error).message}`, 'Check the path.', { cause });
  }
}

/** UTF-8 without a byte order mark. @throws Fault(kind) */
export function decodeText(bytes: Uint8Array, source: string, kind: FaultKind = 'inputRefused'): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault(kind, `${source}: not UTF-8 text`, 'Save it as UTF-8.', { cause });
  }
}

/** A longer list would hide the first fault. The message always gives the count. */
const SHOWN_FAULTS = 50;

/** One error for all faults. @param source the file, if all faults are in one */
export function refuse(
  faults: readonly string[],
  hint: string,
  { source, kind = 'inputRefused' }: { readonly source?: string; readonly kind?: FaultKind } = {},
): never {
  const shown = faults.slice(0, SHOWN_FAULTS).map((fault) => `  ${fault}`);
  if (faults.length > shown.length) shown.push(`  and ${faults.length - shown.length} more`);
  throw new Fault(
    kind,
    `${source === undefined ? '' : `${source}: `}${faults.length} fault(s)\n${shown.join('\n')}`,
    hint,
  );
}
