// Puts the parts of Apache ECharts that charts use into dist/, so that the package needs no dependency for them. Its licences
// stand beside the bundle.
import { readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const bundle = 'dist/dashboards/report/echarts.js';
await build({
  entryPoints: ['dashboards/report/echarts.ts'],
  outfile: bundle,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  banner: { js: '// Apache ECharts, zrender and tslib, bundled. Their licences: echarts.LICENSE.txt' },
});

const licences = [
  'echarts/LICENSE',
  'echarts/NOTICE',
  'echarts/licenses/LICENSE-d3',
  'echarts/node_modules/tslib/LICENSE.txt',
  'zrender/LICENSE',
];
writeFileSync(
  bundle.replace(/\.js$/, '.LICENSE.txt'),
  licences.map((name) => `==> ${name}\n\n${readFileSync(`node_modules/${name}`, 'utf8').trim()}\n`).join('\n\n'),
);
