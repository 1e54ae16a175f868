// When log objects were first seen. The time is stored before anything of the object, so that a load that was interrupted uses
// the same time again.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export interface SeenObject {
  /** Name in the ledger. */
  readonly name: string;
  /** Tells this content of the name from another one: version, etag, or size and modification time. */
  readonly content: string;
}

/** Object → ms since the epoch. */
export type SeenTimes = (object: SeenObject) => number;

/** Names that fit into one query. */
const NAMES_AT_ONCE = 200;

const keyOf = ({ name, content }: SeenObject): string => `${name}\0${content}`;

/** Returns when each object was first seen, and records `now` for those that were not seen before. */
export async function firstSeen(
  warehouse: Warehouse,
  source: string,
  objects: readonly SeenObject[],
  now: Date,
): Promise<SeenTimes> {
  const times = new Map<string, number>();
  const read = async () => {
    const rows = await warehouse.query<{ object: string; content: string; seen_ms: string }>(
      sqlFile('queries/ledger/objects_seen.sql'),
      {
        source,
        all: objects.length > NAMES_AT_ONCE,
        objects: objects.length > NAMES_AT_ONCE ? [] : objects.map(({ name }) => name),
      },
    );
    for (const { object: name, content, seen_ms } of rows) times.set(keyOf({ name, content }), Number(seen_ms));
  };
  if (objects.length > 0) await read();
  const fresh = new Map(objects.filter((object) => !times.has(keyOf(object))).map((object) => [keyOf(object), object]));
  await warehouse.insert(
    'object_seen',
    Array.from(fresh.values(), ({ name, content }) => ({ source, object: name, content, seen_at: now.toISOString() })),
  );
  // Another process may have recorded the same objects meanwhile: the earliest time counts for both.
  if (fresh.size > 0) await read();
  return (object) => times.get(keyOf(object)) ?? now.getTime();
}
