// The rules of every ecosystem against its fixtures and captures, the choice of an ecosystem, and what must hold on any
// input: total, linear, and true to the shape of a resource.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { method } from '../scan/line-fields.ts';
import { isDownload } from './download.ts';
import { artifactKinds, downloadRules, type Resource } from './ecosystem.ts';
import { ecosystemByName, ecosystems, queriedPathsFor, resolverFor } from './index.ts';
import { other } from './paths.ts';
import { purl } from './purl.ts';
import { unlisted } from '../../test/support/listed.ts';

interface FixtureRow {
  readonly path: string;
  readonly query?: string;
  readonly package: string;
  readonly version: string;
  readonly artifact: string;
  readonly file: string;
  readonly rule: keyof typeof downloadRules;
  readonly purl: string;
}

const fixture = (name: string): string =>
  readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url), 'utf8').trimEnd();
const isThere = (name: string): boolean => existsSync(new URL(`../../test/fixtures/${name}`, import.meta.url));
const rowsOf = (ecosystem: string): FixtureRow[] =>
  isThere(`packages/${ecosystem}.json`) ? (JSON.parse(fixture(`packages/${ecosystem}.json`)) as FixtureRow[]) : [];

const FEWEST_PATHS = 6;

/** Everything that an ecosystem's fixtures lack, each as a sentence. */
function fixtureFaults(ecosystem: string, rows: readonly FixtureRow[]): string[] {
  const paths = new Set(rows.map(({ path }) => path)).size;
  const kinds = new Set(rows.map(({ artifact }) => artifact)).size;
  const faults = [
    ...(paths < FEWEST_PATHS ? [`has ${paths} paths; ${FEWEST_PATHS} are needed`] : []),
    ...(kinds < 3 ? [`has ${kinds} kinds of artifact; 3 are needed`] : []),
    ...(rows.some(({ rule }) => rule !== 'never') ? [] : ['has no path that counts as a download']),
    ...(rows.some(({ artifact, rule }) => artifact !== 'other' && rule === 'never')
      ? []
      : ['has no path of the registry that never counts: metadata, an index, a signature']),
    ...(rows.some(({ artifact, package: name }) => artifact === 'other' && name === '')
      ? []
      : ['has no path that the ecosystem does not know (artifact "other", no package)']),
  ];
  return faults.map((fault) => `test/fixtures/packages/${ecosystem}.json ${fault}`);
}

describe.each(ecosystems.map(({ name }) => name))('%s', (name) => {
  const rows = rowsOf(name);
  const resolve = resolverFor({ ecosystem: name });

  it('has its fixtures', () => expect(fixtureFaults(name, rows)).toEqual([]));

  if (rows.length > 0)
    it.each(rows)('$path', (row) => {
      const { ecosystem, resource } = resolve('', row.path, row.query ?? '');
      const { package: packageName, version, artifact, file, rule } = resource;
      expect({ ecosystem, package: packageName, version, artifact, file, rule, purl: purl(name, resource) }).toEqual({
        ecosystem: name,
        package: row.package,
        version: row.version,
        artifact: row.artifact,
        file: row.file,
        rule: downloadRules[row.rule],
        purl: row.purl,
      });
    });

  it('lets a query name the package and change nothing else', () => {
    for (const { path, query } of rows.filter((row) => row.query !== undefined)) {
      const without = resolve('', path, '').resource;
      const { artifact, file, rule } = resolve('', path, query!).resource;
      expect({ artifact, file, rule }).toEqual({ artifact: without.artifact, file: without.file, rule: without.rule });
    }
  });

  it('declares the paths whose query names the package', () => {
    for (const { path, query = '' } of rows)
      if (resolve('', path, query).resource.package !== resolve('', path, '').resource.package)
        expect(queriedPathsFor({ ecosystem: name }).some((end) => path.endsWith(end))).toBe(true);
  });

  it('claims its downloads and nobody claims them wrongly', () => {
    const resolveByPath = resolverFor({});
    const decided = rows.map((row) => ({ row, ...resolveByPath('', row.path, row.query ?? '') }));
    expect(decided.filter(({ ecosystem }) => ecosystem !== name && ecosystem !== 'other')).toEqual([]);
    const claimed = decided.filter(({ ecosystem }) => ecosystem === name);
    for (const { row, resource } of claimed) expect(resource).toEqual(resolve('', row.path, row.query ?? '').resource);
    // Composer's downloads are notifications, whose path says too little to be claimed.
    const decisive = name === 'composer' ? claimed : claimed.filter(({ row }) => row.rule !== 'never');
    expect(decisive.length, `no download of ${name} is claimed by its path`).toBeGreaterThan(0);
  });
});

describe('the list of ecosystems', () => {
  const names = ecosystems.map(({ name }) => name);

  it('has every ecosystem of this folder, once', async () => {
    const isEcosystem = (value: object): boolean => 'resolve' in value && 'claims' in value;
    expect(await unlisted('transform/packages', isEcosystem, ecosystems)).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has the ecosystem of every fixture', () => {
    const files = readdirSync(new URL('../../test/fixtures/packages/', import.meta.url));
    expect(files.filter((file) => !names.includes(file.replace(/\.json$/, '')))).toEqual([]);
  });
});

describe('fixtures that are missing', () => {
  it('are named', () => {
    const faults = (rows: readonly FixtureRow[]): string[] =>
      fixtureFaults('x', rows).map((fault) => fault.replace('test/fixtures/packages/x.json has ', ''));
    expect(faults([])).toEqual([
      '0 paths; 6 are needed',
      '0 kinds of artifact; 3 are needed',
      'no path that counts as a download',
      'no path of the registry that never counts: metadata, an index, a signature',
      'no path that the ecosystem does not know (artifact "other", no package)',
    ]);
    const npm = rowsOf('npm');
    expect(faults(npm)).toEqual([]);
    expect(faults(npm.filter(({ rule }) => rule === 'never'))).toEqual(['no path that counts as a download']);
  });
});

describe('resolverFor', () => {
  const tarball = '/lodash/-/lodash-4.17.21.tgz';
  const ecosystemOf = (spec: Parameters<typeof resolverFor>[0], host: string, path: string): string =>
    resolverFor(spec)(host, path, '').ecosystem;

  it('takes the source before the host, the host before the path', () => {
    expect(ecosystemOf({ ecosystem: 'pypi', hosts: { 'a.example': 'gem' } }, 'a.example', tarball)).toBe('pypi');
    expect(ecosystemOf({ hosts: { 'a.example': 'gem' } }, 'a.example', tarball)).toBe('gem');
    expect(ecosystemOf({}, 'b.example', tarball)).toBe('npm');
    expect(ecosystemOf({}, '', tarball)).toBe('npm');
  });

  it('reads hosts whatever their case, port or final point', () => {
    const resolve = resolverFor({ hosts: { 'files.example.org': 'pypi' } });
    for (const host of ['Files.Example.org', 'files.example.org:443', 'files.example.org.'])
      expect(resolve(host, '/simple/a', '')).toMatchObject({ ecosystem: 'pypi', resource: { package: 'a' } });
    expect(ecosystemOf({ hosts: { 'Mirror.Example:8080': 'deb' } }, 'mirror.example', '/')).toBe('deb');
  });

  it('does not guess', () => {
    for (const path of [
      '/lodash',
      '/versions',
      '/packages/ecto',
      '/api/packages/http',
      '/latest',
      '/',
      '',
      'lodash',
      '*',
    ])
      expect(resolverFor({})('', path, '')).toEqual({ ecosystem: 'other', resource: other });
    expect(ecosystemOf({ hosts: { 'www.example': 'other' } }, 'www.example', tarball)).toBe('other');
  });

  it('refuses a name that no ecosystem has', () => {
    expect(() => resolverFor({ ecosystem: 'rubygems' })).toThrow(/unknown ecosystem "rubygems".*gem/);
    expect(() => resolverFor({ hosts: { 'a.example': 'PyPI' } })).toThrow(RangeError);
  });

  it('removes a prefix, and only a whole one', () => {
    const packageOf = (pathPrefix: string, path: string): string =>
      resolverFor({ ecosystem: 'npm', pathPrefix })('', path, '').resource.package;
    for (const prefix of ['/npm', 'npm', '/npm/', '//npm'])
      expect([packageOf(prefix, '/npm/react'), packageOf(prefix, '//npm//react')]).toEqual(['react', 'react']);
    expect(packageOf('/npm', '/npmlog')).toBe('npmlog');
    expect(packageOf('/npm', '/react')).toBe('react');
    expect(packageOf('/npm', '/npm')).toBe('');
    expect(packageOf('/a b', '/a%20b/react')).toBe('react');
    expect(packageOf('/', '/react')).toBe('react');
  });

  it.each([
    ['npm', '/a/-/a-1.2.3.tgz', '1.2.3'],
    ['npm', '/a/-/a-1.0.0beta2.tgz', '1.0.0beta2'],
    ['npm', '/a/-/a-01.2.3.tgz', ''],
    ['npm', '/a/-/a-1.2.3%20.tgz', ''],
    ['cargo', '/crates/a/a-1.2.3-rc.1+x.crate', '1.2.3-rc.1+x'],
    ['cargo', '/crates/a/a-1.2.crate', ''],
    ['cargo', '/crates/a/a-1.2.3%3C.crate', ''],
    ['cargo', '/api/v1/crates/a/latest/download', ''],
    ['golang', '/example.org/a/@v/v1.2.3+incompatible.zip', 'v1.2.3+incompatible'],
    ['golang', '/example.org/a/@v/v1.info', ''],
    ['golang', '/example.org/a/@v/v1.2.zip', ''],
    ['gem', '/gems/a-1.2.gem', '1.2'],
    ['gem', '/api/v2/rubygems/a/versions/latest.json', ''],
    ['nuget', '/v3-flatcontainer/a/1.2.3/a.1.2.3.nupkg', '1.2.3'],
    ['nuget', '/api/v2/package/a/1.2.3.4.5', ''],
    ['pypi', '/packages/source/a/a/a-1.0%2Blocal.tar.gz', '1.0+local'],
    ['pypi', '/pypi/a/1.0%27%20or/json', ''],
    ['deb', '/debian/pool/main/a/a/a_1%3a2.0-1~deb12u1_amd64.deb', '1:2.0-1~deb12u1'],
    ['deb', '/debian/pool/main/a/a/a_%2e2_amd64.deb', ''],
    ['hex', '/tarballs/a-1.2.tar', ''],
  ])('%s %s: version %j, as far as the registry accepts it', (ecosystem, path, version) => {
    const { resource } = resolverFor({ ecosystem })('', path, '');
    expect(resource).toMatchObject({ version });
    expect(resource.package).not.toBe('');
  });

  it('keeps control characters out of names', () => {
    expect(resolverFor({ ecosystem: 'npm' })('', '/a%00b', '')).toEqual({ ecosystem: 'npm', resource: other });
    expect(resolverFor({ ecosystem: 'maven' })('', '/g/a/1%0A/a-1%0A.jar', '').resource).toEqual(other);
  });

  it('knows every ecosystem by one name', () => {
    expect(new Set(ecosystems.map(({ name }) => name)).size).toBe(ecosystems.length);
    expect(ecosystemByName('npm')?.title).toBe('npm');
    expect(ecosystemByName('NPM')).toBeUndefined();
  });
});

describe('on any input', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(..."/%.-_@~!$:=()'?+vV012aAzpg") }),
  );
  const knownPaths = ecosystems.flatMap(({ name }) => rowsOf(name).map((row) => row.path));
  /** A fixture's path with a piece of it cut out, repeated or overwritten. */
  const mutated = fc
    .tuple(fc.constantFrom(...knownPaths), fc.nat(), fc.nat(12), text)
    .map(([path, at, length, piece]) => {
      const start = at % path.length;
      return path.slice(0, start) + piece + path.slice(start + length);
    });

  function expectShape(resource: Resource): void {
    expect(artifactKinds).toContain(resource.artifact);
    expect(Object.values(downloadRules)).toContain(resource.rule);
    const hasFile = ['artifact', 'signature', 'tool'].includes(resource.artifact);
    expect(resource.file !== '').toBe(hasFile);
    if (resource.version !== '') expect(resource.package).not.toBe('');
    expect(`${resource.package}${resource.version}${resource.file}`).not.toMatch(/\p{Cc}/u);
  }

  it.each(ecosystems.map(({ name }) => name))('%s resolves everything to a sound resource', (name) => {
    const resolve = resolverFor({ ecosystem: name });
    const byPath = resolverFor({});
    fc.assert(
      fc.property(
        fc.oneof(
          text.map((t) => `/${t}`),
          text,
          mutated,
        ),
        text,
        (path, query) => {
          const { ecosystem, resource } = resolve('', path, query);
          expect(ecosystem).toBe(name);
          expectShape(resource);
          expect(purl(name, resource) === '').toBe(resource.package === '');
          if (!queriedPathsFor({ ecosystem: name }).some((end) => path.endsWith(end)))
            expect(resolve('', path, '').resource).toEqual(resource);
          expectShape(byPath(query, path, '').resource);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes linear time on hostile paths', () => {
    const characters = 8_000;
    // prettier-ignore
    const units = ['/', 'a', '-', '-1', '.1', '1.1-', '-1.0', '1', '_', '@', '%', '%C3', '!a', '$a', '+a-0', '1-', 'v1.', '-v1', '.1-a_',
      '.orig-', '.tar', '.asc', '-Linux-a', '.linux-a', '-nightly', "Id='"];
    const resolveByPath = resolverFor({});
    let slowest = { ms: 0, path: '' };
    for (const { name } of ecosystems) {
      const resolve = resolverFor({ ecosystem: name });
      for (const { path } of rowsOf(name)) {
        const boundaries = [...path.matchAll(/[/.\-_@]/g)].map((match) => match.index + 1).slice(-7);
        for (const at of boundaries) {
          for (const unit of units) {
            const hostile = path.slice(0, at) + unit.repeat(characters / unit.length) + path.slice(at);
            const elapsed_ms = (): number => {
              const begun = performance.now();
              resolve('', hostile, '');
              resolveByPath('', hostile, '');
              return performance.now() - begun;
            };
            let ms = elapsed_ms();
            // Another process may have had the core: only what is slow every time is slow.
            for (let again = 0; again < 20 && ms > slowest.ms; again++) ms = Math.min(ms, elapsed_ms());
            if (ms > slowest.ms) slowest = { ms, path: `${path} with ${unit} repeated from ${at}` };
          }
        }
      }
    }
    // Linear work takes about a millisecond; the mildest quadratic expression on 8,000 characters takes 60 or more.
    expect(slowest.ms, slowest.path).toBeLessThan(40);
  }, 300_000);
});

describe('captures', () => {
  interface EdgeLine {
    readonly request: string;
    readonly request_path: string;
    readonly request_query: string;
    readonly response_status: number;
    readonly response_bytes: number;
  }
  const edge = (name: string): EdgeLine[] =>
    fixture(`captures/${name}`)
      .split('\n')
      .map((line) => JSON.parse(line) as EdgeLine);
  /** `GET /path?query HTTP/1.1` of a combined line → [path, query] */
  const combined = (name: string): [string, string][] =>
    fixture(`captures/${name}`)
      .split('\n')
      .map((line) => {
        const [path, query = ''] = line.split('"')[1].split(' ')[1].split('?');
        return [path, query];
      });

  it('npm: 238 of 1,083 requests fetch a tarball', () => {
    const resolve = resolverFor({ ecosystem: 'npm' });
    const lines = edge('npm-edge.jsonl').map((line) => ({
      ...line,
      ...resolve('', line.request_path, line.request_query),
    }));
    expect(lines).toHaveLength(1_083);
    const tarballs = lines.filter(
      ({ request, response_status, resource }) =>
        request === 'GET' && response_status === 200 && resource.artifact === 'artifact',
    );
    expect(tarballs).toHaveLength(238);
    const downloads = lines.filter(({ request, response_status, response_bytes, resource }) =>
      isDownload(resource.rule, method[request as 'GET'], response_status, response_bytes, 0, 0),
    );
    expect(downloads).toHaveLength(238);
    for (const { request_path, resource } of tarballs) {
      // No registry rule needed to say it again: /PACKAGE/-/UNSCOPED-VERSION.tgz
      const [before, file] = request_path.split('/-/');
      expect(`/${resource.package}`).toBe(before);
      expect(`${resource.package.split('/').at(-1)}-${resource.version}.tgz`).toBe(file);
      expect(resource.version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
    }
    expect(tarballs.filter(({ resource }) => resource.package.startsWith('@')).length).toBeGreaterThan(20);
    expect(lines.filter(({ resource }) => resource.artifact === 'other').map((line) => line.request_path)).toEqual(
      lines.map((line) => line.request_path).filter((path) => path.startsWith('/-/npm/v1/security/')),
    );
  });

  it('npm: the combined log of the same traffic gives the same resources, line by line', () => {
    const resolve = resolverFor({ ecosystem: 'npm' });
    const fromEdge = edge('npm-edge.jsonl').map((line) => resolve('', line.request_path, line.request_query));
    const logged = combined('npm-combined.log');
    expect(logged.filter(([path]) => path.toLowerCase().includes('%2f')).length).toBeGreaterThan(100);
    expect(logged.map(([path, query]) => resolve('', path, query))).toEqual(fromEdge);
  });

  it('debian: four packages below the prefix /debian', () => {
    const resolve = resolverFor({ ecosystem: 'deb', pathPrefix: '/debian' });
    const fromEdge = edge('debian-edge.jsonl').map((line) => resolve('', line.request_path, line.request_query));
    expect(combined('debian-combined.log').map(([path, query]) => resolve('', path, query))).toEqual(fromEdge);
    expect(fromEdge.map(({ resource }) => purl('deb', resource)).filter((p) => p !== '')).toEqual([
      'pkg:deb/debian/cowsay@3.03%2Bdfsg2-8?arch=all',
      'pkg:deb/debian/figlet@2.2.5-3%2Bb1?arch=amd64',
      'pkg:deb/debian/hello@2.10-3?arch=amd64',
      'pkg:deb/debian/sl@5.02-1%2Bb1?arch=amd64',
    ]);
    expect(fromEdge.map(({ resource }) => resource.artifact)).toEqual([
      'index',
      'index',
      'artifact',
      'artifact',
      'artifact',
      'artifact',
    ]);
  });
});
