// A copy of the repository with the examples of docs/CONTRIBUTING.md, word for word.

import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A block of the page that names a file: the file, or the lines to add to it. */
export interface Example {
  readonly path: string;
  readonly text: string;
  readonly isDiff: boolean;
}

/** Every block of the page that names a file; NNNN becomes the number after the last migration's. */
export function examplesOf(page: string): Example[] {
  const migrations = readdirSync(join(root, 'sql/migrations')).filter((name) => name.endsWith('.sql'));
  const next = String(migrations.length + 1).padStart(4, '0');
  return [...page.matchAll(/^```(\w+) (\S+)\n(.*?)^```$/gms)].map(([, language, path, text]) => ({
    path: path.replace('NNNN', next),
    text,
    isDiff: language === 'diff',
  }));
}

export const examples = (): Example[] => examplesOf(readFileSync(join(root, 'docs/CONTRIBUTING.md'), 'utf8'));

/** Adds the lines with '+' at the place that the diff shows: before everything, or below the line above them. */
export function applyDiff(text: string, diff: string): string {
  const lines = text.split('\n');
  let at = lines.findIndex((line) => line.startsWith('import '));
  for (const line of diff.trimEnd().split('\n')) {
    if (line.startsWith('+')) lines.splice(at++, 0, line.slice(1));
    else {
      const found = lines.indexOf(line.slice(1));
      if (found < 0) throw new Error(`docs/CONTRIBUTING.md shows a line that is not there: ${line}`);
      at = found + 1;
    }
  }
  return lines.join('\n');
}

export interface Ran {
  readonly status: number;
  /** stdout, then stderr, without colours. */
  readonly output: string;
}

export class RepositoryCopy {
  private readonly directory = temporaryDirectory('fairshare-copy-');
  /** Files as they were before the examples. */
  private readonly before = new Map<string, string | undefined>();

  constructor() {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
    for (const file of files.filter((name) => name !== '' && existsSync(join(root, name)))) {
      mkdirSync(dirname(this.at(file)), { recursive: true });
      copyFileSync(join(root, file), this.at(file));
    }
    symlinkSync(join(root, 'node_modules'), this.at('node_modules'));
  }

  at(path: string): string {
    return join(this.directory.path, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  add({ path, text, isDiff }: Example): void {
    if (!this.before.has(path)) this.before.set(path, existsSync(this.at(path)) ? this.read(path) : undefined);
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), isDiff ? applyDiff(this.read(path), text) : text);
  }

  /** Removes the example in this file again. */
  leaveOut(path: string): void {
    const text = this.before.get(path);
    if (text === undefined) rmSync(this.at(path));
    else writeFileSync(this.at(path), text);
  }

  run(program: string, args: readonly string[]): Promise<Ran> {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
    return new Promise((resolve) => {
      execFile(program, args, { cwd: this.directory.path, env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ status, output: stdout + stderr });
      });
    });
  }

  /** Path of a tool in node_modules. */
  tool(name: string, ...args: string[]): Promise<Ran> {
    return this.run(this.at(`node_modules/.bin/${name}`), args);
  }

  unitTests(...filters: string[]): Promise<Ran> {
    return this.tool('vitest', 'run', '--project', 'unit', '--reporter', 'verbose', ...filters);
  }

  /** Writes the generated pages as `make docs` does, with the packages that are installed. */
  docs(): Promise<Ran> {
    return this.run('make', ['-o', 'node_modules/.package-lock.json', 'docs']);
  }

  remove(): void {
    this.directory.remove();
  }
}
