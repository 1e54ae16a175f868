// Reads the sources of the lists: packages through their ordinary clients, pages over HTTPS.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the tool needs of the world; a test gives another one. */
export interface Sources {
  /** The file of a Python package's newest release, and its version. @throws if the registry cannot be reached */
  pythonFile(name: string, file: string): { readonly version: string; readonly text: string };
  /** The newest release of an npm package: version, day, and a directory with its files. @throws as above */
  npmPackage(name: string): { readonly version: string; readonly released: string; readonly directory: string };
  /** @throws if the page cannot be reached */
  page(address: string): Promise<string>;
  /** Deletes what was read. */
  close(): void;
}

const PAGE_TIMEOUT_MS = 20_000;

export function realSources(): Sources {
  const directory = mkdtempSync(join(tmpdir(), 'fairshare-lists-'));
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const folder = (name: string): string => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    pythonFile(name, file) {
      const path = folder(name);
      run('pip3', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', path, name);
      const [wheel] = readdirSync(path).filter((entry) => entry.endsWith('.whl'));
      run('python3', '-m', 'zipfile', '-e', join(path, wheel), path);
      return { version: wheel.split('-')[1], text: readFileSync(join(path, file), 'utf8') };
    },
    npmPackage(name) {
      const { version, time } = JSON.parse(run('npm', 'view', name, 'version', 'time', '--json')) as {
        version: string;
        time: Record<string, string>;
      };
      const path = folder(name);
      run('npm', 'pack', `${name}@${version}`, '--silent', '--pack-destination', path);
      const [archive] = readdirSync(path).filter((entry) => entry.endsWith('.tgz'));
      run('tar', '-xzf', join(path, archive), '-C', path);
      return { version, released: time[version].slice(0, 10), directory: join(path, 'package') };
    },
    async page(address) {
      const response = await fetch(address, { signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return response.text();
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What fairshare takes of an npm package in a directory: pattern or name → its tags. */
const readers: Readonly<Record<string, (directory: string) => Promise<Record<string, string>>>> = {
  async 'crawler-user-agents'(directory) {
    const patterns = JSON.parse(readFileSync(join(directory, 'crawler-user-agents.json'), 'utf8')) as readonly {
      pattern: string;
      tags?: readonly string[];
    }[];
    return Object.fromEntries(patterns.map(({ pattern, tags = [] }) => [pattern, tags.join(' ')]));
  },
  async 'es6-crawler-detect'(directory) {
    const { Crawlers } = (await import(pathToFileURL(join(directory, 'dist/lib/crawler/crawlers.js')).href)) as {
      Crawlers: new () => { getAll(): readonly string[] };
    };
    return Object.fromEntries(new Crawlers().getAll().map((pattern) => [pattern, '']));
  },
  async isbot(directory) {
    const { list } = (await import(pathToFileURL(join(directory, 'index.mjs')).href)) as { list: readonly string[] };
    return Object.fromEntries(list.map((pattern) => [pattern, '']));
  },
  async 'ci-info'(directory) {
    const vendors = JSON.parse(readFileSync(join(directory, 'vendors.json'), 'utf8')) as readonly { name: string }[];
    return Object.fromEntries(vendors.map(({ name }) => [name, '']));
  },
};

export const npmEntries = (name: string, directory: string): Promise<Record<string, string>> =>
  readers[name](directory);
