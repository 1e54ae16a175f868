// A download is one whole transfer: real clients' jobs, every form of Range, and the day from which this holds.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { openWarehouse } from '../../sql/warehouse.ts';
import { defaultLimits } from '../../transform/batch-builder.ts';
import { fairshareHere } from '../support/cli.ts';
import { House } from '../support/house.ts';

const captures = new URL('../fixtures/captures/clients/', import.meta.url);
const read = (name: string): Buffer => gunzipSync(readFileSync(new URL(`${name}.gz`, captures)));

interface Job {
  readonly ecosystem: string;
  readonly complete_artifact_transfers: number;
  readonly partial_artifact_transfers: readonly unknown[];
}
const jobs = Object.values((JSON.parse(read('truth.json').toString()) as { jobs: Record<string, Job> }).jobs);
/** Name of the captures' files → ecosystem. */
const captured = { cargo: 'cargo', deb: 'deb', go: 'golang', maven: 'maven', npm: 'npm', pypi: 'pypi' } as const;

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(() => house.close());

const sums = async (where = '1'): Promise<Record<string, number>> => {
  const [row] = await house.warehouse.query<Record<string, string>>(
    `SELECT sum(requests) AS requests, sum(downloads) AS downloads, sum(partials) AS partials, sum(repeat_downloads) AS repeats, sum(bytes) AS bytes FROM usage_daily WHERE ${where}`,
  );
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
};

/** A GET of one wheel, as the documented edge log writes it. */
const wheel = (status: number, bytes: number, range: string, at = '2026-11-28T04:00:00Z', ip = '192.0.2.9', file = 'numpy-2.1.0-cp312-cp312-manylinux_2_17_x86_64.whl', method = 'GET') =>
  JSON.stringify({ timestamp: at, client_ip: ip, request: method, request_host: 'files.example.org', request_path: `/packages/ab/cd/${'0'.repeat(60)}/${file}`, request_query: '', user_agent: 'uv/0.9', response_status: status, response_bytes: bytes, request_range: range }); // prettier-ignore
const load = async (name: string, lines: readonly string[]) =>
  expect(await house.ingest([house.object(name, lines)], { spec: { ecosystem: 'pypi' } })).toMatchObject([
    { status: 'loaded' },
  ]);

describe.each(['edge.jsonl', 'combined.log'])("real clients' jobs, %s", (format) => {
  it('downloads are the complete transfers, and partials are the others', async () => {
    const found: Record<string, unknown> = {};
    const truth: Record<string, unknown> = {};
    for (const [name, ecosystem] of Object.entries(captured)) {
      const path = join(house.directory, `${name}-${format}`);
      writeFileSync(path, read(`${name}-${format}`));
      await house.ingest([path], {
        spec: { name, ecosystem, format: format === 'edge.jsonl' ? 'nginx-edge' : 'combined' },
      });
      const its = jobs.filter((job) => job.ecosystem === ecosystem || job.ecosystem === name);
      truth[name] = { downloads: its.reduce((sum, job) => sum + job.complete_artifact_transfers, 0), partials: its.reduce((sum, job) => sum + job.partial_artifact_transfers.length, 0) }; // prettier-ignore
    }
    for (const { day } of await house.warehouse.query<{ day: string }>(
      "SELECT DISTINCT arrayJoin(days) AS day FROM ledger_current WHERE state = 'loaded'",
    ))
      await house.seal(day, '2026-12-31');
    for (const [name, ecosystem] of Object.entries(captured)) {
      const { downloads, partials } = await sums(`ecosystem = '${ecosystem}'`);
      found[name] = { downloads, partials };
    }
    expect(found).toEqual(truth);
  });
});

describe('ranges', () => {
  it("probes of a wheel's tail are no downloads and no repeats, and all bytes count", async () => {
    await load('uv.jsonl', [
      wheel(200, 0, '', undefined, undefined, undefined, 'HEAD'),
      wheel(206, 16_384, 'bytes=-16384'),
      wheel(206, 9_001, 'bytes=16100000-16109000'),
      wheel(200, 16_500_000, ''),
      wheel(206, 16_384, 'bytes=-16384'),
      wheel(206, 1, 'bytes=0-0'),
    ]);
    await house.seal('2026-11-28');
    expect(await sums()).toEqual({ requests: 6, downloads: 1, partials: 4, repeats: 0, bytes: 16_541_770 });
  });

  it('every form with 206 is a part, if nothing else tells', async () => {
    const forms = ['', 'bytes=0-', 'bytes=0-0', 'bytes=0-1023', 'bytes=-500', 'bytes=100-', 'bytes=0-99,200-299', 'bytes=200-299,0-99', 'BYTES=0-1', 'bytes = 0-1', 'bytes=00-1', 'bytes 0-1/2', '-', 'items=0-1', 'bytes=,0-1', '0-499']; // prettier-ignore
    await load(
      'forms.jsonl',
      forms.map((range) => wheel(206, 500, range)),
    );
    await house.seal('2026-11-28');
    expect(await sums()).toMatchObject({ requests: forms.length, downloads: 0, partials: forms.length });
  });

  it('from the first byte to the end is whole, where a download tells the size; a file fetched only in parts is none', async () => {
    await load('a.jsonl', [
      wheel(206, 70_100, 'bytes=0-', undefined, '192.0.2.1'),
      wheel(206, 40_000, 'bytes=0-', undefined, '192.0.2.2'),
      wheel(206, 30_100, 'bytes=40000-', undefined, '192.0.2.2'),
      wheel(206, 500, 'bytes=0-499', undefined, '192.0.2.3', 'parts-1-py3-none-any.whl'),
      wheel(206, 500, 'bytes=500-999', undefined, '192.0.2.3', 'parts-1-py3-none-any.whl'),
    ]);
    await house.seal('2026-11-28');
    expect(await sums()).toMatchObject({ downloads: 0, partials: 5 });
    // The size arrives later, in another object, from another network.
    await load('b.jsonl', [wheel(200, 70_000, '', '2026-11-28T05:00:00Z', '198.51.100.7')]);
    await house.seal('2026-11-28');
    expect(await sums()).toMatchObject({ requests: 6, downloads: 2, partials: 4, repeats: 0 });
    const [hourly] = await house.warehouse.query(
      'SELECT sum(downloads) AS downloads, sum(partials) AS partials FROM usage_hourly',
    );
    expect(hourly).toEqual({ downloads: '2', partials: '4' });
  });

  it('give the same figures in every order of loading and every cut', async () => {
    const seen = new Set<string>();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        fc.integer({ min: 1, max: 5 }),
        async (order, cut) => {
          const day = `2026-10-${10 + ++run}`;
          const at = `${day}T04:00:00Z`;
          // No two lines are equal: an object that begins with the whole of another is refused.
          const lines = [wheel(200, 70_000, '', at, '198.51.100.7'), wheel(206, 70_100, 'bytes=0-', at), wheel(206, 70_100, 'bytes=0-', `${day}T04:00:01Z`), wheel(206, 9, 'bytes=0-', at), wheel(206, 9, 'bytes=1-', at)]; // prettier-ignore
          const pieces = [order.slice(0, cut), order.slice(cut)].filter((piece) => piece.length > 0);
          for (const [i, piece] of pieces.entries())
            await house.ingest([house.object(`${run}-${i}.jsonl`, piece.map((line) => lines[line]))], { spec: { ecosystem: 'pypi' }, limits: { ...defaultLimits, maxLines: 2 } }); // prettier-ignore
          await house.seal(day);
          const rows = await house.warehouse.query(
            `SELECT * EXCEPT (day, booked_day) FROM usage_daily WHERE day = '${day}' ORDER BY ALL`,
          );
          seen.add(JSON.stringify(rows));
        },
      ),
      { numRuns: 5, endOnFailure: true },
    );
    expect(seen.size).toBe(1);
    expect([...seen][0]).toContain('"downloads":"3"');
  });

  it("lines without an address are nobody's repeat", async () => {
    await load('none.jsonl', [wheel(200, 5_000, '', undefined, ''), wheel(200, 5_000, '', undefined, ''), wheel(200, 5_000, ''), wheel(200, 5_000, '')]); // prettier-ignore
    expect(await house.warehouse.query('SELECT sum(repeat_downloads) AS repeats FROM usage_known')).toEqual([
      { repeats: '1' },
    ]);
    await house.seal('2026-11-28');
    expect(await sums()).toMatchObject({ downloads: 4, repeats: 1 });
  });
});

describe('the day from which this holds', () => {
  const run = (...args: string[]) => fairshareHere([...args, '--warehouse', join(house.directory, 'warehouse')]);

  it('is the first of all in a new warehouse', async () => {
    await house.warehouse.close();
    expect((await run('methodology')).stdout).toBe('Every day has methodology 2.\n');
    expect((await run('methodology', 'start', '--from', '2027-01-01', '--reason', 'x')).status).toBe(3);
  });

  it('is set once, after all loaded days; the days before keep version 1', async () => {
    await house.warehouse.command('TRUNCATE TABLE methodology_start'); // a warehouse of before
    const before = await loadRulebook(house.warehouse, 'test');
    expect(before.methodologyVersion).toBe(1);
    const old = Object.assign(Object.create(house) as House, { rulebook: before });
    await old.ingest([house.object('old.jsonl', [wheel(206, 500, 'bytes=-500'), wheel(200, 900, '', undefined, ''), wheel(200, 900, '', undefined, '')])], { spec: { ecosystem: 'pypi' } }); // prettier-ignore
    await house.seal('2026-11-28');
    expect(await sums()).toMatchObject({ downloads: 3, partials: 0, repeats: 1 });
    await house.warehouse.close();
    expect((await run('methodology')).stdout).toContain('Every day has methodology 1');
    const refused = await run('methodology', 'start', '--from', '2026-11-28', '--reason', 'x');
    expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('lines of 2026-11-28 were loaded')]);
    expect((await run('methodology', 'start', '--from', '2026-11-29', '--reason', 'agreed')).status).toBe(0);
    expect((await run('methodology', '--json')).stdout).toContain('"second_from":"2026-11-29"');

    const warehouse = await openWarehouse({ location: join(house.directory, 'warehouse') });
    Object.assign(house, { warehouse, rulebook: await loadRulebook(warehouse, 'test') });
    Object.assign(old, { warehouse });
    const both = [wheel(206, 500, 'bytes=-500'), wheel(206, 500, 'bytes=-500', '2026-11-29T04:00:00Z')];
    await house.ingest([house.object('both.jsonl', both)], { spec: { ecosystem: 'pypi' } });
    for (const day of ['2026-11-28', '2026-11-29']) await house.seal(day);
    expect(await sums("day = '2026-11-28'")).toMatchObject({ downloads: 4, partials: 0 });
    expect(await sums("day = '2026-11-29'")).toMatchObject({ downloads: 0, partials: 1 });
    const versions = await house.warehouse.query('SELECT day, methodology_version AS version FROM seal_current ORDER BY day'); // prettier-ignore
    expect(versions).toEqual([{ day: '2026-11-28', version: 1 }, { day: '2026-11-29', version: 2 }]); // prettier-ignore

    // A process that began before does not know the day.
    await old.ingest([house.object('late.jsonl', [wheel(206, 5, 'bytes=-5', '2026-11-29T05:00:00Z')])], {
      spec: { ecosystem: 'pypi' },
    });
    await expect(house.seal('2026-11-29')).rejects.toThrow('did not know it yet');
  });
});
