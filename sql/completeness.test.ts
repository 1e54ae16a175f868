// Which day a line counts for that could not be read, and what the ledger says of hours and parts.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/support/warehouse.ts';
import {
  dayDecisions,
  type DayDecision,
  firstDays,
  lastJudgedDay,
  recordDecisions,
  requestsByDay,
  requestsByHour,
  unreadableLines,
} from './completeness.ts';
import { rowWithoutFacts, writeLedger, type LedgerRow } from './ledger.ts';
import { migrate } from './migrate.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const directory = temporaryDirectory();
const RANGE = { from: '2026-11-01', to: '2026-11-30' };
let warehouse: Warehouse;
let batches = 0;

function batch(source: string, partition: string, more: Partial<LedgerRow>): LedgerRow {
  const identity = {
    source,
    partition,
    epoch: 0,
    first: BigInt(++batches * 10),
    last: BigInt(batches * 10 + 10),
    revision: 1,
  };
  return {
    ...rowWithoutFacts(identity, {
      batch_id: `00000000-0000-0000-0000-${String(batches).padStart(12, '0')}`,
      state: 'loaded',
      object: partition.includes('/') ? '' : `${partition}.log`,
      methodology_version: 1,
      last_record_at: '2026-11-09 01:00:00.000',
      last_record_sha256: '',
      recorded_at: '2026-11-10 00:00:00.000',
    }),
    seen_at: '2026-11-08 00:00:10.000',
    ...more,
  };
}

beforeAll(async () => {
  warehouse = await openWarehouse({ location: `${directory.path}/w` });
  await migrate(warehouse);
  await writeLedger(warehouse, [
    // Two days, three requests to one: so are its lines that could not be read.
    batch('files', 'aa', {
      lines: 12,
      requests: 8,
      quarantined: 4,
      days: ['2026-11-03', '2026-11-04'],
      day_requests: [6n, 2n],
    }),
    // The rest of the same object, and none of it can be read.
    batch('files', 'aa', { lines: 5, quarantined: 5 }),
    // An object of which nothing can be read counts for the day on which it was written last.
    batch('files', 'bb', { lines: 7, quarantined: 7 }),
    batch('clean', 'cc', { lines: 2, requests: 2, days: ['2026-11-05'], day_requests: [2n] }),
    batch('topic', 't/0', { lines: 3, quarantined: 3 }),
    batch('topic', 't/0', {
      ...{ lines: 9, requests: 9, days: ['2026-11-05'], day_requests: [9n] },
      ...{ hours: ['2026-11-05 10:00:00', '2026-11-05 10:00:00', '2026-11-05 11:00:00'] },
      ...{ hour_edges: ['fra', 'ams', 'fra'], hour_requests: [4n, 3n, 2n] },
    }),
    batch('topic', 't/1', { lines: 1, requests: 1, days: ['2026-12-01'], day_requests: [1n] }),
  ]);
});
afterAll(async () => {
  await warehouse.close();
  directory.remove();
});

it('shares lines that could not be read among the days of their batch, their object, their log', async () => {
  const rows = await unreadableLines(warehouse, RANGE);
  expect(rows.map(({ source, day, lines, unreadable }) => [source, day, lines, unreadable])).toEqual([
    ['clean', '2026-11-05', 2, 0],
    ['files', '2026-11-03', 9, 3],
    ['files', '2026-11-04', 8, 6],
    ['files', '2026-11-08', 7, 7],
    ['topic', '2026-11-05', 9, 0],
    ['topic', '2026-11-09', 3, 3],
  ]);
});

it('gives requests by day and hour, of a topic by its partitions, within the days asked for', async () => {
  expect(await requestsByDay(warehouse, RANGE)).toEqual([
    { source: 'clean', part: '', day: '2026-11-05', requests: 2 },
    { source: 'files', part: '', day: '2026-11-03', requests: 6 },
    { source: 'files', part: '', day: '2026-11-04', requests: 2 },
    { source: 'topic', part: 't/0', day: '2026-11-05', requests: 9 },
  ]);
  const of = { source: 'topic', part: 't/0', day: '2026-11-05' };
  expect(await requestsByHour(warehouse, RANGE)).toEqual([
    { ...of, edge: 'ams', hour: 10, requests: 3 },
    { ...of, edge: 'fra', hour: 10, requests: 4 },
    { ...of, edge: 'fra', hour: 11, requests: 2 },
  ]);
  expect([...(await firstDays(warehouse))]).toEqual([
    ['clean', '2026-11-05'],
    ['files', '2026-11-03'],
    ['topic', '2026-11-05'],
  ]);
});

it('knows the last day that is over', async () => {
  expect(await lastJudgedDay(warehouse)).toBe('2026-11-30');
  await warehouse.insert('day_seal', [{ day: '2026-11-04', booked_day: '2026-11-04', seal_no: 1, state: 'open' }]);
  expect(await lastJudgedDay(warehouse)).toBe('2026-11-04');
});

it('keeps every decision, and shows the last one', async () => {
  const decision: DayDecision = {
    ...{ source: 'files', day: '2026-11-03', kind: 'unreadable', number: 1, state: 'accepted', came: 3 },
    ...{ found: 'found', reason: 'why', decided_by: 'ada', recorded_at: '2026-11-20 00:00:00.000' },
  };
  const withdrawn: DayDecision = { ...decision, number: 2, state: 'withdrawn' };
  await recordDecisions(warehouse, [decision, withdrawn]);
  expect(await dayDecisions(warehouse)).toEqual([withdrawn]);
});
