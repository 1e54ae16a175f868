// The programs of the simulated world: the worker unchanged, and naive consumers that the same oracle must find wrong.

import { Loader } from '../../../ingest/load.ts';
import { workPartition } from '../../../ingest/partition.ts';
import { revisionsOf } from '../../../ingest/rulebook.ts';
import { type MessageSource } from '../../../ingest/message-source.ts';
import { sqlFile } from '../../../sql/sql-file.ts';
import { type QueryParams, type Warehouse } from '../../../sql/warehouse.ts';
import { type BuiltBatch } from '../../../transform/batch-builder.ts';
import { quarantine, rateBatch, usageBatch, type LandingTable } from '../../../transform/schema.ts';
import { crc32 } from '../../../transform/aggregate/arrow-table.ts';
import { type Fact, simulatedWarehouse } from './store.ts';
import { isBad, type Process, recordAt, TOPIC, type World } from './world.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const warehouseOf = (world: World, process: Process): { -readonly [Name in keyof Warehouse]: Warehouse[Name] } =>
  simulatedWarehouse(world.store, {
    read: (effect) => world.io(process, 'read', effect),
    write: (effect) => world.io(process, 'write', effect),
  });

/** Parts that a variant of the worker can lack. Without plans it only leaves more rows that never count. */
export const parts = ['plans', 'fence', 'fence before raising', 'revisions of its own', 'raising'] as const;

/** Runs the worker of ingest/partition.ts and ingest/load.ts in the simulated world. @param without the part that it lacks */
export function protocolWorker(world: World, without?: (typeof parts)[number]) {
  return async (process: Process): Promise<void> => {
    const { machine, claim } = process;
    const warehouse = warehouseOf(world, process);
    const now = () => new Date(0);
    // Kept in memory as long as the machine runs: it may use an old revision when others use newer ones.
    machine.revision ??= revisionsOf(
      simulatedWarehouse(world.store, {
        read: (effect) => world.io(machine.process!, 'read', effect),
        write: (effect) => world.io(machine.process!, 'write', effect),
      }),
      { rulesSha256: machine.rules[0], methodologyVersion: 2 },
      now,
    );
    const revision = machine.revision;
    const commit = claim.commit.bind(claim);
    if (without === 'plans') claim.commit = (offset) => commit(offset);
    if (without === 'fence before raising')
      claim.commit = (offset, metadata) =>
        claim.position === undefined ? Promise.resolve() : commit(offset, metadata);
    if (without === 'fence') claim.fenced = false;
    if (without === 'raising') {
      const { query } = warehouse;
      warehouse.query = async <Row>(sql: string, params?: QueryParams) =>
        (await query<Row>(sql, params)).map((row) => ({
          ...row,
          ...(sql === sqlFile('queries/ledger/partition_end.sql') && { revision: Infinity }),
        }));
    }
    await workPartition(claim, {
      warehouse,
      loader: new Loader({ warehouse, now, sleep: () => world.io(process, 'sleep', () => undefined) }),
      source: simulatedSource(process),
      methodologyVersion: 2,
      revision: (above) => revision(without === 'revisions of its own' ? undefined : above),
      maxBatch_ms: Infinity,
      until: world.high,
      readRecord: (offset) =>
        world.io(process, 'kafka', () => {
          const record = world.log[Number(offset)];
          return record == null ? null : recordAt(offset, record);
        }),
      now,
      log: quiet,
    });
  };
}

/** Inserts the records that it reads and commits its offset, before or after: no identity, no ledger, no plan. */
export function naiveWorker(world: World, commitFirst: boolean) {
  return async (process: Process): Promise<void> => {
    const warehouse = warehouseOf(world, process);
    const { claim } = process;
    claim.seek(claim.committed ?? claim.low);
    const until = world.high;
    while (claim.position! < until) {
      const fetched = await claim.poll();
      if (fetched === null) continue;
      const builder = new LineBuilder(process);
      for (const { value } of fetched.records) if (value !== null) builder.add(value);
      const { usage, quarantine: rejected } = builder.finish();
      if (commitFirst) await claim.commit(fetched.nextOffset);
      for (const { table, ipc, rows } of [usage, rejected]) {
        const batch_id = `${process.id} ${fetched.from} ${world.steps}`;
        for (let stored = rows === 0; !stored;)
          stored = await warehouse
            .insertArrow({ sql: `INSERT INTO ${table.name} `, structure: '', ipc, params: { batch_ids: [batch_id] } })
            .then(
              () => true,
              () => false,
            );
      }
      if (!commitFirst) await claim.commit(fetched.nextOffset);
    }
  };
}

const simulatedSource = (process: Process): MessageSource => ({
  spec: { name: TOPIC },
  messages: () => new LineBuilder(process),
});

/** A transform that keeps each line with the rules that read it, so that the oracle sees mixtures of two rules. */
class LineBuilder {
  private good: string[] = [];
  private bad: string[] = [];

  constructor(private readonly process: Process) {}

  add(value: Uint8Array): void {
    for (const line of Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString().split('\n'))
      (isBad(line) ? this.bad : this.good).push(line);
  }

  get full(): boolean {
    return this.good.length + this.bad.length >= this.process.machine.maxBatchLines;
  }

  discard(): void {
    this.finish();
  }

  finish(): BuiltBatch {
    const { good, bad } = this;
    this.good = [];
    this.bad = [];
    const requests = good.length;
    return {
      usage: this.table(usageBatch, good),
      rate: this.table(rateBatch, requests === 0 ? [] : [`${requests}`]),
      quarantine: this.table(quarantine, bad),
      evidence: [],
      days: [],
      hours: [],
      agents: [],
      counts: {
        lines: requests + bad.length,
        requests,
        excluded: 0,
        quarantined: bad.length,
        bytesUnknown: 0,
        duplicates: 0,
        byReason: {},
        degraded: {},
        degradedRequests: 0,
        firstOccurredAt: null,
        lastOccurredAt: null,
        sent_bytes: 0,
      },
    };
  }

  private table(table: LandingTable, lines: readonly string[]): BuiltBatch['usage'] {
    const { rules } = this.process.machine;
    const rows: Fact[] = lines.map((line, row) => ({
      line,
      rules,
      hash: crc32(Buffer.from(`${row} ${line} ${rules}`)) >>> 0,
    }));
    const hash = BigInt(rows.reduce((sum, fact) => sum + fact.hash, 0));
    return { table, rows: rows.length, hash, ipc: rows as unknown as Uint8Array };
  }
}
