// Measures memory on hostile input: streams in which nothing repeats, at default limits, each in a process of its own.

import { measure } from './processes.ts';

export const memoryCases = {
  packages: 'distinct packages × distinct networks',
  paths: 'distinct paths of 2 KB',
  'user-agents': 'distinct user agents of 4 KB',
  tokens: 'distinct tokens that nobody owns',
  hours: 'every line in another hour of the century',
  quarantine: 'lines that cannot be read, one byte each',
  'long-quarantine': 'lines that cannot be read, 8 KB each',
} as const;
export type MemoryCaseName = keyof typeof memoryCases;

export interface MemoryCase {
  readonly name: MemoryCaseName;
  readonly title: string;
  readonly lines: number;
  readonly batches: number;
  /** Rows of the usage table, over all batches. */
  readonly rows: number;
  readonly peak_rss_mb: number;
  readonly elapsed_ms: number;
}

/**
 * Fewer lines for cases with long lines, because they fill a batch soon: several batches show the memory that stays in use.
 */
const MILLIONS: Readonly<Partial<Record<MemoryCaseName, number>>> = {
  packages: 5,
  paths: 0.2,
  'user-agents': 0.1,
  'long-quarantine': 0.2,
};

export function compareMemory(): MemoryCase[] {
  return (Object.keys(memoryCases) as MemoryCaseName[]).map((name) => ({
    name,
    title: memoryCases[name],
    ...measure<Omit<MemoryCase, 'name' | 'title'>>('memory-child', [name, String((MILLIONS[name] ?? 1) * 1e6)], {
      pinned: false,
    }),
  }));
}
