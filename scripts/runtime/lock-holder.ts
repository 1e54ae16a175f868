// Describes this process as the holder of a run lock.

import { hostname } from 'node:os';
import { type LockHolder } from '../../sql/run-lock.ts';

export const thisProcess = (): LockHolder => ({ host: hostname(), pid: process.pid, isAlive });

/** Whether a process with this id runs on this machine. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
