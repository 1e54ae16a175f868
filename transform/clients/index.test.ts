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

describe.each(clientGrammars.map((grammar) => [grammar.family, grammar] as const))('grammar %s', (_family, grammar) => {
  it.each(grammar.examples.map((example) => [example.userAgent, example] as const))(
    '%s',
    (userAgent, { expect: want }) => {
      expect(grammar.parse(userAgent)).toMatchObject(want);
      expect(parseUserAgent(userAgent)).toMatchObject(want);
      for (const other of clientGrammars) {
        // The residue knows the named crawlers too; it is asked last.
        if (other !== grammar && other.family !== 'crawlers')
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

  it.each(['foo', 'Mozilla/5.0', 'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)', '🦀', '\u0000', '/', '(', 'R'])(
    '%j is unknown',
    (userAgent) => {
      expect(parseUserAgent(userAgent)).toMatchObject({ client: 'unknown', kind: 'unknown', grammar: 'unknown' });
    },
  );
});

describe('a name in a shape that its client never writes', () => {
  it.each([
    'cargo/1.75.0 (research)',
    'cargo/1.75.0 (1d8b05cdd 2023-11-20) my-crawler',
    'pip/24.0',
    'pip/24.0 {}',
    'pip/24.0 {"installer":{"name":"pip","version":"23.0"}}',
    'pip/24.0 {"installer":{"name":"uv","version":"24.0"}}',
    'pip/24.0 {"ci":true',
    'pip/24.0 ["ci"]',
    'npm/10.2.4',
    'npm/10.2.4 node/v20.11.0 linux x64 workspaces/false bot/1.0',
    'npm/10.2.4 (compatible; research-bot; crawler)',
    'Composer/2.7.1 (my scraper)',
    'bundler/2.5.4',
    'bundler/2.5.4 rubygems/3.5.4 ruby/3.3.0 (x86_64-linux) command/install options/jobs',
    'Apache-Maven/3.9.6',
    'Gradle/8.5 Safari/1.0',
    'Hex/2.0.6',
    'uv/0.5.0 (crawler)',
    'docker/24.0.7',
    'Nexus/3.1 bot crawler',
  ])('%s is claimed, not known', (userAgent) => {
    expect(parseUserAgent(userAgent)).toMatchObject({ client: 'unknown', kind: 'unknown', ci: -1, container: -1 });
    expect(parseUserAgent(userAgent).grammar).toMatch(/-claimed$/);
  });

  it('is a named crawler where it names one', () => {
    expect(parseUserAgent('cargo/1.75.0 (compatible; GPTBot/1.0)')).toMatchObject({
      client: 'gptbot',
      kind: 'ai_training',
    });
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
