// Writes docs/ACCURACY.md and its picture from the measured worlds.

import { LineChart, type LineSeriesOption } from 'echarts/charts';
import {
  GridComponent,
  LegendComponent,
  type GridComponentOption,
  type LegendComponentOption,
} from 'echarts/components';
import { init, use, type ComposeOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { coverages, type IntervalCase, type ShareError } from './measure.ts';
import type { WorldResult } from './measure.ts';
import { dayOf } from '../../transform/periods.ts';

use([LineChart, GridComponent, LegendComponent, SVGRenderer]);
type Option = ComposeOption<LineSeriesOption | GridComponentOption | LegendComponentOption>;

const percent = (value: number, places = 1): string => `${(100 * value).toFixed(places)} %`;
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
/** @param q 0 … 1, nearest rank */
const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? NaN;

type ShareKind = 'shares' | 'enrolled';
const shareResults = (results: readonly WorldResult[], kind: ShareKind): ShareError[] =>
  results.flatMap((one) => (one.kind === kind ? one.result : []));
const at = (results: readonly WorldResult[], coverage: number, kind: ShareKind = 'shares'): ShareError[] =>
  shareResults(results, kind).filter((one) => one.coverage === coverage);

/** Error of the shares by evidence coverage: mean over the worlds, best and worst. */
export function curveSvg(results: readonly WorldResult[]): string {
  const series = (name: string, color: string, dashed: boolean, of: (errors: readonly number[]) => number) =>
    ({
      name,
      type: 'line',
      symbolSize: 7,
      color,
      lineStyle: { color, width: dashed ? 1 : 2.5, type: dashed ? 'dashed' : 'solid' },
      data: coverages.map((coverage) =>
        Number((100 * of(at(results, coverage).map((one) => one.bytes_error))).toFixed(2)),
      ),
    }) satisfies LineSeriesOption;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 360 });
  try {
    const option: Option = {
      animation: false,
      backgroundColor: '#ffffff',
      legend: { top: 8 },
      grid: { left: 64, right: 24, top: 48, bottom: 56 },
      xAxis: {
        type: 'category',
        name: 'pieces of evidence known',
        nameLocation: 'middle',
        nameGap: 32,
        data: coverages.map((coverage) => percent(coverage, 0)),
      },
      yAxis: { type: 'value', name: 'error of shares', axisLabel: { formatter: '{value} %' }, min: 0 },
      series: [
        series('mean', '#1b5faa', false, mean),
        series('best world', '#5a9367', true, (errors) => Math.min(...errors)),
        series('worst world', '#b3452c', true, (errors) => Math.max(...errors)),
      ],
    };
    chart.setOption(option);
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}

interface Coverage {
  readonly name: string;
  readonly worlds: number;
  readonly cases: readonly IntervalCase[];
}
const covered = ({ cases }: Coverage, measure: 'requests' | 'bytes', side = 0): number =>
  mean(cases.map((one) => (one[measure] === side ? 1 : 0)));

const TARGETS = { share_error: 0.02, interval: [0.85, 0.97] } as const;
const verdict = (met: boolean): string => (met ? 'met' : '**missed**');

function shareTable(heading: string, results: readonly WorldResult[], kind: ShareKind): string {
  const rows = coverages.map((coverage) => {
    const found = at(results, coverage, kind);
    const bytes = found.map((one) => one.bytes_error);
    return `| ${percent(coverage, 0)} | ${percent(mean(found.map((one) => one.attributed)))} | ${percent(mean(found.map((one) => one.attributable / one.organisations)))} | ${percent(mean(bytes), 2)} | ${percent(quantile(bytes, 0.05))}–${percent(quantile(bytes, 0.95))} | ${percent(Math.max(...bytes))} | ${percent(mean(found.map((one) => one.requests_error)), 2)} | ${found.reduce((sum, one) => sum + one.wrong_requests + one.claimed_requests, 0)} |`;
  });
  return `| ${heading} | of the true bytes attributed | organisations attributable | error by bytes: mean | 5–95 % of worlds | worst | error by requests: mean | wrong requests |
|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}`;
}

/** 'Nexus 3.1 %, gradle 0.7 %': the clients with the largest part. */
function missingText(found: readonly ShareError[]): string {
  const names = [...new Set(found.flatMap((one) => Object.keys(one.missing_by_client ?? {})))];
  return names
    .map((name) => ({ name, part: mean(found.map((one) => one.missing_by_client?.[name] ?? 0)) }))
    .sort((a, b) => b.part - a.part)
    .slice(0, 8)
    .map(({ name, part }) => `${name === '' ? 'not known' : name} ${percent(part)}`)
    .join(', ');
}

export function accuracyPage(
  results: readonly WorldResult[],
  lines: { readonly shares: number; readonly intervals: number },
): string {
  const full = at(results, 1);
  const worst = Math.max(...full.flatMap((one) => [one.bytes_error, one.requests_error]));
  const everyShare = [...shareResults(results, 'shares'), ...shareResults(results, 'enrolled')];
  const wrong = everyShare.reduce((sum, one) => sum + one.wrong_requests, 0);
  const claimed = everyShare.reduce((sum, one) => sum + one.claimed_requests, 0);
  const enrolled = at(results, 0.8, 'enrolled');
  const enrolledErrors = enrolled.map((one) => one.bytes_error);
  const enrolledMean = mean(enrolledErrors);
  const within = enrolledErrors.filter((error) => error <= TARGETS.share_error).length;
  const erring = (uneven: boolean): Coverage => {
    const worlds = results.flatMap((one) => (one.kind === 'intervals' && one.uneven === uneven ? [one] : []));
    const name = uneven ? 'unevenly: 0 to twice as much' : 'alike for all organisations';
    return { name, worlds: worlds.length, cases: worlds.flatMap(({ result }) => result.cases) };
  };
  const [even, uneven] = [erring(false), erring(true)];
  const evenCoverage = covered(even, 'requests');
  const precision = ['E4', 'E5', 'E6'].map((tier) => {
    const found = results.flatMap((one) =>
      one.kind === 'intervals' ? one.result.precision.filter((row) => row.tier === tier) : [],
    );
    return { tier, found };
  });
  const dates = results.map((one) => dayOf(one.at)).sort();
  const versions = [...new Set(results.map((one) => `fairshare ${one.version}, Node ${one.node}`))].join('; ');
  const seeds = (kind: WorldResult['kind']) =>
    results
      .filter((one) => one.kind === kind)
      .map((one) => one.seed)
      .sort((a, b) => a - b);
  const span = (all: readonly number[]) =>
    all.at(-1)! - all[0] === all.length - 1 ? `${all[0]}–${all.at(-1)}` : all.join(', ');

  return `<!-- Written by \`make accuracy\`; do not edit. -->

# Accuracy of the attribution

Measured against the truth of simulated worlds, in which it is known who sent every request. The whole way is run:
logs are written, ingested and attributed by the program; only then is the truth opened.

${dates[0] === dates.at(-1) ? dates[0] : `${dates[0]} to ${dates.at(-1)}`}; ${versions}; seeds ${span(seeds('shares'))} (shares), ${span(seeds('intervals'))} (intervals), ${span(seeds('enrolled'))} (tokens). The same seeds give the same
figures: \`make accuracy\` (about ten minutes on two cores).

| | target | found | |
|---|---|---|---|
| error of the shares at full evidence, worst of ${full.length} worlds | ≤ 2 % | ${percent(worst, 2)} | ${verdict(worst <= TARGETS.share_error)} |
| error of the shares where 80 % of the networks are declared and tokens are used as [ENROLMENT.md](ENROLMENT.md) proves, mean of ${enrolled.length} worlds | ≤ 2 % | ${percent(enrolledMean, 2)}; ${within} of ${enrolled.length} worlds are within 2 % | ${verdict(enrolledMean <= TARGETS.share_error)} |
| 5–95 % intervals that hold the truth, E4–E6 erring alike | 85–97 % | ${percent(evenCoverage)} | ${verdict(evenCoverage >= TARGETS.interval[0] && evenCoverage <= TARGETS.interval[1])} |
| requests billed to a wrong organisation by E1–E3 | 0 | ${wrong} | ${verdict(wrong === 0)} |
| requests that claims of E4–E6 on clouds, hosters, providers and VPNs got | 0 | ${claimed} | ${verdict(claimed === 0)} |

## Shares

${full.length} worlds of ${lines.shares.toLocaleString('en')} lines over two days, ${full[0].organisations} organisations, npm and PyPI. All that an organisation uses carries evidence:
each of its five teams sends a token of its own, its networks and its fixed cloud addresses are declared. 30 % of the requests
under the name of an AI crawler are spoofed. Besides, E4, E5 and E6 rows claim clouds, hosters, internet providers and VPNs
for organisations, as a careless registry would. Each piece of evidence of E1–E3 (a token, a network) is then known with a
probability, and the month is attributed anew from what is stored.

Error: half the L1 distance between the attributed and the true shares, among the organisations of which at least one piece is
known. Wrong: requests attributed beyond what is true, over organisation, day and ecosystem, by E1–E3 and by the claims.

![Error of the shares by the pieces of evidence that are known](accuracy.svg)

${shareTable('pieces known', results, 'shares')}

The error grows quickly because evidence goes missing by whole tokens and networks, and few of them carry most of the traffic: an
organisation that declares half of itself is not half as large. Missing evidence never gives usage to another.

## Shares with tokens

${enrolled.length} worlds like these. Now a program sends its team's token only if a recorded run of docs/ENROLMENT.md proves that its client can: pip, uv, npm,
Maven and others. Caches such as Nexus and Artifactory, Gradle, Docker, bots, libraries and browsers send none. All tokens are in the registry, and each
network (own or fixed in a cloud) is declared with a probability.

${shareTable('networks declared', results, 'enrolled')}

At 80 % the rest is usage of programs without a proven way to send a token, in clouds or on networks that nobody declared. Of the organisations' true
bytes there is not attributed, by client: ${missingText(enrolled)}. Missing evidence never gives usage to another.

## Intervals

${even.worlds + uneven.worlds} worlds of ${lines.intervals.toLocaleString('en')} lines, 18 organisations, sources that log AS numbers. Nothing is declared; every second organisation has a
token that 35 % of its addresses send. Networks are known by E4 (ranges), E5 (the AS) and E6 (ranges). 5 to 30 % of the /24 and
/48 are truly used by another organisation, and 10 % of the E6 rows name a wrong one. A case is an organisation of a world to
which E4–E6 attribute something; the interval holds the truth where it holds the organisation's true usage within what was
attributed to it. Prefixes that err:

| networks err | worlds | cases | requests: held | below | above | bytes: held | median width |
|---|---:|---:|---:|---:|---:|---:|---:|
${[even, uneven]
  .filter(({ cases }) => cases.length > 0)
  .map(
    (one) =>
      `| ${one.name} | ${one.worlds} | ${one.cases.length} | ${percent(covered(one, 'requests'))} | ${percent(covered(one, 'requests', -1))} | ${percent(covered(one, 'requests', 1))} | ${percent(covered(one, 'bytes'))} | ${percent(
        quantile(
          one.cases.map(({ width }) => width),
          0.5,
        ),
        0,
      )} of what was attributed |`,
  )
  .join('\n')}

Below: the truth is less than the interval says. What tokens show of the evidence, and what is true of all its prefixes:

| evidence | prefixes tested by a token (mean of a world) | measured precision | true precision |
|---|---:|---:|---:|
${precision
  .map(({ tier, found }) => {
    const right = found.reduce((sum, row) => sum + row.right, 0);
    const tested = found.reduce((sum, row) => sum + row.right + row.wrong, 0);
    return `| ${tier} | ${(tested / found.length).toFixed(0)} | ${percent(right / tested)} | ${percent(mean(found.map(({ truth }) => truth)))} |`;
  })
  .join('\n')}

## What this does not show

- The worlds are invented. How often real E4–E6 evidence errs is measured by the tokens of a real registry, every month.
- Draws treat an organisation's prefixes as independent. An AS number that as a whole names the wrong organisation breaks that; so does
  a token that only the right users of a prefix send.
- A prefix that two organisations share is right or wrong as a whole.
`;
}
