// The day of `make scale` goes through all its steps, so that a new column or check does not break the command in silence.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('a small day of make scale is sealed, attributed, allocated and checked', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fairshare-scale-'));
  const run = (script: string) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', `bench/scale/${script}.ts`, '2000', directory]);
  try {
    await run('make-landing');
    const { stdout } = await run('child');
    const { sealed_rows, steps } = JSON.parse(stdout) as { sealed_rows: number; steps: { name: string }[] };
    expect(sealed_rows).toBeGreaterThan(1900);
    expect(steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['landing', 'seal', 'attribute', 'check', 'allocate', 'check again']),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
