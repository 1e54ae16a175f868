// Every format on its fixtures (test/fixtures/formats/<name>): each line gives the outcome that expected.json names.

import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectedOf, fixture, fixtureFaults, logs, readLines } from '../../test/fixtures/formats/check.ts';
import { unlisted } from '../../test/support/listed.ts';
import { temporaryDirectory } from '../../test/support/warehouse.ts';
import type { Format } from './format.ts';
import { formats } from './index.ts';

describe.each(formats.map(({ name }) => name))('%s', (name) => {
  it('has its fixtures', () => expect(fixtureFaults(name)).toEqual([]));

  it.each(logs)('reads %s.log as expected.json says', (log) => {
    const { outcomes, options } = expectedOf(name, log);
    expect(readLines(name, fixture(name, log), options)).toEqual(outcomes);
  });
});

describe('the list of formats', () => {
  it('has every format of this folder', async () => {
    const isFormat = (value: object): value is Format => 'detect' in value && 'parser' in value;
    expect(await unlisted('transform/formats', isFormat, formats)).toEqual([]);
  });

  it('has the format of every folder of fixtures', () => {
    const folders = readdirSync(new URL('../../test/fixtures/formats/', import.meta.url), { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(names.filter((name) => !formats.some((format) => format.name === name))).toEqual([]);
  });
});

describe('what is missing', () => {
  const fixtures = fileURLToPath(new URL('../../test/fixtures/formats/caddy', import.meta.url));
  /** The faults of Caddy's fixtures after a change to a copy of them. */
  function faultsAfter(change: (path: (file: string) => string) => void): string[] {
    const directory = temporaryDirectory();
    cpSync(fixtures, join(directory.path, 'caddy'), { recursive: true });
    try {
      change((file) => join(directory.path, 'caddy', file));
      return fixtureFaults('caddy', directory.path);
    } finally {
      directory.remove();
    }
  }

  it.each(['good.log', 'errors.log', 'unrelated.log', 'expected.json'])('is named: %s', (file) => {
    expect(faultsAfter((path) => rmSync(path(file)))).toEqual([
      expect.stringMatching(`test/fixtures/formats/caddy/${file} is missing: .`),
    ]);
  });

  it('is named: a line, and an outcome that does not belong there', () => {
    expect(faultsAfter(() => {})).toEqual([]);
    expect(faultsAfter((path) => writeFileSync(path('unrelated.log'), '')).join('\n')).toContain(
      'expected.json: 3 outcomes for 0 lines of unrelated.log',
    );
    const outcomes = { good: ['other_log'], errors: ['other_log'], unrelated: [{ at: '2026-01-01T00:00:00Z' }] };
    expect(
      faultsAfter((path) => {
        for (const log of logs) writeFileSync(path(`${log}.log`), 'a line\n');
        writeFileSync(path('expected.json'), JSON.stringify(outcomes));
      }).map((fault) => fault.replace('test/fixtures/formats/caddy/', '')),
    ).toEqual([
      'good.log has no request',
      'errors.log has fewer than three damaged requests',
      'errors.log:1 is neither quarantined nor degraded: "other_log"',
      'unrelated.log:1 is neither excluded nor quarantined: {"at":"2026-01-01T00:00:00Z"}',
    ]);
  });
});
