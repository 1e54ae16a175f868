// The settings that `fairshare orgs enrol` prints, with the real clients: each client fetches a package through nginx, whose log has the
// documented format, and fairshare must find its token. The runs are recorded in docs/ENROLMENT.md.

import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Enrolment, enrolments, proxyPlaces, registryAt, type Setting } from '../../scripts/orgs/enrolment.ts';
import { enrolmentPage, type Recorded } from '../../scripts/tools/docs/enrolment.ts';
import { sha256 } from '../../sql/sha256.ts';
import { type Clients, registryClients } from '../provide/clients.ts';
import { freePorts, killAndWait, startServer } from '../provide/tools.ts';
import { Nginx } from '../support/nginx.ts';
import { deployed } from '../support/pipelines.ts';
import { temporaryDirectory } from '../support/warehouse.ts';
import { makeStores, type StoreName, storeNames } from './stores.ts';

const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
let clients: Clients;
let nginx: Nginx;
let ports: ReadonlyMap<StoreName, number>;
const addressOf = (store: StoreName): string => `http://127.0.0.1:${ports.get(store)!}`;
const recorded: Recorded[] = [];

beforeAll(async () => {
  clients = await registryClients();
  const free = await freePorts(storeNames.length);
  ports = new Map(storeNames.map((name, i) => [name, free[i]]));
  mkdirSync(at('work'), { recursive: true });
  makeStores(at('store'), at('work'), addressOf);
  const servers = storeNames.map(
    (name) => `server {
    listen 127.0.0.1:${ports.get(name)!};
    root store/${name};
    access_log logs/${name}.jsonl fairshare;
    location / { try_files $uri $uri/index.html $uri/index.json =404; }
  }`,
  );
  nginx = await Nginx.start(directory.path, `types { text/html html; application/json json; }\n${servers.join('\n')}`);
});
afterAll(async () => {
  await nginx?.stop();
  directory.remove();
});

const tokenOf = (id: string): string => `fst_${sha256(id).slice(0, 32)}`;
const idOf = ({ client, way }: Pick<Enrolment, 'client' | 'way'>): string => `${client}-${way.replace(' ', '-')}`;

/** What the client needs besides the printed settings: files of the project, lines before, and the command that fetches the package. */
interface Run {
  readonly files?: Readonly<Record<string, string>>;
  readonly lines?: readonly string[];
  readonly command: string;
  readonly version: string;
}

function runOf(client: string, way: string): Run {
  const npm = `registry=${addressOf('npm')}/\n`;
  const manifest =
    '{ "name": "project", "version": "1.0.0", "private": true, "dependencies": { "demo-one": "1.0.0" } }';
  const simple = `${addressOf('pypi')}/simple`;
  const index = way === 'user agent' ? `--index-url ${simple}` : '';
  switch (client) {
    case 'pip':
      return {
        command: `pip download -q --no-deps --no-cache-dir -d out ${index} demo-one`,
        version: 'pip --version | cut -d " " -f 1-2',
      };
    case 'uv':
      return { command: 'uv venv -q && uv pip install -q --no-cache demo-one', version: 'uv --version' };
    case 'poetry':
      return {
        files: {
          'pyproject.toml':
            '[project]\nname = "project"\nversion = "1.0.0"\nrequires-python = ">=3.9"\ndependencies = ["demo-one==1.0.0"]\n\n[tool.poetry]\npackage-mode = false\n\n',
        },
        command: 'poetry install -q --no-interaction',
        version: 'poetry --version',
      };
    case 'python-requests':
      return {
        command: `python3 -c "import requests; requests.get('${simple}/demo-one/').raise_for_status()"`,
        version: `python3 -c "import requests; print('requests', requests.__version__)"`,
      };
    case 'npm':
      return { files: { '.npmrc': npm, 'package.json': manifest }, command: 'npm install --no-audit --no-fund', version: 'npm --version' }; // prettier-ignore
    case 'pnpm':
      return { files: { '.npmrc': npm, 'package.json': manifest }, command: 'pnpm install', version: 'pnpm --version' };
    case 'yarn':
      return {
        files: { '.yarnrc': `registry "${addressOf('npm')}/"\n`, 'package.json': manifest },
        command: 'yarn install --non-interactive',
        version: 'yarn --version',
      };
    case 'yarn-berry':
      return {
        files: {
          '.yarnrc.yml': `npmRegistryServer: "${addressOf('npm')}"\nunsafeHttpWhitelist: ["127.0.0.1"]\nenableTelemetry: false\nnodeLinker: node-modules\n`,
          'package.json': manifest,
          'yarn.lock': '',
        },
        command: 'yarn install',
        version: 'yarn --version',
      };
    case 'bun':
      return { files: { 'package.json': manifest }, command: 'bun install', version: 'bun --version' };
    case 'deno':
      return {
        files: { 'package.json': manifest },
        command: 'deno install --node-modules-dir=none',
        version: 'deno --version | sed -n 1p',
      };
    case 'cargo':
      return {
        files: {
          'Cargo.toml': '[package]\nname = "project"\nversion = "1.0.0"\nedition = "2021"\n[dependencies]\ndemo-one = "1.0.0"\n', // prettier-ignore
          'src/lib.rs': '',
          '.cargo/config.toml': `[source.crates-io]\nreplace-with = "here"\n[source.here]\nregistry = "sparse+${addressOf('cargo')}/"\n`,
        },
        command: 'cargo fetch -q',
        version: 'cargo --version',
      };
    case 'maven':
      return {
        files: {
          'pom.xml':
            '<project><modelVersion>4.0.0</modelVersion><parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>1.0</version><relativePath/></parent><artifactId>project</artifactId><packaging>pom</packaging><dependencyManagement><dependencies><dependency><groupId>org.example</groupId><artifactId>bom</artifactId><version>1.0</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement></project>',
        },
        command: 'mvn -q -B -Duser.home="$HOME" -s "$HOME/.m2/settings.xml" validate',
        version: 'mvn -B -v | sed -n "s/.*\\(Apache Maven [0-9.]*\\).*/\\1/p"',
      };
    case 'go':
      return {
        lines: ['export GOSUMDB=off GOFLAGS=-modcacherw GOTOOLCHAIN=local'],
        command: 'go mod download example.org/demo@v1.0.0',
        version: 'go version | cut -d " " -f 3',
      };
    case 'apt': {
      const options =
        ['Dir::State="$HOME/state"', 'Dir::Cache="$HOME/cache"', 'Dir::State::status=/dev/null', 'Dir::Etc::sourcelist="$HOME/sources.list"', 'Dir::Etc::sourceparts=/dev/null', 'Dir::Etc::trusted=/dev/null', 'APT::Sandbox::User=root'] // prettier-ignore
          .map((option) => `-o ${option}`)
          .join(' ');
      return {
        lines: [
          `mkdir -p "$HOME/state/lists/partial" "$HOME/cache/archives/partial"`,
          `echo "deb [trusted=yes] ${addressOf('deb')} stable main" > "$HOME/sources.list"`,
          'echo "Dir::Etc::parts \\"$HOME/apt.conf.d\\";" > "$HOME/apt.conf"',
          'export APT_CONFIG="$HOME/apt.conf"',
        ],
        command: `apt-get ${options} -qq update && apt-get ${options} -qq download demo-one`,
        version: 'apt-get --version | sed -n 1p | cut -d " " -f 1-2',
      };
    }
    case 'curl':
      return { command: `curl -sSf ${addressOf('generic')}/demo-one.txt`, version: 'curl --version | sed -n 1p | cut -d " " -f 1-2' }; // prettier-ignore
    default:
      throw new Error(`there is no run for ${client}`);
  }
}

const storeOf = ({ ecosystem }: Pick<Enrolment, 'ecosystem'>): StoreName => ecosystem as StoreName;
const linesOf = (store: StoreName): string[] => nginx.lines(`${store}.jsonl`);

/** Writes the files of the settings, and runs their lines and the command in one shell, with a home of its own. */
async function runIn(home: string, token: string, settings: readonly Setting[], run: Run): Promise<string> {
  const project = join(home, 'project');
  const programs = join(home, 'programs');
  for (const path of [project, programs, join(home, 'apt.conf.d')]) mkdirSync(path, { recursive: true });
  const put = (path: string, text: string): void => {
    const file = path.startsWith('~/') ? join(home, path.slice(2)) : join(project, path);
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${text}\n`);
  };
  for (const [path, text] of Object.entries(run.files ?? {})) put(path, text.trimEnd());
  for (const { file, text } of settings) if (file !== undefined) put(file, text);
  const yarn = home.endsWith('berry-bearer') ? '@yarnpkg/cli-dist/bin/yarn.js' : 'yarn/bin/yarn.js';
  symlinkSync(join(clients.npm, yarn), join(programs, 'yarn'));
  const lines = settings.filter(({ file }) => file === undefined).map(({ text }) => text.replace('/etc/apt/apt.conf.d', '"$HOME"/apt.conf.d')); // prettier-ignore
  const env = {
    HOME: home,
    PATH: [programs, clients.python, join(clients.npm, '.bin'), process.env.PATH].join(':'),
    LANG: 'C.UTF-8',
    FAIRSHARE_TOKEN: token,
    CARGO_HOME: join(home, 'cargo'),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(process.env.HOME!, '.rustup'),
    COREPACK_ENABLE_STRICT: '0',
    GOPATH: join(home, 'go'),
    GOCACHE: join(home, 'gocache'),
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    DENO_NO_UPDATE_CHECK: '1',
  };
  const script = [...(run.lines ?? []), ...lines, `${run.command} >&2`, run.version].join('\n');
  const shell = promisify(execFile);
  const { stdout } = await shell('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: project,
    env,
    timeout: 120_000,
  }).catch((error: Error & { stderr?: string }) => {
    throw new Error(`${script}\n${error.stderr ?? error.message}`);
  });
  return stdout.trim();
}

it.each(enrolments.filter(({ proven }) => proven))('$client, $way', async (enrolment) => {
  const id = idOf(enrolment);
  const store = storeOf(enrolment);
  const run = runOf(enrolment.client, enrolment.way);
  const base = store === 'pypi' ? `${addressOf(store)}/simple` : addressOf(store);
  const before = linesOf(store).length;
  const version = await runIn(at('homes', id), tokenOf(id), enrolment.settings(registryAt(base)), run);
  const requests = linesOf(store).length - before;
  expect(requests).toBeGreaterThan(0);
  recorded.push({ ...enrolment, id, version, requests, found: 0, named: enrolment.named ?? enrolment.client });
});

/** Starts a proxy, fetches through it as a plain client of the organisation does, and stops it. */
async function throughProxy(
  name: string,
  store: StoreName,
  version: string,
  start: (id: string, token: string) => Promise<{ stop: () => Promise<unknown>; fetch: () => Promise<unknown> }>,
): Promise<void> {
  const id = `${name}-proxy`;
  const before = linesOf(store).length;
  const proxy = await start(id, tokenOf(id));
  try {
    await proxy.fetch();
  } finally {
    await proxy.stop();
  }
  recorded.push({ client: name, way: name === 'devpi' ? 'password' : 'bearer', ecosystem: store, id, version, requests: linesOf(store).length - before, found: 0, named: name === 'devpi' ? 'devpi-server' : 'npm' }); // prettier-ignore
}

const answersAt = async (url: string): Promise<void> => {
  for (let tries = 0; tries < 300; tries++) {
    const ok = await fetch(url).then((response) => response.ok, () => false); // prettier-ignore
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
};
const proxySettings = (name: string, url: string): string =>
  proxyPlaces(registryAt(url)).find((place) => place.name === name)!.settings[0].text;

it('verdaccio in front', async () => {
  const { version } = JSON.parse(readFileSync(join(clients.verdaccio, 'verdaccio/package.json'), 'utf8')) as { version: string }; // prettier-ignore
  await throughProxy('verdaccio', 'npm', `verdaccio ${version}`, async (id, token) => {
    const [port] = await freePorts(1);
    const home = at('homes', id);
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'config.yaml'),
      `storage: ./storage\n${proxySettings('verdaccio', addressOf('npm'))}\npackages:\n  '**': { access: $all, proxy: registry }\nlog: { type: stdout, level: warn }\n`,
    );
    const words = ['--config', join(home, 'config.yaml'), '--listen', `127.0.0.1:${port}`];
    const child = await startServer(join(clients.verdaccio, '.bin/verdaccio'), words, join(home, 'output'), { FAIRSHARE_TOKEN: token, HOME: home }); // prettier-ignore
    return {
      stop: () => killAndWait(child, 'SIGTERM'),
      fetch: async () => {
        await answersAt(`http://127.0.0.1:${port}/-/ping`);
        await answersAt(`http://127.0.0.1:${port}/demo-one`);
        await answersAt(`http://127.0.0.1:${port}/demo-one/-/demo-one-1.0.0.tgz`);
      },
    };
  });
});

it('devpi in front', async () => {
  const shell = promisify(execFile);
  const program = (name: string): string => join(clients.python, name);
  const { stdout } = await shell(program('devpi-server'), ['--version']);
  await throughProxy('devpi', 'pypi', `devpi-server ${stdout.trim()}`, async (id, token) => {
    const [port] = await freePorts(1);
    const home = at('homes', id);
    mkdirSync(home, { recursive: true });
    const env = { ...process.env, HOME: home, FAIRSHARE_TOKEN: token, PATH: `${clients.python}:${process.env.PATH}` };
    await shell(program('devpi-init'), ['--serverdir', home, '--no-root-pypi', '--root-passwd', 'x'], { env });
    const words = ['--serverdir', home, '--host', '127.0.0.1', '--port', String(port)];
    const child = await startServer(program('devpi-server'), words, join(home, 'output'), { HOME: home });
    const url = `http://127.0.0.1:${port}`;
    return {
      stop: () => killAndWait(child, 'SIGTERM'),
      fetch: async () => {
        await answersAt(`${url}/+api`);
        const script = `devpi use ${url} && devpi login root --password x && ${proxySettings('devpi', `${addressOf('pypi')}/simple`)}`;
        await shell('bash', ['-euc', script], { env, timeout: 60_000 });
        await shell('bash', ['-euc', `pip download -q --no-deps --no-cache-dir -d ${home}/out --index-url ${url}/root/registry/+simple/ demo-one`], { env, timeout: 60_000 }); // prettier-ignore
      },
    };
  });
});

it('fairshare finds each token, and names the client', async () => {
  const sources = storeNames
    .map((name) => `  - { name: ${name}, format: nginx-edge, ecosystem: ${name === 'generic' ? 'other' : name} }\n`)
    .join('');
  writeFileSync(at('fairshare.yaml'), `sources:\n${sources}`);
  const evidence = recorded.map(({ id }) => `      - { id: ${id}, tier: E1, kind: token, secret_sha256: ${sha256(tokenOf(id))}, valid_from: '2026-01-01', source: test }\n`); // prettier-ignore
  writeFileSync(at('orgs.yaml'), `organisations:\n  - id: acme\n    name: Acme\n    evidence:\n${evidence.join('')}`);
  const { run } = deployed(directory.path, 'warehouse');
  await run('migrate');
  await run('orgs', 'import', at('orgs.yaml'));
  for (const name of storeNames) await run('ingest', 'files', at('logs', `${name}.jsonl`), '--source', name);
  const sql = `SELECT set.token_id AS id, groupUniqArray(usage.client) AS clients, toUInt32(sum(usage.requests)) AS requests
    FROM default.usage_batch AS usage INNER JOIN default.evidence_set AS set ON set.id = usage.evidence_set WHERE set.token_id IS NOT NULL GROUP BY id`;
  const rows = (await run('query', sql, '--format', 'JSONEachRow')).trim().split('\n').map((line) => JSON.parse(line) as { id: string; clients: string[]; requests: number }); // prettier-ignore
  const found = recorded.map((row) => {
    const { requests = 0, clients: names = [] } = rows.find(({ id }) => id === row.id) ?? {};
    return { ...row, found: requests, named: names.sort().join(', ') };
  });
  const page = fileURLToPath(new URL('../../docs/ENROLMENT.md', import.meta.url));
  writeFileSync(page, enrolmentPage(found));
  expect(found.map(({ id, found: count }) => [id, count])).toEqual(recorded.map(({ id, requests }) => [id, requests]));
  expect(found.map(({ id, named }) => [id, named])).toEqual(recorded.map(({ id, named }) => [id, named]));
});
