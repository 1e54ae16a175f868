// Describes this process as the holder of a run lock.

import { hostname } from 'node:os';
import { isAlive } from '../../sql/is-alive.ts';
import { type LockHolder } from '../../sql/run-lock.ts';

export const thisProcess = (): LockHolder => ({ host: hostname(), pid: process.pid, isAlive });
