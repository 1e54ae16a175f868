// A small store for each ecosystem, as files that nginx serves: one package in the layout that the real clients read.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const storeNames = ['pypi', 'npm', 'cargo', 'maven', 'golang', 'deb', 'generic'] as const;
export type StoreName = (typeof storeNames)[number];

/** Writes all stores below `directory`. @param urlOf the address of each store, because some layouts name it */
export function makeStores(directory: string, work: string, urlOf: (store: StoreName) => string): void {
  const put = (path: string, content: string | Buffer): void => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  /** Writes files below the work directory, runs a program there, and returns the file that it makes. */
  const made = (
    files: Readonly<Record<string, string>>,
    result: string,
    program: string,
    ...words: string[]
  ): Buffer => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), text);
    }
    execFileSync(program, words, { cwd: work, stdio: ['ignore', 'ignore', 'inherit'] });
    return readFileSync(join(work, result));
  };
  const hex = (algorithm: string, content: Buffer): string => createHash(algorithm).update(content).digest('hex');

  const info = 'demo_one-1.0.0.dist-info';
  const wheel = made(
    {
      'demo_one/__init__.py': '',
      [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: demo-one\nVersion: 1.0.0\n',
      [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
      [`${info}/RECORD`]: `demo_one/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
    },
    'demo.whl',
    ...(['python3', '-m', 'zipfile', '-c', 'demo.whl', 'demo_one', info] as const),
  );
  const wheelName = 'demo_one-1.0.0-py3-none-any.whl';
  put(`pypi/packages/aa/bb/cc/${wheelName}`, wheel);
  put('pypi/simple/index.html', '<!DOCTYPE html><html><body><a href="demo-one/">demo-one</a></body></html>');
  put(
    'pypi/simple/demo-one/index.html',
    `<!DOCTYPE html><html><body><a href="../../packages/aa/bb/cc/${wheelName}#sha256=${hex('sha256', wheel)}">${wheelName}</a></body></html>`,
  );

  const manifest = { name: 'demo-one', version: '1.0.0' };
  const tarball = made({ 'package/package.json': JSON.stringify(manifest) }, 'demo.tgz', 'tar', '-czf', 'demo.tgz', 'package'); // prettier-ignore
  put('npm/demo-one/-/demo-one-1.0.0.tgz', tarball);
  const dist = {
    tarball: `${urlOf('npm')}/demo-one/-/demo-one-1.0.0.tgz`,
    shasum: hex('sha1', tarball),
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  };
  const packument = { name: 'demo-one', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { ...manifest, dist } }, time: { '1.0.0': '2026-01-01T00:00:00.000Z' } }; // prettier-ignore
  put('npm/demo-one/index.json', JSON.stringify(packument));

  const crate = made(
    { 'demo-one-1.0.0/Cargo.toml': '[package]\nname = "demo-one"\nversion = "1.0.0"\nedition = "2021"\n', 'demo-one-1.0.0/src/lib.rs': '' }, // prettier-ignore
    'demo.crate',
    ...(['tar', '-czf', 'demo.crate', 'demo-one-1.0.0'] as const),
  );
  put('cargo/crates/demo-one/demo-one-1.0.0.crate', crate);
  put('cargo/config.json', JSON.stringify({ dl: `${urlOf('cargo')}/crates/{crate}/{crate}-{version}.crate` }));
  put('cargo/de/mo/demo-one', `${JSON.stringify({ name: 'demo-one', vers: '1.0.0', deps: [], cksum: hex('sha256', crate), features: {}, yanked: false })}\n`); // prettier-ignore

  for (const name of ['parent', 'bom']) {
    const pom = Buffer.from(
      `<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>${name}</artifactId><version>1.0</version><packaging>pom</packaging></project>`,
    );
    put(`maven/org/example/${name}/1.0/${name}-1.0.pom`, pom);
    put(`maven/org/example/${name}/1.0/${name}-1.0.pom.sha1`, hex('sha1', pom));
  }

  const module = 'example.org/demo@v1.0.0';
  const goMod = 'module example.org/demo\n\ngo 1.21\n';
  put('golang/example.org/demo/@v/v1.0.0.mod', goMod);
  put('golang/example.org/demo/@v/v1.0.0.info', '{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}');
  put('golang/example.org/demo/@v/list', 'v1.0.0\n');
  // The go command refuses a zip that has directories, as python3 -m zipfile writes them.
  const zipFiles = `import sys, zipfile\nwith zipfile.ZipFile('demo.zip', 'w') as z:\n  for name in sys.argv[1:]: z.write(name)`;
  const goFiles = { [`${module}/go.mod`]: goMod, [`${module}/demo.go`]: 'package demo\n' };
  put(
    'golang/example.org/demo/@v/v1.0.0.zip',
    made(goFiles, 'demo.zip', 'python3', '-c', zipFiles, ...Object.keys(goFiles)),
  );

  const control = 'Package: demo-one\nVersion: 1.0.0\nArchitecture: all\nMaintainer: Test <test@example.org>\nDescription: test\n'; // prettier-ignore
  const deb = made({ 'deb/DEBIAN/control': control }, 'demo.deb', 'dpkg-deb', '-b', 'deb', 'demo.deb');
  const pool = 'pool/main/d/demo-one/demo-one_1.0.0_all.deb';
  put(`deb/${pool}`, deb);
  const index = `${control}Filename: ${pool}\nSize: ${deb.length}\nSHA256: ${hex('sha256', deb)}\n`;
  const sums: string[] = [];
  for (const architecture of ['all', 'amd64', 'arm64']) {
    const path = `main/binary-${architecture}/Packages`;
    put(`deb/dists/stable/${path}`, index);
    sums.push(` ${hex('sha256', Buffer.from(index))} ${index.length} ${path}`);
  }
  put(
    'deb/dists/stable/Release',
    `Suite: stable\nCodename: stable\nComponents: main\nArchitectures: all amd64 arm64\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n${sums.join('\n')}\n`,
  );

  put('generic/demo-one.txt', 'demo\n');
}
