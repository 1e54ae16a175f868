// Reference data are append-only and bitemporal: an import records new facts, and retracts facts that its input no longer has.

import { sqlFile } from './sql-file.ts';
import { type Warehouse } from './warehouse.ts';

export interface RegistryTable {
  readonly name: 'org' | 'org_edge' | 'org_evidence' | 'network_range';
  /** Columns that identify a fact. */
  readonly key: readonly string[];
  /** Columns with its content. Notes such as source and version may change without a new fact. */
  readonly facts: readonly string[];
  /** A column of the key with values so different that the table can be read in parts by it. */
  readonly spreadBy: string;
}

/** Particulars that a statement shows of the organisation that it is for. */
const billingColumns = [
  'billing_name', 'billing_address', 'billing_tax_id', 'billing_purchase_order', 'billing_reference',
] as const; // prettier-ignore

export const registryTables = {
  org: {
    name: 'org',
    key: ['org_id'],
    facts: ['name', 'exempt', 'contact', ...billingColumns],
    spreadBy: 'org_id',
  },
  orgEdge: { name: 'org_edge', key: ['org_id'], facts: ['family_id'], spreadBy: 'org_id' },
  orgEvidence: {
    name: 'org_evidence',
    key: ['evidence_id'],
    facts: ['org_id', 'tier', 'kind', 'value', 'secret_sha256', 'valid_from', 'valid_to', 'source', 'ci'],
    spreadBy: 'evidence_id',
  },
  networkRange: {
    name: 'network_range',
    key: ['provider', 'type', 'cidr', 'service'],
    facts: ['asn'],
    spreadBy: 'cidr',
  },
} as const satisfies Record<string, RegistryTable>;

export type RegistryRow = Readonly<Record<string, unknown>>;

export interface RegistryChange {
  readonly added: readonly RegistryRow[];
  /** As stored in the table. */
  readonly retracted: readonly RegistryRow[];
  readonly unchanged: number;
}

const textOf = (row: RegistryRow, columns: readonly string[]): string =>
  JSON.stringify(
    columns.map((column) => (row[column] === null || row[column] === undefined ? null : String(row[column]))),
  );

/** Reads in parts, because a million rows are longer than the longest text that Node can hold. */
const READ_ROWS = 200_000;

/** Published ranges of these providers: an import changes them, and no others. */
export interface ProviderScope {
  readonly providers: readonly string[];
}

async function* activeRows(
  warehouse: Warehouse,
  { name, spreadBy }: RegistryTable,
  scope: ProviderScope | undefined,
): AsyncGenerator<RegistryRow[]> {
  const params = { table: name, spread_by: spreadBy, ...scope };
  const [count] = await warehouse.query<{ rows: string }>(
    sqlFile(scope === undefined ? 'queries/orgs/active_facts_count.sql' : 'queries/orgs/active_ranges_count.sql'),
    params,
  );
  const parts = Math.ceil(Number(count.rows) / READ_ROWS);
  for (let part = 0; part < parts; part++)
    yield await warehouse.query<RegistryRow>(
      sqlFile(scope === undefined ? 'queries/orgs/active_facts.sql' : 'queries/orgs/active_ranges.sql'),
      { ...params, parts, part },
    );
}

/** The changes that an import would make. @param scope of network_range: the rows that the import may change; default: all */
export async function compareRegistry(
  warehouse: Warehouse,
  table: RegistryTable,
  desired: readonly RegistryRow[],
  scope?: ProviderScope,
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

/** Records a change. It writes retractions first, so that a key has one active row at any time. */
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
