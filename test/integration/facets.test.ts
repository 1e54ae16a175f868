// What clients say of their machines, the status of answers, and the number of networks: sealed beside usage_daily, never in it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeBookings } from '../../sql/bookings.ts';
import { runChecks } from '../../sql/checks.ts';
import { applyRetention, planRetention } from '../../sql/retention.ts';
import { declaredClasses } from '../../transform/clients/client.ts';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { House, type TestRequest } from '../support/house.ts';

const day = '2026-10-05'; // a Monday
const npm22 = 'npm/11.0.0 node/v22.1.0 linux x64 workspaces/false';
const npm20 = 'npm/10.9.0 node/v20.0.0 darwin arm64 workspaces/false';
const inCi = `${npm22} ci/github-actions`;
const mirror = 'Artifactory/7.98.14 79814900';
const bot = 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.example/gptbot)';
const tarball = '/left-pad/-/left-pad-1.3.0.tgz';

let house: House;
beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house?.close());

const rows = (sql: string) => house.warehouse.query<Record<string, unknown>>(sql);
const expectSound = async () => expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toEqual([]);
const at = (date: string, ...requests: readonly Partial<TestRequest>[]): TestRequest[] =>
  requests.map((request, i) => ({ at: `${date}T10:00:${String(i).padStart(2, '0')}Z`, ...request }));
const later = (days: number) => new Date(Date.now() + days * 86_400_000);

describe('a sealed day', () => {
  beforeAll(async () => {
    await house.ingest([
      house.object('first.log', at(day, { userAgent: npm22 }, { userAgent: npm22, address: '192.0.2.9' }, { userAgent: npm20, address: '198.51.100.1' }, { userAgent: inCi, address: '203.0.113.1' }, { userAgent: mirror }, { userAgent: bot }, { userAgent: npm22, status: 429, bytes: 0 }, { userAgent: npm22, status: 404, path: '/no-such', bytes: 20 })),
    ]); // prettier-ignore
    await house.seal(day);
  });

  it('has one row for each machine, and as much usage as usage_daily', async () => {
    expect(
      await rows("SELECT client, client_version, runtime, runtime_version, os, arch, file_type, requester_class, downloads FROM client_daily WHERE package = 'left-pad' AND client = 'npm' ORDER BY ALL"),
    ).toMatchObject([
      { client_version: '10.9.0', runtime: 'node', runtime_version: '20', os: 'macos', arch: 'aarch64', file_type: 'tarball', downloads: '1' },
      { client_version: '11.0.0', runtime: 'node', runtime_version: '22', os: 'linux', requester_class: 'ci', downloads: '1' },
      { client_version: '11.0.0', runtime_version: '22', requester_class: 'unknown', downloads: '2' },
    ]); // prettier-ignore
    const usage = await house.totals('usage_daily');
    for (const table of ['client_daily', 'status_daily', 'client_usage', 'status_usage'])
      expect(await house.totals(table), table).toEqual(usage);
    await expectSound();
  });

  it('keeps what was refused, and why', async () => {
    expect(await rows("SELECT source, status, requests FROM status_usage WHERE status != '2xx' ORDER BY status")).toEqual([
      { source: 'npm', status: '404', requests: '1' },
      { source: 'npm', status: '429', requests: '1' },
    ]); // prettier-ignore
  });

  it('counts networks, not addresses, and keeps none', async () => {
    expect(await rows('SELECT package, uniqCombined64Merge(12)(networks) AS networks FROM package_reach GROUP BY package')).toEqual([
      { package: 'left-pad', networks: '3' },
    ]); // prettier-ignore
  });

  it('answers with mirrors, bots and CI apart', async () => {
    expect(await rows('SELECT package, downloads, mirror_downloads, bot_downloads, ci_downloads FROM downloads_by_day')).toEqual([
      { package: 'left-pad', downloads: '6', mirror_downloads: '1', bot_downloads: '1', ci_downloads: '1' },
    ]); // prettier-ignore
    for (const view of ['version', 'installer', 'runtime', 'system', 'type', 'country'])
      expect(await rows(`SELECT sum(downloads) AS downloads FROM downloads_by_${view}`), view).toEqual([{ downloads: '6' }]); // prettier-ignore
  });

  it('has one audience for each class, as the transform lists the classes', async () => {
    const old = '2026-08-01';
    const classes = requesterClasses.flatMap((requesterClass) =>
      [null, false, true].map((ci) => ({ requesterClass, ci })),
    );
    await house.warehouse.insert(
      'usage_daily',
      classes.map(({ requesterClass, ci }) => ({
        day: old,
        booked_day: old,
        requester_class: requesterClass,
        ci,
        requests: 1,
      })),
    );
    await house.warehouse.command(
      `INSERT INTO day_seal (day, booked_day, seal_no, state) VALUES ('${old}', '${old}', 1, 'open')`,
    );
    const found = await rows(`SELECT requester_class, ci, audience FROM client_usage WHERE day = '${old}'`);
    await house.warehouse.command(`ALTER TABLE day_seal DELETE WHERE day = '${old}' SETTINGS mutations_sync = 2`);
    await house.warehouse.command(`ALTER TABLE usage_daily DROP PARTITION ('${old}', '${old}')`);
    const bots: readonly string[] = declaredClasses.filter((each) => each !== 'mirror_proxy');
    const audienceOf = (requesterClass: string, ci: boolean | null) => {
      if (requesterClass === 'mirror_proxy') return 'mirror';
      if (bots.includes(requesterClass)) return 'bot';
      return requesterClass === 'ci' || ci === true ? 'ci' : 'other';
    };
    expect(found).toHaveLength(classes.length);
    for (const { requesterClass, ci } of classes)
      expect(found).toContainEqual({ requester_class: requesterClass, ci, audience: audienceOf(requesterClass, ci) });
  });

  it('takes late rows as the difference, and retracted ones back', async () => {
    await closeBookings(house.warehouse, day, new Date());
    await house.ingest([
      house.object('late.log', at(day, { userAgent: npm20, address: '198.18.0.1' }, { status: 403 })),
    ]);
    await house.seal(day);
    expect(await rows('SELECT client_version, sum(requests) AS requests FROM client_daily WHERE booked_day != day GROUP BY ALL ORDER BY ALL')).toEqual([
      { client_version: '10.9.0', requests: '1' },
      { client_version: '11.0.0', requests: '1' },
    ]); // prettier-ignore
    expect(await rows('SELECT uniqCombined64Merge(12)(networks) AS networks FROM package_reach')).toEqual([{ networks: '4' }]); // prettier-ignore
    await expectSound();
    await house.retract({ source: 'npm', object: 'late.log' });
    await house.seal(day);
    expect(await rows('SELECT count() AS rows FROM client_daily WHERE booked_day != day')).toEqual([{ rows: '0' }]);
    await expectSound();
  });

  it('damaged facets are found', async () => {
    await house.warehouse.command("INSERT INTO status_daily SELECT * FROM status_daily WHERE status = '429'");
    expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toMatchObject([
      { name: 'sealed facets add up to the usage of their day' },
    ]);
    await house.warehouse.command(`ALTER TABLE status_daily DROP PARTITION ('${day}', '${day}')`);
    await house.warehouse.command("ALTER TABLE day_seal UPDATE state = 'open' WHERE true SETTINGS mutations_sync = 2");
    expect((await runChecks(house.warehouse)).filter(({ ok }) => !ok)).toHaveLength(1);
  });
});

describe('a day from before the facets', () => {
  const old = '2026-09-01';
  beforeAll(async () => {
    await house.ingest([house.object('old.log', at(old, { userAgent: npm22 }, { status: 404, bytes: 5 }))]);
    await house.seal(old);
    // What an older version left: no facets, in landing, in the sealed tables and in the seal.
    for (const table of ['client_daily', 'status_daily', 'package_daily'])
      await house.warehouse.command(`ALTER TABLE ${table} DROP PARTITION ('${old}', '${old}')`);
    await house.warehouse.command(`ALTER TABLE usage_batch UPDATE client_facets = '', file_type = '', status = '' WHERE toDate(hour) = '${old}' SETTINGS mutations_sync = 2`); // prettier-ignore
    await house.warehouse.command(`ALTER TABLE day_seal UPDATE has_facets = false WHERE day = '${old}' SETTINGS mutations_sync = 2`); // prettier-ignore
  });

  it('says that they were not recorded, and its sums stay', async () => {
    expect(await rows(`SELECT runtime, file_type, requests FROM client_usage WHERE day = '${old}' ORDER BY requests`)).toEqual([
      { runtime: 'not recorded', file_type: 'not recorded', requests: '2' },
    ]); // prettier-ignore
    expect(await rows(`SELECT DISTINCT source, status FROM status_usage WHERE day = '${old}'`)).toEqual([
      { source: 'not recorded', status: 'not recorded' },
    ]);
    expect(await rows(`SELECT is_recorded FROM facet_days WHERE day = '${old}'`)).toEqual([{ is_recorded: false }]);
    expect(await house.totals('client_usage', `day = '${old}'`)).toEqual(
      await house.totals('usage_known', `day = '${old}'`),
    );
  });

  it('stays without facets when late rows come after it was closed', async () => {
    await closeBookings(house.warehouse, old, new Date());
    await house.ingest([house.object('older.log', at(old, { userAgent: npm20 }))]);
    await house.seal(old);
    expect(await rows(`SELECT booked_day FROM client_daily WHERE day = '${old}'`)).toEqual([]);
    expect(await rows(`SELECT DISTINCT runtime FROM client_usage WHERE day = '${old}'`)).toEqual([{ runtime: 'not recorded' }]); // prettier-ignore
    expect(await house.totals('client_usage', `day = '${old}'`)).toEqual(
      await house.totals('usage_known', `day = '${old}'`),
    );
  });

  it('gets them if it is sealed again while it is open', async () => {
    const open = '2026-09-02';
    await house.ingest([house.object('open.log', at(open, { userAgent: npm22 }))]);
    await house.seal(open);
    await house.warehouse.command(`ALTER TABLE day_seal UPDATE has_facets = false WHERE day = '${open}' SETTINGS mutations_sync = 2`); // prettier-ignore
    await house.ingest([house.object('open-2.log', at(open, { userAgent: npm20 }))]);
    await house.seal(open);
    expect(await rows(`SELECT runtime_version FROM client_usage WHERE day = '${open}' ORDER BY ALL`)).toEqual([
      { runtime_version: '20' },
      { runtime_version: '22' },
    ]);
  });
});

describe('weeks', () => {
  it('are compared when both are whole, without mirrors and bots', async () => {
    const dates = Array.from({ length: 14 }, (_, i) => new Date(Date.UTC(2026, 6, 6 + i)).toISOString().slice(0, 10));
    await house.ingest(
      dates.map((date, i) =>
        house.object(`${date}.log`, at(date, { path: tarball }, { userAgent: bot }, ...(i < 7 ? [] : [{}, {}]))),
      ),
    );
    for (const date of dates) await house.seal(date);
    expect(await rows("SELECT week, days, downloads, previous_downloads, change_percent FROM downloads_by_week WHERE week BETWEEN '2026-07-06' AND '2026-07-13' ORDER BY week")).toEqual([
      { week: '2026-07-06', days: '7', downloads: '7', previous_downloads: '0', change_percent: null },
      { week: '2026-07-13', days: '7', downloads: '21', previous_downloads: '7', change_percent: 200 },
    ]); // prettier-ignore
    expect(await rows('SELECT week, package, rise FROM top_risers')).toEqual([
      { week: '2026-07-13', package: 'left-pad', rise: '14' },
    ]);
  });
});

describe('salts', () => {
  it('go with the networks of their month', async () => {
    const salts = () => rows('SELECT month FROM network_salt FINAL ORDER BY month');
    const before = await salts();
    expect(before).toContainEqual({ month: '2026-07-01' });
    await closeBookings(house.warehouse, '2026-07-31', later(-20));
    const limits = { quarantine_days: 30, network_days: 30, hourly_days: 400 };
    await applyRetention(house.warehouse, await planRetention(house.warehouse, limits, later(10)), limits, later(10));
    expect(await salts()).toEqual(before.filter(({ month }) => month !== '2026-07-01'));
  });
});
