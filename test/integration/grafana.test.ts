// Grafana's dashboards as files: the query of every panel, with its macros and variables put in, asks a reader's door and gets rows.
// Its alert rules name only metrics that exist.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { IngestMetrics } from '../../scripts/monitor/metrics.ts';
import { nightMetrics } from '../../scripts/monitor/night-metrics.ts';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { alerts, FAMILIES, grafanaFiles, panels } from '../../scripts/tools/docs/grafana.ts';
import { fairshareHere } from '../support/cli.ts';
import { startReader } from '../support/doors.ts';
import { expanded } from '../support/grafana.ts';
import { COSTS, PERIOD, POLICY, reportWarehouse } from '../support/report-warehouse.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../../dashboards/grafana/', import.meta.url));
const directory = temporaryDirectory();
let door: ReaderProcess;
beforeAll(async () => {
  const at = (name: string): string => join(directory.path, name);
  const warehouse = await reportWarehouse({ location: at('warehouse'), how: '', remove: async () => {} });
  // The hours of sealed days, and lines that were not counted, as far as panels show them.
  await warehouse.command("INSERT INTO usage_hourly (day, booked_day, hour, ecosystem, requester_class, client, requests, downloads, bytes) SELECT day, booked_day, toDateTime(day, 'UTC') + INTERVAL 9 HOUR, ecosystem, requester_class, client, requests, downloads, bytes FROM usage_daily"); // prettier-ignore
  await warehouse.close();
  writeFileSync(at('policy.yaml'), POLICY);
  writeFileSync(at('costs.csv'), COSTS);
  writeFileSync(
    at('fairshare.yaml'),
    `warehouse: ${at('warehouse')}\npolicy: ${at('policy.yaml')}\ncosts: ${at('costs.csv')}\n`,
  );
  expect(await fairshareHere(['allocate', '--period', PERIOD, '--config', at('fairshare.yaml')])).toMatchObject({
    status: 0,
  });
  door = await startReader(at('warehouse'));
});
afterAll(async () => {
  await door?.close();
  directory.remove();
});

const ask = async (sql: string): Promise<string> => {
  const response = await fetch(`${door.url}/?default_format=JSON`, { method: 'POST', body: sql });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
};
/** Wide enough for the usage of a month and for the time at which the test loaded it. */
const time = {
  from: Date.parse('2026-09-30T00:00:00Z') / 1000,
  to: Math.ceil(Date.now() / 1000) + 86_400,
  interval_s: 3_600,
};

interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly Record<string, unknown>[];
}

describe('every panel', () => {
  it.each(panels())('$dashboard: $title', async ({ sql, chart }) => {
    const { meta, data } = JSON.parse(await ask(expanded(sql, time))) as Answer;
    expect(data.length).toBeGreaterThan(0);
    if (chart === 'timeseries') expect(meta[0]).toEqual({ name: 'time', type: expect.stringMatching(/^DateTime/) });
  });

  it('of an organisation follows the choice of families', async () => {
    const families = (JSON.parse(await ask(FAMILIES)) as Answer).data.map(({ family_id }) => family_id);
    expect(families).toContain('acme');
    const [table] = panels().filter(({ file }) => file === '02-organisations.sql');
    const { data } = JSON.parse(await ask(expanded(table.sql, time, { family: ['acme', "o'neill"] }))) as Answer;
    expect(new Set(data.map(({ org_id }) => org_id))).toEqual(new Set(['acme', 'acme-labs']));
  });

  it('has no macro that this test does not know', () =>
    expect(() => expanded('SELECT $__other(x)', time)).toThrow('$__other'));
});

describe('the files', () => {
  it('are as `make docs` writes them', () => {
    for (const [path, text] of grafanaFiles()) expect(readFileSync(`${root}${path}`, 'utf8'), path).toBe(text);
  });

  it('name the data source by a variable, so that any can be chosen', () => {
    for (const [path, text] of grafanaFiles())
      if (path.endsWith('.json')) expect([...text.matchAll(/"uid": "(?!fairshare-)(.*?)"/g)].every(([, uid]) => uid === '${datasource}')).toBe(true); // prettier-ignore
    const { datasources } = parse(readFileSync(`${root}provisioning/datasources/fairshare.yaml`, 'utf8')) as { datasources: { type: string; uid: string }[] }; // prettier-ignore
    expect(datasources.map(({ type, uid }) => [type, uid])).toEqual([
      ['grafana-clickhouse-datasource', 'fairshare'],
      ['prometheus', 'fairshare-metrics'],
    ]);
  });

  it('alert on metrics and labels that exist', () => {
    const night = { outcome: 'done', started_ms: 0, ended_ms: 0, lastSuccess_seconds: 0, refusedObjects: 0 } as const;
    const known = new Map(
      [new IngestMetrics().registry, nightMetrics(night)]
        .flatMap((registry) => registry.getMetricsAsArray())
        .map((metric) => [metric.name, (metric as unknown as { labelNames: string[] }).labelNames]),
    );
    for (const { expr, says } of alerts()) {
      const named = [...expr.matchAll(/fairshare_\w+/g)].map(([name]) => name);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
      const labels = new Set(named.flatMap((name) => known.get(name) ?? []));
      const used = [...expr.matchAll(/by \(([\w, ]+)\)|\{(\w+)/g)].flatMap(([, by, one]) => (by ?? one).split(', '));
      const shown = [...says.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect([...used, ...shown].filter((label) => !labels.has(label))).toEqual([]);
    }
    expect(new Set(alerts().map(({ uid }) => uid)).size).toBe(alerts().length);
  });
});
