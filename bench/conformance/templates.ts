// User agents of package managers and other tools, written from the published templates (docs/METHODOLOGY.md, "Clients"),
// not from the grammars that are tested with them: nothing here imports transform/clients.

import vendors from 'ci-info/vendors.json' with { type: 'json' };
import type { Random } from './random.ts';

/** The question to a template: is the machine a CI job, and is it a container? */
export interface Machine {
  readonly ci: boolean;
  readonly container: boolean;
}
export interface Template {
  readonly client: string;
  /** Whether the user agent can show it at all. The generator asks a template only for facts that it can show. */
  readonly tellsCi: boolean;
  readonly tellsContainer: boolean;
  make(random: Random, machine: Machine): string;
}

const kernelOfContainerHost = (r: Random): string =>
  r.pick([
    `6.8.0-10${10 + r.below(40)}-azure`,
    `5.15.0-10${10 + r.below(60)}-aws`,
    `6.5.0-10${10 + r.below(40)}-gcp`,
    `6.10.${r.below(20)}-linuxkit`,
    `5.15.${r.below(200)}-linuxkit`,
  ]);
/** [distribution, version, code name, libc, kernel] as seen on machines, for user agents that say nothing of a container. */
function plainMachine(r: Random): [string, string, string, string, string] {
  return r.pick<[string, string, string, string, string]>([
    [
      'Ubuntu',
      '22.04',
      'jammy',
      'glibc',
      r.pick([`5.15.0-${100 + r.below(30)}-generic`, `6.8.0-10${10 + r.below(40)}-azure`, `6.8.0-1021-aws`]),
    ],
    [
      'Ubuntu',
      '24.04',
      'noble',
      'glibc',
      r.pick([`6.8.0-${30 + r.below(30)}-generic`, '6.8.0-1021-gcp', `5.15.${r.below(200)}.1-microsoft-standard-WSL2`]),
    ],
    [
      'Debian GNU/Linux',
      '12',
      'bookworm',
      'glibc',
      r.pick([`6.1.0-${r.below(30)}-amd64`, `6.1.0-${r.below(30)}-cloud-amd64`]),
    ],
    ['Alpine Linux', '3.20.3', '', 'musl', `6.6.${r.below(70)}-0-lts`],
    ['Amazon Linux', '2023', '', 'glibc', `6.1.${r.below(130)}-99.167.amzn2023.x86_64`],
    ['Rocky Linux', '9.5', 'Blue Onyx', 'glibc', '5.14.0-503.19.1.el9_5.x86_64'],
    ['Fedora Linux', '41', '', 'glibc', `6.12.${r.below(12)}-200.fc41.x86_64`],
  ]);
}
const containerMachine = (r: Random): [string, string, string, string, string] => [
  ...r.pick<[string, string, string, string]>([
    ['Debian GNU/Linux', '12', 'bookworm', 'glibc'],
    ['Debian GNU/Linux', '11', 'bullseye', 'glibc'],
    ['Alpine Linux', '3.21.2', '', 'musl'],
  ]),
  kernelOfContainerHost(r),
];
const kernelOf = (r: Random, machine: Machine): string =>
  machine.container ? `6.${r.below(12)}.${r.below(30)}-linuxkit` : plainMachine(r)[4];

const npmVendors = vendors
  .map(({ name }) => name.toLowerCase().replace(/ /g, '-'))
  .filter((name) => name !== 'earthly');
const npmCi = (r: Random, { ci, container }: Machine): string => {
  if (!ci) return '';
  if (container) return ' ci/earthly';
  const vendor = r.chance(0.5) ? 'github-actions' : r.pick(npmVendors);
  return ` ci/${vendor}${vendor === 'github-actions' && r.chance(0.5) ? `/${r.pick(['dotcom-hosted', 'dotcom-selfhosted', 'ghes'])}` : ''}`;
};
const node = (r: Random): string =>
  `node/v${r.pick([16, 18, 20, 22, 24])}.${r.below(20)}.${r.below(4)} ${r.pick(['linux', 'darwin', 'win32'])} ${r.pick(['x64', 'arm64'])}`;

function pythonJson(r: Random, installer: string, { ci, container }: Machine): string {
  const version = r.version(installer === 'uv' ? [0] : [20, 21, 22, 23, 24, 25]);
  const [name, distro, id, libc, release] = container ? containerMachine(r) : plainMachine(r);
  const python = `3.${8 + r.below(7)}.${r.below(20)}`;
  const details = {
    ci: ci ? true : null,
    cpu: r.pick(['x86_64', 'aarch64']),
    distro: {
      ...(id === '' ? {} : { id }),
      libc: { lib: libc, version: r.pick(['2.36', '2.31', '1.2']) },
      name,
      version: distro,
    },
    implementation: { name: r.pick(['CPython', 'PyPy']), version: python },
    installer: {
      name: installer,
      version,
      ...(installer === 'uv' ? { subcommand: [r.pick(['sync', 'pip', 'run'])] } : {}),
    },
    openssl_version: 'OpenSSL 3.0.15 3 Sep 2024',
    python,
    ...(r.chance(0.3) ? { rustc_version: '1.84.0' } : {}),
    ...(r.chance(0.1) ? { user_data: 'nightly build of ours' } : {}),
    system: { name: 'Linux', release },
  };
  return `${installer}/${version} ${JSON.stringify(details)}`;
}

function bundler(r: Random, { ci }: Machine): string {
  const host = r.pick(['x86_64-pc-linux-gnu', 'x86_64-pc-linux-musl', 'arm64-apple-darwin23', 'x64-mingw-ucrt']);
  const options = r.pick(['', 'jobs,no_prune', 'mirror.https://gems.internal.example/', 'path,without,build.nokogiri']);
  const engine = r.chance(0.05) ? ' jruby/9.4.9.0' : '';
  const vendors = ci
    ? ` ci/${r.pick(['ci', 'github,ci', 'circle,ci', 'gitlab,ci', 'travis,ci', 'jenkins', 'semaphore,ci'])}`
    : '';
  const extra = r.chance(0.1) ? ' our-build-farm' : '';
  return `bundler/${r.version([2])} rubygems/${r.version([3])} ruby/3.${r.below(5)}.${r.below(8)} (${host}) command/${r.pick(['install', 'exec', 'update', ''])}${engine} options/${options}${vendors} ${r.hex(16)}${extra}`;
}

function composer(r: Random, machine: Machine): string {
  const parts = [
    r.pick(['Linux', 'Darwin']),
    kernelOf(r, machine),
    `PHP 8.${r.below(5)}.${r.below(20)}`,
    r.pick(['cURL 8.5.0', 'cURL 7.88.1', 'streams']),
  ];
  if (r.chance(0.2)) parts.push('Platform-PHP 8.1.10');
  if (machine.ci) parts.push('CI');
  if (r.chance(0.3)) parts.push(`cmd:${r.pick(['install', 'update', 'create-project'])}`);
  return `Composer/${r.version([1, 2])} (${parts.join('; ')})`;
}

function nuget(r: Random, { ci }: Machine): string {
  const os = r.pick([
    'Microsoft Windows NT 10.0.20348.0',
    'Linux',
    'Unix 6.8.0.1021',
    'Linux 6.8.0-1021-azure #25-Ubuntu SMP',
  ]);
  const client = r.pick([
    'NuGet Command Line',
    'NuGet .NET Core MSBuild Task',
    'NuGet xplat',
    'NuGet MSBuild Task',
    'NuGet Client V3',
  ]);
  const provider = r.pick(['GitHub Actions', 'Azure DevOps', 'AppVeyor', 'TeamCity']);
  const head = `${client}/${r.version([5, 6])}`;
  if (!ci) return `${head} (${os}${r.chance(0.2) ? ', VS Enterprise/17.0' : ''})`;
  return r.chance(0.5) ? `${head} (${os}, CI: ${provider})` : `${head} (${os}) CI/${provider.replace(/ /g, '')}`;
}

const date = (r: Random): string => `202${r.below(7)}-${r.pick(['01', '06', '11'])}-${10 + r.below(18)}`;
const mute = (client: string, make: (r: Random) => string): Template => ({
  client,
  tellsCi: false,
  tellsContainer: false,
  make,
});
const kernelOnly = (client: string, make: (r: Random, kernel: string) => string): Template => ({
  client,
  tellsCi: false,
  tellsContainer: true,
  make: (r, machine) => make(r, kernelOf(r, machine)),
});

export const packageManagers: readonly Template[] = [
  { client: 'pip', tellsCi: true, tellsContainer: true, make: (r, machine) => pythonJson(r, 'pip', machine) },
  { client: 'uv', tellsCi: true, tellsContainer: true, make: (r, machine) => pythonJson(r, 'uv', machine) },
  kernelOnly('poetry', (r, kernel) => `poetry/${r.version([1, 2])} CPython/3.${9 + r.below(5)}.1 Linux/${kernel}`),
  kernelOnly('pdm', (r, kernel) => `pdm/${r.version([2])} CPython/3.12.${r.below(9)} Linux/${kernel}`),
  mute(
    'twine',
    (r) =>
      `twine/${r.version([4, 5, 6])} importlib-metadata/8.5.0 keyring/25.6.0 requests/2.32.3 urllib3/2.3.0 CPython/3.12.1`,
  ),
  {
    client: 'conda',
    tellsCi: false,
    tellsContainer: true,
    make(r, { container }) {
      const [name, version, , , kernel] = container ? containerMachine(r) : plainMachine(r);
      const solver = r.chance(0.5)
        ? ` solver/libmamba conda-libmamba-solver/${r.version([23, 24])} libmambapy/2.0.5`
        : '';
      const distro = name === 'Alpine Linux' ? '' : ' glibc/2.36';
      return `conda/${r.version([4, 23, 24, 25])} requests/2.32.3 CPython/3.12.${r.below(9)} Linux/${kernel} ${name.split(' ')[0].toLowerCase()}/${version}${distro}${solver}`;
    },
  },
  mute('mamba', (r) => `mamba/${r.version([1, 2])}`),
  {
    client: 'npm',
    tellsCi: true,
    tellsContainer: false,
    make: (r, machine) =>
      `npm/${r.version([6, 8, 9, 10, 11])} ${node(r)} workspaces/${r.chance(0.1)}${npmCi(r, machine)}`,
  },
  mute('npm-registry-fetch', (r) => `npm-registry-fetch@${r.version([14, 18])}/node@v20.${r.below(19)}.0+x64 (linux)`),
  mute('yarn', (r) => `yarn/1.22.${r.below(23)} npm/? ${node(r)}`),
  mute('pnpm', (r) => `pnpm/${r.version([8, 9, 10])} npm/? ${node(r)}`),
  mute('bun', (r) => `Bun/${r.version([1])}`),
  mute('deno', (r) => `Deno/${r.version([1, 2])}`),
  mute('cargo', (r) => `cargo/1.${60 + r.below(30)}.${r.below(2)} (${r.hex(9)} ${date(r)})`),
  mute('cargo', (r) => `cargo/1.${60 + r.below(30)}.0`),
  mute('rustup', (r) => `rustup/1.${25 + r.below(4)}.${r.below(3)}`),
  kernelOnly(
    'apache-maven',
    (r, kernel) =>
      `Apache-Maven/3.${r.below(10)}.${r.below(10)} (Java ${r.pick(['17.0.14', '21.0.6', '1.8.0_432'])}; ${r.pick(['Linux', 'Mac OS X'])} ${kernel})`,
  ),
  kernelOnly(
    'gradle',
    (r, kernel) =>
      `Gradle/8.${r.below(13)} (Linux;${kernel};amd64) (${r.pick(['Eclipse Adoptium', 'Amazon.com Inc.', 'Azul Systems, Inc.'])};17.0.14;17.0.14+7-LTS)`,
  ),
  mute('coursier', () => 'Coursier/2.0'),
  mute('ivy', (r) => `Apache Ivy/2.5.${r.below(4)}`),
  { client: 'composer', tellsCi: true, tellsContainer: true, make: composer },
  mute(
    'rubygems',
    (r) =>
      `Ruby, RubyGems/${r.version([3]).replace(/[-+].*/, '')} ${r.pick(['x86_64-linux', 'x86_64-linux-musl', 'arm64-darwin-23'])} Ruby/3.${r.below(5)}.${r.below(9)} (${date(r)} patchlevel ${r.below(300)})`,
  ),
  { client: 'bundler', tellsCi: true, tellsContainer: false, make: bundler },
  { client: 'nuget', tellsCi: true, tellsContainer: false, make: nuget },
  mute('node-gyp', (r) => `node-gyp v${r.version([9, 10, 11])} (node v20.${r.below(19)}.0)`),
  mute('julia', (r) => `curl/8.${r.below(12)}.0 julia/1.${8 + r.below(4)}.${r.below(9)}`),
  mute(
    'apt',
    (r) =>
      `Debian APT-HTTP/1.3 (${r.pick(['2.6.1', '2.9.8', '2.4.13', '1.8.2.3', '2.7.14build2'])})${r.chance(0.2) ? ' non-interactive' : ''}`,
  ),
  mute(
    'hex',
    (r) =>
      `Hex/2.${r.below(3)}.${r.below(9)} (Elixir/1.${14 + r.below(5)}.${r.below(5)}) (OTP/${24 + r.below(4)}.${r.below(4)})`,
  ),
  mute('rebar3', (r) => `Rebar/3.${r.below(25)}.0 (OTP/${24 + r.below(4)})`),
  mute('cpanm', () => 'cpanminus/1.7047 perl/5.036000'),
  mute('r', (r) => `R (4.${r.below(5)}.${r.below(4)} x86_64-pc-linux-gnu x86_64 linux-gnu)`),
  mute('pub', (r) => `Dart pub 3.${r.below(8)}.${r.below(5)}`),
  mute(
    'homebrew',
    (r) => `Homebrew/4.${r.below(5)}.${r.below(20)} (Macintosh; arm64 Mac OS X 15.${r.below(4)}) curl/8.7.1`,
  ),
];

export const editors: readonly Template[] = [
  mute(
    'vscode',
    (r) =>
      `VSCode 1.${80 + r.below(25)}.${r.below(4)} (${r.pick(['Code', 'Code - Insiders', 'Cursor', 'VSCodium', 'Windsurf', 'Kiro'])})`,
  ),
];

export const browsers: readonly Template[] = [
  mute(
    'chrome',
    (r) =>
      `Mozilla/5.0 (${r.pick(['Windows NT 10.0; Win64; x64', 'X11; Linux x86_64', 'Macintosh; Intel Mac OS X 10_15_7'])}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + r.below(40)}.0.0.0 Safari/537.36`,
  ),
  mute(
    'edge',
    (r) =>
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${100 + r.below(40)}.0.0.0 Safari/537.36 Edg/${100 + r.below(40)}.0.0.0`,
  ),
  mute(
    'firefox',
    (r) => `Mozilla/5.0 (X11; Linux x86_64; rv:${100 + r.below(40)}.0) Gecko/20100101 Firefox/${100 + r.below(40)}.0`,
  ),
  mute(
    'safari',
    (r) =>
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${15 + r.below(4)}.${r.below(6)} Safari/605.1.15`,
  ),
];

export const httpLibraries: readonly Template[] = [
  mute('curl', (r) => `curl/${r.version([7, 8])}`),
  mute('wget', (r) => `Wget/1.${20 + r.below(5)}.${r.below(4)}${r.chance(0.3) ? ' (linux-gnu)' : ''}`),
  mute('python-requests', (r) => `python-requests/2.${r.below(33)}.${r.below(4)}`),
  mute('httpx', (r) => `python-httpx/0.${r.below(29)}.0`),
  mute('aiohttp', (r) => `Python/3.${9 + r.below(5)} aiohttp/3.${r.below(12)}.${r.below(9)}`),
  mute('axios', (r) => `axios/${r.version([0, 1])}`),
  mute('node-fetch', () => 'node-fetch/1.0 (+https://github.com/bitinn/node-fetch)'),
  mute('undici', (r) => r.pick(['undici', 'node'])),
  mute('okhttp', (r) => `okhttp/4.${r.below(13)}.0`),
  mute('java', (r) => `Java/${r.pick(['17.0.14', '1.8.0_432', '21.0.6'])}`),
  mute('apache-httpclient', (r) => `Apache-HttpClient/4.5.${r.below(15)} (Java/17.0.${r.below(15)})`),
  mute('go-http-client', (r) => `Go-http-client/${r.pick(['1.1', '2.0'])}`),
  mute('got', () => 'got (https://github.com/sindresorhus/got)'),
  mute('reqwest', (r) => `reqwest/0.${r.below(13)}.${r.below(20)}`),
];

export const ciTools: readonly Template[] = [
  { client: 'actions/tool-cache', tellsCi: true, tellsContainer: false, make: () => 'actions/tool-cache' },
];

/** Builders always run as container builds. */
export const builders: readonly Template[] = [
  {
    client: 'buildkit',
    tellsCi: false,
    tellsContainer: true,
    make: (r) => `buildkit/v0.${10 + r.below(10)}${r.chance(0.2) ? '-dev' : `.${r.below(4)}`}`,
  },
  { client: 'kaniko', tellsCi: false, tellsContainer: true, make: (r) => `kaniko/v1.${9 + r.below(15)}.${r.below(3)}` },
];

export const runtimes: readonly Template[] = [
  mute(
    'docker',
    (r) =>
      String.raw`docker/2${3 + r.below(6)}.0.${r.below(9)} go/go1.22.${r.below(12)} git-commit/${r.hex(7)} kernel/${plainMachine(r)[4]} os/linux arch/amd64 UpstreamClient(Docker-Client/27.5.1 \(linux\))`,
  ),
  mute('containerd', (r) => `containerd/${r.pick(['v2', '1'])}.${r.below(8)}.${r.below(30)}`),
  mute('containers', (r) => `containers/5.${r.below(34)}.${r.below(3)} (github.com/containers/image)`),
];
