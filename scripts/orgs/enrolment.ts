// How clients send an organisation's token: what to set, and what the edge then logs. `orgs enrol` prints these settings, and
// `make test-enrolment` runs the same ones with the real clients. Every setting reads the token from the variable FAIRSHARE_TOKEN, so
// that no file holds it but .netrc, which knows no variables.

/** Where in the request the token is. */
export type Way = 'user agent' | 'header' | 'bearer' | 'password' | 'query';

export interface Setting {
  /** The file, as a shell writes its path; none: lines for the shell. */
  readonly file?: string;
  readonly text: string;
}

export interface Registry {
  /** Without a slash at its end. */
  readonly url: string;
  /** `url` without its scheme. */
  readonly place: string;
  /** `url` with the user name fairshare and the token as its password. */
  readonly withPassword: string;
}

export interface Enrolment {
  readonly client: string;
  /** The client's name in fairshare's figures, if it is another one. */
  readonly named?: string;
  /** Package URL types that the client fetches. */
  readonly ecosystem: string;
  readonly way: Way;
  /** False where no recorded run of the client has shown it (docs/ENROLMENT.md). */
  readonly proven: boolean;
  readonly settings: (registry: Registry) => readonly Setting[];
  readonly note?: string;
}

const COMMENT = '(fairshare-token: $FAIRSHARE_TOKEN)';
/** In files of npm and its relatives. */
const BRACED = '${FAIRSHARE_TOKEN}';

const shell = (text: string) => (): Setting[] => [{ text }];

/** The order of the help, and of what is printed: of several ways of a client the one with the fewest conditions comes first. */
export const enrolments: readonly Enrolment[] = [
  {
    client: 'pip',
    ecosystem: 'pypi',
    way: 'user agent',
    proven: true,
    settings: shell(`export PIP_USER_AGENT_USER_DATA="${COMMENT}"`),
  },
  {
    client: 'pip',
    ecosystem: 'pypi',
    way: 'password',
    proven: true,
    settings: ({ withPassword }) => [{ text: `export PIP_INDEX_URL="${withPassword}"` }],
  },
  {
    client: 'uv',
    ecosystem: 'pypi',
    way: 'password',
    proven: true,
    settings: ({ withPassword }) => [{ text: `export UV_DEFAULT_INDEX="${withPassword}"` }],
  },
  {
    client: 'poetry',
    ecosystem: 'pypi',
    way: 'password',
    proven: true,
    settings: ({ url }) => [
      {
        file: 'pyproject.toml',
        text: `[[tool.poetry.source]]\nname = "registry"\nurl = "${url}"\npriority = "primary"`,
      },
      {
        text: 'export POETRY_HTTP_BASIC_REGISTRY_USERNAME=fairshare\nexport POETRY_HTTP_BASIC_REGISTRY_PASSWORD="$FAIRSHARE_TOKEN"',
      },
    ],
  },
  {
    client: 'python-requests',
    ecosystem: 'pypi',
    way: 'password',
    proven: true,
    settings: ({ place }) => [
      {
        text: `printf 'machine ${place.split(/[:/]/)[0]} login fairshare password %s\\n' "$FAIRSHARE_TOKEN" >> ~/.netrc\nchmod 600 ~/.netrc`,
      },
    ],
    note: 'All programs that use the library requests read it. The file holds the token.',
  },
  {
    client: 'npm',
    ecosystem: 'npm',
    way: 'user agent',
    proven: true,
    settings: () => [
      {
        file: '~/.npmrc',
        text: `user-agent=npm/{npm-version} node/{node-version} {platform} {arch} workspaces/{workspaces} {ci} (fairshare-token: ${BRACED})`,
      },
    ],
  },
  {
    client: 'npm',
    ecosystem: 'npm',
    way: 'bearer',
    proven: true,
    settings: ({ place }) => [{ file: '~/.npmrc', text: `//${place}/:_authToken=${BRACED}` }],
  },
  {
    client: 'pnpm',
    ecosystem: 'npm',
    way: 'user agent',
    proven: true,
    settings: () => [{ file: '.npmrc', text: `user-agent=pnpm/10 (fairshare-token: ${BRACED})` }],
    note: 'In the project: pnpm does not read it in the home directory. Write the version of your pnpm.',
  },
  {
    client: 'pnpm',
    ecosystem: 'npm',
    way: 'bearer',
    proven: true,
    settings: ({ place }) => [{ file: '~/.npmrc', text: `//${place}/:_authToken=${BRACED}` }],
  },
  {
    client: 'yarn',
    ecosystem: 'npm',
    way: 'user agent',
    proven: true,
    settings: shell(`export yarn_user_agent="yarn/$(yarn --version) npm/? node/$(node --version) ${COMMENT}"`),
    note: 'Yarn 1.',
  },
  {
    client: 'yarn-berry',
    named: 'got',
    ecosystem: 'npm',
    way: 'bearer',
    proven: true,
    settings: shell('export YARN_NPM_ALWAYS_AUTH=true\nexport YARN_NPM_AUTH_TOKEN="$FAIRSHARE_TOKEN"'),
    note: 'Yarn 2 and later.',
  },
  {
    client: 'bun',
    ecosystem: 'npm',
    way: 'bearer',
    proven: true,
    settings: ({ url }) => [
      { file: 'bunfig.toml', text: `[install]\nregistry = { url = "${url}/", token = "$FAIRSHARE_TOKEN" }` },
    ],
  },
  {
    client: 'deno',
    ecosystem: 'npm',
    way: 'bearer',
    proven: true,
    settings: ({ url, place }) => [{ file: '.npmrc', text: `registry=${url}/\n//${place}/:_authToken=${BRACED}` }],
  },
  {
    client: 'cargo',
    ecosystem: 'cargo',
    way: 'user agent',
    proven: true,
    settings: shell(`export CARGO_HTTP_USER_AGENT="cargo/$(cargo --version | cut -d ' ' -f 2) ${COMMENT}"`),
  },
  {
    client: 'maven',
    named: 'apache-maven',
    ecosystem: 'maven',
    way: 'header',
    proven: true,
    settings: ({ url }) => [
      {
        file: '~/.m2/settings.xml',
        text: `<settings>
  <mirrors><mirror><id>registry</id><mirrorOf>*</mirrorOf><url>${url}</url></mirror></mirrors>
  <servers><server><id>registry</id><configuration><httpHeaders>
    <property><name>X-Fairshare-Token</name><value>\${env.FAIRSHARE_TOKEN}</value></property>
    <property><name>User-Agent</name><value>Apache-Maven/\${maven.version} (Java \${java.version}; \${os.name} \${os.version})</value></property>
  </httpHeaders></configuration></server></servers>
</settings>`,
      },
    ],
    note: 'Keep the User-Agent: with any header of its own, Maven would send the name of its HTTP library instead.',
  },
  {
    client: 'gradle',
    ecosystem: 'maven',
    way: 'header',
    proven: false,
    settings: ({ url }) => [
      {
        file: '~/.gradle/init.d/fairshare.gradle',
        text: `allprojects {
  repositories {
    maven {
      url = '${url}'
      credentials(HttpHeaderCredentials) { name = 'X-Fairshare-Token'; value = System.getenv('FAIRSHARE_TOKEN') }
      authentication { header(HttpHeaderAuthentication) }
    }
  }
}`,
      },
    ],
  },
  {
    client: 'go',
    ecosystem: 'golang',
    way: 'query',
    proven: true,
    settings: ({ url }) => [{ text: `export GOPROXY="${url}?fairshare_token=$FAIRSHARE_TOKEN"` }],
    note: 'The go command prints this address if a download fails, so hide the token in the logs of CI.',
  },
  {
    client: 'apt',
    ecosystem: 'deb',
    way: 'user agent',
    proven: true,
    settings: shell(
      `printf 'Acquire::http::User-Agent "Debian APT-HTTP/1.3 (%s) (fairshare-token: %s)";\\n' "$(dpkg-query -W -f '\${Version}' apt)" "$FAIRSHARE_TOKEN" > /etc/apt/apt.conf.d/50fairshare`,
    ),
    note: 'This file holds the token: apt reads no variable.',
  },
  {
    client: 'docker',
    ecosystem: 'oci',
    way: 'password',
    proven: false,
    settings: ({ place }) => [
      { text: `printf %s "$FAIRSHARE_TOKEN" | docker login --username fairshare --password-stdin ${place}` },
    ],
    note: 'Only where the registry asks for Basic. A registry that asks for tokens of its own sees none of these credentials with the layers.',
  },
  {
    client: 'curl',
    ecosystem: 'generic',
    way: 'header',
    proven: true,
    settings: shell('printf \'header = "X-Fairshare-Token: %s"\\n\' "$FAIRSHARE_TOKEN" >> ~/.curlrc'),
    note: 'This file holds the token, and curl sends it to every host.',
  },
];

export const clientNames: readonly string[] = [...new Set(enrolments.map(({ client }) => client))];

/** Lines of the edge's log that carry the token, by way. */
export const loggedAs: Readonly<Record<Way, string>> = {
  'user agent': '"user_agent":"… (fairshare-token: fst_…)"',
  header: '"request_token":"fst_…"',
  bearer: '"request_token":"fst_…"',
  password: '"request_token":"Basic ZmFpcnNoYXJlOmZzd…"',
  query: '"request_uri":"/…?fairshare_token=fst_…"',
};

/** @param url of the registry as clients use it */
export function registryAt(url: string): Registry {
  const plain = url.replace(/\/+$/, '');
  return {
    url: plain,
    place: plain.replace(/^https?:\/\//, ''),
    withPassword: plain.replace('://', '://fairshare:$FAIRSHARE_TOKEN@'),
  };
}

export interface Place {
  readonly name: string;
  /** '' for every ecosystem. */
  readonly ecosystem: string;
  readonly proven: boolean;
  /** How a proxy sends the token; CI lets its clients send it. */
  readonly way?: Way;
  readonly settings: readonly Setting[];
  readonly note?: string;
}

const exportsOf = (settings: readonly Setting[]): string[] =>
  settings.filter(({ file }) => file === undefined).flatMap(({ text }) => text.split('\n'));

/** What to set in CI so that each job has the variable and runs the lines for its clients. */
export function ciPlaces(chosen: readonly Enrolment[], registry: Registry): Place[] {
  const lines = chosen.flatMap(({ settings }) => exportsOf(settings(registry)));
  const list = (indent: string, before = ''): string => lines.map((line) => `\n${indent}${before}${line}`).join('');
  const place = (name: string, file: string, text: string, note: string): Place => ({
    name,
    ecosystem: '',
    proven: false,
    settings: [{ file, text }],
    note,
  });
  return [
    place(
      'GitHub Actions',
      '.github/workflows/*.yml',
      `env:\n  FAIRSHARE_TOKEN: \${{ secrets.FAIRSHARE_TOKEN }}` +
        (lines.length === 0 ? '' : `\n# first in the \`run:\` of each step that installs:${list('#   ')}`),
      'Store the token as an organisation secret FAIRSHARE_TOKEN.',
    ),
    place(
      'GitLab CI',
      '.gitlab-ci.yml',
      lines.length === 0 ? '# nothing: jobs have the variable' : `default:\n  before_script:${list('    ', '- ')}`,
      "Store the token as a masked variable FAIRSHARE_TOKEN of the group; do not protect it, or only protected branches' jobs have it.",
    ),
    place(
      'Jenkins',
      'Jenkinsfile',
      `environment { FAIRSHARE_TOKEN = credentials('fairshare-token') }` +
        (lines.length === 0 ? '' : `\n// first in each sh step that installs:${list('//   ')}`),
      'Store the token as a secret text with the id fairshare-token.',
    ),
  ];
}

/** What to set in a proxy of the organisation, which then sends the token for all its clients. */
export const proxyPlaces = (registry: Registry): Place[] => [
  {
    name: 'Sonatype Nexus',
    ecosystem: '',
    proven: false,
    way: 'password',
    settings: [{ text: 'proxy repository → HTTP → Authentication: Username, fairshare, the token as the password' }],
  },
  {
    name: 'JFrog Artifactory',
    ecosystem: '',
    proven: false,
    way: 'password',
    settings: [{ text: 'remote repository → Advanced: user name fairshare, the token as the password' }],
  },
  {
    name: 'devpi',
    ecosystem: 'pypi',
    proven: true,
    way: 'password',
    settings: [{ text: `devpi index -c root/registry type=mirror mirror_url="${registry.withPassword}/"` }],
  },
  {
    name: 'verdaccio',
    ecosystem: 'npm',
    proven: true,
    way: 'bearer',
    settings: [
      {
        file: 'config.yaml',
        text: `uplinks:\n  registry:\n    url: ${registry.url}/\n    auth: { type: bearer, token_env: FAIRSHARE_TOKEN }`,
      },
    ],
  },
];
