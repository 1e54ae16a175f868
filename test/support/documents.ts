// Runs the blocks of a page, in order. Its shell blocks run in one directory, word for word, and their output is compared
// with the output in the page. The rules for pages are in docs/CONTRIBUTING.md, "Pages that run".

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fairshareBytes } from './cli.ts';

export interface Block {
  /** Line of the page, from 1. */
  readonly line: number;
  /** Language of a fence; 'sh' for indented blocks and fences without one. */
  readonly language: string;
  /** Second word of the fence: the file that has this content. */
  readonly file?: string;
  readonly text: string;
  /** A need of the block that a test cannot meet. */
  readonly needs?: string;
  /** Table below an SQL block: its result. */
  readonly table?: string;
}

/** `<!-- not run: needs … -->` before a block. */
const NOT_RUN = /^<!-- not run: needs (.+) -->$/;

/** Fenced and indented blocks of a page. */
export function blocksOf(page: string): Block[] {
  const lines = page.split('\n');
  const blocks: Block[] = [];
  let needs: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const start = at + 1;
    const [, language, file] = /^```(\S*)(?: (\S+))?$/.exec(line) ?? [];
    const text: string[] = [];
    if (language !== undefined) {
      while (lines[++at] !== '```') text.push(lines[at]);
    } else if (/^ {4}\S/.test(line) && lines[at - 1] === '') {
      for (; lines[at] === '' || lines[at]?.startsWith('    '); at++) text.push(lines[at].slice(4));
      at--;
      while (text.at(-1) === '') text.pop();
    } else {
      needs = NOT_RUN.exec(line)?.[1] ?? (line === '' ? needs : undefined);
      continue;
    }
    const table: string[] = [];
    if (language === 'sql') for (let below = at + 2; lines[below]?.startsWith('|'); below++) table.push(lines[below]);
    blocks.push({
      line: start,
      language: language || 'sh',
      file,
      text: `${text.join('\n')}\n`,
      needs,
      ...(table.length > 0 && { table: `${table.join('\n')}\n` }),
    });
    needs = undefined;
  }
  return blocks;
}

export interface Step {
  /** Script for bash. */
  readonly script: string;
  /** Expected stdout, if the page shows it. */
  readonly shown?: string;
}

/** A block whose lines begin with `$ ` is a session: each command with its output. Every other block is one script. */
export function stepsOf({ text }: Pick<Block, 'text'>): Step[] {
  if (!text.startsWith('$ ')) return [{ script: text }];
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      // A command continues after a line that ends with a backslash.
      const [script] = /^(?:.*\\\n)*.*\n/.exec(part)!;
      const shown = part.slice(script.length).replace(/\n+$/, '\n');
      return { script, ...(shown.trim() !== '' && { shown }) };
    });
}

/** The only parts of an output that may differ from the page, and the text that replaces them for the comparison. */
const unstable: readonly (readonly [RegExp, string])[] = [
  [/\b\d+\.\d s\b/g, '0.0 s'], // seconds that a command took
  [/\b\d+ ms\b/g, '0 ms'],
  [/\b[0-9a-f]{32}\b/g, '0'.repeat(32)], // a run's id, which holds the program's version
];
const stable = (text: string): string => unstable.reduce((out, [pattern, by]) => out.replace(pattern, by), text);

/** Pattern for an output: a line `…` matches any number of lines. */
export function patternOf(shown: string): RegExp {
  const lines = stable(shown)
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.trim() === '…' ? '(?:.*\\n)*?' : `${line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').trimEnd()} *\\n`,
    );
  return new RegExp(`^${lines.join('')}\\n*$`);
}
export const comparable = (output: string): string => stable(output.endsWith('\n') ? output : `${output}\n`);

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `fairshare` on PATH: sends its arguments to the test's process, which has loaded the program already. */
const client = (socket: string): string => `#!${process.execPath}
const { connect } = require('node:net');
const socket = connect(${JSON.stringify(socket)});
socket.write(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env: process.env }) + '\\n');
process.stdin.pipe(socket);
const chunks = [];
socket.on('data', (chunk) => chunks.push(chunk));
process.stdout.on('error', () => process.exit(0));
socket.on('end', () => {
  const { status, stdout, stderr } = JSON.parse(Buffer.concat(chunks));
  process.stderr.write(Buffer.from(stderr, 'base64'));
  process.stdout.write(Buffer.from(stdout, 'base64'), () => process.exit(status));
});
`;

/** A directory, and a shell in it that keeps its working directory and its exported variables. */
export class Deployment {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'fairshare-page-')));
  private readonly own = join(this.directory, '.run');
  private readonly failures: string[] = [];
  private readonly server: Server;
  private readonly env: Readonly<Record<string, string>>;
  /** One command at a time: they share this process's directory and environment. */
  private running: Promise<unknown> = Promise.resolve();

  private constructor(env: Readonly<Record<string, string>>) {
    mkdirSync(join(this.own, 'bin'), { recursive: true });
    const socket = join(this.own, 'socket');
    const program = join(this.own, 'bin/fairshare');
    writeFileSync(program, client(socket));
    chmodSync(program, 0o755);
    this.env = env;
    this.server = createServer({ allowHalfOpen: true }, (connection) => void this.answer(connection));
    this.server.listen(socket);
  }

  static async open(env: Readonly<Record<string, string>> = {}): Promise<Deployment> {
    const deployment = new Deployment(env);
    if (!deployment.server.listening) await once(deployment.server, 'listening');
    return deployment;
  }

  private async answer(connection: Socket): Promise<void> {
    const chunks: Buffer[] = [];
    connection.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(connection, 'end');
    const request = Buffer.concat(chunks);
    const end = request.indexOf('\n');
    const { args, cwd, env } = JSON.parse(request.subarray(0, end).toString()) as {
      readonly args: string[];
      readonly cwd: string;
      readonly env: Record<string, string>;
    };
    const run = this.running.then(() => fairshareBytes(args, { cwd, env, stdin: request.subarray(end + 1) }));
    this.running = run.catch(() => undefined);
    const { status, stdout, stderr } = await run;
    if (status !== 0) this.failures.push(`fairshare ${args.join(' ')}: ${status} ${stderr.toString()}`);
    connection.end(JSON.stringify({ status, stdout: stdout.toString('base64'), stderr: stderr.toString('base64') }));
  }

  /** The directory where the last script ended. */
  here(): string {
    const file = join(this.own, 'here');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : this.directory;
  }

  /** Returns the commands that failed since the last call, at any place of a script. */
  takeFailures(): string[] {
    return this.failures.splice(0);
  }

  /** Runs a script as a person types it; the first failed command ends it. */
  async run(script: string): Promise<Outcome> {
    const state = join(this.own, 'state');
    const whole = `set -eu
${existsSync(state) ? `source ${state}` : `cd ${this.directory}`}
${script}
{ export -p; printf 'cd %q\\n' "$PWD"; } > ${state}
pwd > ${join(this.own, 'here')}`;
    const child = spawn('bash', ['-c', whole], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${join(this.own, 'bin')}:${process.env.PATH}`, HOME: this.directory, NO_COLOR: '1', ...this.env },
    });
    const output: Buffer[][] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => output[0].push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output[1].push(chunk));
    const [status] = (await once(child, 'close')) as [number | null];
    const [stdout, stderr] = output.map((chunks) => Buffer.concat(chunks).toString());
    return { status, stdout, stderr };
  }

  async close(): Promise<void> {
    await this.running;
    this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
