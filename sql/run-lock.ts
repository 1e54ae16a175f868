// Prevents two runs of a job at once, on any machine. Claims are stored in the warehouse. Each run writes its claim before it
// looks for others, so that of two at once at least one sees the other and gives way. Both may give way, but never neither.

import { randomUUID } from 'node:crypto';
import { Fault } from '../transform/fault.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

const BEAT_EVERY_MS = 30_000;
/** A holder on another machine counts as dead after this silence. */
const STALE_SECONDS = 600;

export interface LockHolder {
  readonly host: string;
  readonly pid: number;
  /** Whether a process with this id runs on this host. */
  readonly isAlive: (pid: number) => boolean;
}

interface Claim {
  readonly holder_id: string;
  readonly host: string;
  readonly pid: number;
  readonly claimed_at: string;
  readonly silent_seconds: string;
}

/**
 * Runs the work under a lock.
 * @throws Fault(warehouseUnreachable) if another run holds it: exit code 5
 */
export async function withRunLock<T>(
  warehouse: Warehouse,
  name: string,
  holder: LockHolder,
  work: () => Promise<T>,
): Promise<T> {
  const id = randomUUID();
  let beat = 0;
  const say = (released: boolean) =>
    warehouse.command(sqlFile('queries/lock/claim.sql'), {
      name,
      id,
      host: holder.host,
      pid: holder.pid,
      elapsed_ms: Math.round(performance.now() - started),
      beat: ++beat,
      released,
    });
  const started = performance.now();
  await say(false);
  try {
    await requireAlone(warehouse, name, id, holder);
    // An embedded directory has its own lock, and its one process is busy with the work.
    const timer =
      warehouse.engine === 'server'
        ? setInterval(() => void say(false).catch(() => undefined), BEAT_EVERY_MS)
        : undefined;
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  } finally {
    await say(true);
  }
}

async function requireAlone(warehouse: Warehouse, name: string, id: string, holder: LockHolder): Promise<void> {
  const others = await warehouse.query<Claim>(sqlFile('queries/lock/others.sql'), { name, id });
  for (const other of others) {
    if (!isDead(warehouse, other, holder))
      throw new Fault(
        'warehouseUnreachable',
        `${name} runs already: process ${other.pid} on ${other.host}, since ${other.claimed_at.slice(0, 19)}`,
        `Wait for it to end. If it is dead, its lock ends ${STALE_SECONDS / 60} minutes after it was last seen.`,
      );
    await warehouse.command(sqlFile('queries/lock/release.sql'), { name, id: other.holder_id });
  }
}

/** An embedded directory allows no other process; on this host, a live holder would be a running process. */
const isDead = (warehouse: Warehouse, { host, pid, silent_seconds }: Claim, holder: LockHolder): boolean =>
  Number(silent_seconds) > STALE_SECONDS ||
  (host === holder.host && pid !== holder.pid && !holder.isAlive(pid)) ||
  (warehouse.engine === 'embedded' && pid !== holder.pid);
