// Charts as inline SVG, drawn without a browser. Colours are the page's own variables, so that they follow light, dark and print.
// A chart does not depend on earlier ones.

import { type BarSeriesOption, init, type Option } from './echarts.ts';
import { printable } from '../../transform/printable.ts';
import { html, Markup } from './markup.ts';
import { formatBytes, formatPercent } from '../../transform/numbers.ts';

export interface Series {
  readonly name: string;
  /** A variable of style.css: '--attributed'. */
  readonly color: string;
  /** Bytes, one for each category. */
  readonly values: readonly bigint[];
}
export interface Chart {
  /** Describes the picture for readers who cannot see it. */
  readonly label: string;
  readonly categories: readonly string[];
  readonly series: readonly Series[];
}

const WIDTH = 920;
const LABEL_WIDTH = 230;
const text = { color: 'var(--muted)', fontSize: 12, fontFamily: 'inherit' };
const byteLabel = (value: number): string => formatBytes(Math.round(value));
const valueAxis = {
  type: 'value' as const,
  axisLabel: { ...text, formatter: byteLabel },
  axisLine: { show: false },
  splitLine: { lineStyle: { color: 'var(--rule)' } },
};
const categoryAxis = (data: readonly string[]) => ({
  type: 'category' as const,
  data: data.map(printable),
  axisTick: { show: false },
  axisLine: { lineStyle: { color: 'var(--rule)' } },
});

/** Removes identifiers and styles: echarts numbers them through the process, and only a browser's pointer needs them. */
const still = (svg: string): string =>
  svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|xmlns:xlink)="[^"]*"/g, '')
    .replace(/^<svg width="\d+" height="\d+"/, '<svg aria-hidden="true" focusable="false"')
    .trim();

function draw(label: string, series: readonly Series[], height: number, option: Option): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, ...option });
    return html`<figure class="chart" role="img" aria-label="${label}">
      ${legend(series)}${new Markup(still(chart.renderToSVGString()))}
    </figure> `;
  } finally {
    // A chart that is not disposed keeps Node alive.
    chart.dispose();
  }
}

const shown = ({ series }: Chart): Series[] => series.filter(({ values }) => values.some((value) => value !== 0n));
/** The legend, in the page's own text beside the picture. */
const legend = (series: readonly Series[]): Markup | null =>
  series.length < 2
    ? null
    : html`<ul class="legend" aria-hidden="true">
        ${series.map(({ name, color }) => html`<li><i style="background:var(${color})"></i>${name}</li>`)}
      </ul>`;
const bars = (series: readonly Series[]): BarSeriesOption[] =>
  series.map(({ name, color, values }) => ({
    name,
    type: 'bar',
    stack: 'all',
    data: values.map(Number),
    itemStyle: { color: `var(${color})` },
    barCategoryGap: '28%',
    silent: true,
  }));

/** Vertical stacked bars, one for each day. */
export function dayChart(chart: Chart): Markup {
  const series = shown(chart);
  return draw(chart.label, series, 220, {
    grid: { left: 72, right: 8, top: 12, bottom: 28 },
    xAxis: { ...categoryAxis(chart.categories), axisLabel: { ...text, hideOverlap: true } },
    yAxis: valueAxis,
    series: bars(series),
  });
}

/** Horizontal stacked bars, the first category on top, each with its share of the total. */
export function rankChart(chart: Chart): Markup {
  const series = shown(chart);
  const totals = chart.categories.map((_, index) => chart.series.reduce((sum, { values }) => sum + values[index], 0n));
  const whole = totals.reduce((sum, total) => sum + total, 0n);
  const drawn = bars(series);
  const last = drawn.at(-1);
  if (last !== undefined)
    last.label = {
      show: true,
      position: 'right',
      ...text,
      formatter: ({ dataIndex }) => formatPercent(totals[dataIndex], whole),
    };
  return draw(chart.label, series, 36 + chart.categories.length * 26, {
    grid: { left: LABEL_WIDTH + 10, right: 64, top: 8, bottom: 24 },
    xAxis: valueAxis,
    yAxis: {
      ...categoryAxis(chart.categories),
      inverse: true,
      axisLabel: { ...text, width: LABEL_WIDTH, overflow: 'truncate' },
    },
    series: drawn,
  });
}
