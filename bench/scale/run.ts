// `make scale`: makes, seals, attributes, allocates and checks a day of 1, 10 and 100 million landing rows, each size in a
// process of its own. It appends the results to bench/results/scale.jsonl and writes docs/SCALE.md from it. ROWS="1000000
// 10000000" chooses sizes. If SCALE_DIR/ROWS already contains a landing, that landing is used unchanged. Everything that the
// run made is removed. It needs Linux, because only Linux counts peak memory.

import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine } from '../processes.ts';
import type { ScaleResult } from './child.ts';
import { SCALE_RESULTS, writeScalePage } from './page.ts';

/** Disk space for landing, sealed tables, and running merges. */
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
