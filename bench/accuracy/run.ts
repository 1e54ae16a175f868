// `make accuracy` measures simulated worlds. It writes one line of bench/results/accuracy.jsonl for each world, then
// docs/ACCURACY.md and docs/accuracy.svg from all of them.
// Usage: tsx bench/accuracy/run.ts [--worlds FROM-TO] [--keep]; --keep adds to the worlds that were measured before.

import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { version as codeVersion } from '../../scripts/runtime/version.ts';
import {
  attributedByClient,
  enrolledWorld,
  erringWorld,
  fullWorld,
  measureIntervals,
  measureShares,
  type WorldResult,
} from './measure.ts';
import { accuracyPage, curveSvg } from './page.ts';

const LINES = { shares: 8_000, intervals: 15_000 };
const RESULTS = 'bench/results/accuracy.jsonl';

/** Worlds 1–20 have all evidence, 21–40 have wrong evidence, 41–50 have wrong evidence that is spread unevenly, 51–70 use tokens. */
async function measureWorld(world: number): Promise<WorldResult> {
  const head = { seed: world, at: new Date().toISOString(), version: codeVersion, node: process.version };
  if (world <= 20) return { ...head, kind: 'shares', result: await measureShares(fullWorld(world, LINES.shares)) };
  if (world > 50) {
    // The same lines, but every program sends a token.
    const all = await attributedByClient(fullWorld(world, LINES.shares));
    return { ...head, kind: 'enrolled', result: await measureShares(enrolledWorld(world, LINES.shares), 1, all) };
  }
  const uneven = world > 40;
  const result = await measureIntervals(erringWorld(world, LINES.intervals, uneven));
  return { ...head, kind: 'intervals', uneven, result };
}

const { values } = parseArgs({
  options: { worlds: { type: 'string', default: '1-70' }, keep: { type: 'boolean', default: false } },
});
const [from, to] = values.worlds.split('-').map(Number) as [number, number];
if (!values.keep) rmSync(RESULTS, { force: true });
const measured = (): WorldResult[] =>
  (existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8').split('\n').filter(Boolean) : [])
    .map((line) => JSON.parse(line) as WorldResult)
    .sort((a, b) => a.seed - b.seed);
for (let world = from; world <= to; world++) {
  if (measured().some(({ seed }) => seed === world)) continue;
  const started = performance.now();
  appendFileSync(RESULTS, `${JSON.stringify(await measureWorld(world))}\n`);
  process.stderr.write(`world ${world}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
}
const results = measured();
const kinds = new Set(results.map(({ kind }) => kind));
if (kinds.has('shares') && kinds.has('intervals') && kinds.has('enrolled')) {
  writeFileSync('docs/accuracy.svg', curveSvg(results));
  writeFileSync('docs/ACCURACY.md', accuracyPage(results, LINES));
  process.stderr.write('written: docs/ACCURACY.md, docs/accuracy.svg\n');
}
