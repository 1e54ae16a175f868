// Reference data are append-only and bitemporal: an import records what is new, and retracts what is no longer said.

import { type Warehouse } from './warehouse.ts';

export interface RegistryTable {
  readonly name: 'org' | 'org_edge' | 'org_evidence' | 'network_range';
  /** What identifies a fact. */
  readonly key: readonly string[];
  /** What it says. Notes such as source and version may change without a new fact. */
  readonly facts: readonly string[];
}

export const registryTables = {
  org: { name: 'org', key: ['org_id'], facts: ['name', 'exempt', 'contact'] },
  orgEdge: { name: 'org_edge', key: ['org_id'], facts: ['family_id'] },
  orgEvidence: {
    name: 'org_evidence',
    key: ['evidence_id'],
    facts: ['org_id', 'tier', 'kind', 'value', 'secret_sha256', 'valid_from', 'valid_to', 'source'],
  },
  networkRange: { name: 'network_range', key: ['provider', 'type', 'cidr', 'service'], facts: ['asn'] },
} as const satisfies Record<string, RegistryTable>;

export type RegistryRow = Readonly<Record<string, unknown>>;

export interface RegistryChange {
  readonly added: readonly RegistryRow[];
  /** As they stand in the table. */
  readonly retracted: readonly RegistryRow[];
  readonly unchanged: number;
}

const textOf = (row: RegistryRow, columns: readonly string[]): string =>
  JSON.stringify(
    columns.map((column) => (row[column] === null || row[column] === undefined ? null : String(row[column]))),
  );

/** A million rows are longer than the longest text that Node can hold: they come in parts. */
const READ_ROWS = 200_000;

async function* activeRows(
  warehouse: Warehouse,
  table: RegistryTable,
  scope: { readonly sql: string; readonly params?: Record<string, unknown> },
): AsyncGenerator<RegistryRow[]> {
  const from = `FROM ${table.name} FINAL WHERE state = 0 AND ${scope.sql}`;
  const [count] = await warehouse.query<{ rows: string }>(`SELECT count() AS rows ${from}`, scope.params);
  const parts = Math.ceil(Number(count.rows) / READ_ROWS);
  for (let part = 0; part < parts; part++)
    yield await warehouse.query<RegistryRow>(
      `SELECT * ${from} AND cityHash64(${table.key.join(', ')}) % {parts:UInt32} = {part:UInt32}`,
      { ...scope.params, parts, part },
    );
}

/** What an import would change. @param scope SQL condition on the active rows that the import speaks for; default: all */
export async function compareRegistry(
  warehouse: Warehouse,
  table: RegistryTable,
  desired: readonly RegistryRow[],
  scope: { readonly sql: string; readonly params?: Record<string, unknown> } = { sql: 'true' },
): Promise<RegistryChange> {
  const wanted = new Map(desired.map((row) => [textOf(row, table.key), row]));
  const retracted: RegistryRow[] = [];
  let unchanged = 0;
  for await (const active of activeRows(warehouse, table, scope))
    for (const row of active) {
      const key = textOf(row, table.key);
      const same = wanted.get(key);
      if (same !== undefined && textOf(same, table.facts) === textOf(row, table.facts)) {
        wanted.delete(key);
        unchanged++;
      } else retracted.push(row);
    }
  return { added: [...wanted.values()], retracted, unchanged };
}

const INSERT_ROWS = 100_000;

/** Records a change. Retractions first: a key has one active row at any time. */
export async function applyRegistry(
  warehouse: Warehouse,
  table: RegistryTable,
  change: RegistryChange,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  const rows = [
    ...change.retracted.map((row) => ({ ...row, retracted_at: at, state: 1 })),
    ...change.added.map((row) => ({ ...row, recorded_at: at })),
  ];
  for (let from = 0; from < rows.length; from += INSERT_ROWS)
    await warehouse.insert(table.name, rows.slice(from, from + INSERT_ROWS));
}
