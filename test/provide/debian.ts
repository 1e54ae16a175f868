// Programs of Debian packages for tests: those of this machine, else unpacked from their packages to .cache/debian. Unpacking needs
// no right, starts no service and replaces no other syslog daemon, as an installation would.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type Say, sayOnStderr } from './tools.ts';

const LIBRARIES = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

export interface DebianProgram {
  readonly path: string;
  /** Directory of its libraries and modules. */
  readonly libraries: string;
  /** Lets the program find the libraries that were unpacked with it. */
  readonly env: Readonly<Record<string, string>>;
}

export const nginxProgram = (say?: Say): Promise<DebianProgram> =>
  debianProgram('usr/sbin/nginx', [], ['nginx', 'libpcre2-8-0'], say);

/** Draws the pages of a PDF. */
export const pdftoppmProgram = (say?: Say): Promise<DebianProgram> =>
  debianProgram(
    'usr/bin/pdftoppm',
    [],
    ['poppler-utils', 'libpoppler126', 'liblcms2-2', 'libopenjp2-7', 'libnspr4', 'libnss3'],
    say,
  );

/** rsyslogd with its module for Kafka. */
export const rsyslogProgram = (say?: Say): Promise<DebianProgram> =>
  debianProgram(
    'usr/sbin/rsyslogd',
    ['rsyslog/omkafka.so'],
    ['rsyslog', 'rsyslog-kafka', 'libestr0', 'libfastjson4', 'liblognorm5', 'librdkafka1'],
    say,
  );

/** @throws Error that says what is missing, and how to install it */
async function debianProgram(
  program: string,
  modules: readonly string[],
  packages: readonly string[],
  say: Say = sayOnStderr,
): Promise<DebianProgram> {
  const isIn = (root: string): boolean =>
    [program, ...modules.map((name) => join(LIBRARIES, name))].every((path) => existsSync(join(root, path)));
  if (isIn('/')) return { path: join('/', program), libraries: join('/', LIBRARIES), env: {} };
  const root = fileURLToPath(new URL(`../../.cache/debian/${packages[0]}/`, import.meta.url));
  if (!isIn(root)) await unpack(packages, root, say);
  const libraries = join(root, LIBRARIES);
  return { path: join(root, program), libraries, env: { LD_LIBRARY_PATH: libraries } };
}

async function unpack(packages: readonly string[], root: string, say: Say): Promise<void> {
  const command = `apt-get download ${packages.join(' ')}`;
  say(`${packages[0]}: ${command}`);
  await mkdir(join(root, '..'), { recursive: true });
  const work = await mkdtemp(join(root, '../download-'));
  try {
    await run('apt-get', ['download', ...packages], { cwd: work, timeout: 300_000 }).catch(async () => {
      // The lists of packages are missing or old.
      await run('apt-get', ['update', '-qq'], { timeout: 300_000, maxBuffer: 64 << 20 });
      await run('apt-get', ['download', ...packages], { cwd: work, timeout: 300_000 });
    });
    for (const name of await readdir(work))
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', join(work, name), join(work, 'root')]);
    // Another run may have unpacked the same packages meanwhile.
    await rename(join(work, 'root'), root).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(root)) throw error;
    });
  } catch (error) {
    throw new Error(
      `this test needs ${packages[0]}, and ${command} failed; install it with: sudo apt-get install ${packages.join(' ')}\n${(error as Error).message.slice(0, 600)}`,
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
