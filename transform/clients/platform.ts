// What a user agent says of the machine behind it: version of the client, runtime, operating system, distribution, processor, libc.
// Facts are read where they stand, in any order. Every value but the version is of a closed list, and versions are numbers with a
// known pre-release word, so that nobody can store a text of their own by sending it.

import type { ClientFacets } from './client.ts';

/** '' where the user agent does not say it. */
export interface Platform {
  /** Version of the client: up to three numbers, because four can be an address, and a pre-release word. Browsers: the first number. */
  readonly clientVersion: string;
  /** The language's own name: python, pypy, node, ruby, java, dotnet, php … */
  readonly runtime: string;
  /** As the language counts its releases: python 3.12, node 22, java 21. */
  readonly runtimeVersion: string;
  readonly os: string;
  /** Linux distribution; `other` if it is not in the list. */
  readonly distro: string;
  readonly distroVersion: string;
  readonly arch: string;
  readonly libc: string;
}

const NO_DISTRO = { distro: '', distroVersion: '' };

const VERSION =
  /^[vV]?(\d{1,9}(?:\.\d{1,9}){0,2})(?:[-.+_~]?(alpha|beta|canary|dev|nightly|next|post|preview|pre|rc|snapshot|a|b|c)(?![a-z])[-.]?(\d{0,9}))?/i;

/** '1.86.0-nightly' → '1.86.0-nightly', '24.0.dev0+local' → '24.0-dev0', 'v1.2' → '1.2', 'secret' → '' */
export function releaseOf(version: string): string {
  const match = VERSION.exec(version);
  if (match === null) return '';
  const [, numbers, word, number = ''] = match as unknown as [string, string, string | undefined, string | undefined];
  return word === undefined ? numbers : `${numbers}-${word.toLowerCase()}${number}`;
}

/** Runtime → how many numbers name a release of it. */
const runtimes = new Map([
  ['python', 2],
  ['pypy', 2],
  ['graalpy', 2],
  ['node', 1],
  ['deno', 2],
  ['bun', 2],
  ['ruby', 2],
  ['java', 1],
  ['dotnet', 1],
  ['php', 2],
  ['perl', 2],
  ['elixir', 2],
  ['erlang', 1],
  ['julia', 2],
  ['r', 2],
  ['dart', 2],
  ['swift', 2],
]);
/** Clients that are their own runtime. */
const ownRuntimes = new Map([
  ['bun', 'bun'],
  ['deno', 'deno'],
  ['julia', 'julia'],
  ['r', 'r'],
  ['pub', 'dart'],
  ['swiftpm', 'swift'],
]);

const RUNTIME =
  /(?<![\w.-])(node|CPython|PyPy|GraalPy|Python|Ruby|ruby|Java|java|PHP|perl|Elixir|OTP|julia|R)(?:[/ ]v?|(?: \())(\d{1,9}(?:[._]\d{1,9}){0,2})/;
const runtimeNames: Readonly<Record<string, string>> = { CPython: 'python', OTP: 'erlang' };
/** Gradle: operating system; its version; processor, and behind it the vendor of Java; its version. */
const GRADLE = /\([^;()]{1,60};[^;()]{0,100};[^;()]{1,40}\) \([^;()]{0,80};(\d[\d._]{0,20})/;
const URLLIB = /^Python-urllib\/(\d\.\d{1,2})/;

function runtimeRelease(runtime: string, written: string): string {
  const numbers = written.split(/[._]/).map(Number);
  // Java 8 and before call themselves 1.8; perl writes 5.40 as 5.040000.
  if (runtime === 'java' && numbers[0] === 1) numbers.shift();
  if (runtime === 'perl' && numbers[1] >= 1000) numbers[1] = Math.floor(numbers[1] / 1000);
  return numbers.slice(0, runtimes.get(runtime)).join('.');
}

/**
 * The first NuGet that a .NET SDK of a new major version contains → that version. Source: the table "Available in .NET SDK(s)" of NuGet's
 * release notes (6.4 → 7.0.100, 6.8 → 8.0.100, 7.0 → 10.0.100; read 2026-12-01); 6.12 → 9.0.100 is from its page on audit sources. For 5.8 and 6.0: NuGet's minor version is
 * Visual Studio's, and 16.8 came with SDK 5.0.100, 17.0 with 6.0.100. It holds of the SDK's own NuGet; nuget.exe says nothing of a runtime.
 */
const dotnetReleases = [
  [7, 0, '10'],
  [6, 12, '9'],
  [6, 8, '8'],
  [6, 4, '7'],
  [6, 0, '6'],
  [5, 8, '5'],
] as const;
const DOTNET = /^NuGet (?:\.NET Core MSBuild Task|xplat|\.NET SDK)\/(\d{1,3})\.(\d{1,3})/;

function dotnetOf(userAgent: string): string | undefined {
  const match = DOTNET.exec(userAgent);
  if (match === null) return undefined;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return dotnetReleases.find(([from, least]) => major > from || (major === from && minor >= least))?.[2] ?? '';
}

function runtimeOf(userAgent: string, { client, version }: ClientFacets): [runtime: string, version: string] {
  const own = ownRuntimes.get(client);
  if (own !== undefined) return [own, version === '' ? '' : runtimeRelease(own, releaseOf(version).replace(/-.*/, ''))];
  if (client === 'gradle' || client === 'gradle-wrapper') {
    const written = GRADLE.exec(userAgent)?.[1];
    return written === undefined ? ['', ''] : ['java', runtimeRelease('java', written)];
  }
  if (client === 'nuget') {
    const release = dotnetOf(userAgent);
    return release === undefined ? ['', ''] : ['dotnet', release];
  }
  const match = RUNTIME.exec(userAgent);
  if (match === null) {
    const python = URLLIB.exec(userAgent)?.[1];
    return python === undefined ? ['', ''] : ['python', python];
  }
  const runtime = runtimeNames[match[1]] ?? match[1].toLowerCase();
  return [runtime, runtimeRelease(runtime, match[2])];
}

/** In this order, because Android says that it is Linux, and `darwin` ends like a name of Windows. */
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bandroid/i, 'android'],
  [/\b(?:iphone|ipad|ios\b)/i, 'ios'],
  [/darwin|\bmac ?os|macintosh/i, 'macos'],
  [/\bwin(?:32|64|dows)|mingw|msys|cygwin/i, 'windows'],
  [/\b(?:free|net|open|dragonfly)bsd/i, 'bsd'],
  [/\b(?:sunos|solaris|illumos)/i, 'solaris'],
  [/linux|\bapt-http\//i, 'linux'],
];
const osOf = (text: string): string => systems.find(([pattern]) => pattern.test(text))?.[1] ?? '';

const ARCH =
  /(?<![A-Za-z0-9])(x86_64|amd64|x64|arm64|aarch64|armv\d\w{0,3}|armhf|arm|i[3-6]86|ia32|x86|ppc64le|powerpc64le|ppc64|s390x|riscv64|loong64|loongarch64|mips64\w{0,2})(?![A-Za-z0-9_])/i;
function archOf(text: string): string {
  const written = ARCH.exec(text)?.[1].toLowerCase() ?? '';
  if (/^(?:amd64|x64)$/.test(written)) return 'x86_64';
  if (written === 'arm64') return 'aarch64';
  if (/^(?:i[3-6]86|ia32)$/.test(written)) return 'x86';
  if (/^arm/.test(written)) return 'arm';
  return written
    .replace('powerpc64le', 'ppc64le')
    .replace('loongarch', 'loong')
    .replace(/^mips.*/, 'mips64');
}

/** How a distribution's name begins → its name here. */
const distros: readonly (readonly [RegExp, string])[] = [
  [/^debian/i, 'debian'],
  [/^ubuntu/i, 'ubuntu'],
  [/^alpine/i, 'alpine'],
  [/^(?:amazon|amzn)/i, 'amazon'],
  [/^fedora/i, 'fedora'],
  [/^centos/i, 'centos'],
  [/^(?:red ?hat|rhel)/i, 'rhel'],
  [/^rocky/i, 'rocky'],
  [/^alma/i, 'alma'],
  [/^oracle/i, 'oracle'],
  [/^(?:open)?suse|^sles?\b/i, 'suse'],
  [/^(?:arch|manjaro)/i, 'arch'],
  [/^(?:linux ?)?mint/i, 'mint'],
  [/^raspbian/i, 'raspbian'],
  [/^kali/i, 'kali'],
  [/^gentoo/i, 'gentoo'],
  [/^nixos/i, 'nixos'],
  [/^(?:wolfi|chainguard)/i, 'wolfi'],
];
const DISTRO = /(?<![\w/])(debian|ubuntu|alpine|amzn|fedora|centos|rhel|rocky|almalinux|suse|arch)\/(\d[\d.]{0,20})/i;

function distroOf(name: string, version: string): Pick<Platform, 'distro' | 'distroVersion'> {
  if (name === '') return NO_DISTRO;
  const distro = distros.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
  const numbers = /^\d{1,6}(?:\.\d{1,6})?/.exec(version)?.[0] ?? '';
  // Two numbers name a release of Ubuntu and of Alpine, one of the others.
  const distroVersion = distro === 'other' ? '' : /ubuntu|alpine/.test(distro) ? numbers : numbers.replace(/\..*/, '');
  return { distro, distroVersion };
}

type Json = Record<string, unknown>;
const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 100) : '');

/** pip, uv and their kin describe the machine in JSON. */
function fromJson(text: string, clientVersion: string): Platform | undefined {
  let details: Json;
  try {
    details = objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
  const system = textOf(objectOf(details.system).name);
  const os = osOf(system);
  const distro = objectOf(details.distro);
  const implementation = textOf(objectOf(details.implementation).name).toLowerCase();
  const runtime = runtimes.has(implementation) ? implementation : 'python';
  const python = /^\d{1,3}\.\d{1,3}/.exec(textOf(details.python))?.[0] ?? '';
  const lib = textOf(objectOf(distro.libc).lib);
  return {
    clientVersion,
    runtime: python === '' && implementation === '' ? '' : runtime,
    runtimeVersion: python,
    os,
    ...(os === 'linux' || os === '' ? distroOf(textOf(distro.name), textOf(distro.version)) : NO_DISTRO),
    arch: archOf(textOf(details.cpu)),
    libc: lib === 'glibc' || lib === 'musl' ? lib : '',
  };
}

function libcOf(text: string): string {
  if (/\bglibc\/|linux-gnu/.test(text)) return 'glibc';
  return text.includes('musl') ? 'musl' : '';
}

/**
 * Pure, never throws, time linear in the length.
 * @param userAgent without an organisation's token
 * @param found its claims
 */
export function platformOf(userAgent: string, found: ClientFacets): Platform {
  const release = releaseOf(found.version);
  const clientVersion = found.kind === 'browser' ? release.replace(/[.-].*/, '') : release;
  const open = userAgent.indexOf('{');
  if (open >= 0) {
    const told = fromJson(userAgent.slice(open, userAgent.lastIndexOf('}') + 1), clientVersion);
    if (told !== undefined) return told;
  }
  const [runtime, runtimeVersion] = runtimeOf(userAgent, found);
  const [, distroName = '', distroVersion = ''] = DISTRO.exec(userAgent) ?? [];
  const os = osOf(userAgent);
  return {
    clientVersion,
    runtime,
    runtimeVersion,
    os,
    ...distroOf(distroName, distroVersion),
    arch: archOf(userAgent),
    libc: os === 'linux' ? libcOf(userAgent) : '',
  };
}

/** The parts in order, with `|` between them; landing stores this text (docs/TABLES.md, client_facets). */
export const platformText = (platform: Platform): string =>
  [
    platform.clientVersion,
    platform.runtime,
    platform.runtimeVersion,
    platform.os,
    platform.distro,
    platform.distroVersion,
    platform.arch,
    platform.libc,
  ].join('|');
