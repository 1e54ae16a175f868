// fairshare simulate: its flags, what it prints, and where.

import { Command, CommanderError } from 'commander';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { registerSimulate } from './simulate.ts';
import type { Runtime } from '../runtime/command.ts';

const base = mkdtempSync(join(tmpdir(), 'fairshare-simulate-command-'));
afterAll(() => rmSync(base, { recursive: true }));

async function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const runtime = {
    stdout,
    stderr,
    interactive: false,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
    now: () => new Date(0),
  } as Partial<Runtime> as Runtime;
  const program = new Command('fairshare').exitOverride();
  registerSimulate(program.command('simulate'), runtime);
  for (const command of program.commands) {
    command
      .exitOverride()
      .configureOutput({ writeErr: (text) => stderr.write(text), writeOut: (text) => stdout.write(text) });
  }
  try {
    await program.parseAsync(['simulate', ...args], { from: 'user' });
  } finally {
    stdout.end();
    stderr.end();
  }
  return { stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

const out = (name: string) => ['--out', join(base, name)];

describe('fairshare simulate', () => {
  it('prints a summary for people, and the next step beside it', async () => {
    const { stdout, stderr } = await run(...out('people'), '--lines', '3000', '--days', '2');
    expect(stdout).toMatch(/lines +│ +3,000/);
    expect(stdout).toContain('container_build');
    expect(stderr).toContain(`ingest files ${join(base, 'people')}/logs/npm --source npm`);
  });

  it('prints JSON alone with --json, and hands every flag on', async () => {
    const flags =
      '--lines 2000 --days 3 --start 2026-02-27 --seed 11 --organisations 3 --objects-per-day 2 --spoofed 0.5';
    const { stdout } = await run(
      ...out('json'),
      ...flags.split(' '),
      '--sources',
      'npm,debian',
      '--truth',
      'lines',
      '--json',
    );
    const summary = JSON.parse(stdout) as Record<string, unknown>;
    expect(summary).toMatchObject({
      lines: 2000,
      days: 3,
      start: '2026-02-27',
      seed: 11,
      organisations: 3,
      objects: 12,
    });
    const options = JSON.parse(readFileSync(join(base, 'json', 'simulation.json'), 'utf8')) as Record<string, unknown>;
    expect(options).toMatchObject({ spoofed: 0.5, sources: ['npm', 'debian'], truth: 'lines', objectsPerDay: 2 });
    const objects = readFileSync(join(base, 'json', 'truth/objects.csv'), 'utf8');
    expect(objects).toContain('logs/debian/2026/03/01/12-00.log.gz');
  });

  it('says what is wrong with a flag', async () => {
    const wrong: [string, string, RegExp][] = [
      ['--lines', '0', /whole number from 1/],
      ['--lines', '1e6', /whole number from 1/],
      ['--days', '-1', /whole number/],
      ['--start', '2026-02-30', /YYYY-MM-DD/],
      ['--start', 'today', /YYYY-MM-DD/],
      ['--spoofed', '1.5', /share from 0 to 1/],
      ['--organisations', '100000', /whole number from 1 to 400/],
      ['--sources', 'npm,cobol', /no 'cobol'/],
      ['--scenario', 'other', /Allowed choices are default/],
    ];
    for (const [flag, value, message] of wrong) {
      const failed = run(...out('wrong'), flag, value);
      await expect(failed, `${flag} ${value}`).rejects.toBeInstanceOf(CommanderError);
      await expect(failed).rejects.toThrow(message);
    }
  });

  it('needs --out, and refuses to overwrite', async () => {
    await expect(run('--lines', '100')).rejects.toThrow(/--out/);
    const tiny = [...out('twice'), '--lines', '100', '--days', '1'];
    await run(...tiny);
    await expect(run(...tiny)).rejects.toThrow(/not empty/);
    await expect(run(...tiny, '--force')).resolves.toBeDefined();
  });
});
