// Nobody's traffic goes to a public registry by accident, and no example reads as if it came from one: hosts in code, logs,
// tables and docs are below example.org or another reserved name. Which host is which ecosystem, configuration says.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import glob from 'fast-glob';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Domains of public registries, mirrors and download sites, without their dots so that this file names none. */
const domains = `
  npmjs org, npmjs com, yarnpkg com, npmmirror com, jsr io, deno land, unpkg com, jsdelivr net, nodejs org,
  pypi org, pypi io, pypi python org, pythonhosted org, anaconda org, anaconda com, continuum io, prefix dev,
  rust-lang org, rustup rs, rubygems org, rubyforge org, cocoapods org, packagist org, nuget org, powershellgallery com,
  maven org, repo maven apache org, maven google com, maven-central storage googleapis com, jcenter bintray com,
  plugins gradle org, oss sonatype org, clojars org, jitpack io,
  proxy golang org, sum golang org, index golang org, goproxy io, goproxy cn,
  docker io, docker com, ghcr io, quay io, gcr io, k8s io, mcr microsoft com, public ecr aws,
  debian org, debian net, ubuntu com, alpinelinux org, fedoraproject org, archlinux org, brew sh,
  hex pm, cpan org, metacpan org, backpan perl org, r-project org, rstudio com, posit co, bioconductor org, ctan org,
  pub dev, dartlang org, julialang org, open-vsx org, eclipsecontent org, marketplace visualstudio com,
  hackage haskell org, opam ocaml org, luarocks org, cache nixos org, swiftpackageindex com, registry terraform io
`
  .split(',')
  .map((labels) => labels.trim().replaceAll(' ', '.'));

const anyOf = (names: readonly string[]) => names.map((name) => name.replaceAll('.', String.raw`\.`)).join('|');
/** The registry's own name is a domain too: it is a host only in an address, below a label, or as a text of its own in JSON. */
const namesake = 'crates io'.replace(' ', '.');
/** A user agent names the address of its maker: `GoModuleMirror/1.0 (+https://…)`. Clients really send those. */
const inUserAgent = String.raw`(?<!\(\+https?:\/\/)`;
const publicHost = new RegExp(
  String.raw`${inUserAgent}(?<![\w-])(?:${anyOf(domains)})(?![\w-]|\.[a-z])|(?:\/\/|[a-z0-9]\.|")${anyOf([namesake])}(?![\w-])`,
  'g',
);
const hostsIn = (text: string): string[] => text.match(publicHost) ?? [];

/** What git keeps: all but what .gitignore names, and the lock file, which npm writes. */
const files = glob.sync('**', {
  cwd: root,
  dot: true,
  ignore: [
    '.git/**',
    'package-lock.json',
    ...readFileSync(`${root}.gitignore`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (line.endsWith('/') ? `**/${line}**` : `**/${line}`)),
  ],
});

it('finds a host alone, below a label and in an address', () => {
  for (const domain of [...domains, namesake])
    for (const text of [`{"host":"${domain}"}`, `| files.${domain} |`, `see https://${domain}/a.`])
      expect(hostsIn(text), text).toHaveLength(1);
});

it('leaves names, module paths, user agents and other domains alone', () => {
  const goProxy = domains.find((domain) => domain.startsWith('proxy.'))!;
  for (const text of [
    `as ${namesake} logs it, '${namesake}', RubyGems.org, NuGet.org`,
    'golang.org/x/crypto golang.org/toolchain github.com/pkg/errors',
    `GoModuleMirror/1.0 (+https://${goProxy})`,
    `cnpmjs.org/3.0.0 ${domains[0]}.example`,
  ])
    expect(hostsIn(text), text).toEqual([]);
});

it('no file names the host of a public registry', () => {
  const found = files.flatMap((file) => hostsIn(readFileSync(root + file, 'utf8')).map((host) => `${file}: ${host}`));
  expect(files.length).toBeGreaterThan(500);
  expect(found).toEqual([]);
});
