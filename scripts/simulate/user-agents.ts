// The user agents of the simulated clients: weighted, per segment, source and platform. Composed from the clients' templates;
// `{hex}` is replaced by sixteen new random hex digits for each request (Bundler's run id).

import type { SourceName } from './scenario.ts';

/** The platform of an address, as far as its user agent shows it. */
export const platforms = ['other', 'aws', 'gcp', 'azure', 'github'] as const;
export type Platform = (typeof platforms)[number];

export const RUN_ID_HOLE = '{hex}';

type Weighted = readonly (readonly [userAgent: string, weight: number])[];

const kernels: Record<Platform, string> = {
  other: '6.8.0-41-generic',
  aws: '6.1.102-111.182.amzn2023.x86_64-aws',
  gcp: '6.1.90-cos-gcp',
  azure: '6.8.0-1014-azure',
  github: '6.8.0-1017-azure',
};
const kernelOf = (platform: Platform): string =>
  platform === 'aws' ? '6.5.0-1024-aws' : platform === 'gcp' ? '6.5.0-1025-gcp' : kernels[platform];

/** CI vendors as npm writes them, by the platform of their runners. */
const vendors: Record<Platform, readonly string[]> = {
  other: ['gitlab-ci', 'jenkins', 'teamcity'],
  aws: ['circleci', 'aws-codebuild', 'gitlab-ci', 'buildkite'],
  gcp: ['google-cloud-build', 'gitlab-ci', 'circleci', 'drone'],
  azure: ['azure-pipelines', 'jenkins', 'gitlab-ci'],
  github: ['github-actions/dotcom-hosted'],
};

const npmVersions = ['10.9.2 node/v22.14.0', '10.8.2 node/v20.18.3', '9.9.4 node/v18.20.6', '11.3.0 node/v24.1.0'];
const npm = (os: string, suffix = ''): [string, number][] =>
  npmVersions.map((pair, i) => [`npm/${pair} ${os} workspaces/${i === 2}${suffix}`, 4 - i]);
const others = (os: string): [string, number][] => [
  [`pnpm/9.15.4 npm/? node/v20.18.3 ${os}`, 5],
  [`pnpm/10.11.0 npm/? node/v22.14.0 ${os}`, 4],
  [`yarn/1.22.22 npm/? node/v20.18.3 ${os}`, 6],
  ['got (https://github.com/sindresorhus/got)', 2],
  ['Bun/1.2.13', 2],
  ['Deno/2.3.1', 1],
];

interface PipHost {
  readonly system: 'Linux' | 'Darwin' | 'Windows';
  readonly release: string;
  readonly distro?: readonly [
    name: string,
    version: string,
    id: string | null,
    libc: readonly [lib: string, version: string],
  ];
  readonly ci: true | null;
}
function pythonFacts(
  installer: string,
  version: string,
  python: string,
  { system, release, distro, ci }: PipHost,
): string {
  return JSON.stringify({
    ci,
    cpu: system === 'Darwin' ? 'arm64' : 'x86_64',
    ...(distro && {
      distro: {
        ...(distro[2] !== null && { id: distro[2] }),
        libc: { lib: distro[3][0], version: distro[3][1] },
        name: distro[0],
        version: distro[1],
      },
    }),
    implementation: { name: 'CPython', version: python },
    installer: { name: installer, version, ...(installer === 'uv' && { subcommand: ['pip', 'install'] }) },
    openssl_version: 'OpenSSL 3.0.15 3 Sep 2024',
    python,
    system: { name: system, release },
  });
}
const python = (host: PipHost): [string, number][] =>
  (['3.12.8', '3.11.11', '3.10.16', '3.13.1'] as const).flatMap((version, i): [string, number][] => [
    [`pip/24.3.1 ${pythonFacts('pip', '24.3.1', version, host)}`, 4 - i],
    [`pip/25.0.1 ${pythonFacts('pip', '25.0.1', version, host)}`, 3],
    [`uv/0.5.2${i} ${pythonFacts('uv', `0.5.2${i}`, version, host)}`, 3],
  ]);

const ubuntu = ['Ubuntu', '22.04', 'jammy', ['glibc', '2.35']] as const;
const bookworm = ['Debian GNU/Linux', '12', 'bookworm', ['glibc', '2.36']] as const;
const alpine = ['Alpine Linux', '3.20.5', null, ['musl', '1.2.5']] as const;

const maven = (os: string): [string, number][] => [
  [`Apache-Maven/3.9.9 (Java 21.0.5; ${os})`, 6],
  [`Apache-Maven/3.8.8 (Java 17.0.13; ${os})`, 4],
  [`Apache-Maven/3.6.3 (Java 11.0.25; ${os})`, 2],
];
const jvm = (platform: Platform): [string, number][] => {
  const kernel = kernelOf(platform);
  return [
    ...maven(`Linux ${kernel}`),
    [`Gradle/8.12 (Linux;${kernel};amd64) (Eclipse Adoptium;21.0.5;21.0.5+11-LTS)`, 6],
    [`Gradle/7.6.4 (Linux;${kernel};amd64) (Amazon.com Inc.;17.0.13;17.0.13+11-LTS)`, 3],
    ['Coursier/2.0', 2],
    ['Apache Ivy/2.5.3', 1],
  ];
};

const cargo: [string, number][] = [
  ['cargo/1.84.0 (66221abde 2024-11-19)', 5],
  ['cargo/1.83.0 (5ffbef321 2024-10-29)', 3],
  ['cargo/1.79.0 (ffa9cf99a 2024-06-03)', 2],
  ['cargo/1.86.0-nightly (088d49608 2025-01-10)', 1],
];

const bundler = (options: string): [string, number][] => [
  [`bundler/2.5.23 rubygems/3.5.23 ruby/3.3.6 (x86_64-pc-linux-gnu) command/install${options} ${RUN_ID_HOLE}`, 6],
  [`bundler/2.4.22 rubygems/3.4.19 ruby/3.2.6 (x86_64-pc-linux-gnu) command/install${options} ${RUN_ID_HOLE}`, 3],
];
const gem: [string, number][] = [
  ['Ruby, RubyGems/3.5.23 x86_64-linux Ruby/3.3.6 (2024-11-05 patchlevel 108)', 2],
  ['Ruby, RubyGems/3.5.23 x86_64-linux-musl Ruby/3.3.6 (2024-11-05 patchlevel 108)', 1],
];

const apt: [string, number][] = [
  ['Debian APT-HTTP/1.3 (2.6.1)', 6],
  ['Debian APT-HTTP/1.3 (2.4.13)', 3],
  ['Debian APT-HTTP/1.3 (2.9.8)', 1],
];

const editors = (): [string, number][] => [
  ['VSCode 1.97.2 (VSCodium)', 5],
  ['VSCode 1.96.4 (Cursor)', 5],
  ['VSCode 1.94.0 (Windsurf)', 2],
  ['VSCode 1.95.3 (code-oss)', 2],
];

const browsers: [string, number][] = [
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36',
    5,
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Safari/605.1.15',
    2,
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0', 2],
];

const libraries: [string, number][] = [
  ['curl/8.5.0', 4],
  ['python-requests/2.32.3', 5],
  ['Go-http-client/2.0', 3],
  ['Go-http-client/1.1', 2],
  ['Wget/1.21.4', 1],
  ['', 2],
];

function ci(source: SourceName, platform: Platform): Weighted {
  const kernel = kernelOf(platform);
  switch (source) {
    case 'npm': {
      const flagged = vendors[platform].flatMap((vendor) => npm('linux x64', ` ci/${vendor}`));
      const flaggedWeight = flagged.reduce((sum, [, weight]) => sum + weight, 0);
      return [
        ...flagged.map(([ua, weight]): [string, number] => [ua, (weight * 22) / flaggedWeight]),
        ...npm('linux x64'),
        ...others('linux x64'),
      ];
    }
    case 'pypi': // half of the runners name their vendor
      return [
        ...python({ system: 'Linux', release: kernel, distro: ubuntu, ci: true }),
        ...python({ system: 'Linux', release: kernel, distro: ubuntu, ci: null }),
      ];
    case 'maven':
      return jvm(platform);
    case 'crates':
      return cargo;
    case 'rubygems':
      return [...bundler(platform === 'github' ? ' ci/ci,github' : ' ci/ci'), ...bundler(' options/jobs,path'), ...gem];
    case 'debian':
      return apt;
    case 'openvsx':
      return [['Go-http-client/2.0', 2], ['curl/8.5.0', 1], ['VSCode 1.96.4 (code-oss)', 1]]; // prettier-ignore
  }
}

function containerBuild(source: SourceName, platform: Platform): Weighted {
  switch (source) {
    case 'npm':
      return [...npm('linux x64'), ...npm('linux arm64'), ...npm('linux x64', ' ci/earthly'), ...others('linux x64')];
    case 'pypi':
      return [
        ...python({ system: 'Linux', release: kernelOf(platform), distro: bookworm, ci: null }),
        ...python({ system: 'Linux', release: kernelOf(platform), distro: alpine, ci: null }),
        ...python({ system: 'Linux', release: '6.10.14-linuxkit', distro: bookworm, ci: null }),
      ];
    case 'rubygems':
      return [...bundler(' options/without,deployment'), ...gem];
    default:
      return ci(source, platform);
  }
}

function developer(source: SourceName): Weighted {
  const mac: PipHost = { system: 'Darwin', release: '24.3.0', ci: null };
  switch (source) {
    case 'npm':
      return [...npm('darwin arm64'), ...npm('win32 x64'), ...npm('linux x64'), ...others('darwin arm64'), ...browsers];
    case 'pypi':
      return [
        ...python(mac),
        ...python({ system: 'Windows', release: '10', ci: null }),
        ...python({ system: 'Linux', release: kernels.other, distro: ubuntu, ci: null }),
        ...browsers,
      ];
    case 'maven':
      return [...maven('Mac OS X 15.3'), ...maven('Windows 11 10.0'), ...browsers];
    case 'crates':
      return [...cargo, ...browsers];
    case 'rubygems':
      return [['Ruby, RubyGems/3.5.23 arm64-darwin-24 Ruby/3.3.6 (2024-11-05 patchlevel 108)', 6], ...browsers];
    case 'debian':
      return [...apt, ...browsers];
    case 'openvsx':
      return [...editors(), ...browsers];
  }
}

function mirror(source: SourceName): Weighted {
  const both: [string, number][] = [
    ['Nexus/3.76.0-03 (PRO; Linux; 5.15.0-130-generic; amd64; 17.0.13)', 3],
    ['Artifactory/7.98.14 79814900', 4],
  ];
  if (source === 'npm') return [...both, ['npm (verdaccio/6.0.5)', 1]];
  if (source === 'pypi') return [...both, ['bandersnatch/6.6.0 (CPython 3.12.8-final0, Linux 6.1.0 x86_64)', 3], ['devpi-server/6.14.0 (py3.12.8; linux)', 1], ['pulpcore/3.69.0 (CPython 3.11.11, Linux x86_64)', 1]]; // prettier-ignore
  if (source === 'debian') return [['Artifactory/7.98.14 79814900', 2], ['pulpcore/3.69.0 (CPython 3.11.11, Linux x86_64)', 2]]; // prettier-ignore
  return both;
}

const named: Record<string, Weighted> = {
  dependabot: [
    [
      'dependabot-core/0.295.0 excon/1.2.2 ruby/3.3.6 (x86_64-linux) (+https://github.com/dependabot/dependabot-core)',
      1,
    ],
  ],
  renovate: [['RenovateBot/39.124.0 (https://github.com/renovatebot/renovate)', 1]],
  security_scanner: [['trivy/0.58.2', 4], ['osv-scanner/1.9.2', 2], ['grype/0.86.1', 2], ['syft/1.18.1', 1]], // prettier-ignore
  coding_agent: [['npm/10.9.2 node/v22.14.0 linux x64 workspaces/false agent/claude-code', 2], ['npm/10.9.2 node/v22.14.0 darwin arm64 workspaces/false agent/cursor', 1]], // prettier-ignore
  research_spoof: [['cargo/1.75.0 (research)', 1]],
  automation: libraries,
  gptbot: [
    ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)', 1],
  ],
  'oai-searchbot': [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; OAI-SearchBot/1.0; +https://openai.com/searchbot)',
      1,
    ],
  ],
  'chatgpt-user': [
    ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)', 1],
  ],
  claudebot: [
    ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)', 1],
  ],
  'claude-user': [
    ['Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)', 1],
  ],
  'claude-searchbot': [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-SearchBot/1.0; +claude-searchbot@anthropic.com)',
      1,
    ],
  ],
  perplexitybot: [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)',
      1,
    ],
  ],
  'perplexity-user': [
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)',
      1,
    ],
  ],
  ccbot: [['CCBot/2.0 (https://commoncrawl.org/faq/)', 1]],
  googlebot: [['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 1]],
  bingbot: [['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 1]],
  bytespider: [['Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)', 1]],
  amazonbot: [['Mozilla/5.0 (compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)', 1]],
  'meta-externalagent': [
    ['meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)', 1],
  ],
};

/** The user agents of a segment at a source, on a platform. Never empty. */
export function userAgentsOf(segment: string, source: SourceName, platform: Platform): Weighted {
  if (segment === 'ci') return ci(source, platform);
  if (segment === 'container_build') return containerBuild(source, platform);
  if (segment === 'developer') return developer(source);
  if (segment === 'mirror_proxy') return mirror(source);
  const weighted = named[segment];
  if (weighted === undefined) throw new Error(`no user agents for the segment ${segment}`);
  return weighted;
}
