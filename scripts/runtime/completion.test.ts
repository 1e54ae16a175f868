// Shell completion, asked of the shells themselves: bash always, zsh and fish where they are installed.

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shells } from './completion.ts';
import { fairshareHere } from '../../test/support/cli.ts';
import { temporaryDirectory } from '../../test/support/warehouse.ts';

const files = temporaryDirectory();
const script = (shell: string): string => join(files.path, `completion.${shell}`);
afterAll(() => files.remove());

beforeAll(async () => {
  for (const shell of shells) writeFileSync(script(shell), (await fairshareHere(['completion', shell])).stdout);
  mkdirSync(join(files.path, 'here', 'logs of may'), { recursive: true });
  writeFileSync(join(files.path, 'here', 'access.log'), '');
});

const run = (shell: string, args: readonly string[], text: string): string[] => {
  const { status, stdout, stderr } = spawnSync(shell, [...args, text], {
    cwd: join(files.path, 'here'),
    encoding: 'utf8',
    env: { ...process.env, HOME: files.path },
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split(/\r?\n/).filter((line) => line !== '');
};
const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What each shell offers for the last word of a line. */
const askers: Readonly<Record<string, (words: readonly string[]) => string[]>> = {
  bash: (words) => {
    const all = ['fairshare', ...words];
    return run(
      'bash',
      ['--norc', '-c'],
      `source ${quote(script('bash'))}
COMP_WORDS=(${all.map(quote).join(' ')})
COMP_CWORD=${all.length - 1}
_fairshare
printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  },
  // zsh completes in its line editor only: functions stand in for the editor's, and print what they are given.
  zsh: (words) => {
    const all = ['fairshare', ...words];
    return run(
      'zsh',
      ['-f', '-c'],
      `compdef() { }
compset() { PREFIX=\${PREFIX#*=} }
_files() { print -l -- *(N) }
_describe() { local name=\${@[-1]}; print -l -- \${\${(P)name}%%:*} }
compadd() { shift; print -l -- "$@" }
words=(${all.map(quote).join(' ')})
CURRENT=${all.length}
source ${quote(script('zsh'))}
_fairshare`,
    ).filter((name) => name.startsWith(words.at(-1)!.replace(/^--[a-z-]+=/, '')));
  },
  fish: (words) =>
    run(
      'fish',
      ['--no-config', '-c'],
      `source ${quote(script('fish'))}
complete -C ${quote(`fairshare ${words.join(' ')}`)}`,
    ).map((line) => line.split('\t')[0]),
};
const installed = Object.keys(askers).filter(
  (shell) => shell === 'bash' || spawnSync(shell, ['--version']).status === 0,
);

describe.each(installed)('%s', (shell) => {
  const ask = (...words: string[]) => askers[shell](words).map((word) => word.replace(/\/$/, '')).sort(); // prettier-ignore

  it('completes commands, and the commands of a command', () => {
    expect(ask('in')).toEqual(['ingest', 'init']);
    expect(ask('ingest', '')).toEqual(expect.arrayContaining(['files', 'kafka', 'retract']));
    expect(ask('help', 'nigh')).toEqual(['nightly']);
  });

  it('completes options, the program’s own among them', () => {
    expect(ask('ingest', 'files', '--so')).toEqual(['--source']);
    expect(ask('report', '--no')).toEqual(['--no-html']);
    expect(ask('report', '--ware')).toEqual(['--warehouse']);
  });

  it('completes the values that an option may have', () => {
    expect(ask('produce', '--compression', '')).toEqual(['gzip', 'lz4', 'none', 'snappy', 'zstd']);
    expect(ask('--log-level', 'de')).toEqual(['debug']);
    expect(ask('completion', '')).toEqual(['bash', 'fish', 'zsh']);
  });

  it('completes file names where a path is expected', () => {
    expect(ask('ingest', 'files', '')).toEqual(expect.arrayContaining(['access.log', 'logs of may']));
    expect(ask('--config', 'acc')).toEqual(['access.log']);
  });

  it('finds the command behind options with values', () => {
    expect(ask('--config', 'ingest', '--log-level', 'debug', 'orgs', 'imp')).toEqual(['import']);
  });

  it('offers no file where none is expected', () => {
    expect(ask('report', '--period', 'acc')).toEqual([]);
  });
});

describe('bash', () => {
  it('completes the value of --option=value, which it cuts into three words', () => {
    expect(askers.bash(['--log-level', '=', 'de'])).toEqual(['debug']);
    expect(askers.bash(['--log-level', '='])).toContain('trace');
  });
});

describe('fairshare completion', () => {
  it('refuses a shell that it does not know', async () => {
    const { status, stderr } = await fairshareHere(['completion', 'tcsh']);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/Allowed choices are bash, zsh, fish/)]);
  });
});
