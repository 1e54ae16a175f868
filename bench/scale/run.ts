// `make scale`: a day of 1, 10 and 100 million landing rows made, sealed, attributed, allocated and checked, a process of its own
// for each; appended to bench/results/scale.jsonl, and docs/SCALE.md written from it. ROWS="1000000 10000000" chooses sizes. A
// landing that lies in SCALE_DIR/ROWS already is taken as it is. What was made is removed. On Linux, which counts peak memory.

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from '../processes.ts';
import type { ScaleResult } from './child.ts';
import { SCALE_RESULTS, writeScalePage } from './page.ts';

/** Landing, sealed tables, and what is merged at the moment. */
const DISK_BYTES_PER_ROW = 350;

const sizes = (process.env.ROWS ?? '1000000 10000000 100000000').split(/[\s,]+/).map(Number);
if (!sizes.every((rows) => Number.isInteger(rows) && rows > 0)) throw new Error('ROWS is numbers of landing rows');
const given = process.env.SCALE_DIR;
const directory = given ?? mkdtempSync(join(tmpdir(), 'fairshare-scale-'));
mkdirSync(directory, { recursive: true });

const run = (script: string, ...args: readonly string[]): string =>
  execFileSync(process.execPath, ['--import', 'tsx', fileURLToPath(new URL(script, import.meta.url)), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

try {
  for (const rows of sizes) {
    const place = join(directory, String(rows));
    try {
      const { bavail, bsize } = statfsSync(directory);
      if (bavail * bsize < rows * DISK_BYTES_PER_ROW)
        throw new Error(`${directory} has no room for ${rows} rows: set SCALE_DIR, or fewer ROWS`);
      process.stderr.write(`${rows.toLocaleString('en')} rows\n`);
      if (!existsSync(join(place, 'landing.json'))) run('make-landing.ts', String(rows), place);
      const result = JSON.parse(run('child.ts', String(rows), place)) as ScaleResult;
      appendFileSync(SCALE_RESULTS, `${JSON.stringify({ date: new Date().toISOString(), machine, ...result })}\n`);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }
} finally {
  if (given === undefined) rmSync(directory, { recursive: true, force: true });
}
writeScalePage();
