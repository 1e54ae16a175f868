// The package as its users get it, installed without the optional packages. test/package installs all of them.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install, pack, run, type Packed } from '../support/packed.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
afterAll(() => directory.remove());

let packed: Packed;
beforeAll(async () => {
  packed = await pack(directory.path);
});

describe('the tarball', () => {
  it('holds what runs: no tests, no benchmarks, no tools, no source maps', () => {
    expect(packed.files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/scripts/fairshare.js']));
    const wrong = /(^|\/)(test|bench|tools)\/|\.test\.|\.ts$|\.map$|(^|\/)\./;
    expect(packed.files.filter((path) => wrong.test(path))).toEqual([]);
  });

  it('holds the charts’ library with its licences', () => {
    expect(packed.files).toContain('dist/dashboards/report/echarts.LICENSE.txt');
  });
});

describe('installed without optional packages', () => {
  let fairshare: Awaited<ReturnType<typeof install>>;
  beforeAll(async () => {
    fairshare = await install(at('lean'), packed, '--omit=optional');
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
