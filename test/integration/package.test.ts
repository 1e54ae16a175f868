// The package as its users get it: packed, installed into an empty folder, and run through the link that npm makes; with all
// packages, and without the optional ones.

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fairshareHere, type RunResult } from '../support/cli.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const capture = join(root, 'test/fixtures/captures/npm-edge.jsonl');
const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
afterAll(() => directory.remove());

/** The environment without variables that a surrounding make, npm or fairshare sets. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|MAKE|MFLAGS|FAIRSHARE_)/.test(name))),
  NO_COLOR: '1',
};

/** Runs a program to its end, whatever its exit code. */
async function run(program: string, args: readonly string[], cwd: string): Promise<RunResult> {
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

let tarball: string;
let packed: string[];
beforeAll(async () => {
  const [{ filename, files }] = JSON.parse(await npm(root, 'pack', '--json', '--pack-destination', directory.path)) as [
    { filename: string; files: { path: string }[] },
  ];
  tarball = at(basename(filename));
  packed = files.map(({ path }) => path);
});

/** Installs the tarball alone. → the program, by its link */
async function install(name: string, ...flags: string[]): Promise<(...args: string[]) => Promise<RunResult>> {
  mkdirSync(at(name));
  writeFileSync(at(name, 'package.json'), '{ "private": true }\n');
  await npm(at(name), 'install', '--prefer-offline', '--no-audit', '--no-fund', ...flags, tarball);
  return (...args) => run(at(name, 'node_modules/.bin/fairshare'), args, at(name));
}

describe('the tarball', () => {
  it('holds what runs: no tests, no benchmarks, no tools, no source maps', () => {
    expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/scripts/fairshare.js']));
    const wrong = /(^|\/)(test|bench|tools)\/|\.test\.|\.ts$|\.map$|(^|\/)\./;
    expect(packed.filter((path) => wrong.test(path))).toEqual([]);
  });

  it('holds the charts’ library with its licences', () => {
    expect(packed).toContain('dist/dashboards/report/echarts.LICENSE.txt');
  });
});

describe('installed with everything', () => {
  let fairshare: Awaited<ReturnType<typeof install>>;
  const done = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await fairshare(...args);
    if (status !== 0) throw new Error(`fairshare ${args.join(' ')} ended with ${status}\n${stderr}`);
    return stdout;
  };
  beforeAll(async () => {
    fairshare = await install('whole');
  });

  it('brings no second copy of the charts’ library', () => {
    expect(readdirSync(at('whole/node_modules'))).not.toContain('echarts');
  });

  it('goes from init to a report with the right figures', async () => {
    await done('init', '.');
    await done('ingest', 'files', capture, '--source', 'npm-edge');
    await done('seal');
    await done('attribute');
    const report = await done('report', '--period', '2026-11', '--out', 'reports', '--json');
    const { totals } = JSON.parse(report) as { totals: Record<string, string> };
    const requests = readFileSync(capture, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { request_path: string; response_bytes: number });
    expect(totals).toMatchObject({
      requests: String(requests.length),
      downloads: String(requests.filter(({ request_path }) => request_path.endsWith('.tgz')).length),
      bytes: String(requests.reduce((sum, { response_bytes }) => sum + response_bytes, 0)),
    });
  });

  it('writes the same pages as the sources do', async () => {
    const args = ['--config', at('whole/fairshare.yaml'), 'report', '--period', '2026-11', '--out', at('reports')];
    expect((await fairshareHere(args)).status).toBe(0);
    const names = readdirSync(at('reports'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('.'),
    );
    expect(names).toContain('summary-2026-11.html');
    for (const name of names)
      expect(readFileSync(at('whole/reports', name), 'utf8') === readFileSync(at('reports', name), 'utf8'), name).toBe(true); // prettier-ignore
  });
});

describe('installed without optional packages', () => {
  let fairshare: Awaited<ReturnType<typeof install>>;
  beforeAll(async () => {
    fairshare = await install('lean', '--omit=optional');
    await fairshare('init', '.');
  });

  it.each([
    ['--version', /^\d+\.\d+\.\d+\n$/],
    ['--help', /^Usage: fairshare/],
    ['config check', /^# fairshare\.yaml\n/],
    ['completion bash', /^complete -F _fairshare fairshare$/m],
  ])('runs %s', async (line, output) => {
    const { status, stdout, stderr } = await fairshare(...line.split(' '));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(output);
  });

  it('classifies lines', async () => {
    const { stdout } = await run(
      'sh',
      ['-c', 'echo "npm/11.0.0 node/v24.0.0 linux x64" | node_modules/.bin/fairshare classify'],
      at('lean'),
    );
    expect(JSON.parse(stdout)).toMatchObject({ client: { name: 'npm', version: '11.0.0' } });
  });

  it('says that batches compressed with snappy need its package, and reads all others', async () => {
    const codecs = at('lean/node_modules/fairshare/dist/ingest/sources/kafka-codecs.js');
    const text = `import { boundedCodecs } from ${JSON.stringify(codecs)};
for (const [name, codec] of Object.entries(boundedCodecs()))
  console.log(name, await codec.compress(Buffer.alloc(9)).then((bytes) => codec.decompress(bytes)).then(String, String));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', text], at('lean'));
    const nine = '\0'.repeat(9);
    expect(stdout).toMatch(/^snappy CodecError: .*npm install --include=optional$/m);
    for (const name of ['gzip', 'lz4', 'zstd']) expect(stdout).toContain(`${name} ${nine}\n`);
  });

  it('says that a warehouse of its own needs chdb, and how to install it', async () => {
    const { status, stderr } = await fairshare('query', 'SELECT 1', '--warehouse', '.');
    expect(status).toBe(5);
    expect(stderr).toMatch(/the optional package chdb is missing\n.*npm install chdb/);
  });
});

describe('installed in part', () => {
  it('names the package that is missing', async () => {
    rmSync(at('lean/node_modules/zod'), { recursive: true });
    const { status, stderr } = await run(at('lean/node_modules/.bin/fairshare'), ['config', 'check'], at('lean'));
    expect([status, stderr]).toEqual([2, expect.stringMatching(/the package zod is not installed\n.*npm install/)]);
  });
});

describe('the commands’ start', () => {
  it('imports no library that --version does not use', async () => {
    const program = join(root, 'dist/scripts/fairshare.js');
    const trace = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
import { writeSync } from 'node:fs';
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  const [, name] = /node_modules\\\\/((?:@[^/]+\\\\/)?[^/]+)/.exec(found.url) ?? [];
  if (name !== undefined) writeSync(2, name + '\\\\n');
  return found;
}\`));`;
    writeFileSync(at('trace.mjs'), trace);
    for (const flag of ['--version', '--help']) {
      const { status, stderr } = await run(process.execPath, ['--import', at('trace.mjs'), program, flag], root);
      expect(status).toBe(0);
      expect([...new Set(stderr.trim().split('\n'))].sort()).toEqual(['commander', 'picocolors']);
    }
  });
});
