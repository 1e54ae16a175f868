// Tells readers in other processes (sql/reading.ts) when a writer replaces or drops partitions of an embedded warehouse. The engine
// does that in several steps on disk; within one process nobody sees them, but a reader beside it could take a half for the whole.
// The mark is a number in a file: odd while a change runs, and another even number after it.

import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'fairshare-changes';
const DIGITS = 20;

/** Changes that are not one step: all that name a partition, or empty a table. Inserts and merges are one step each. */
const IN_STEPS = /^\s*(?:--[^\n]*\n\s*)*(?:ALTER\s+TABLE\b[^;]*\bPARTITION\b|TRUNCATE\b)/i;

export const isInSteps = (sql: string): boolean => IN_STEPS.test(sql);

/** @returns 0n if no writer has made a mark yet */
export function readMark(warehouse: string): bigint {
  try {
    return BigInt(readFileSync(join(warehouse, FILE), 'latin1').trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0n;
    throw error;
  }
}

export const isChanging = (mark: bigint): boolean => mark % 2n === 1n;

/** The writer's side, shared by its sessions. */
export class ChangeMark {
  private readonly file: number;
  private mark: bigint;
  private running = 0;
  private isClosed = false;

  /** A change that another writer left unfinished has ended with it: what is on disk is what this engine has opened. */
  constructor(warehouse: string) {
    this.mark = readMark(warehouse);
    // Neither emptied nor written to at its end.
    this.file = openSync(join(warehouse, FILE), constants.O_RDWR | constants.O_CREAT);
    if (isChanging(this.mark)) this.write(this.mark + 1n);
  }

  async around<T>(change: () => Promise<T>): Promise<T> {
    if (this.running++ === 0) this.write(this.mark + 1n);
    try {
      return await change();
    } finally {
      if (--this.running === 0) this.write(this.mark + 1n);
    }
  }

  /** May be called again. */
  close(): void {
    if (!this.isClosed) closeSync(this.file);
    this.isClosed = true;
  }

  private write(mark: bigint): void {
    this.mark = mark;
    // One write of a fixed length, so that no reader sees a part of a number.
    writeSync(this.file, String(mark).padStart(DIGITS, '0'), 0, 'latin1');
  }
}
