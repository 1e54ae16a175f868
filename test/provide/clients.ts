// Clients of package registries for `make test-enrolment`: from this machine, else installed below .cache/clients by npm and pip.

import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, type Say, sayOnStderr } from './tools.ts';

const cache = fileURLToPath(new URL('../../.cache/clients/', import.meta.url));
const npmPackages = { bun: '1.4.5', deno: '2.9.6', pnpm: '10.34.9', yarn: '1.22.22', '@yarnpkg/cli-dist': '4.18.1' };
const verdaccioPackages = { verdaccio: '6.8.0' };
const pythonPackages = ['uv==0.13.9', 'poetry==2.5.1', 'devpi-server==6.20.3', 'devpi-client==7.3.0'];

export interface Clients {
  /** Directory with the programs uv, poetry and devpi's. */
  readonly python: string;
  /** Directory of npm's packages. */
  readonly npm: string;
  readonly verdaccio: string;
}

/** Installs what is missing. @throws Error of npm or pip */
export async function registryClients(say: Say = sayOnStderr): Promise<Clients> {
  const at = (...names: string[]): string => join(cache, ...names);
  const withNpm = async (name: string, dependencies: object, overrides = {}): Promise<void> => {
    if (existsSync(at(name, 'node_modules/.package-lock.json'))) return;
    say(`npm install ${Object.keys(dependencies).join(' ')}`);
    await mkdir(at(name), { recursive: true });
    writeFileSync(at(name, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: at(name), timeout: 600_000 });
  };
  await withNpm('npm', npmPackages);
  await withNpm('verdaccio', verdaccioPackages, { 'node-fetch': '2.7.0' });
  if (!existsSync(at('python/bin/devpi'))) {
    say(`pip install ${pythonPackages.join(' ')}`);
    await run('python3', ['-m', 'venv', at('python')], { timeout: 300_000 });
    await run(at('python/bin/pip'), ['install', '-q', ...pythonPackages], { timeout: 600_000 });
  }
  return { python: at('python/bin'), npm: at('npm/node_modules'), verdaccio: at('verdaccio/node_modules') };
}
