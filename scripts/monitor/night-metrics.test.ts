// The metrics of a night as the textfile collector reads them.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lastSuccessOf, nightMetrics, nightOutcomes, writeNightMetrics } from './night-metrics.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairshare-test-'));
const path = join(directory, 'fairshare.prom');
afterAll(() => rmSync(directory, { recursive: true }));

it('says how the night ended, and keeps the last success through nights that fail', async () => {
  await writeNightMetrics(path, { outcome: 'done', started_ms: 1_000, ended_ms: 4_000, sealed: 2, unsealed: 0, held: 0, refusedObjects: 1 }); // prettier-ignore
  const done = readFileSync(path, 'utf8');
  expect(done).toContain('fairshare_nightly_last_success_timestamp_seconds 4\n');
  expect(done).toContain('fairshare_nightly_duration_seconds 3\n');
  expect(done).toContain('fairshare_nightly_days{state="sealed"} 2\n');
  expect(done).toContain('fairshare_nightly_outcome{outcome="done"} 1\n');
  expect(done).toContain('fairshare_nightly_refused_objects 1\n');
  await writeNightMetrics(path, { outcome: 'checkFailed', started_ms: 5_000, ended_ms: 9_000, held: 3 });
  const failed = readFileSync(path, 'utf8');
  expect(lastSuccessOf(failed)).toBe(4);
  expect(failed).toContain('fairshare_nightly_last_run_timestamp_seconds 9\n');
  expect(failed).toContain('fairshare_nightly_outcome{outcome="checkFailed"} 1\n');
  expect(failed).toContain('fairshare_nightly_outcome{outcome="done"} 0\n');
  expect(failed).toContain('fairshare_nightly_days{state="held"} 3\n');
  // It did not come to these.
  expect(failed).not.toMatch(/state="sealed"|refused_objects \d/);
  expect(readdirSync(directory)).toEqual(['fairshare.prom']);
});

it('says nothing of a success that never was', async () => {
  const night = { outcome: 'usage', started_ms: 0, ended_ms: 1, lastSuccess_seconds: undefined } as const;
  expect(await nightMetrics(night).metrics()).not.toContain('last_success');
  expect(lastSuccessOf('nothing')).toBeUndefined();
});

it('has one outcome at a time', async () => {
  for (const outcome of nightOutcomes) {
    const text = await nightMetrics({ outcome, started_ms: 0, ended_ms: 1, lastSuccess_seconds: 1 }).metrics();
    expect(text.match(/^fairshare_nightly_outcome\{.*\} 1$/gm)).toEqual([`fairshare_nightly_outcome{outcome="${outcome}"} 1`]); // prettier-ignore
  }
});
