// The day of `make scale` goes through all its steps, so that a new column or check does not break the command in silence.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

it('a small day of make scale is sealed, attributed, allocated and checked', async () => {
  const run = (script: string) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', `bench/scale/${script}.ts`, '2000', directory.path]);
  await run('make-landing');
  const { stdout } = await run('child');
  const { sealed_rows, steps } = JSON.parse(stdout) as { sealed_rows: number; steps: { name: string }[] };
  expect(sealed_rows).toBeGreaterThan(1900);
  expect(steps.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['landing', 'seal', 'attribute', 'check', 'allocate', 'check again']),
  );
}, 120_000);
