// `make fuzz`: runs the generated tests of the formats with millions of lines, and prints lines and seed for each format.
// Usage: tsx scripts/tools/fuzz.ts [--runs N] [--seed N]. A failure prints its counterexample and ends with vitest's exit code.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FuzzReport } from '../../test/support/fuzz.ts';
import { printTable } from '../runtime/output.ts';

const SUITES = [
  'transform/formats/fuzz.test.ts',
  'transform/formats/text-agreement.test.ts',
  'transform/formats/json-agreement.test.ts',
  'transform/scan/json.test.ts',
  'transform/scan/plain-lines.test.ts',
];

const { values } = parseArgs({
  options: {
    /** Lines of one suite, for all its formats together. */
    runs: { type: 'string', default: '600000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
if (!Number.isSafeInteger(runs) || runs <= 0 || !Number.isSafeInteger(seed)) {
  process.stderr.write('fuzz: --runs and --seed are integers, --runs above 0\n');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'fairshare-fuzz-'));
const reportPath = join(folder, 'report.jsonl');
process.stderr.write(`fuzz: ${runs} lines a suite, seed ${seed}; again with: make fuzz RUNS=${runs} SEED=${seed}\n`);
const begun = performance.now();
const { status } = spawnSync('node_modules/.bin/vitest', ['run', '--project', 'unit', ...SUITES], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  env: {
    ...process.env,
    FAIRSHARE_FUZZ_RUNS: String(runs),
    FAIRSHARE_FUZZ_SEED: String(seed),
    FAIRSHARE_FUZZ_REPORT: reportPath,
  },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const seconds = Math.round((performance.now() - begun) / 1000);

let reports: FuzzReport[] = [];
try {
  reports = readFileSync(reportPath, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as FuzzReport); // prettier-ignore
} catch {
  process.stderr.write('fuzz: no test has passed\n');
}
rmSync(folder, { recursive: true });
const tests = [...new Set(reports.map(({ test }) => test))].sort();
const lines = (format: string | undefined, test: string | undefined): number =>
  reports
    .filter((report) => (format ?? report.format) === report.format && (test ?? report.test) === report.test)
    .reduce((sum, report) => sum + report.lines, 0);
printTable(
  process.stdout,
  ['format', ...tests, 'lines', 'seed'],
  [
    ...[...new Set(reports.map(({ format }) => format))]
      .sort()
      .map((format) => [
        format,
        ...tests.map((test) => lines(format, test) || null),
        lines(format, undefined),
        String(seed),
      ]),
    ['all', ...tests.map((test) => lines(undefined, test)), lines(undefined, undefined), `${seconds} s`],
  ],
);
process.exitCode = status ?? 1;
