// The content of each simulated registry: names of packages and versions, paths, and sizes. One entry per source. Paths follow the
// registries' own layout, with the percent-encoding that their clients send.

import type { ArtifactKind } from '../../transform/packages/ecosystem.ts';
import { mix32, type Random } from './random.ts';
import type { SourceName } from './scenario.ts';
import { startOf } from '../../transform/periods.ts';

/** Sent bytes: `least` × 2^(0 … octaves), spread within the octave. */
export interface SizeLaw {
  readonly least: number;
  readonly octaves: number;
}

/** A path of a package, or of each of its versions. */
export interface PackagePath {
  /** Weight among the requests that fetch no artifact. The artifact itself has none. */
  readonly share: number;
  readonly perVersion: boolean;
  readonly kind: ArtifactKind;
  readonly size: SizeLaw;
  /** A request before this instant counts as a download. If absent, an artifact always counts and other paths never do. */
  readonly countsBefore_ms?: number;
  readonly path: (pkg: SimulatedPackage, version: string) => string;
}

/** A path of the registry itself. */
export interface CommonPath {
  readonly share: number;
  readonly kind: ArtifactKind;
  readonly method?: 'POST';
  readonly size: number;
  readonly path: string;
}

export interface SimulatedPackage {
  /** Normalised, with its namespace, as in the truth. */
  readonly name: string;
  /** The name's last part, and the part before it ('' without a namespace). */
  readonly short: string;
  readonly namespace: string;
  /** Random bits of its own, for variants (platform builds, file kinds). */
  readonly variant: number;
}

export interface RegistryShape {
  /** purl type, as in transform/packages. */
  readonly ecosystem: string;
  readonly host: string;
  /** Leading path that is not part of the registry's rules. */
  readonly pathPrefix?: string;
  /** The source's packages, as a factor of the simulation's packages. */
  readonly packages: number;
  readonly namespace: (i: number, words: readonly [string, string]) => string;
  readonly qualify: (namespace: string, short: string) => string;
  readonly version: (major: number, minor: number, patch: number, random: Random) => string;
  readonly artifact: Omit<PackagePath, 'share' | 'perVersion' | 'kind' | 'countsBefore_ms'>;
  readonly others: readonly PackagePath[];
  readonly commons: readonly CommonPath[];
}

const none = () => '';
const bare = (_namespace: string, short: string) => short;
const plain = (major: number, minor: number, patch: number) => `${major}.${minor}.${patch}`;
const preRelease =
  (suffix: (n: number) => string) =>
  (major: number, minor: number, patch: number, random: Random): string =>
    `${major}.${minor}.${patch}${random.below(20) === 0 ? suffix(1 + random.below(4)) : ''}`;

const hex = (seed: number, digits: number): string => {
  let out = '';
  for (let h = mix32(seed); out.length < digits; h = (Math.imul(h, 0x9e3779b1) + 0x7f4a7c15) >>> 0)
    out += h.toString(16).padStart(8, '0');
  return out.slice(0, digits);
};
const textHash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
};

const wheel = ({ short, variant }: SimulatedPackage, version: string): string => {
  const tags = variant % 3 === 0 ? 'cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64' : 'py3-none-any';
  return `${short.replaceAll('-', '_')}-${version}-${tags}.whl`;
};
const pythonFile = (file: string): string => {
  const digest = hex(textHash(file), 64);
  return `/packages/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest.slice(4)}/${file}`;
};

const cargoIndex = (name: string): string =>
  name.length === 3 ? `/3/${name[0]}/${name}` : `/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`;

const mavenFile = ({ namespace, short }: SimulatedPackage, version: string, extension: string): string => {
  const encoded = version.replace('+', '%2B');
  return `/maven2/${namespace.replaceAll('.', '/')}/${short}/${encoded}/${short}-${encoded}${extension}`;
};

const gemFile = ({ short, variant }: SimulatedPackage, version: string): string =>
  `${short}-${version}${variant % 7 === 0 ? '-x86_64-linux' : ''}`;

export const registryShapes: Record<SourceName, RegistryShape> = {
  npm: {
    ecosystem: 'npm',
    host: 'registry.npmjs.example',
    packages: 0.3,
    namespace: (i, [place]) => (i % 4 === 3 ? `@${place}` : ''),
    qualify: (namespace, short) => (namespace === '' ? short : `${namespace}/${short}`),
    version: preRelease((n) => `-rc.${n}`),
    artifact: {
      size: { least: 3_000, octaves: 9 },
      path: ({ name, short }, version) => `/${name}/-/${short}-${version}.tgz`,
    },
    others: [
      {
        share: 94,
        perVersion: false,
        kind: 'metadata',
        size: { least: 2_000, octaves: 8 },
        path: ({ name }) => `/${name.replace('/', '%2f')}`,
      },
    ],
    commons: [
      { share: 5, kind: 'other', method: 'POST', size: 412, path: '/-/npm/v1/security/advisories/bulk' },
      { share: 1, kind: 'other', size: 2, path: '/-/ping' },
    ],
  },
  pypi: {
    ecosystem: 'pypi',
    host: 'files.pypi.example',
    packages: 0.25,
    namespace: none,
    qualify: bare,
    version: preRelease((n) => `rc${n}`),
    artifact: {
      size: { least: 12_000, octaves: 9 },
      path: (pkg, version) =>
        pythonFile(pkg.variant % 4 === 1 ? `${pkg.short.replaceAll('-', '_')}-${version}.tar.gz` : wheel(pkg, version)),
    },
    others: [
      {
        share: 78,
        perVersion: false,
        kind: 'index',
        size: { least: 1_200, octaves: 6 },
        path: ({ name }) => `/simple/${name}/`,
      },
      {
        share: 22,
        perVersion: true,
        kind: 'metadata',
        size: { least: 1_000, octaves: 4 },
        countsBefore_ms: startOf('2026-08-24'),
        path: (pkg, version) => `${pythonFile(wheel(pkg, version))}.metadata`,
      },
    ],
    commons: [],
  },
  maven: {
    ecosystem: 'maven',
    host: 'repo.maven.example',
    packages: 0.2,
    namespace: (i, [place, trade]) => (i % 2 === 0 ? `org.${place}` : `com.${place}.${trade}`),
    qualify: (namespace, short) => `${namespace}/${short}`,
    version: (major, minor, patch, random) =>
      `${major}.${minor}.${patch}${random.below(10) === 0 ? '.RELEASE' : random.below(30) === 0 ? '+7' : ''}`,
    artifact: { size: { least: 9_000, octaves: 9 }, path: (pkg, version) => mavenFile(pkg, version, '.jar') },
    others: [
      {
        share: 8,
        perVersion: false,
        kind: 'metadata',
        size: { least: 700, octaves: 4 },
        path: ({ namespace, short }) => `/maven2/${namespace.replaceAll('.', '/')}/${short}/maven-metadata.xml`,
      },
      {
        share: 47,
        perVersion: true,
        kind: 'metadata',
        size: { least: 900, octaves: 4 },
        path: (pkg, version) => mavenFile(pkg, version, '.pom'),
      },
      {
        share: 30,
        perVersion: true,
        kind: 'signature',
        size: { least: 40, octaves: 0 },
        path: (pkg, version) => mavenFile(pkg, version, '.jar.sha1'),
      },
      {
        share: 15,
        perVersion: true,
        kind: 'signature',
        size: { least: 40, octaves: 0 },
        path: (pkg, version) => mavenFile(pkg, version, '.pom.sha1'),
      },
    ],
    commons: [],
  },
  crates: {
    ecosystem: 'cargo',
    host: 'static.crates.example',
    packages: 0.1,
    namespace: none,
    // The registry compares hyphens as underscores, so both spellings are one package.
    qualify: (_namespace, short) => short.replaceAll('-', '_'),
    version: preRelease((n) => `-alpha.${n}`),
    artifact: {
      size: { least: 6_000, octaves: 7 },
      path: ({ short }, version) => `/crates/${short}/${short}-${version}.crate`,
    },
    others: [
      {
        share: 97,
        perVersion: false,
        kind: 'index',
        size: { least: 400, octaves: 6 },
        path: ({ short }) => cargoIndex(short),
      },
    ],
    commons: [{ share: 3, kind: 'index', size: 74, path: '/config.json' }],
  },
  rubygems: {
    ecosystem: 'gem',
    host: 'rubygems.example',
    packages: 0.08,
    namespace: none,
    qualify: bare,
    version: plain,
    artifact: { size: { least: 7_000, octaves: 8 }, path: (pkg, version) => `/gems/${gemFile(pkg, version)}.gem` },
    others: [
      {
        share: 62,
        perVersion: false,
        kind: 'index',
        size: { least: 500, octaves: 7 },
        path: ({ short }) => `/info/${short}`,
      },
      {
        share: 14,
        perVersion: true,
        kind: 'metadata',
        size: { least: 700, octaves: 2 },
        path: (pkg, version) => `/quick/Marshal.4.8/${gemFile(pkg, version)}.gemspec.rz`,
      },
    ],
    commons: [
      { share: 20, kind: 'index', size: 48_213, path: '/versions' },
      { share: 4, kind: 'index', size: 1_300_417, path: '/specs.4.8.gz' },
    ],
  },
  debian: {
    ecosystem: 'deb',
    host: 'deb.debian.example',
    pathPrefix: '/debian',
    packages: 0.05,
    namespace: none,
    qualify: bare,
    version: (major, minor, patch, random) =>
      `${major}.${minor}.${patch}-${1 + random.below(4)}${random.below(6) === 0 ? '+deb12u1' : ''}`,
    artifact: {
      size: { least: 5_000, octaves: 9 },
      path: ({ short, variant }, version) =>
        `/debian/pool/main/${short[0]}/${short}/${short}_${version.replaceAll('+', '%2b')}_${variant % 3 === 0 ? 'all' : 'amd64'}.deb`,
    },
    others: [],
    commons: [
      { share: 50, kind: 'index', size: 151_075, path: '/debian/dists/bookworm/InRelease' },
      { share: 20, kind: 'index', size: 55_443, path: '/debian/dists/bookworm-updates/InRelease' },
      { share: 12, kind: 'index', size: 172_310, path: '/debian/dists/trixie/InRelease' },
      {
        share: 10,
        kind: 'index',
        size: 790_396,
        path: `/debian/dists/bookworm/main/binary-amd64/by-hash/SHA256/${hex(77, 64)}`,
      },
      {
        share: 8,
        kind: 'index',
        size: 14_752,
        path: `/debian/dists/bookworm-updates/main/binary-amd64/by-hash/SHA256/${hex(78, 64)}`,
      },
    ],
  },
  openvsx: {
    ecosystem: 'openvsx',
    host: 'open-vsx.example',
    packages: 0.02,
    namespace: (_i, [place]) => place,
    qualify: (namespace, short) => `${namespace}/${short}`,
    version: plain,
    artifact: {
      size: { least: 30_000, octaves: 8 },
      path: ({ namespace, short }, version) =>
        `/api/${namespace}/${short}/${version}/file/${namespace}.${short}-${version}.vsix`,
    },
    others: [
      {
        share: 70,
        perVersion: false,
        kind: 'metadata',
        size: { least: 1_500, octaves: 5 },
        path: ({ namespace, short }) => `/api/${namespace}/${short}`,
      },
    ],
    commons: [{ share: 30, kind: 'other', method: 'POST', size: 9_870, path: '/vscode/gallery/extensionquery' }],
  },
};
