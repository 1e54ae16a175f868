// FOCUS's own validator for `make test-focus`, installed below .cache/focus-validator by pip. It needs Python 3.12 or newer.

import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, run, sayOnStderr, type Say } from './tools.ts';

const home = fileURLToPath(new URL('../../.cache/focus-validator/', import.meta.url));
/** Later releases of pyarrow need NumPy 2, which this validator does not allow. */
const packages = ['focus-validator==2.2.1', 'pyarrow==19.0.1'];
/** The rules that come with it. Others would be fetched. */
export const RULES = '1.2.0.1';

async function python(): Promise<string> {
  const versions = join(process.env.HOME ?? '', '.pyenv/versions');
  const installed = existsSync(versions)
    ? readdirSync(versions).map((name) => join(versions, name, 'bin/python3'))
    : [];
  for (const program of ['python3', 'python3.13', 'python3.12', ...installed]) {
    if (await answers(program, ['-c', 'import sys; sys.exit(sys.version_info < (3, 12))'])) return program;
  }
  throw new Error('focus-validator needs Python 3.12 or newer: none was found');
}

/** Installs the validator, once. @throws Error that says what is missing */
export async function installValidator(say: Say = sayOnStderr): Promise<void> {
  if (existsSync(join(home, '.installed'))) return;
  const program = await python();
  say(`pip install ${packages.join(' ')}`);
  try {
    await run(program, ['-m', 'venv', home], { timeout: 300_000 });
    await run(join(home, 'bin/pip'), ['install', '-q', ...packages], { timeout: 800_000 });
  } catch (cause) {
    throw new Error('pip could not install focus-validator: is a package index in reach?', { cause });
  }
  mkdirSync(join(home, '.installed'));
}

export interface Finding {
  readonly rule: string;
  readonly text: string;
}
export interface Validated {
  readonly passed: number;
  readonly failed: readonly Finding[];
}

/** Validates a file. It looks for its rules in the current directory. */
export async function validate(file: string, criteria: readonly string[]): Promise<Validated> {
  const [library] = readdirSync(join(home, 'lib')).filter((name) => name.startsWith('python3'));
  const words = [
    '--data-file', file, '--validate-version', RULES, '--block-download', '--rule-set-path', 'focus_validator/rules',
    '--output-type', 'console', '--applicability-criteria', criteria.join(','),
  ]; // prettier-ignore
  const options = { cwd: join(home, 'lib', library, 'site-packages'), timeout: 280_000, maxBuffer: 64 << 20 };
  const { stdout } = await run(join(home, 'bin/focus-validator'), words, options).catch(
    // Its exit code is 1 if a rule failed.
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
  );
  const [, passed] = /^Total: \d+ \| Pass: (\d+)/m.exec(stdout) ?? [];
  if (passed === undefined) throw new Error(`focus-validator gave no result:\n${stdout.slice(-2000)}`);
  const failed = [...stdout.matchAll(/^❌ (\S+): FAIL +(.*)$/gm)].map(([, rule, text]) => ({ rule, text }));
  return { passed: Number(passed), failed };
}
