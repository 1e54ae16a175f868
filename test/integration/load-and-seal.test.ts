// From objects to sealed days: repeated loads, retractions, late lines and closed days, and the sums after each.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeBookings } from '../../sql/bookings.ts';
import { runChecks } from '../../sql/checks.ts';
import { sealDay } from '../../sql/seal.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { edgeLine, House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

const expectSound = async () => expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);

describe('objects', () => {
  it('counts every line once: requests, excluded, quarantined', async () => {
    const path = house.object('mixed.log', [
      { at: '2026-10-01T10:00:00Z' },
      '',
      '{"broken',
      { at: '1999-01-01T00:00:00Z' },
      { at: '2026-10-01T11:00:00Z', bytes: 500 },
    ]);
    const [outcome] = await house.ingest([path]);
    expect(outcome).toMatchObject({ status: 'loaded', lines: 5, requests: 2, excluded: 1, quarantined: 2 });
    expect(await house.totals('usage_known', "day = '2026-10-01'")).toEqual({ requests: 2, downloads: 2, bytes: 1500 });
    const rows = await house.warehouse.query('SELECT position, reason, line FROM quarantine ORDER BY row');
    const first = edgeLine({ at: '2026-10-01T10:00:00Z' }).length + 1;
    expect(rows).toEqual([
      { position: String(first + 1), reason: expect.stringMatching(/malformed|truncated/), line: '{"broken' },
      {
        position: String(first + 1 + 9),
        reason: 'timestamp_out_of_range',
        line: edgeLine({ at: '1999-01-01T00:00:00Z' }),
      },
    ]);
    await expectSound();
  });

  it('stores many small ones together as it stores each alone', async () => {
    const paths = [0, 1].flatMap((day) =>
      Array.from({ length: 12 }, (_, i) =>
        house.object(`small-${day}-${i}.log${i % 3 === 0 ? '.gz' : ''}`, [
          ...Array.from({ length: 1 + i * 7 }, (_line, k) => ({
            at: `2026-11-0${1 + day}T${10 + (k % 3)}:00:00Z`,
            path: `/p${k % 5}/-/p${k % 5}-1.${i}.0.tgz`,
            address: `198.51.${day}.${k}`,
            bytes: 1000 + k,
          })),
          ...(i % 4 === 1 ? ['{"broken', ''] : []),
        ]),
      ),
    );
    const steps: string[] = [];
    const retries: string[] = [];
    const loader = house.loader({
      onStep: (step) => void steps.push(step),
      onRetry: ({ message }) => void retries.push(message),
    });
    await house.ingest(paths, { spec: { name: 'together' }, loader });
    expect(retries).toEqual([]);
    expect(steps.filter((step) => step === 'ledger').length).toBeLessThan(paths.length / 2);
    for (const path of paths) await house.ingest([path], { spec: { name: 'alone' } });

    const ledger = (source: string) =>
      house.warehouse.query(
        'SELECT * EXCEPT (source, batch_id, recorded_at, seen_at) FROM ledger_current WHERE source = {source:String} ORDER BY object',
        { source },
      );
    const rows = (table: string, source: string, except = 'batch_id') =>
      house.warehouse.query(
        `SELECT object, landing.* EXCEPT (${except}) FROM (SELECT * FROM ${table} FINAL) AS landing
        INNER JOIN (SELECT batch_id, object FROM ledger_current WHERE source = {source:String}) AS batch USING (batch_id)
        ORDER BY object, row`,
        { source },
      );
    expect(await ledger('together')).toHaveLength(paths.length);
    expect(await ledger('together')).toEqual(await ledger('alone'));
    expect(await rows('quarantine', 'together')).toHaveLength(6);
    expect(await rows('quarantine', 'together')).toEqual(await rows('quarantine', 'alone'));
    expect(await rows('usage_batch', 'together')).toEqual(await rows('usage_batch', 'alone'));
    expect(await rows('rate_batch', 'together', 'batch_id, source')).toEqual(
      await rows('rate_batch', 'alone', 'batch_id, source'),
    );
    expect(
      await house.warehouse.query('SELECT DISTINCT source FROM rate_batch WHERE slot >= {day:Date} ORDER BY source', {
        day: '2026-11-01',
      }),
    ).toEqual([{ source: 'alone' }, { source: 'together' }]);
    await expectSound();
  });

  it('loads the same bytes once, under whatever name', async () => {
    const lines = [{ at: '2026-10-02T10:00:00Z' }];
    const first = house.object('a.log', lines);
    expect((await house.ingest([first]))[0].status).toBe('loaded');
    expect((await house.ingest([first]))[0].status).toBe('known');
    const [renamed] = await house.ingest([house.object('b.log', lines)]);
    expect(renamed).toMatchObject({ status: 'known', problem: expect.stringContaining('a.log') });
    expect((await house.totals('usage_known', "day = '2026-10-02'")).requests).toBe(1);
  });

  it('refuses other bytes under a known name, until the old ones are taken back', async () => {
    const path = house.object('changing.log', [{ at: '2026-10-03T10:00:00Z', bytes: 1 }]);
    await house.ingest([path]);
    house.object('changing.log', [{ at: '2026-10-03T10:00:00Z', bytes: 2 }]);
    expect((await house.ingest([path]))[0]).toMatchObject({
      status: 'refused',
      problem: expect.stringContaining('ingest retract'),
    });
    expect((await house.totals('usage_known', "day = '2026-10-03'")).bytes).toBe(1);
    await house.retract({ source: 'npm', object: 'changing.log' });
    expect((await house.totals('usage_known', "day = '2026-10-03'")).bytes).toBe(0);
    expect((await house.ingest([path]))[0].status).toBe('loaded');
    expect((await house.totals('usage_known', "day = '2026-10-03'")).bytes).toBe(2);
    await expectSound();
  });

  it('loads a retracted object again, in the ranges it had', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => ({
      at: '2026-10-04T10:00:00Z',
      bytes: i,
      path: `/p${i}/-/p${i}-1.0.0.tgz`,
    }));
    const path = house.object('again.log', lines);
    const before = await house.ingest([path], { limits: { ...defaultLimits, maxLines: 500 } });
    const bounds = () =>
      house.warehouse.query("SELECT first, last FROM ledger_current WHERE object = 'again.log' ORDER BY first");
    const ranges = await bounds();
    const totals = await house.totals('usage_known', "day = '2026-10-04'");
    await house.retract({ source: 'npm', object: 'again.log' });
    expect((await house.totals('usage_known', "day = '2026-10-04'")).requests).toBe(0);
    const [after] = await house.ingest([path]);
    expect(after).toMatchObject({ status: 'loaded', lines: 3000, batches: before[0].batches });
    expect(await bounds()).toEqual(ranges);
    expect(await house.totals('usage_known', "day = '2026-10-04'")).toEqual(totals);
    await expectSound();
  });

  it('counts nothing of a gzip that ends too early, and says so', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => ({ at: '2026-10-05T10:00:00Z', bytes: i * 7919 }));
    const path = house.object('torn.log.gz', lines);
    const { readFileSync, writeFileSync } = await import('node:fs');
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 100));
    const [outcome] = await house.ingest([path], { limits: { ...defaultLimits, maxLines: 1000 } });
    expect(outcome).toMatchObject({ status: 'refused', problem: expect.stringContaining('damaged gzip') });
    expect((await house.totals('usage_known', "day = '2026-10-05'")).requests).toBe(0);
    writeFileSync(path, whole);
    expect((await house.ingest([path]))[0]).toMatchObject({ status: 'loaded', requests: 5000 });
    await expectSound();
  });

  it('stops at an unknown format and shows the first line', async () => {
    const path = house.object('unknown.log', ['what is this', 'and this']);
    const [outcome] = await house.ingest([path], { spec: { format: 'auto' } });
    expect(outcome).toMatchObject({ status: 'refused', problem: expect.stringContaining('xxxx xx xxxx') });
  });
});

describe('days', () => {
  it('splits a batch that spans midnight', async () => {
    await house.ingest([
      house.object('midnight.log', [
        { at: '2026-10-10T23:59:59Z', bytes: 1 },
        { at: '2026-10-11T00:00:00Z', bytes: 2 },
        { at: '2026-10-11T00:00:01Z', bytes: 4 },
      ]),
    ]);
    expect(await house.seal('2026-10-10')).toMatchObject({ requests: '1', bytes: '1' });
    expect(await house.seal('2026-10-11')).toMatchObject({ requests: '2', bytes: '6' });
    expect(await house.totals('usage_known', "day IN ('2026-10-10', '2026-10-11')")).toEqual({
      requests: 3,
      downloads: 3,
      bytes: 7,
    });
  });

  it('seals an open day again with its late rows, in place', async () => {
    await house.ingest([house.object('late-open.log', [{ at: '2026-10-10T12:00:00Z', bytes: 8 }])]);
    expect(await house.seal('2026-10-10')).toMatchObject({
      status: 'sealed',
      booked_day: '2026-10-10',
      requests: '2',
      bytes: '9',
    });
    expect(await house.seal('2026-10-10')).toMatchObject({ status: 'unchanged' });
  });

  it.each(['usage_known', 'network_known'])(
    'of %s are read from landing until they are sealed, and then not',
    async (view) => {
      const day = view === 'usage_known' ? '2026-10-07' : '2026-10-08';
      await house.ingest([house.object(`${view}.log`, [{ at: `${day}T10:00:00Z` }])]);
      const reads = async (): Promise<Record<string, number>> => {
        const estimates = await house.warehouse.query<{ table: string; rows: string }>(
          `EXPLAIN ESTIMATE SELECT * FROM ${view} WHERE day = '${day}'`,
        );
        return Object.fromEntries(estimates.map(({ table, rows }) => [table, Number(rows)]));
      };
      const { usage_batch: open } = await reads();
      await house.seal(day);
      expect(await reads()).toMatchObject({ usage_batch: open - 1, [view.replace('known', 'daily')]: 1 });
    },
  );

  it('books what comes after the close on a later day, and never touches the closed one', async () => {
    await closeBookings(house.warehouse, '2026-10-11', new Date());
    const closed = () =>
      house.warehouse.query("SELECT * FROM usage_daily WHERE booked_day = '2026-10-10' ORDER BY ALL");
    const before = await closed();
    await house.ingest([house.object('late-closed.log', [{ at: '2026-10-10T13:00:00Z', bytes: 16 }])]);
    expect(await house.seal('2026-10-10', '2026-11-02')).toMatchObject({
      booked_day: '2026-11-02',
      requests: '1',
      bytes: '16',
    });
    expect(await closed()).toEqual(before);
    expect(await house.totals('usage_known', "day = '2026-10-10'")).toEqual({ requests: 3, downloads: 3, bytes: 25 });
    expect(
      (await house.totals('usage_known', "booked_day BETWEEN '2026-10-01' AND '2026-10-31' AND day = '2026-10-10'"))
        .bytes,
    ).toBe(9);
    await expectSound();
  });

  it('books a retraction after the close as signed rows', async () => {
    await closeBookings(house.warehouse, '2026-11-02', new Date());
    await house.retract({ source: 'npm', object: 'late-open.log' });
    expect(await house.seal('2026-10-10', '2026-11-03')).toMatchObject({
      booked_day: '2026-11-03',
      requests: '-1',
      bytes: '-8',
    });
    expect(await house.totals('usage_known', "day = '2026-10-10'")).toEqual({ requests: 2, downloads: 2, bytes: 17 });
    await expectSound();
  });

  it('empties an open day whose objects were all taken back', async () => {
    await house.ingest([house.object('gone.log', [{ at: '2026-10-12T10:00:00Z' }])]);
    await house.seal('2026-10-12');
    await house.retract({ source: 'npm', object: 'gone.log' });
    expect(await house.seal('2026-10-12')).toMatchObject({ status: 'sealed', requests: '0', usage_rows: '0' });
    expect((await house.totals('usage_known', "day = '2026-10-12'")).requests).toBe(0);
    await expectSound();
  });

  it('seals the same rows in one part and in many', async () => {
    const lines = Array.from({ length: 400 }, (_, i) => ({
      at: `2026-10-18T${String(i % 24).padStart(2, '0')}:00:00Z`,
      bytes: i,
      path: i % 7 === 0 ? '/' : `/p${i % 90}/-/p${i % 90}-1.0.0.tgz`,
      address: `198.51.${i % 5}.1`,
    }));
    await house.ingest([house.object('many.log', lines)]);
    // The transform writes rows in the engine's order, so that the engine has nothing to sort.
    for (const table of ['usage_batch', 'rate_batch']) {
      const rows = await house.warehouse.query<{ row: number; bucket: number }>(
        `SELECT row, bucket FROM ${table} WHERE batch_id = (SELECT batch_id FROM ledger_current WHERE object = 'many.log') ORDER BY row`,
      );
      const buckets = rows.map(({ bucket }) => bucket);
      expect(new Set(buckets).size).toBeGreaterThan(3);
      expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
    }
    const seal = async (rowsAtATime?: number) => {
      const { usage_hash } = await sealDay(house.warehouse, '2026-10-18', {
        lateBookedDay: '2026-10-18',
        now: new Date(),
        force: true,
        rowsAtATime,
      });
      const networks = await house.warehouse.query(
        "SELECT network, client, sum(requests), sum(downloads), sum(bytes), sum(repeat_downloads), sum(repeat_bytes), sum(packages) FROM network_daily WHERE day = '2026-10-18' GROUP BY network, client ORDER BY network, client",
      );
      const rates = await house.warehouse.query(
        "SELECT * FROM request_rate WHERE day = '2026-10-18' ORDER BY slot, network, evidence_set",
      );
      return { usage_hash, networks, rates };
    };
    const whole = await seal();
    expect(whole.networks.length).toBe(5);
    expect(await seal(1)).toEqual(whole);
  });

  it('counts rows once that a repeated load stored twice', async () => {
    await house.ingest([house.object('twice.log', [{ at: '2026-10-19T10:00:00Z', bytes: 7 }])]);
    for (const [table, time] of [
      ['usage_batch', 'hour'],
      ['rate_batch', 'slot'],
    ]) {
      await house.warehouse.command(`INSERT INTO ${table} SELECT * FROM ${table} WHERE toDate(${time}) = '2026-10-19'`);
      const sealed = await sealDay(house.warehouse, '2026-10-19', {
        lateBookedDay: '2026-10-19',
        now: new Date(),
        force: true,
      });
      expect(sealed).toMatchObject({ status: 'sealed', requests: '1', bytes: '7' });
    }
    await expectSound();
  });

  it('refuses to seal a day whose landing lost rows', async () => {
    await house.ingest([house.object('lost.log', [{ at: '2026-10-13T10:00:00Z' }])]);
    await house.warehouse.command("ALTER TABLE usage_batch DROP PARTITION '20261013'");
    await expect(house.seal('2026-10-13')).rejects.toMatchObject({
      kind: 'checkFailed',
      message: expect.stringContaining('2026-10-13'),
    });
    expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok).map(({ name }) => name)).toContain(
      'landing holds what the ledger says',
    );
  });

  it('counts repeats within one network and file only', async () => {
    const download = (address: string) => ({ at: '2026-10-14T10:00:00Z', bytes: 100, address });
    await house.ingest([
      house.object('repeats.log', [download('198.51.100.1'), download('198.51.100.9'), download('203.0.113.1')]),
    ]);
    await house.ingest([
      house.object('repeats2.log', [{ ...download('198.51.100.1'), at: '2026-10-14T20:00:00Z', bytes: 90 }]),
    ]);
    await house.seal('2026-10-14');
    const [row] = await house.warehouse.query(
      "SELECT sum(repeat_downloads) AS repeats, sum(repeat_bytes) AS bytes FROM usage_daily WHERE day = '2026-10-14'",
    );
    expect(row).toEqual({ repeats: '2', bytes: '190' });
  });
});
