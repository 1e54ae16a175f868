// The precedence, row by row: first match wins, and the four answers stay apart.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientGrammars, parseUserAgent } from '../clients/index.ts';
import { clientKinds, type ClientFacets } from '../clients/client.ts';
import { noFacts, type NetworkFacts, networkTypes } from '../networks/facts.ts';
import { crawlerListNames } from '../networks/published/crawlers.ts';
import type { Tri } from '../scan/line-fields.ts';
import { decide } from './decide.ts';
import { identities, requesterClasses, type DecideContext } from './requester.ts';
import { rules } from './rules.ts';

const net = (facts: Partial<NetworkFacts>): NetworkFacts => ({ ...noFacts, ...facts });

const GPTBOT = 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36';
const NPM = 'npm/11.4.0 node/v22.14.0 linux x64 workspaces/false';
const PIP_IN_CONTAINER =
  'pip/24.2 {"installer":{"name":"pip","version":"24.2"},"distro":{"name":"Debian GNU/Linux"},"system":{"release":"6.8.0-1021-aws"},"ci":null}';
const PIP_CI_IN_CONTAINER = PIP_IN_CONTAINER.replace('null', 'true');

const gpt = net({ crawlerLists: ['openai-gptbot'], networkType: 'cloud' });
const cloud = net({ rangeId: 'aws:192.0.2.0/24', rangeType: 'cloud' });
const runners = net({ rangeId: 'github:192.0.2.0/24', rangeType: 'ci' });
const home = net({ networkType: 'isp' });
const fresh: DecideContext = { freshCrawlerLists: new Set(['openai-gptbot', 'google-googlebot']) };
const signed = (signedOperator: string): DecideContext => ({ ...fresh, signedOperator });

type Row = [
  what: string,
  userAgent: string,
  network: NetworkFacts,
  ci: Tri,
  context: DecideContext,
  ruleId: string,
  identity: string,
];

const table: Row[] = [
  ['1 signature before list', GPTBOT, gpt, -1, signed('https://chatgpt.com/'), 'ai_training/signed', 'signed'],
  ['1 signature saves from contradiction', GPTBOT, home, -1, signed('"chatgpt.com"'), 'ai_training/signed', 'signed'],
  ['1 signature of a browser-like agent', CHROME, cloud, -1, signed('chatgpt.com'), 'ai_user_fetch/signed', 'signed'],
  [
    '1 signature of an operator not known',
    CHROME,
    cloud,
    -1,
    signed('agents.example'),
    'other_crawler/signed',
    'signed',
  ],
  ["1 another operator's name does not count", GPTBOT, home, -1, signed('bing.com'), 'search_bot/signed', 'signed'],
  [
    '1 an operator called like an object property',
    CHROME,
    home,
    -1,
    signed('__proto__'),
    'other_crawler/signed',
    'signed',
  ],
  ['2 inside the list', GPTBOT, gpt, -1, fresh, 'ai_training/published-list', 'ip_verified'],
  ['2 inside a list that is no longer fresh', GPTBOT, gpt, -1, {}, 'ai_training/published-list', 'ip_verified'],
  ['2 outside a fresh list', GPTBOT, cloud, -1, fresh, 'unknown/contradicted', 'contradicted'],
  [
    '2 outside, inside another list',
    GPTBOT,
    net({ crawlerLists: ['google-googlebot'] }),
    -1,
    fresh,
    'unknown/contradicted',
    'contradicted',
  ],
  ['2 no fresh list', GPTBOT, cloud, -1, {}, 'ai_training/user-agent', 'claimed'],
  ['2 contradicted before CI', GPTBOT, cloud, 1, fresh, 'unknown/contradicted', 'contradicted'],
  [
    '3 mirror',
    'bandersnatch/6.6.0 (cpython 3.12.8, Linux x86_64)',
    cloud,
    -1,
    fresh,
    'mirror_proxy/user-agent',
    'claimed',
  ],
  ['3 mirror before CI', 'npm (verdaccio/6.0.5)', runners, 1, fresh, 'mirror_proxy/user-agent', 'claimed'],
  [
    '4 update bot',
    'RenovateBot/39.1.0 (https://github.com/renovatebot/renovate)',
    cloud,
    1,
    fresh,
    'update_bot/user-agent',
    'claimed',
  ],
  ['5 scanner', 'trivy/0.59.1', runners, -1, fresh, 'security_scanner/user-agent', 'claimed'],
  [
    '6 AI without a list',
    'Mozilla/5.0 (compatible; Bytespider)',
    cloud,
    -1,
    fresh,
    'ai_training/user-agent',
    'claimed',
  ],
  [
    '6 coding agent before CI',
    `${NPM} ci/github-actions agent/claude-code`,
    runners,
    -1,
    fresh,
    'ai_coding_agent/user-agent',
    'claimed',
  ],
  ['7 search bot', 'Mozilla/5.0 (compatible; YandexBot/3.0)', cloud, -1, fresh, 'search_bot/user-agent', 'claimed'],
  [
    '7 other crawler',
    'Mozilla/5.0 (compatible; AhrefsBot/7.0)',
    cloud,
    -1,
    fresh,
    'other_crawler/user-agent',
    'claimed',
  ],
  ['8 CI flag', `${NPM} ci/gitlab-ci`, home, -1, fresh, 'ci/client-flag', 'none'],
  ['8 CI flag before container', PIP_CI_IN_CONTAINER, cloud, -1, fresh, 'ci/client-flag', 'none'],
  ['8 CI from the log', 'curl/8.6.0 julia/1.11.3', cloud, 1, fresh, 'ci/log-flag', 'none'],
  ['8 CI tool', 'actions/tool-cache', cloud, -1, fresh, 'ci/tool', 'none'],
  ['8 CI before builder', 'buildkit/v0.19', cloud, 1, fresh, 'ci/log-flag', 'none'],
  ['9 builder', 'buildkit/v0.19', home, -1, fresh, 'container_build/builder', 'none'],
  ['9 userland and kernel', PIP_IN_CONTAINER, home, -1, fresh, 'container_build/client-evidence', 'none'],
  ['9 the log says no CI', PIP_IN_CONTAINER, home, 0, fresh, 'container_build/client-evidence', 'none'],
  ['10 library in a cloud', 'python-requests/2.32.3', cloud, -1, fresh, 'automation/hosting-http-library', 'none'],
  [
    '10 library at a hoster, by AS',
    'Go-http-client/2.0',
    net({ networkType: 'hosting' }),
    -1,
    fresh,
    'automation/hosting-http-library',
    'none',
  ],
  ['10 library on CI machines', 'curl/8.11.1', runners, -1, fresh, 'automation/hosting-http-library', 'none'],
  ['10 empty user agent in a cloud', '', cloud, -1, fresh, 'automation/hosting-no-user-agent', 'none'],
  ['10 a package manager in a cloud is no automation', NPM, cloud, -1, fresh, 'hosted/hosting-network', 'none'],
  ['10 a CI range alone is weak', NPM, runners, -1, fresh, 'hosted/hosting-network', 'none'],
  [
    '10 a CI range alone is weak, and a runtime is no package client',
    'docker/27.0.1 go/go1.22 git-commit/abc kernel/6.8 os/linux arch/amd64 UpstreamClient(Docker-Client/27.0.1 (linux))',
    runners,
    -1,
    fresh,
    'unknown/ci-range-only',
    'none',
  ],
  ['12 a claimed client in a cloud', 'cargo/1.75.0 (research)', cloud, -1, fresh, 'unknown/claimed-client', 'claimed'],
  [
    '10 the range is nearer than the AS',
    CHROME,
    net({ rangeType: 'cloud', networkType: 'isp' }),
    -1,
    fresh,
    'unknown/no-evidence',
    'none',
  ],
  ['11 package manager at home', NPM, home, -1, fresh, 'developer/eyeball-network', 'none'],
  ['11 browser on a phone', CHROME, net({ networkType: 'mobile' }), 0, fresh, 'developer/eyeball-network', 'none'],
  [
    '11 editor behind CGNAT',
    'VSCode 1.96.2 (Cursor)',
    net({ networkType: 'cgnat' }),
    -1,
    fresh,
    'developer/eyeball-network',
    'none',
  ],
  ['11 not a library', 'curl/8.11.1', home, -1, fresh, 'unknown/no-evidence', 'none'],
  ['11 not through a VPN', NPM, net({ networkType: 'vpn' }), -1, fresh, 'unknown/no-evidence', 'none'],
  ['11 not a claimed client', 'cargo/1.75.0 (research)', home, -1, fresh, 'unknown/claimed-client', 'claimed'],
  ['12 no user agent', '-', home, -1, fresh, 'unknown/no-user-agent', 'none'],
  ['12 nothing known', NPM, noFacts, -1, fresh, 'unknown/no-evidence', 'none'],
];

describe('decide', () => {
  it.each(table)('%s', (_what, userAgent, network, ci, context, ruleId, identity) => {
    const facets = parseUserAgent(userAgent);
    const requester = decide(facets, network, ci, context);
    expect(requester).toMatchObject({ ruleId, identity, requesterClass: ruleId.slice(0, ruleId.indexOf('/')) });
    expect(requester).toMatchObject({
      client: facets.client,
      ciProvider: facets.ciProvider,
      container: facets.container,
    });
  });

  it.each<[Tri, Tri, Tri]>([
    [-1, -1, -1],
    [-1, 0, 0],
    [-1, 1, 1],
    [0, -1, 0],
    [0, 1, 1],
    [1, -1, 1],
    [1, 0, 1],
  ])('CI said by the client %i and by the log %i: %i', (said, logged, ci) => {
    expect(decide({ ...parseUserAgent(NPM), ci: said }, noFacts, logged).ci).toBe(ci);
  });

  it('names a rule of the closed list for every input, and its class and identity', () => {
    const byId = new Map(rules.map((rule) => [rule.id as string, rule]));
    const anyTri = fc.constantFrom<Tri>(-1, 0, 1);
    const anyType = fc.option(fc.constantFrom(...networkTypes));
    const lists = fc.subarray([...crawlerListNames]);
    fc.assert(
      fc.property(
        fc.record<ClientFacets>({
          client: fc.constantFrom('none', 'unknown', 'npm'),
          version: fc.constant(''),
          kind: fc.constantFrom(...clientKinds),
          ci: anyTri,
          ciProvider: fc.constantFrom('', 'other'),
          container: anyTri,
          crawlerList: fc.constantFrom('', ...crawlerListNames),
          token: fc.constant('secret'),
          grammar: fc.constantFrom('npm', 'npm-claimed'),
        }),
        fc.record({ rangeType: anyType, networkType: anyType, crawlerLists: lists }),
        anyTri,
        fc.record({
          freshCrawlerLists: lists.map((names) => new Set(names)),
          signedOperator: fc.option(fc.string(), { nil: undefined }),
        }),
        (facets, facts, ci, context) => {
          const requester = decide(facets, net(facts), ci, context);
          const rule = byId.get(requester.ruleId);
          expect(rule).toMatchObject({ requesterClass: requester.requesterClass, identity: requester.identity });
          expect(JSON.stringify(requester)).not.toContain('secret');
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('rules', () => {
  it('are a closed list without repetition, described, in known classes', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, requesterClass, identity, description } of rules) {
      expect(id.startsWith(`${requesterClass}/`)).toBe(true);
      expect(requesterClasses).toContain(requesterClass);
      expect(identities).toContain(identity);
      expect(description).toMatch(/^[A-Z].*\.$/);
    }
    for (const requesterClass of requesterClasses)
      expect(rules.some((rule) => rule.requesterClass === requesterClass)).toBe(true);
  });

  it('are each reached by the table or by a declared class', () => {
    const shown = new Set(table.map(([, , , , , ruleId]) => ruleId));
    for (const { id } of rules) if (!/\/(?:signed|published-list|user-agent)$/.test(id)) expect(shown).toContain(id);
  });
});

describe('crawler lists', () => {
  it('named by clients are lists that can be imported', () => {
    const named = new Set(
      clientGrammars.flatMap(({ examples }) => examples.map(({ expect: want }) => want.crawlerList ?? '')),
    );
    named.delete('');
    expect(named.size).toBeGreaterThan(10);
    for (const name of named) expect(crawlerListNames).toContain(name);
  });
});
