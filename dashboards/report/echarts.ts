// The parts of Apache ECharts that charts need: bars, a grid, SVG. The build bundles them into this file
// (scripts/tools/bundle-charts.mjs), so that fairshare does not install the 60 MB of the whole package.

import { BarChart, type BarSeriesOption } from 'echarts/charts';
import { GridComponent, type GridComponentOption } from 'echarts/components';
import { type ComposeOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, SVGRenderer]);

export { init };
export type { BarSeriesOption };
export type Option = ComposeOption<BarSeriesOption | GridComponentOption>;
