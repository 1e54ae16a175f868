// Clients of the door for `make test-clients`: ClickHouse's drivers for Python, Java and Go, installed below .cache/door-clients by pip,
// Maven and Go.

import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, install, mavenLibraries, run, sayOnStderr, type Say } from './tools.ts';

const cache = fileURLToPath(new URL('../../.cache/door-clients/', import.meta.url));
const clients = fileURLToPath(new URL('../clients/', import.meta.url));

export const versions = {
  python: ['clickhouse-connect==1.12.0', 'sqlalchemy==2.1.9'],
  jdbc: '0.10.0',
  go: 'v2.51.0',
} as const;

/** The interpreter that has the Python clients. @throws Error of pip */
export async function pythonClients(say: Say = sayOnStderr): Promise<string> {
  const home = join(cache, 'python');
  if (!existsSync(join(home, '.installed'))) {
    say(`pip install ${versions.python.join(' ')}`);
    await run('python3', ['-m', 'venv', home], { timeout: 300_000 });
    await run(join(home, 'bin/pip'), ['install', '-q', ...versions.python], { timeout: 600_000 });
    mkdirSync(join(home, '.installed'));
  }
  return join(home, 'bin/python');
}

/** The directory of the JDBC driver's jars. @throws Error with what is missing */
export const jdbcLibraries = (say: Say = sayOnStderr): Promise<string> =>
  mavenLibraries(
    'door-clients',
    [{ group: 'com.clickhouse', artifact: 'clickhouse-jdbc', version: versions.jdbc }],
    '20 MB',
    say,
  );

/** The program of test/clients/go. @throws Error of go */
export async function goClient(say: Say = sayOnStderr): Promise<string> {
  const home = join(cache, 'go');
  if (!(await answers('go', ['version']))) await install('go', ['golang-go'], say);
  cpSync(join(clients, 'go'), home, { recursive: true });
  say('go build: clickhouse-go');
  await run('go', ['build', '-o', 'client', '.'], { cwd: home, timeout: 600_000 });
  return join(home, 'client');
}
