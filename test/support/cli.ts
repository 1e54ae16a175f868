// Runs the program: in a process of its own as a user does, or in this process, which is quicker. Its environment has none of
// this process's settings.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type {} from '../global-setup.ts';
import { commands } from '../../scripts/commands/index.ts';
import { runProgram } from '../../scripts/runtime/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Path of a program of this repository as the run has compiled it, for node. @param module without extension */
export const program = (module = 'scripts/fairshare'): string => join(inject('compiledProduct'), `${module}.js`);

/** The program of a WorkerPool. */
export const workerProgram = (): string => program('test/support/worker-process');

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** Runs as this user: see nobody(). For fairshare() alone. */
  readonly uid?: number;
  /** A file that takes stdout. For fairshare() alone. */
  readonly stdoutFile?: string;
  /** Kills the process (SIGKILL) this long after its start, unless it has ended. */
  readonly killAfter_ms?: number;
}

/** A user who is not root, whom every right is needed for; undefined if we are such a user ourselves. */
export const nobody = (): number | undefined => (process.getuid?.() === 0 ? 65_534 : undefined);

export interface RunResult {
  /** null if a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ownEnvironment = (added: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRSHARE_'))),
  NO_COLOR: '1',
  ...added,
});

const start = (args: readonly string[], { cwd = root, env = {}, uid, stdoutFile }: RunOptions): ChildProcess => {
  const stdout = stdoutFile === undefined ? 'pipe' : openSync(stdoutFile, 'w');
  try {
    return spawn(process.execPath, [program(), ...args], {
      cwd,
      env: ownEnvironment(env),
      stdio: ['pipe', stdout, 'pipe'],
      uid,
      gid: uid,
    });
  } finally {
    if (typeof stdout === 'number') closeSync(stdout);
  }
};

const collect = (stream: NodeJS.ReadableStream): (() => Buffer) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
};

/** Runs `fairshare ARGS` to its end. */
export async function fairshare(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = start(args, options);
  const [stdout, stderr] = [child.stdout === null ? () => '' : collect(child.stdout), collect(child.stderr!)];
  child.stdin!.on('error', () => {}); // it may end without reading stdin
  child.stdin!.end(options.stdin ?? '');
  const { killAfter_ms } = options;
  const timer = killAfter_ms === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter_ms);
  const [status] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { status, stdout: stdout().toString(), stderr: stderr().toString() };
}

/** Runs `fairshare ARGS` in this process, one at a time. Nothing interrupts it. */
export async function fairshareHere(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { status, stdout, stderr } = await fairshareBytes(args, options);
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** The same, for output that is not text. */
export async function fairshareBytes(
  args: readonly string[],
  { cwd, env = {}, stdin = '' }: RunOptions = {},
): Promise<{ readonly status: number; readonly stdout: Buffer; readonly stderr: Buffer }> {
  const streams = { stdin: Readable.from([Buffer.from(stdin)]), stdout: new PassThrough(), stderr: new PassThrough() };
  const [stdout, stderr] = [collect(streams.stdout), collect(streams.stderr)];
  const before = process.env;
  const from = process.cwd();
  process.env = ownEnvironment(env);
  if (cwd !== undefined) process.chdir(cwd);
  try {
    const signal = new AbortController().signal;
    const status = await runProgram(args, commands, { ...streams, env: process.env, color: false, signal });
    return { status, stdout: stdout(), stderr: stderr() };
  } finally {
    process.env = before;
    process.chdir(from);
  }
}

export interface Running {
  /** The first line of stdout. */
  readonly firstLine: string;
  readonly pid: number;
  stderr(): string;
  /** Sends the signal (default SIGTERM) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts `fairshare ARGS` and returns after it has printed a line. */
export async function startFairshare(args: readonly string[], options: RunOptions = {}): Promise<Running> {
  const child = start(args, options);
  const stderr = collect(child.stderr!);
  const closed = once(child, 'close') as Promise<[number | null]>;
  const line = once(createInterface(child.stdout!), 'line') as Promise<[string]>;
  const ended = closed.then(([status]): never => {
    throw new Error(
      `fairshare ${args.join(' ')} ended with ${status} before it said anything:\n${stderr().toString()}`,
    );
  });
  const [firstLine] = await Promise.race([line, ended]);
  ended.catch(() => {});
  return {
    firstLine,
    pid: child.pid!,
    stderr: () => stderr().toString(),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return (await closed)[0];
    },
  };
}
