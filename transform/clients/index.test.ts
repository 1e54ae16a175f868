// The dispatch and every grammar's own examples.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientKinds, type ClientFacets } from './client.ts';
import { unlisted } from '../../test/support/listed.ts';
import { clientGrammars, clientNames, MAX_USER_AGENT_LENGTH, parseUserAgent } from './index.ts';

const agentsOf = (capture: string): string[] =>
  readFileSync(new URL(`../../test/fixtures/captures/${capture}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { user_agent: string }).user_agent);

const count = <T>(values: readonly T[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
};

const last = new Set(['crawlers', 'detected', 'ai-houses', 'ai-signs']);

describe.each(clientGrammars.map((grammar) => [grammar.family, grammar] as const))('grammar %s', (_family, grammar) => {
  it.each(grammar.examples.map((example) => [example.userAgent, example] as const))(
    '%s',
    (userAgent, { expect: want }) => {
      expect(grammar.parse(userAgent)).toMatchObject(want);
      expect(parseUserAgent(userAgent)).toMatchObject(want);
      for (const other of clientGrammars) {
        // These know the named crawlers too; they are asked last.
        if (other !== grammar && !last.has(other.family))
          expect([other.family, other.parse(userAgent)]).toEqual([other.family, null]);
      }
    },
  );

  it('gives an example of every client, and no client outside its list', () => {
    const shown = new Set(grammar.examples.map(({ userAgent }) => grammar.parse(userAgent)!.client));
    if (grammar.family !== 'http-libraries') expect([...shown].sort()).toEqual([...grammar.clients].sort());
    for (const client of shown) expect(grammar.clients).toContain(client);
    for (const client of grammar.clients) expect(client).toMatch(/^[a-z0-9][a-z0-9./+-]*$/);
  });
});

describe('families', () => {
  it('have one name each', () => {
    const names = clientGrammars.map(({ family }) => family);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are all in the list', async () => {
    const isGrammar = (value: object): boolean => 'family' in value && 'firstTokens' in value;
    expect(await unlisted('transform/clients', isGrammar, clientGrammars)).toEqual([]);
  });
});

describe('the residue', () => {
  it('takes no package manager, library, browser, editor, mirror or runtime, even where it would be asked', () => {
    const crawlers = clientGrammars.find(({ family }) => family === 'crawlers')!;
    const bots = new Set(['update_bot', 'security_scanner', 'search_bot', 'other_crawler']);
    for (const { examples } of clientGrammars)
      for (const { userAgent } of examples) {
        const { kind } = parseUserAgent(userAgent);
        if (bots.has(kind) || kind.startsWith('ai_')) continue;
        expect([userAgent, crawlers.parse(userAgent)]).toEqual([userAgent, null]);
      }
  });
});

describe('captures of real clients', () => {
  it('npm: every request by its client and CI', () => {
    const facets = agentsOf('npm-edge.jsonl').map((userAgent) => parseUserAgent(userAgent));
    expect(count(facets.map((f) => `${f.client} ${f.ci === 1 ? f.ciProvider : '-'}`))).toEqual({
      'npm -': 273,
      'npm github-actions': 480,
      'npm gitlab-ci': 160,
      'pnpm -': 79,
      'yarn -': 79,
      'bun -': 3,
      'deno -': 6,
      'got -': 3,
    });
    expect(facets.length).toBe(1083);
  });

  it('Debian: apt', () => {
    expect(count(agentsOf('debian-edge.jsonl').map((userAgent) => parseUserAgent(userAgent).client))).toEqual({
      apt: 6,
    });
  });
});

describe('what is no client', () => {
  it.each(['', '-', '   ', '(fairshare-token: abcdefgh)'])('%j is none', (userAgent) => {
    expect(parseUserAgent(userAgent)).toMatchObject({ client: 'none', kind: 'unknown', grammar: 'none' });
  });

  it.each(['foo', 'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)', '🦀', '\u0000', '/', '(', 'R'])(
    '%j is unknown',
    (userAgent) => {
      expect(parseUserAgent(userAgent)).toMatchObject({ client: 'unknown', kind: 'unknown', grammar: 'unknown' });
    },
  );
});

describe('a name in a shape that its client never writes', () => {
  it.each([
    ['cargo/1.75.0 (research)', 'cargo', '1.75.0'],
    ['cargo/1.75.0 (1d8b05cdd 2023-11-20) my-crawler', 'cargo', '1.75.0'],
    ['pip/24.0', 'pip', '24.0'],
    ['pip/24.0 {}', 'pip', '24.0'],
    ['pip/24.0 {"ci":null', 'pip', '24.0'],
    ['pip/main ["ci"]', 'pip', 'main'],
    ['npm/10.2.4', 'npm', '10.2.4'],
    ['npm/10.2.4 node/v20.11.0 linux x64 workspaces/false bot/1.0', 'npm', '10.2.4'],
    ['npm/10.2.4 (compatible; research-bot; crawler)', 'npm', '10.2.4'],
    ['Composer/2.7.1 (my scraper)', 'composer', '2.7.1'],
    ['bundler/2.5.4', 'bundler', '2.5.4'],
    ['bundler/2.5.4 rubygems/3.5.4 ruby/3.3.0 (x86_64-linux) command/install options/jobs', 'bundler', '2.5.4'],
    ['Apache-Maven/3.9.6', 'apache-maven', '3.9.6'],
    ['Gradle/8.5 Safari/1.0', 'gradle', '8.5'],
    ['Hex/2.0.6', 'hex', '2.0.6'],
    ['uv/0.5.0 (crawler)', 'uv', '0.5.0'],
    ['docker/24.0.7', 'docker', '24.0.7'],
  ])('%s is that client, with less trust', (userAgent, client, version) => {
    expect(parseUserAgent(userAgent)).toMatchObject({ client, version, ci: -1, container: -1 });
    expect(parseUserAgent(userAgent).grammar).toMatch(/-claimed$/);
  });

  it('is no bot', () => {
    expect(parseUserAgent('npm/10.2.4 (compatible; research-bot; crawler)').kind).toBe('package_manager');
    expect(parseUserAgent('Nexus/3.1 bot crawler')).toMatchObject({ client: 'nexus', kind: 'mirror_proxy' });
  });

  it('is a named crawler where it names one', () => {
    expect(parseUserAgent('cargo/1.75.0 (compatible; GPTBot/1.0)')).toMatchObject({
      client: 'gptbot',
      kind: 'ai_training',
    });
  });
});

describe('people', () => {
  const phone = '(Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv)';
  const blink = (extra: string) =>
    `Mozilla/5.0 ${phone} AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.6778.200 Mobile Safari/537.36 ${extra}`;
  const iphone = (extra: string) =>
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 ${extra}`;
  it.each([
    ...[
      '[FB_IAB/FB4A;FBAV/490.0.0.46.82;]',
      'Instagram 360.0.0.30.109 Android',
      'Line/14.19.1/IAB',
      'trill_370103 BytedanceWebview/d8a21c6',
      'Pinterest for Android/12.43.0',
      'MicroMessenger/8.0.54 WeChat/arm64',
      'Snapchat/13.20.0.41',
      'GSA/15.50.34',
      'KAKAOTALK 11.1.0',
      'NAVER(inapp; search; 2000; 12.11.0)',
      'WhatsApp/2.24.25.78',
      'LinkedInApp/9.30',
    ].map(blink),
    ...[
      '[FBAN/FBIOS;FBAV/490.0.0.46.82]',
      'Instagram 360.0.0.30.109 (iPhone14,5)',
      'musical_ly_37.1.0 BytedanceWebview/d8a21c6',
      'Twitter for iPhone/10.70',
      'Safari/604.1 DuckDuckGo/7',
      'GSA/350.0.701 Safari/604.1',
      'SearchCraft/3.11 (iPhone)',
    ].map(iphone),
    'Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/106.0.0.0 Mobile Safari/537.36',
    'Mozilla/5.0 (Linux; U; Android 12; en-us; Redmi Note 9 Pro) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.25.0',
    'Mozilla/5.0 (Linux; Android 11; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.4.1 like Chrome/120.0.6099.301 Safari/537.36',
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36',
    'Mozilla/5.0 (PlayStation; PlayStation 5/9.60) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15',
    'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
    'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727)',
    'Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18',
    'Opera/9.80 (Android; Opera Mini/36.2.2254/191.303; U; en) Presto/2.12.423 Version/12.16',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15 Epiphany/605.1.15',
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 SeaMonkey/2.53.19',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:6.9) Goanna/20250115 PaleMoon/33.5.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Ecosia desktop@131.0.6778.85',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Whale/4.29.282.14 Safari/537.36',
    'Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.8.3',
    'w3m/0.5.3+git20230121',
    'Links (2.29; Linux x86_64; GNU C 13.2; text)',
  ])('%s is no bot', (userAgent) => {
    const { kind } = parseUserAgent(userAgent);
    expect(['unknown', 'browser']).toContain(kind);
  });
});

describe('a proxy', () => {
  it.each([
    [
      'bundler/2.6.3 rubygems/3.6.3 ruby/3.4.1 (x86_64-linux) command/install options/ ci/gitlab,ci 0f1e2d3c4b5a6978 Gemstash/2.8.0',
      'bundler',
    ],
    ['Ruby, RubyGems/3.6.3 x86_64-linux Ruby/3.4.1 (2024-12-25 patchlevel 0) Gemstash/2.8.0', 'rubygems'],
    ['npm/11.4.0 node/v22.14.0 linux x64 workspaces/false verdaccio/6.0.5', 'npm'],
    ['Apache-Maven/3.9.9 (Java 21.0.6; Linux 6.8.0) Nexus/3.77.0-08', 'apache-maven'],
  ])("that adds its name to a client's stands for many: %s", (userAgent, client) => {
    expect(parseUserAgent(userAgent)).toMatchObject({ client, kind: 'mirror_proxy' });
  });
});

describe('AI', () => {
  it("a coding agent on a person's machine is no fetch of the operator's servers", () => {
    expect(parseUserAgent('Claude-User (claude-code/2.1.283; +https://support.example/)')).toMatchObject({
      client: 'claude-code',
      version: '2.1.283',
      kind: 'ai_coding_agent',
      crawlerList: '',
    });
    expect(parseUserAgent('Mozilla/5.0 (compatible; Claude-User/1.0; +Claude-User@anthropic.com)')).toMatchObject({
      client: 'claude-user',
      kind: 'ai_user_fetch',
      crawlerList: 'anthropic-bots',
    });
  });
  it('a program that compares itself with another is not the other', () => {
    for (const userAgent of [
      'SomeFetcher/2.0 (compatible with Googlebot)',
      'Mozilla/5.0 (compatible; Acmebot/1.0; not GPTBot)',
      'acme-reader/1.0 (like ClaudeBot)',
    ])
      expect([userAgent, parseUserAgent(userAgent).crawlerList]).toEqual([userAgent, '']);
  });
});

describe('whatever surrounds it', () => {
  const managers = clientGrammars
    .flatMap(({ examples }) => examples)
    .filter(
      ({ expect: want }) =>
        want.kind === 'package_manager' && !['julia', 'r', 'pak', 'setuptools', 'rebar3'].includes(want.client!),
    );
  const withCi = managers.filter(({ expect: want }) => want.ci === 1 && !/json|Actions$/.test(want.grammar ?? ''));
  const word = fc
    .stringMatching(/^[a-zé?{}()\d._+-]{1,12}(?:\/[\w?.-]{1,12})?$/)
    .filter((text) => !/^agent\//.test(text));

  it('a package manager keeps its name when words are added after the first product', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...managers),
        fc.array(word, { maxLength: 4 }),
        fc.nat(10),
        ({ userAgent }, words, at) => {
          const [first, ...rest] = userAgent.split(' ');
          // The name itself has blanks (`Ruby, RubyGems/3`): they stay.
          if (!/[/@]/.test(first)) return;
          rest.splice(at % (rest.length + 1), 0, ...words);
          const changed = [first, ...rest].join(' ');
          const { client, kind } = parseUserAgent(userAgent);
          if (!words.some((text) => /bot|crawl|agent/i.test(text)))
            expect([changed, parseUserAgent(changed)]).toMatchObject([changed, { client, kind }]);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('a CI flag stays when words are added, taken away or reordered around it', () => {
    expect(withCi.length).toBeGreaterThan(5);
    fc.assert(
      fc.property(
        fc.constantFrom(...withCi),
        fc.array(word, { maxLength: 4 }),
        fc.nat(10),
        ({ userAgent, expect: want }, words, at) => {
          const flag = / ci\/\S+| CI\/\S+|[,;] ?CI(?:: ?[\w ]+)?(?=[,;)])| \(CI\)/.exec(userAgent)?.[0];
          if (flag === undefined) return;
          const [first, ...rest] = userAgent.replace(flag, '').split(' ');
          rest.splice(at % (rest.length + 1), 0, ...words.map((text) => text.replaceAll(/[(),;]/g, '')));
          const comment = /^[,;]/.test(flag) ? ` (x${flag}; y)` : flag;
          const changed = `${first} ${rest.join(' ')}${comment}`;
          expect([changed, parseUserAgent(changed).ci]).toEqual([changed, 1]);
          if (want.ciProvider !== undefined)
            expect([changed, parseUserAgent(changed).ciProvider]).toEqual([changed, want.ciProvider]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("a version of any shape stays the client's", () => {
    for (const name of [
      'pip',
      'npm',
      'pnpm',
      'cargo',
      'Composer',
      'bundler',
      'Apache-Maven',
      'Gradle',
      'conda',
      'uv',
      'Bazel',
    ])
      for (const version of ['main', '0', '1.0-SNAPSHOT+x', 'v2', '${project.version}', '1.0 dev', 'dev+g1a2b3c'])
        expect([name, version, parseUserAgent(`${name}/${version} new/1 (comment)`).kind]).toEqual([
          name,
          version,
          'package_manager',
        ]);
  });
});

describe('CI and containers', () => {
  const pip = (details: Record<string, unknown>): string =>
    `pip/24.2 ${JSON.stringify({ installer: { name: 'pip', version: '24.2' }, ...details })}`;

  it.each([
    ['Debian GNU/Linux', '6.8.0-1021-azure', 1],
    ['Debian GNU/Linux', '5.15.0-1057-aws', 1],
    ['Debian GNU/Linux', '6.5.0-1024-gcp', 1],
    ['Alpine Linux', '6.6.12-linuxkit', 1],
    ['Ubuntu', '6.6.12-linuxkit', 1],
    ['Ubuntu', '6.8.0-1021-azure', -1],
    ['Amazon Linux', '6.1.79-99.167.amzn2023.x86_64', -1],
    ['Debian GNU/Linux', '6.1.0-28-amd64', -1],
    ['Debian GNU/Linux', '6.1.0-28-cloud-amd64', -1],
    ['Debian GNU/Linux', '5.15.0-awsome', -1],
  ])('%s on %s: container %i', (name, release, container) => {
    expect(parseUserAgent(pip({ distro: { name }, system: { name: 'Linux', release } })).container).toBe(container);
  });

  it('knows Debian by its code name where uv gives no better', () => {
    const userAgent = `uv/0.5.1 ${JSON.stringify({ installer: { name: 'uv', version: '0.5.1' }, distro: { name: 'Linux', id: 'bookworm' }, system: { release: '6.8.0-1021-azure' } })}`;
    expect(parseUserAgent(userAgent)).toMatchObject({ client: 'uv', container: 1 });
  });

  it.each([
    [true, 1],
    [null, -1],
    [false, -1],
    ['true', -1],
    [undefined, -1],
  ])('pip ci %j: %i', (ci, want) => {
    expect(parseUserAgent(pip({ ci })).ci).toBe(want);
  });

  it('reads odd JSON as nothing said', () => {
    expect(parseUserAgent(pip({ distro: [], system: 'x', ci: {} }))).toMatchObject({
      client: 'pip',
      ci: -1,
      container: -1,
    });
    expect(parseUserAgent('pip/24.2 {"__proto__":{"ci":true},"cpu":"x"}')).toMatchObject({ client: 'pip', ci: -1 });
  });
});

describe('bundler', () => {
  const of = (run: string, host = 'gems.corp.example'): string =>
    `bundler/2.5.4 rubygems/3.5.4 ruby/3.3.0 (x86_64-pc-linux-gnu) command/install options/mirror.https://${host}/,jobs ci/gitlab,ci ${run} extra ${host}`;

  it('gives the same facets for every run, and no private host in them', () => {
    const facets = parseUserAgent(of('0123456789abcdef'));
    expect(facets).toEqual(parseUserAgent(of('fedcba9876543210', 'other.example')));
    expect(facets).toMatchObject({ client: 'bundler', ci: 1, ciProvider: 'gitlab' });
    expect(JSON.stringify(facets)).not.toMatch(/example|0123456789abcdef/);
  });

  it('calls a vendor that it does not know other', () => {
    expect(parseUserAgent(of('0123456789abcdef').replace('gitlab,ci', 'acme-internal-ci.example,ci')).ciProvider).toBe(
      'other',
    );
  });
});

describe('coding agents', () => {
  it('are the class, not the client', () => {
    expect(
      parseUserAgent('npm/11.4.0 node/v22.14.0 linux x64 workspaces/false ci/gitlab-ci agent/claude-code'),
    ).toMatchObject({
      client: 'npm',
      kind: 'ai_coding_agent',
      ci: 1,
      ciProvider: 'gitlab-ci',
    });
    expect(parseUserAgent('jfrog-cli-go/2.117.0 (agent:claude)').kind).toBe('ai_coding_agent');
    expect(parseUserAgent('pnpm/10.4.1 npm/? node/v22.14.0 darwin arm64 agent/some-new-one').kind).toBe(
      'ai_coding_agent',
    );
  });

  it.each([
    'Datadog Agent/7.51.0',
    'Zabbix agent/6.0',
    'VSCode 1.96.2 (Cursor)',
    'thing/1.0 agent/nobody',
    'cursor/1.0',
  ])('are not in %s', (userAgent) => {
    expect(parseUserAgent(userAgent).kind).not.toBe('ai_coding_agent');
  });
});

describe('never', () => {
  const names = new Set(clientNames);
  const check = (facets: ClientFacets): void => {
    expect(names.has(facets.client)).toBe(true);
    expect(clientKinds).toContain(facets.kind);
    expect([-1, 0, 1]).toContain(facets.ci);
    expect([-1, 0, 1]).toContain(facets.container);
    expect(facets.version.length).toBeLessThanOrEqual(64);
  };
  const examples = clientGrammars.flatMap((grammar) => grammar.examples.map(({ userAgent }) => userAgent));

  it('throws on a string, and its answer is of the closed lists', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (userAgent) => check(parseUserAgent(userAgent))),
      { numRuns: 3000 },
    );
  });

  it('throws on a mutated example', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...examples),
        fc.nat(400),
        fc.string({ maxLength: 8 }),
        fc.nat(20),
        (userAgent, at, inserted, removed) => {
          check(parseUserAgent(userAgent.slice(0, at) + inserted + userAgent.slice(at + removed)));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('calls a truncated or extended package manager a crawler', () => {
    const managers = clientGrammars
      .flatMap(({ examples }) => examples)
      .filter(({ expect: want }) => want.kind === 'package_manager')
      .map(({ userAgent }) => userAgent);
    for (const userAgent of managers)
      for (const changed of [
        userAgent.slice(0, -3),
        `${userAgent} (+https://example.test/bot)`,
        `${userAgent} crawler`,
      ])
        expect([changed, parseUserAgent(changed).kind]).not.toEqual([changed, 'other_crawler']);
  });

  it('takes long on a hostile string', () => {
    const parts = [
      'a',
      ' ',
      '(',
      ')',
      '/',
      '.',
      '-',
      '1',
      'a/1 ',
      'a/1 (',
      ' a/b',
      '; ',
      '{"a":',
      ' ci/',
      ' options/',
      'bot',
      'Mozilla/5.0 (',
      '0123456789abcdef ',
    ];
    const heads = ['', ...examples];
    const elapsed = (userAgent: string): number => {
      const started = performance.now();
      parseUserAgent(userAgent);
      return performance.now() - started;
    };
    for (const head of heads)
      for (const part of parts) {
        const userAgent = head + part.repeat(Math.ceil(100_000 / part.length));
        // The best of three, where the machine was busy with something else.
        if (elapsed(userAgent) > 50) expect(Math.min(elapsed(userAgent), elapsed(userAgent))).toBeLessThan(50);
      }
  });

  it('reads past the limit', () => {
    const padded = `npm/11.4.0 node/v22.14.0 linux x64 workspaces/false${' '.repeat(MAX_USER_AGENT_LENGTH)}ci/gitlab-ci`;
    expect(parseUserAgent(padded).ci).toBe(-1);
  });
});
