// Writes Grafana's dashboards from the panels' SQL (dashboards/grafana/panels/), and its alert rules from alerts.yaml. A panel's file
// begins with its title and with how it is drawn.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const root = fileURLToPath(new URL('../../../dashboards/grafana/', import.meta.url));

export interface Panel {
  readonly dashboard: string;
  readonly file: string;
  readonly title: string;
  readonly chart: string;
  readonly unit: string;
  /** With macros and variables. */
  readonly sql: string;
}

/** @throws Error if a file does not begin as it should */
export function panels(): Panel[] {
  return readdirSync(`${root}panels`)
    .sort()
    .flatMap((dashboard) =>
      readdirSync(`${root}panels/${dashboard}`)
        .sort()
        .map((file) => {
          const text = readFileSync(`${root}panels/${dashboard}/${file}`, 'utf8');
          const [, title, chart, unit, sql] = /^-- (.+)\n-- (timeseries|table) (\w+)\n([\s\S]+)$/.exec(text) ?? [];
          if (sql === undefined) throw new Error(`${dashboard}/${file}: begin with its title, then its chart and unit`);
          return { dashboard, file, title, chart, unit, sql: sql.trimEnd() };
        }),
    );
}

export interface Alert {
  readonly uid: string;
  readonly title: string;
  readonly expr: string;
  readonly above: number;
  readonly for: string;
  readonly says: string;
}
export const alerts = (): Alert[] => parse(readFileSync(`${root}alerts.yaml`, 'utf8')) as Alert[];

const SOURCE = { type: 'grafana-clickhouse-datasource', uid: '${datasource}' };
export const FAMILIES = "SELECT DISTINCT family_id FROM org_current WHERE family_id != '' ORDER BY family_id";
const sourceVariable = { name: 'datasource', label: 'Data source', type: 'datasource', query: SOURCE.type };
const familyVariable = {
  name: 'family',
  label: 'Family',
  type: 'query',
  datasource: SOURCE,
  query: FAMILIES,
  definition: FAMILIES,
  refresh: 1,
  multi: true,
  includeAll: true,
  current: { text: 'All', value: '$__all' },
};

function dashboardOf(name: string, own: readonly Panel[]): object {
  return {
    uid: `fairshare-${name}`,
    title: `fairshare: ${name}`,
    tags: ['fairshare'],
    timezone: 'utc',
    schemaVersion: 39,
    version: 1,
    time: { from: 'now-30d', to: 'now' },
    refresh: '',
    templating: { list: name === 'organisation' ? [sourceVariable, familyVariable] : [sourceVariable] },
    panels: own.map(({ title, chart, unit, sql }, at) => ({
      id: at + 1,
      type: chart,
      title,
      datasource: SOURCE,
      gridPos: { h: 9, w: 12, x: (at % 2) * 12, y: Math.floor(at / 2) * 9 },
      fieldConfig: { defaults: { unit: chart === 'table' ? undefined : unit, custom: {} }, overrides: [] },
      options: {},
      targets: [
        {
          refId: 'A',
          datasource: SOURCE,
          editorType: 'sql',
          queryType: chart,
          format: chart === 'table' ? 1 : 0,
          rawSql: sql,
        },
      ],
    })),
  };
}

function rulesOf(list: readonly Alert[]): object {
  const range = { relativeTimeRange: { from: 600, to: 0 } };
  return {
    apiVersion: 1,
    groups: [
      {
        orgId: 1,
        name: 'fairshare',
        folder: 'fairshare',
        interval: '1m',
        rules: list.map(({ uid, title, expr, above, for: time, says }) => ({
          uid: `fairshare-${uid}`,
          title,
          condition: 'B',
          for: time,
          noDataState: 'OK',
          execErrState: 'Error',
          annotations: { summary: says },
          labels: { product: 'fairshare' },
          data: [
            { refId: 'A', ...range, datasourceUid: 'fairshare-metrics', model: { refId: 'A', expr, instant: true } },
            {
              refId: 'B',
              ...range,
              datasourceUid: '__expr__',
              model: {
                refId: 'B',
                type: 'threshold',
                expression: 'A',
                conditions: [{ evaluator: { type: 'gt', params: [above] } }],
              },
            },
          ],
        })),
      },
    ],
  };
}

/** Path below dashboards/grafana/ → text. */
export function grafanaFiles(): ReadonlyMap<string, string> {
  const all = panels();
  const files = new Map<string, string>();
  for (const name of new Set(all.map(({ dashboard }) => dashboard))) {
    const own = all.filter(({ dashboard }) => dashboard === name);
    files.set(`dashboards/${name}.json`, `${JSON.stringify(dashboardOf(name, own), undefined, 2)}\n`);
  }
  const head = '# Written by `make docs` from alerts.yaml. The metrics are those of docs/OPERATIONS.md.\n';
  files.set(
    'provisioning/alerting/fairshare.yaml',
    head + stringify(rulesOf(alerts()), { aliasDuplicateObjects: false }),
  );
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of grafanaFiles()) writeFileSync(`${root}${path}`, text);
