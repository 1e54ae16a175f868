// Temporary directories. They go when their work ends, and also when the process must end before its work.

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const inUse = new Set<string>();

/** Makes a directory in TMPDIR. Removes it with its content at the end. */
export async function withScratch<T>(prefix: string, use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  inUse.add(directory);
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
    inUse.delete(directory);
  }
}

/** A directory that its user makes and removes. It is removed too when the process must end before. @returns call it when it is gone */
export function asScratch(directory: string): () => void {
  inUse.add(directory);
  return () => void inUse.delete(directory);
}

/** Removes all of them at once. The process ends afterwards. */
export function removeScratch(): void {
  // The engine may still write into one.
  for (const directory of inUse) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
}
