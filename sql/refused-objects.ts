// Log objects that an ingest refused. A refusal is open until its object is loaded, or a person gives it up.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export interface RefusedObject {
  readonly source: string;
  readonly object: string;
  /** Tells this content of the name from another one. */
  readonly content: string;
  readonly reason: string;
  /** 'YYYY-MM-DD hh:mm:ss.mmm', UTC, when read; or RFC 3339. */
  readonly first_refused_at: string;
  readonly last_refused_at: string;
  readonly state: 'open' | 'loaded' | 'gone';
  /** Of state gone: what a person decided, or the object's new name. */
  readonly decision: string;
}

/** Open refusals, of one source or of all, by source and object. */
export const openRefusals = (warehouse: Warehouse, source = ''): Promise<RefusedObject[]> =>
  warehouse.query<RefusedObject>(sqlFile('queries/ledger/open_refusals.sql'), { source });

export const writeRefusals = (warehouse: Warehouse, rows: readonly RefusedObject[], now: Date): Promise<void> =>
  warehouse.insert(
    'object_refused',
    rows.map((row) => ({ ...row, recorded_at: now.toISOString() })),
  );

/** What a run made of an object. */
export interface MetObject {
  readonly object: string;
  readonly content: string;
  /** Why it was refused; undefined: it was loaded, or known. */
  readonly reason: string | undefined;
}

export interface JudgedRefusals {
  /** Rows that changed. */
  readonly rows: RefusedObject[];
  /** Objects that were not refused before with this content. */
  readonly fresh: readonly string[];
}

/** Compares a run's refusals with the open ones: those that are new, those that go on, and those that end. */
export function judgeRefusals(
  source: string,
  open: readonly RefusedObject[],
  met: readonly MetObject[],
  now: Date,
): JudgedRefusals {
  const at = now.toISOString();
  const byName = new Map(open.map((refusal) => [refusal.object, refusal]));
  const metAs = new Set(met.map(({ object, content }) => `${object}\0${content}`));
  const rows: RefusedObject[] = [];
  const fresh: string[] = [];
  const ended = new Set<string>();
  for (const { object, content, reason } of met) {
    if (reason === undefined) continue;
    const before = byName.get(object);
    // A log that moved on by a name is refused under its new name; the old name has another log now, or none.
    const moved =
      content === '' || before?.content === content
        ? undefined
        : open.find(
            (each) => each.content === content && !ended.has(each.object) && !metAs.has(`${each.object}\0${content}`),
          );
    const same = before?.content === content ? before : moved;
    if (same === undefined) fresh.push(object);
    const refusal = { source, object, content, reason, last_refused_at: at, state: 'open', decision: '' } as const;
    rows.push({ ...refusal, first_refused_at: same?.first_refused_at ?? at });
    if (moved === undefined) continue;
    ended.add(moved.object);
    if (!met.some((each) => each.object === moved.object && each.reason !== undefined))
      rows.push({ ...moved, state: 'gone', decision: `its name is ${object} now` });
  }
  for (const { object, reason } of met) {
    const before = byName.get(object);
    if (reason === undefined && before !== undefined && !ended.has(object)) rows.push({ ...before, state: 'loaded' });
  }
  return { rows, fresh };
}
