// Shared parts of the providers of test servers: programs, ports, libraries from Maven, and the removal of leftovers of
// killed runs.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isAlive } from '../../sql/is-alive.ts';

export const run = promisify(execFile);
export type Say = (line: string) => void;

export const sayOnStderr: Say = (line) => void process.stderr.write(`${line}\n`);

/** Makes a directory for a server, with the process id in its name. Removes the leftovers of killed runs. */
export async function serverDirectory(name: string): Promise<string> {
  const prefix = `fairshare-${name}-`;
  await sweep(prefix);
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

/** Removes the directories of processes that have ended. */
async function sweep(prefix: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined;
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

export const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Starts a program that dies with this process: its exit handler ends it, or the kernel's signal. */
export async function startServer(
  program: string,
  words: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  const log = await open(logFile, 'a');
  const line = existsSync('/usr/bin/setpriv') ? ['setpriv', '--pdeathsig', 'KILL', program] : [program];
  const child = spawn(line[0], [...line.slice(1), ...words], {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, ...env },
  });
  await log.close();
  return child;
}

export const startJava = (words: readonly string[], logFile: string): Promise<ChildProcess> =>
  startServer('java', words, logFile);

/** When this process ends, kills the process of a directory and removes the directory. → cancels that */
export function removeAtExit(directory: string, child: () => ChildProcess | undefined): () => void {
  const atExit = (): void => {
    child()?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', atExit);
  return () => void process.off('exit', atExit);
}

export async function killAndWait(child: ChildProcess | undefined, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child === undefined || ended(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

export const lastLines = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(-15).join('\n');

export interface MavenArtifact {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

/**
 * The directory of a program's jars: downloaded once per version to .cache/<name>/<version>.
 * @param artifacts the first is the program itself @throws Error with what is missing
 */
export async function mavenLibraries(
  name: string,
  artifacts: readonly [MavenArtifact, ...MavenArtifact[]],
  size: string,
  say: Say,
): Promise<string> {
  const { artifact, version } = artifacts[0];
  const home = fileURLToPath(new URL(`../../.cache/${name}/${version}/`, import.meta.url));
  const libs = join(home, 'libs');
  const cached = existsSync(libs);
  const missing = [];
  if (!(await answers('java', ['-version']))) missing.push('default-jre-headless');
  if (!cached && !(await answers('mvn', ['-version']))) missing.push('maven');
  if (missing.length > 0) await install(name, missing, say);
  if (cached) return libs;
  say(`${name}: downloading ${artifact} ${version} with Maven (about ${size}, once)`);
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(join(home, 'download-'));
  await writeFile(join(work, 'pom.xml'), pom(artifacts));
  try {
    const words = ['-q', '-B', '-f', join(work, 'pom.xml'), 'dependency:copy-dependencies'];
    await run('mvn', [...words, '-DincludeScope=runtime', `-DoutputDirectory=${join(work, 'libs')}`], {
      timeout: 600_000,
      maxBuffer: 64 << 20,
    });
    // Two runs may race for the same place. The jars of the first are as good as ours.
    await rename(join(work, 'libs'), libs).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(libs)) throw error;
    });
  } catch (error) {
    throw new Error(`Maven artifacts: the download failed: ${(error as Error).message.slice(0, 600)}`, {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return libs;
}

const pom = (artifacts: readonly MavenArtifact[]): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>fairshare</groupId><artifactId>test-server</artifactId><version>1</version><dependencies>
${artifacts.map(({ group, artifact, version }) => `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`).join('\n')}
</dependencies></project>
`;

/** Installs Debian packages. @throws Error with the command, if this user may not */
export async function install(name: string, packages: string[], say: Say): Promise<void> {
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !(await answers('apt-get', ['--version']))) {
    throw new Error(`${name}: ${packages.join(' and ')} missing; install with: sudo ${command}`);
  }
  say(`${name}: ${command}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await run('apt-get', ['update', '-qq'], { env, timeout: 300_000, maxBuffer: 64 << 20 });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      env,
      timeout: 600_000,
      maxBuffer: 64 << 20,
    });
  } catch (error) {
    throw new Error(`${name}: ${command} failed: ${(error as Error).message.slice(0, 600)}`, { cause: error });
  }
}

/** Whether a program exists and works. */
export const answers = (program: string, words: string[]): Promise<boolean> =>
  run(program, words, { timeout: 60_000 }).then(
    () => true,
    () => false,
  );

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
