import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../transform/fault.ts';
import { EXPORT_SCHEMA, ExportDirectory, type ExportVersions } from './files.ts';
import { sha256 } from '../../sql/sha256.ts';

const versions = (status: 'open' | 'closed', run_id = 'run-1'): ExportVersions => ({
  schema: EXPORT_SCHEMA,
  organisation: 'acme',
  period: '2026-10',
  status,
  run_id,
  attribution_version: 'attribution-1',
  policy_version: 'policy-1',
  methodology_version: 2,
});

async function deliver(directory: string, content: string, said: ExportVersions, at: string) {
  const target = new ExportDirectory(directory, said);
  await target.write('usage', 'csv', 1, (path) => writeFileSync(path, content));
  return target.finish(said, at);
}
const temporary = () => mkdtempSync(join(tmpdir(), 'fairshare-export-'));
const name = (content: string) => `usage-${sha256(content).slice(0, 16)}.csv`;

describe('an export directory', () => {
  it('names files by their content and the manifest says what they are', async () => {
    const directory = temporary();
    const { manifest } = await deliver(directory, 'a\r\n', versions('open'), '2026-11-02T00:00:00.000Z');
    expect(manifest).toEqual({
      ...versions('open'),
      created_at: '2026-11-02T00:00:00.000Z',
      files: [{ path: name('a\r\n'), format: 'csv', bytes: 3, rows: 1, sha256: sha256('a\r\n') }],
      previous_manifest_sha256: null,
    });
    expect(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'))).toEqual(manifest);
    expect(readdirSync(directory).sort()).toEqual(['manifest.json', name('a\r\n')]);
  });

  it('leaves everything as it is where nothing has changed', async () => {
    const directory = temporary();
    await deliver(directory, 'a', versions('open'), '2026-11-02T00:00:00.000Z');
    const before = readFileSync(join(directory, 'manifest.json'), 'utf8');
    const again = await deliver(directory, 'a', versions('open'), '2026-11-03T00:00:00.000Z');
    expect(again.changed).toBe(false);
    expect(readFileSync(join(directory, 'manifest.json'), 'utf8')).toBe(before);
  });

  it('replaces while the period is open, and touches no file but its own', async () => {
    const directory = temporary();
    await deliver(directory, 'a', versions('open'), '2026-11-02T00:00:00.000Z');
    const first = readFileSync(join(directory, 'manifest.json'), 'utf8');
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    const { manifest } = await deliver(directory, 'b', versions('open', 'run-2'), '2026-11-03T00:00:00.000Z');
    expect(manifest.previous_manifest_sha256).toBe(sha256(first));
    expect(readdirSync(directory).sort()).toEqual(['manifest.json', 'notes.txt', name('b')].sort());
  });

  it('removes nothing that a forged manifest names outside its own files', async () => {
    const directory = temporary();
    const victim = join(directory, '..', `victim-${process.pid}.csv`);
    writeFileSync(victim, 'keep');
    const forged = { ...versions('open'), files: [{ path: `../victim-${process.pid}.csv` }, { path: 'notes.txt' }] };
    writeFileSync(join(directory, 'notes.txt'), 'mine');
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify(forged));
    await deliver(directory, 'b', versions('open', 'run-2'), '2026-11-03T00:00:00.000Z');
    expect(existsSync(victim) && existsSync(join(directory, 'notes.txt'))).toBe(true);
  });

  it('takes nothing away once the period is closed', async () => {
    const directory = temporary();
    await deliver(directory, 'a', versions('closed'), '2026-12-02T00:00:00.000Z');
    const first = readFileSync(join(directory, 'manifest.json'), 'utf8');
    await deliver(directory, 'b', versions('closed', 'run-2'), '2026-12-03T00:00:00.000Z');
    const kept = `manifest-${sha256(first).slice(0, 16)}.json`;
    expect(readdirSync(directory).sort()).toEqual([kept, 'manifest.json', name('a'), name('b')].sort());
    expect(readFileSync(join(directory, kept), 'utf8')).toBe(first);
  });

  it('refuses a directory of another organisation, and one with a manifest that is not ours', async () => {
    const directory = temporary();
    await deliver(directory, 'a', versions('open'), '2026-11-02T00:00:00.000Z');
    expect(() => new ExportDirectory(directory, { ...versions('open'), organisation: 'globex' })).toThrow(Fault);
    writeFileSync(join(directory, 'manifest.json'), '{"schema":"other"}');
    expect(() => new ExportDirectory(directory, versions('open'))).toThrow(/not a manifest/);
  });

  it('leaves no half-made file behind', async () => {
    const directory = temporary();
    const target = new ExportDirectory(directory, versions('open'));
    const failing = target.write('usage', 'parquet', 1, (path) => {
      writeFileSync(path, 'half');
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(readdirSync(directory)).toEqual([]);
  });
});
