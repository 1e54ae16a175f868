// An in-memory warehouse for the few statements of the load protocol, with the semantics that matter: ReplacingMergeTree (the
// last insert of a key replaces the others), and inserts that are applied in part, late, or twice.

import { sqlFile } from '../../../sql/sql-file.ts';
import { type ArrowInsert, type QueryParams, type Warehouse } from '../../../sql/warehouse.ts';

export interface Fact {
  /** Id or text of a line. */
  readonly line: string;
  /** The rules that read it. */
  readonly rules: string;
  readonly hash: number;
}

export interface StoredLedgerRow {
  readonly epoch: number;
  readonly partition: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly revision: number;
  readonly batch_id: string;
  readonly state: string;
  readonly usage_rows: number;
  readonly quarantine_rows: number;
  readonly last_record_sha256: string;
}

type FactTable = 'usage_batch' | 'rate_batch' | 'quarantine';

export class Store {
  /** table → batch → row number → fact */
  readonly facts: Record<FactTable, Map<string, Map<number, Fact>>> = {
    usage_batch: new Map(),
    rate_batch: new Map(),
    quarantine: new Map(),
  };
  readonly ledger = new Map<string, StoredLedgerRow>();
  readonly revisions = new Map<string, { revision: number; rules: string }>();

  factsOf(table: FactTable, batchId: string): Fact[] {
    return [...(this.facts[table].get(batchId)?.values() ?? [])];
  }

  /** For each first position, returns the row of the highest revision, in order of position: the view ledger_current. */
  currentLedger(): StoredLedgerRow[] {
    const current = new Map<string, StoredLedgerRow>();
    for (const row of this.ledger.values()) {
      const key = `${row.epoch} ${row.partition} ${row.first}`;
      if ((current.get(key)?.revision ?? -1) < row.revision) current.set(key, row);
    }
    return [...current.values()].sort(
      (a, b) => a.epoch - b.epoch || Number(a.first - b.first) || Number(a.last - b.last),
    );
  }

  /** @param share part of the rows that is stored, because an insert into several partitions is not atomic */
  insertFacts({ sql, ipc, params }: ArrowInsert, share = 1): void {
    const table = /^INSERT INTO (usage_batch|rate_batch|quarantine) /m.exec(sql)?.[1] as FactTable;
    // There is one partition, so an insert never contains a second batch.
    const [batchId] = params!.batch_ids as [string];
    const rows = ipc as unknown as readonly Fact[];
    let stored = this.facts[table].get(batchId);
    if (stored === undefined) this.facts[table].set(batchId, (stored = new Map()));
    const count = Math.floor(rows.length * share);
    for (let row = 0; row < count; row++) stored.set(row, rows[row]);
  }

  insert(table: string, rows: readonly Record<string, unknown>[]): void {
    for (const row of rows) {
      if (table === 'ingest_ledger') {
        const { epoch, partition, first, last, revision } = row as Record<string, string | number>;
        this.ledger.set(`${epoch} ${partition} ${first} ${revision}`, {
          ...({ usage_rows: 0, quarantine_rows: 0, ...row } as unknown as StoredLedgerRow),
          first: BigInt(first),
          last: BigInt(last),
        });
      } else if (table === 'revision') {
        const { revision, rules_sha256: rules } = row as { revision: number; rules_sha256: string };
        this.revisions.set(`${revision} ${rules}`, { revision, rules });
      } else if (table !== 'evidence_set' && table !== 'agent_batch')
        throw new Error(`the simulation knows no table ${table}`);
    }
  }

  /** The only statement without a result. */
  repeatLedgerRow(sql: string, params: QueryParams = {}): void {
    if (sql !== sqlFile('queries/ledger/raise_revision.sql'))
      throw new Error(`the simulation does not know the statement: ${sql.slice(0, 200)}`);
    const { epoch, partition, first, end, revision } = params as Record<string, number & string>;
    const row = this.currentLedger().find(
      (row) => row.epoch === epoch && row.partition === partition && `${row.first}` === first && `${row.last}` === end,
    );
    if (row !== undefined)
      this.ledger.set(`${epoch} ${partition} ${first} ${revision}`, { ...row, revision: revision });
  }

  query(sql: string, params: QueryParams = {}): Record<string, unknown>[] {
    if (sql === sqlFile('queries/ledger/partition_stops.sql')) return [];
    if (sql === sqlFile('queries/rulebook/latest_revision.sql')) {
      const all = [...this.revisions.values()];
      const latest = Math.max(...all.map(({ revision }) => revision));
      const contents = all.filter(({ revision }) => revision === latest).map(({ rules }) => rules);
      return contents.length === 0 ? [] : [{ revision: latest, contents }];
    }
    if (sql === sqlFile('queries/ledger/partition_end.sql')) {
      const rows = this.currentLedger().filter(({ partition }) => partition === params.partition);
      const [end] = rows.sort((a, b) => b.epoch - a.epoch || Number(b.last - a.last) || Number(b.first - a.first));
      return end === undefined
        ? []
        : [
            {
              epoch: end.epoch,
              end: `${end.last}`,
              begin: `${end.first}`,
              revision: end.revision,
              sha256: end.last_record_sha256,
              at: '',
            },
          ];
    }
    if (sql === sqlFile('queries/landing/stored_rows.sql'))
      return (params.tables as FactTable[]).map((table) => {
        const [id] = params.batch_ids as [string];
        const facts = this.factsOf(table, id);
        return { name: table, id, rows: `${facts.length}`, hash: `${facts.reduce((sum, { hash }) => sum + hash, 0)}` };
      });
    throw new Error(`the simulation does not know the statement: ${sql.slice(0, 200)}`);
  }
}

export interface WarehouseIo {
  read<T>(effect: () => T): Promise<T>;
  /** @param effect stores a share of the rows; 1 stores all */
  write(effect: (share: number) => void): Promise<void>;
}

/** Connects a process to the store. */
export function simulatedWarehouse(store: Store, io: WarehouseIo): Warehouse {
  const never = (): never => {
    throw new Error('not a part of the load protocol');
  };
  return {
    engine: 'server',
    isBeside: false,
    location: 'simulation',
    query: <Row>(sql: string, params?: QueryParams) => io.read(() => store.query(sql, params) as Row[]),
    insert: (table, rows) =>
      rows.length === 0 ? Promise.resolve() : io.write((share) => void (share === 1 && store.insert(table, rows))),
    insertArrow: (insert) => io.write((share) => store.insertFacts(insert, share)),
    text: never,
    command: (sql, params) => io.write((share) => void (share === 1 && store.repeatLedgerRow(sql, params))),
    writeFile: never,
    session: never,
    close: () => Promise.resolve(),
  };
}
