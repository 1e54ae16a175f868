// Small batches that come while others are stored go together; what the warehouse refuses of them fails alone.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type BatchIdentity } from '../sql/ledger.ts';
import { type Warehouse } from '../sql/warehouse.ts';
import { type BuiltBatch, defaultLimits } from '../transform/batch-builder.ts';
import { formatByName } from '../transform/formats/index.ts';
import { buildNetworkIndex } from '../transform/networks/network-index.ts';
import { batchId, Loader, type LoaderOptions } from './load.ts';
import { Source } from './source.ts';
import { NEWEST } from '../transform/methodology.ts';

const source = new Source(
  { name: 'npm', format: 'nginx-edge', ecosystem: 'npm' },
  {
    networks: buildNetworkIndex({}),
    tokenIdOf: () => null,
    methodology: NEWEST,
    methodologyVersion: 2,
    rulesSha256: '',
  },
  defaultLimits,
);
function batchOf(packages: readonly string[]): BuiltBatch {
  const builder = source.builder(formatByName('nginx-edge')!);
  const lines = packages.map((name) =>
    JSON.stringify({
      timestamp: '2026-10-01T10:00:00Z',
      client_ip: '192.0.2.1',
      request: 'GET',
      request_path: `/${name}/-/${name}-1.0.0.tgz`,
      user_agent: 'npm/11.0.0 node/v20.0.0 linux x64 workspaces/false',
      response_status: 200,
      response_bytes: 10,
    }),
  );
  const bytes = Buffer.from(lines.join('\n'));
  builder.add(bytes, 0, bytes.length, 0, Infinity);
  return builder.finish();
}
const identityOf = (number: number): BatchIdentity => ({
  source: 'npm',
  epoch: 0,
  partition: `object-${number}`,
  first: 0n,
  last: 100n,
  revision: 1,
});
const idOf = (number: number, { usage, rate, quarantine }: BuiltBatch) =>
  batchId(identityOf(number), [usage, rate, quarantine]);

/** As the engine refuses a query: again and again. */
const refusal = () => Object.assign(new Error('refused'), { code: '53', type: 'TYPE_MISMATCH' });
const outage = () => Object.assign(new Error('busy'), { code: '202', type: 'TOO_MANY_SIMULTANEOUS_QUERIES' });

/** Takes what it is given, a while later, and reads back what was sent of a batch once it has it. */
class FakeWarehouse {
  readonly inserts: { readonly table: string; readonly ids: readonly string[] }[] = [];
  readonly ledger: string[][] = [];
  /** What goes wrong with an insert of these batches, or of the ledger rows of these partitions. */
  fails: (table: string, ids: readonly string[]) => Error | undefined = () => undefined;
  private readonly sent: ReadonlyMap<string, BuiltBatch>;

  constructor(sent: ReadonlyMap<string, BuiltBatch>) {
    this.sent = sent;
  }

  async insertArrow({ sql, params }: Parameters<Warehouse['insertArrow']>[0]): Promise<void> {
    const ids = (params as { batch_ids: string[] }).batch_ids;
    await this.take(/INSERT INTO (\w+)/.exec(sql)![1], ids);
    this.inserts.push({ table: /INSERT INTO (\w+)/.exec(sql)![1], ids });
  }

  async insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
    if (table !== 'ingest_ledger') return;
    const partitions = rows.map(({ partition }) => partition as string);
    await this.take(table, partitions);
    this.ledger.push(partitions);
  }

  async query(_sql: string, params: { readonly batch_ids: readonly string[] }) {
    return params.batch_ids.flatMap((id) =>
      [this.sent.get(id)!.usage, this.sent.get(id)!.rate]
        .filter(({ table }) => this.inserts.some((one) => one.table === table.name && one.ids.includes(id)))
        .map(({ table, rows, hash }) => ({ name: table.name, id, rows: String(rows), hash: String(hash) })),
    );
  }

  /** How often each batch went into a table. */
  timesIn(table: string): number[] {
    return [...this.sent.keys()].map(
      (id) => this.inserts.filter((one) => one.table === table && one.ids.includes(id)).length,
    );
  }

  private async take(table: string, ids: readonly string[]): Promise<void> {
    await sleep(2);
    const error = this.fails(table, ids);
    if (error !== undefined) throw error;
  }
}

function house(batches: readonly BuiltBatch[], options: Partial<LoaderOptions> = {}) {
  const warehouse = new FakeWarehouse(new Map(batches.map((batch, i) => [idOf(i, batch), batch])));
  const loader = new Loader({
    warehouse: warehouse as unknown as Warehouse,
    now: () => new Date(0),
    sleep: () => Promise.resolve(),
    ...options,
  });
  const load = async (number: number) => {
    const row = await loader.store(identityOf(number), batches[number], { methodologyVersion: 2, seenAt_ms: 0 });
    await loader.commit([row]);
    return number;
  };
  return { warehouse, loader, load, all: () => Promise.allSettled(batches.map((_batch, i) => load(i))) };
}

const small = Array.from({ length: 40 }, (_, i) => batchOf([`a${i}`, `b${i}`]));
const partitions = small.map((_batch, i) => `object-${i}`);

describe('small batches that come together', () => {
  it('are stored and counted together, each once', async () => {
    const retries: string[] = [];
    const { warehouse, all } = house(small, { onRetry: ({ message }) => void retries.push(message) });
    expect((await all()).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(retries).toEqual([]);
    expect(warehouse.timesIn('usage_batch')).toEqual(small.map(() => 1));
    expect(warehouse.timesIn('rate_batch')).toEqual(small.map(() => 1));
    expect(warehouse.ledger.flat().sort()).toEqual([...partitions].sort());
    expect(warehouse.inserts.length).toBeLessThanOrEqual(4);
    expect(warehouse.ledger.length).toBeLessThanOrEqual(2);
  });

  it('wait for what is stored, and then go together', async () => {
    const { warehouse, load } = house(small);
    const first = load(0);
    await sleep(1);
    const others = small.slice(1).map((_batch, i) => load(i + 1));
    await Promise.all([first, ...others]);
    expect(warehouse.inserts.filter(({ table }) => table === 'usage_batch').map(({ ids }) => ids.length)).toEqual([
      1,
      small.length - 1,
    ]);
  });

  it('are sent again as they are when an outcome is unknown', async () => {
    let outages = 3;
    const retries: string[] = [];
    const { warehouse, all } = house(small, { onRetry: ({ message }) => void retries.push(message) });
    warehouse.fails = () => (outages-- > 0 ? outage() : undefined);
    expect((await all()).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(retries).toEqual(['busy', 'busy', 'busy']);
    expect(warehouse.ledger.flat().sort()).toEqual([...partitions].sort());
  });

  it('fail alone where the warehouse refuses one of them', async () => {
    const retries: string[] = [];
    const { warehouse, all } = house(small, { onRetry: ({ message }) => void retries.push(message) });
    const bad = idOf(7, small[7]);
    warehouse.fails = (table, ids) => (table === 'usage_batch' && ids.includes(bad) ? refusal() : undefined);
    const outcomes = await all();
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([7]);
    expect((outcomes[7] as PromiseRejectedResult).reason).toMatchObject({ kind: 'defect' });
    expect(retries).toEqual([expect.stringMatching(/^40 together: .*refused; each by itself now$/)]);
    expect(warehouse.ledger.flat().sort()).toEqual(partitions.filter((name) => name !== 'object-7').sort());
  });

  it('are not tried again one by one when it is time to stop', async () => {
    const stop = new AbortController();
    const { warehouse, all } = house(small, { signal: stop.signal });
    let tries = 0;
    warehouse.fails = () => {
      tries++;
      stop.abort();
      return outage();
    };
    expect((await all()).every(({ status }) => status === 'rejected')).toBe(true);
    expect(tries).toBe(1);
  });

  it('count alone where the warehouse refuses the ledger row of one of them', async () => {
    const { warehouse, all } = house(small);
    warehouse.fails = (table, ids) => (table === 'ingest_ledger' && ids.includes('object-7') ? refusal() : undefined);
    const outcomes = await all();
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([7]);
    expect(warehouse.ledger.flat().sort()).toEqual(partitions.filter((name) => name !== 'object-7').sort());
  });

  it('fail alone where one of them is not stored as it was sent', async () => {
    const { warehouse, all } = house(small);
    const bad = idOf(7, small[7]);
    const query = warehouse.query.bind(warehouse);
    warehouse.query = async (sql, params) =>
      (await query(sql, params)).map((row) => (row.id === bad ? { ...row, hash: '1' } : row));
    const outcomes = await all();
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([7]);
    expect((outcomes[7] as PromiseRejectedResult).reason).toMatchObject({ message: expect.stringContaining(bad) });
  });
});

describe('large batches', () => {
  const large = batchOf(Array.from({ length: 40_000 }, (_, i) => `package-${i}`));

  it('do not wait for small ones, nor they for them', async () => {
    const { warehouse, all } = house([small[0], large, small[1]]);
    expect((await all()).every(({ status }) => status === 'fulfilled')).toBe(true);
    const usage = warehouse.inserts.filter(({ table }) => table === 'usage_batch').map(({ ids }) => ids.length);
    expect(usage.sort()).toEqual([1, 2]);
  });

  it('leave room for more when they are stored', async () => {
    const many = Array.from({ length: 20 }, () => large);
    const { loader, load } = house(many);
    await loader.room();
    const loading = many.map((_batch, i) => load(i));
    let isRoom = false;
    const room = loader.room().then(() => void (isRoom = true));
    await sleep(0);
    expect(isRoom).toBe(false);
    await Promise.all(loading);
    await room;
  });
});
