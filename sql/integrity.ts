// Reads every part of every table and compares it with its checksums: a flipped bit on disk is found before anybody needs the rows.
// The engine itself puts parts aside that it cannot load at its start; these are reported too.

import { type CheckResult } from './checks.ts';
import { firstSentence, isDamage } from './damage.ts';
import { Fault } from '../transform/fault.ts';
import { expectedTables } from './migrate.ts';
import { sealedTables } from './seal.ts';
import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

/** A table with damage. */
interface Damage {
  readonly table: string;
  /** Names of parts, or an empty text: the table as a whole. */
  readonly part: string;
  readonly problem: string;
  /** Where the engine has put the part; absent if it is still in use. */
  readonly putAside?: string;
}

export interface StoredCheck {
  readonly tables: number;
  readonly bytes: bigint;
  /** One for each table with damage; else one that says that there is none. */
  readonly results: readonly CheckResult[];
}

export interface StoredTable {
  readonly name: string;
  readonly bytes: string;
}

export const storedTables = (warehouse: Warehouse): Promise<StoredTable[]> =>
  warehouse.query<StoredTable>(sqlFile('queries/check/stored_tables.sql'));

/** @param onTable called after each table was read */
export async function checkStored(
  warehouse: Warehouse,
  tables: readonly StoredTable[],
  { signal, onTable }: { readonly signal?: AbortSignal; readonly onTable?: (table: StoredTable) => void } = {},
): Promise<StoredCheck> {
  const present = new Set(tables.map(({ name }) => name));
  const damages: Damage[] = (await expectedTables(warehouse))
    .filter((name) => !present.has(name))
    .map((table) => ({ table, part: '', problem: 'the table is not there' }));
  /** Tables that could not be read for another reason than damage, such as missing rights. */
  const unread: string[] = [];
  for (const { name, bytes } of tables) {
    signal?.throwIfAborted();
    damages.push(...(await damagesOf(warehouse, name).catch(noteUnread(name, unread))));
    onTable?.({ name, bytes });
  }
  damages.push(...(await putAside(warehouse).catch(noteUnread('system.detached_parts', unread))));
  const states = damages.length === 0 ? new Map<string, string>() : await bookingStates(warehouse);
  const bytes = tables.reduce((sum, table) => sum + BigInt(table.bytes), 0n);
  const results = [...new Set(damages.map(({ table }) => table))]
    .sort()
    .map((table) => resultOf(table, damages.filter((damage) => damage.table === table), states)); // prettier-ignore
  if (unread.length > 0)
    results.push({
      name: 'every part of every table can be read',
      ok: false,
      detail: `${unread.length} not, first: ${unread[0]}`,
      next: 'Run fairshare doctor as a user who may read whole tables, or on the directory itself; --quick leaves this out.',
    });
  if (results.length === 0)
    results.push({
      name: 'every part of every table is as it was written',
      ok: true,
      detail: `${tables.length} tables, ${bytes} bytes`,
      next: '',
    });
  return { tables: tables.length, bytes, results };
}

/** @throws the engine's error, unless it says that the table is damaged */
async function damagesOf(warehouse: Warehouse, table: string): Promise<Damage[]> {
  try {
    const parts = await warehouse.query<{ part_path: string; is_passed: number; message: string }>(
      sqlFile('queries/check/table.sql'),
      { table },
    );
    return parts
      .filter(({ is_passed }) => !is_passed)
      .map(({ part_path, message }) => ({ table, part: part_path, problem: firstSentence(message) }));
  } catch (error) {
    if (isDamage(error)) return [{ table, part: '', problem: firstSentence(error.message) }];
    throw error;
  }
}

/** Parts that the engine has put aside. */
async function putAside(warehouse: Warehouse): Promise<Damage[]> {
  const parts = await warehouse.query<{ table: string; name: string; reason: string; path: string }>(
    sqlFile('queries/check/detached_parts.sql'),
  );
  return parts.map(({ table, name, reason, path }) => ({
    table,
    part: name,
    problem: `put aside by the engine (${reason || 'detached'})`,
    putAside: path,
  }));
}

/** Notes what could not be read, and why. A warehouse that does not answer stays a fault. */
const noteUnread =
  (table: string, unread: string[]) =>
  (error: unknown): Damage[] => {
    if (error instanceof Fault) throw error;
    unread.push(`${table}: ${firstSentence((error as Error).message)}`);
    return [];
  };

/** 'YYYYMMDD-YYYYMMDD' (day, booked_day) → its state. Empty if the seals themselves cannot be read. */
async function bookingStates(warehouse: Warehouse): Promise<Map<string, string>> {
  const rows = await warehouse
    .query<{ booking: string; state: string }>(sqlFile('queries/check/booking_states.sql'))
    .catch(() => []);
  return new Map(rows.map(({ booking, state }) => [booking, state]));
}

const SHOWN_PARTS = 5;

function resultOf(table: string, damages: readonly Damage[], states: ReadonlyMap<string, string>): CheckResult {
  const shown = damages
    .slice(0, SHOWN_PARTS)
    .map(({ part, problem }) => (part === '' ? problem : `part ${part}: ${problem}`));
  const more = damages.length - shown.length;
  const aside = damages.flatMap(({ putAside }) => (putAside === undefined ? [] : [putAside]));
  return {
    name: `table ${table} is as it was written`,
    ok: false,
    detail: [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; '),
    next: [
      ...new Set(damages.map((damage) => remedy(damage, states))),
      ...(aside.length > 0 ? [`When the rows are there again, delete ${aside.join(' and ')}.`] : []),
    ].join(' '),
  };
}

const BACKUP = 'Restore the backup (docs/OPERATIONS.md, "Damage"): these rows are nowhere else.';
const landing: readonly string[] = ['usage_batch', 'rate_batch', 'quarantine'];
const sealed: readonly string[] = sealedTables;

/** What to do: rows that come from other rows can be built again. */
function remedy({ table, part, putAside }: Damage, states: ReadonlyMap<string, string>): string {
  if (table.endsWith('_staging')) return 'Nothing is lost: the next seal of the day builds these rows anew.';
  if (landing.includes(table) && part !== '') {
    const drop = putAside === undefined ? `drop the part (fairshare query --allow-writes "ALTER TABLE ${table} DROP PART '${part}'"), ` : ''; // prettier-ignore
    return `Restore the backup; or ${drop}run fairshare doctor again, take the batches that it names back (fairshare ingest retract), and ingest their objects again.`;
  }
  if (table === 'agent_batch' && part !== '') {
    const drop = putAside === undefined ? `: drop the part (fairshare query --allow-writes "ALTER TABLE ${table} DROP PART '${part}'")` : ''; // prettier-ignore
    return `No figure is made of these rows${drop}.`;
  }
  const [, day, booked] = /(\d{8})-(\d{8})_/.exec(part) ?? [];
  if (sealed.includes(table) && day !== undefined && states.get(`${day}-${booked}`) === 'open')
    return `Seal the day again: fairshare seal --day ${dashed(day)}${day === booked ? '' : ` --booked-day ${dashed(booked)}`} --force.`;
  return BACKUP;
}

/** 'YYYYMMDD' → 'YYYY-MM-DD' */
const dashed = (day: string): string => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
