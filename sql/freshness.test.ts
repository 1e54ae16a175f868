import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/support/warehouse.ts';
import { migrate } from './migrate.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const directory = temporaryDirectory();
let warehouse: Warehouse;

const batch = (
  source: string,
  partition: string,
  at: string,
  days: string[],
  more: object = {},
  day_requests = days.map(() => 10),
) => ({
  source,
  epoch: 0,
  partition,
  first: 0,
  last: 10,
  revision: 1,
  batch_id: `00000000-0000-0000-0000-${String(Math.abs(hash(source + partition + at)))
    .padStart(12, '0')
    .slice(0, 12)}`,
  state: 'loaded',
  object: '',
  lines: 1,
  days,
  day_requests,
  day_downloads: day_requests,
  day_bytes: day_requests,
  last_record_at: at,
  recorded_at: '2026-11-03 00:00:00',
  ...more,
});
const strayDays = Array.from({ length: 60 }, (_, i) => new Date(Date.UTC(2026, 9, 4 + i)).toISOString().slice(0, 10));
const hash = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);

beforeAll(async () => {
  warehouse = await openWarehouse({ location: `${directory.path}/w` });
  await migrate(warehouse);
  await warehouse.insert('ingest_ledger', [
    // Objects: the last request; one without requests says nothing.
    batch('files', 'aa', '2026-11-02 00:10:00', ['2026-11-02'], { object: 'a.log' }),
    batch('files', 'bb', '1970-01-01 00:00:00', [], { object: 'empty.log' }),
    batch('empty', 'cc', '1970-01-01 00:00:00', [], { object: 'empty.log' }),
    // A topic: append times; partition 1 is behind, partition 2 has been silent for weeks, an older epoch is gone.
    batch('topic', 't/0', '2026-11-02 02:00:00', ['2026-11-01']),
    batch('topic', 't/1', '2026-11-01 22:00:00', ['2026-11-01'], { epoch: 1 }),
    batch('topic', 't/1', '2026-11-02 01:00:00', ['2026-11-01']),
    batch('topic', 't/2', '2026-10-01 00:00:00', ['2026-09-30']),
    // Half a million requests on two days, then single lines on many later days, and a record with a wrong clock.
    batch('strays', 'dd', '2026-10-02 23:00:00', ['2026-10-01', '2026-10-02'], { object: 'a.log' }, [250_000, 250_000]),
    ...strayDays.map((day) => batch('strays', day, `${day} 12:00:00`, [day], { object: `${day}.log` }, [1])),
    batch('records', 'r/0', '2026-10-02 23:00:00', ['2026-10-02'], {}, [250_000]),
    batch('records', 'r/0', '2026-11-20 12:00:00', ['2026-10-02'], { first: 10, last: 20 }, [1]),
    // One request a day is the volume of this source.
    batch('small', 'ee', '2026-10-01 23:00:00', ['2026-10-01'], { object: 'a.log' }, [1]),
    batch('small', 'ff', '2026-10-02 23:00:00', ['2026-10-02'], { object: 'b.log' }, [1]),
  ]);
});
afterAll(async () => {
  await warehouse.close();
  directory.remove();
});

it('says how far each source has come, and until when it is complete', async () => {
  expect(
    await warehouse.query(
      "SELECT source, last_record_at, complete_until, last_day FROM freshness WHERE source IN ('empty', 'files', 'topic') ORDER BY source",
    ),
  ).toEqual([
    { source: 'empty', last_record_at: null, complete_until: null, last_day: null },
    {
      source: 'files',
      last_record_at: '2026-11-02 00:10:00.000',
      complete_until: '2026-11-02 00:10:00.000',
      last_day: '2026-11-02',
    },
    {
      source: 'topic',
      last_record_at: '2026-11-01 23:59:59.999',
      complete_until: '2026-11-01 22:00:00.000',
      last_day: '2026-11-01',
    },
  ]);
});

it('follows volume: single lines and records with a wrong time do not let a missing night pass', async () => {
  expect(
    await warehouse.query(
      "SELECT source, complete_until FROM freshness WHERE source IN ('records', 'small', 'strays') ORDER BY source",
    ),
  ).toEqual([
    // A record is appended after its requests, so it may be of the next day.
    { source: 'records', complete_until: '2026-10-03 23:59:59.999' },
    { source: 'small', complete_until: '2026-10-02 23:00:00.000' },
    { source: 'strays', complete_until: '2026-10-02 23:59:59.999' },
  ]);
});
