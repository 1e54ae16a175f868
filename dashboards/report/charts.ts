// Charts as inline SVG, drawn without a browser. Colours are the page's own variables, so that they follow light, dark and print.
// A chart does not depend on earlier ones.

import { type BarSeriesOption, init, type Option } from './echarts.ts';
import { printable } from '../../transform/printable.ts';
import { html, Markup } from './markup.ts';
import { type Words } from './texts/words.ts';

/** What a chart measures. */
export type Measure = 'requests' | 'downloads' | 'bytes';

export interface Series {
  readonly name: string;
  /** A variable of style.css: '--attributed'. */
  readonly color: string;
  /** In the chart's measure, one for each category. */
  readonly values: readonly bigint[];
}
export interface Chart {
  /** Describes the picture for readers who cannot see it. */
  readonly label: string;
  readonly categories: readonly string[];
  readonly series: readonly Series[];
  /** Default: bytes. */
  readonly measure?: Measure;
  /** First day of methodology 2, if days of version 1 are in the chart; null: all days are of one version. */
  readonly methodology_from: string | null;
}
export interface RankChart extends Chart {
  /** For each category, the whole that its percentage refers to: the same as in the table beside the chart. */
  readonly of: readonly bigint[];
}

/** A chart is drawn twice, and the screen's width decides which drawing is shown: a drawing that shrinks cannot be read. */
const sizes = [
  { name: 'wide', width: 920, label_width: 230 },
  { name: 'narrow', width: 350, label_width: 118 },
] as const;
type Size = (typeof sizes)[number];
const text = { color: 'var(--muted)', fontSize: 12, fontFamily: 'inherit' };
const valueAxis = (words: Words, measure: Measure = 'bytes') => ({
  type: 'value' as const,
  splitNumber: 4,
  axisLabel: {
    ...text,
    hideOverlap: true,
    formatter: (value: number) =>
      measure === 'bytes' ? words.bytes(BigInt(Math.round(value))) : words.count(Math.round(value)),
  },
  axisLine: { show: false },
  splitLine: { lineStyle: { color: 'var(--rule)' } },
});
const categoryAxis = (data: readonly string[]) => ({
  type: 'category' as const,
  data: data.map(printable),
  axisTick: { show: false },
  axisLine: { lineStyle: { color: 'var(--rule)' } },
});

/**
 * Removes identifiers and styles: echarts numbers them through the process, and only a browser's pointer needs them. A text's style
 * becomes attributes, because a web page's content security policy forbids styles that are inline.
 */
const still = (svg: string, name: Size['name']): string =>
  svg
    .replace(/ style="([^"]*)"/g, (_whole, style: string) =>
      style
        .split(';')
        .filter((one) => one.includes(':'))
        .map((one) => ` ${one.slice(0, one.indexOf(':')).trim()}="${one.slice(one.indexOf(':') + 1).trim()}"`)
        .join(''),
    )
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|xmlns:xlink)="[^"]*"/g, '')
    .replace(/^<svg width="\d+" height="\d+"/, `<svg class="${name}" aria-hidden="true" focusable="false"`)
    .trim();

const draw = (
  { label, methodology_from }: Chart,
  series: readonly Series[],
  height: number,
  words: Words,
  option: (size: Size) => Option,
): Markup => {
  const methods = methodology_from === null ? null : words.texts.twoMethods(methodology_from);
  return html`<figure class="chart" role="img" aria-label="${methods === null ? label : `${label} ${methods}`}">
    ${legend(series)}${sizes.map((size) => drawing(size, height, option(size)))}${methods === null ? null : html`<figcaption class="note">${methods}</figcaption>`}
  </figure> `;
};

function drawing({ name, width }: Size, height: number, option: Option): Markup {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...option });
    return new Markup(still(chart.renderToSVGString(), name));
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
        ${series.map(
          ({ name, color }) =>
            html`<li>
              <svg class="swatch" viewBox="0 0 1 1"><rect width="1" height="1" fill="var(${color})" /></svg>${name}
            </li>`,
        )}
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
export function dayChart(chart: Chart, words: Words): Markup {
  const series = shown(chart);
  return draw(chart, series, 200, words, ({ name }) => ({
    grid: { left: name === 'wide' ? 72 : 58, right: 8, top: 12, bottom: 28 },
    xAxis: { ...categoryAxis(chart.categories), axisLabel: { ...text, hideOverlap: true } },
    yAxis: valueAxis(words, chart.measure),
    series: bars(series),
  }));
}

/** Horizontal stacked bars, the first category on top, each with its percentage. */
export function rankChart(chart: RankChart, words: Words): Markup {
  const series = shown(chart);
  const totals = chart.categories.map((_, index) => chart.series.reduce((sum, { values }) => sum + values[index], 0n));
  const drawn = bars(series);
  const last = drawn.at(-1);
  if (last !== undefined)
    last.label = {
      show: true,
      position: 'right',
      ...text,
      formatter: ({ dataIndex }) => words.percent(totals[dataIndex], chart.of[dataIndex]),
    };
  return draw(chart, series, 36 + chart.categories.length * 26, words, ({ label_width }) => ({
    grid: { left: label_width + 10, right: 64, top: 8, bottom: 24 },
    xAxis: valueAxis(words),
    yAxis: {
      ...categoryAxis(chart.categories),
      inverse: true,
      axisLabel: { ...text, width: label_width, overflow: 'truncate' },
    },
    series: drawn,
  }));
}
