// The package as its users get it: packed, installed into an empty folder, and run through the link that npm makes.

import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunResult } from './cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The environment without variables that a surrounding make, npm or fairshare sets. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|MAKE|MFLAGS|FAIRSHARE_)/.test(name))),
  NO_COLOR: '1',
};

/** Runs a program to its end, whatever its exit code. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<RunResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd, env, maxBuffer: 64 << 20 });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run('npm', args, cwd);
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

export interface Packed {
  readonly tarball: string;
  /** Paths of its files. */
  readonly files: readonly string[];
}

/** Packs this repository into a directory. */
export async function pack(directory: string): Promise<Packed> {
  const [{ filename, files }] = JSON.parse(await npm(root, 'pack', '--json', '--pack-destination', directory)) as [
    { filename: string; files: { path: string }[] },
  ];
  return { tarball: join(directory, basename(filename)), files: files.map(({ path }) => path) };
}

/** Installs the tarball alone into a new folder. → the program, by its link */
export async function install(
  folder: string,
  { tarball }: Packed,
  ...flags: string[]
): Promise<(...args: string[]) => Promise<RunResult>> {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', ...flags, tarball);
  return (...args) => run(join(folder, 'node_modules/.bin/fairshare'), args, folder);
}
