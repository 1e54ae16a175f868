// Quarantine: lines that can be read later count once, however often a replay is repeated or cut short, and in every state of
// their days. The oracle is the object with the same lines, read correctly at once.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoadStep } from '../../ingest/load.ts';
import { type ReplayOptions, type ReplayOutcome, replayQuarantine } from '../../ingest/replay.ts';
import { Source } from '../../ingest/source.ts';
import { closeBookings } from '../../sql/bookings.ts';
import { runChecks } from '../../sql/checks.ts';
import { quarantineContent, quarantinedLines, quarantineGroups } from '../../sql/quarantine.ts';
import { type BatchLimits, defaultLimits } from '../../transform/batch-builder.ts';
import { edgeLine, House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

/** Lines longer than this are refused at first. The test raises the limit before a replay. */
const narrow: BatchLimits = { ...defaultLimits, maxLine_bytes: 400, maxLines: 40 };
const longPath = (i: number) => `/long-${i}/-/long-${i}-1.0.0.tgz?${'x'.repeat(200)}`;

/** At first every third line is too long, two lines cannot be read at all, and one is longer than its stored bytes. */
const mixedLines = (day: string, count: number): string[] => [
  '{"broken',
  ...Array.from({ length: count }, (_, i) =>
    edgeLine({
      at: `${day}T${String(i % 24).padStart(2, '0')}:00:00Z`,
      bytes: 100 + i,
      ...(i % 3 === 0 ? { path: longPath(i % 5) } : {}),
    }),
  ),
  edgeLine({ at: `${day}T12:00:00Z`, path: `/huge/-/huge-1.0.0.tgz?${'y'.repeat(9000)}` }),
  edgeLine({ at: '1999-01-01T00:00:00Z' }),
];

async function replay(options: Partial<ReplayOptions> = {}): Promise<ReplayOutcome[]> {
  const source = new Source({ name: 'npm', format: 'nginx-edge', ecosystem: 'npm' }, house.rulebook, defaultLimits);
  const outcomes: ReplayOutcome[] = [];
  for await (const outcome of replayQuarantine({
    warehouse: house.warehouse,
    loader: house.loader(),
    source,
    format: source.formatOf(new Uint8Array(0), ''),
    methodologyVersion: 2,
    revisionAbove: (above) => house.revision(above),
    ...options,
  }))
    outcomes.push(outcome);
  return outcomes;
}

const usage = () =>
  house.warehouse.query(
    `SELECT * EXCEPT (booked_day, requests, downloads, bytes, repeat_downloads, repeat_bytes), sum(k.requests) AS r, sum(k.downloads) AS d, sum(k.bytes) AS b, sum(k.repeat_downloads) AS rd, sum(k.repeat_bytes) AS rb
    FROM (SELECT * FROM usage_known WHERE day = '2026-10-01') AS k GROUP BY ALL HAVING r != 0 ORDER BY ALL`,
  );
const requestsOf = async (day: string) => (await house.totals('usage_known', `day = '${day}'`)).requests;
const expectSound = async () => expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);

describe('replay', () => {
  it('counts what can be read now once, and leaves the rest', async () => {
    const lines = mixedLines('2026-10-01', 1500);
    await house.ingest([house.object('a.log', lines)], { limits: narrow });
    const before = await house.totals('usage_known', "day = '2026-10-01'");
    expect(before.requests).toBe(1000);

    const dry = await replay({ dryRun: true });
    expect(await house.totals('usage_known', "day = '2026-10-01'")).toEqual(before);
    const outcomes = await replay();
    expect(outcomes).toEqual(dry);
    expect(outcomes.length).toBeGreaterThan(1); // several batches, one object
    const sum = (measure: 'lines' | 'requests' | 'quarantined' | 'truncated') =>
      outcomes.reduce((total, outcome) => total + outcome[measure], 0);
    expect([sum('lines'), sum('requests'), sum('quarantined'), sum('truncated')]).toEqual([503, 500, 3, 1]);
    await expectSound();

    const ledger = () => house.warehouse.query('SELECT * FROM ledger_current ORDER BY ledger_current.first');
    const settled = await ledger();
    expect((await replay()).map(({ status }) => status)).toEqual(outcomes.filter(({ quarantined }) => quarantined > 0).map(() => 'unchanged')); // prettier-ignore
    expect(await ledger()).toEqual(settled);
    const [reasons] = await house.warehouse.query('SELECT sumMap(reasons) AS reasons FROM ledger_current');
    expect(reasons).toMatchObject({ reasons: { line_too_long: '1', timestamp_out_of_range: '1' } });

    const replayed = await usage();
    await house.retract({ source: 'npm', object: 'a.log' });
    expect(await usage()).toEqual([]);
    await house.ingest([house.object('right.log', lines.filter((line) => line.length < 8192))]); // prettier-ignore
    expect(await usage()).toEqual(replayed);
  });

  it('cut short before any step, counts once when it is run again', async () => {
    const lines = mixedLines('2026-10-02', 30);
    await house.ingest([house.object('cut.log', lines)], { limits: { ...narrow, maxLines: 1000 } });
    for (const step of ['evidence', 'usage', 'rate', 'quarantine', 'read-back', 'ledger', 'done'] as const) {
      const crash = (at: LoadStep) => {
        if (at === step) throw new Error('killed');
      };
      await expect(replay({ loader: house.loader({ onStep: crash }), partition: 'cut.log' })).rejects.toThrow('killed');
      expect(await requestsOf('2026-10-02')).toBe(step === 'done' ? 30 : 20);
    }
    await replay({ partition: 'cut.log' });
    expect(await requestsOf('2026-10-02')).toBe(30);
    await expectSound();
  });

  it('re-seals an open day, and books on a later one what a closed day lacked', async () => {
    const lines = [...mixedLines('2026-10-10', 30), ...mixedLines('2026-10-11', 30)];
    await house.ingest([house.object('sealed.log', lines)], { limits: narrow });
    for (const day of ['2026-10-10', '2026-10-11']) await house.seal(day);
    await closeBookings(house.warehouse, '2026-10-10', new Date());
    const booked = async () =>
      Object.fromEntries(
        (await house.warehouse.query<{ b: string; n: string }>(
          "SELECT concat(toString(day), ' on ', toString(booked_day)) AS b, sum(requests) AS n FROM usage_daily WHERE day >= '2026-10-10' GROUP BY b ORDER BY b",
        )).map(({ b, n }) => [b, Number(n)]), // prettier-ignore
      );
    expect(await booked()).toEqual({ '2026-10-10 on 2026-10-10': 20, '2026-10-11 on 2026-10-11': 20 });
    const outcomes = await replay({ partition: 'sealed.log' });
    expect([...new Set(outcomes.flatMap(({ days }) => days))].sort()).toEqual(['2026-10-10', '2026-10-11']);
    for (const day of ['2026-10-10', '2026-10-11']) await house.seal(day, '2026-11-05');
    expect(await booked()).toEqual({
      '2026-10-10 on 2026-10-10': 20,
      '2026-10-10 on 2026-11-05': 10,
      '2026-10-11 on 2026-10-11': 30,
    });
    await expectSound();
  });

  it('keeps the lines of a range that another process has loaded anew', async () => {
    await house.ingest([house.object('taken.log', mixedLines('2026-10-03', 30))], { limits: narrow });
    const overtaken = house.loader({
      onStep: async (step) => {
        if (step === 'done')
          await house.warehouse.command(
            "INSERT INTO ingest_ledger SELECT * REPLACE (toUInt32(1000) AS revision) FROM (SELECT * FROM ingest_ledger FINAL WHERE object = 'taken.log' ORDER BY revision LIMIT 1)",
          );
      },
    });
    await expect(replay({ loader: overtaken, partition: 'taken.log' })).rejects.toThrow(
      'loaded anew by another process',
    );
    expect(await requestsOf('2026-10-03')).toBe(20);
    await expectSound();
  });

  it('tells the format from the lines of each range, where the source is auto', async () => {
    const limits = { ...narrow, maxLines: 1000 };
    const spec = { name: 'auto', format: 'auto', ecosystem: 'npm' };
    await house.ingest([house.object('told.log', mixedLines('2026-09-02', 30))], { limits, spec });
    const good = ['00', '01'].map((hour) => edgeLine({ at: `2026-09-02T${hour}:00:00Z` }));
    await house.ingest([house.object('junk.log', [...good, '{"broken'])], { spec });
    const source = new Source(spec, house.rulebook, defaultLimits);
    const outcomes = await replay({ source, format: undefined });
    expect(outcomes.map(({ partition, status, requests }) => [partition, status, requests])).toEqual([
      ['junk.log', 'refused', 0],
      ['told.log', 'replayed', 10],
    ]);
    expect(outcomes[0].problem).toContain('--format');
    expect(await requestsOf('2026-09-02')).toBe(32);
    await expectSound();
  });

  it('says of a format with directives that its lines mean nothing alone', async () => {
    const path = house.object('cdn.log', ['#Version: 1.0', '#Fields: date time', 'broken']);
    await house.ingest([path], { spec: { name: 'cdn', format: 'cloudfront' } });
    const source = new Source({ name: 'cdn', format: 'cloudfront' }, house.rulebook, defaultLimits);
    const [outcome] = await replay({ source, format: source.formatOf(new Uint8Array(0), '') });
    expect(outcome).toMatchObject({ status: 'refused', problem: expect.stringContaining('ingest retract') });
  });
});

describe('list and show', () => {
  it('group by object and reason, and show the shape, and the bytes on demand', async () => {
    await house.ingest([house.object('shown.log', mixedLines('2026-10-04', 6))], { limits: narrow });
    const groups = await quarantineGroups(house.warehouse, { source: 'npm', partition: 'shown.log' }, 8192);
    expect(
      groups.map(({ source, partition, reason, lines, truncated }) => [source, partition, reason, lines, truncated]),
    ).toEqual([
      ['npm', 'shown.log', 'line_too_long', '3', '1'],
      ['npm', 'shown.log', 'timestamp_out_of_range', '1', '0'],
      ['npm', 'shown.log', 'truncated', '1', '0'],
    ]);
    expect(await quarantineGroups(house.warehouse, { source: 'other' }, 8192)).toEqual([]);
    expect(await quarantineGroups(house.warehouse, { reason: 'truncated', partition: 'shown.log' }, 8192)).toHaveLength(
      1,
    );
    const [, , truncated] = groups;
    const [batchId, row] = truncated.sample_id.split('/');
    const byId = await quarantinedLines(house.warehouse, { batchId: batchId, row: Number(row) });
    const byPlace = await quarantinedLines(house.warehouse, { partition: 'shown.log', position: 0n });
    expect(byId).toEqual(byPlace);
    expect(byId).toMatchObject([{ position: '0', reason: 'truncated', line_bytes: 8 }]);
    expect(Buffer.from(byId[0].shape_hex, 'hex').toString()).toBe('{"xxxxxx');
    const content = await quarantineContent(house.warehouse, [byId[0].id]);
    expect(Buffer.from(content.get(byId[0].id)!, 'hex').toString()).toBe('{"broken');
  });
});
