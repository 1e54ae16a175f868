// Finds the kind of program behind a request: one precedence, first match wins (facts of docs/METHODOLOGY.md, in its order). Four
// answers are separate: the client is the name in the user agent, the class is the kind of program behind it, the identity is how
// sure that is, and CI and container are the evidence of them, whatever the class.

import { declaredClasses, type ClientFacets, type DeclaredClass } from '../clients/client.ts';
import type { NetworkFacts } from '../networks/facts.ts';
import { tri, type Tri } from '../scan/line-fields.ts';
import { rules, type Rule, type RuleId } from './rules.ts';
import type { Decide, DecideContext } from './requester.ts';
import { classOfSigned } from './signed-operators.ts';

const ruleById = new Map<RuleId, Rule>(rules.map((rule) => [rule.id, rule]));
const declared: ReadonlySet<string> = new Set(declaredClasses);
const hosting: ReadonlySet<string | null> = new Set(['cloud', 'ci', 'hosting']);
const eyeball: ReadonlySet<string | null> = new Set(['isp', 'mobile', 'cgnat']);
const interactive: ReadonlySet<string> = new Set(['package_manager', 'browser', 'editor']);

const noContext: DecideContext = {};

function ruleOf(facets: ClientFacets, network: NetworkFacts, loggedCi: Tri, context: DecideContext): RuleId {
  const { kind, crawlerList } = facets;
  if (context.signedOperator !== undefined) return `${classOfSigned(context.signedOperator, kind)}/signed`;
  if (declared.has(kind)) {
    const requesterClass = kind as DeclaredClass;
    if (crawlerList !== '') {
      if (network.crawlerLists.includes(crawlerList)) return `${requesterClass}/published-list`;
      if (context.freshCrawlerLists?.has(crawlerList) === true) return 'unknown/contradicted';
    }
    return `${requesterClass}/user-agent`;
  }
  if (kind === 'ci_tool') return 'ci/tool';
  if (facets.ci === tri.TRUE) return 'ci/client-flag';
  if (loggedCi === tri.TRUE) return 'ci/log-flag';
  if (kind === 'container_builder') return 'container_build/builder';
  if (facets.container === tri.TRUE) return 'container_build/client-evidence';
  // A published range describes this address; an AS number describes all networks of its holder.
  const usedAs = network.rangeType ?? network.networkType;
  if (hosting.has(usedAs)) {
    if (kind === 'http_library') return 'automation/hosting-http-library';
    if (facets.client === 'none') return 'automation/hosting-no-user-agent';
  }
  if (facets.grammar.endsWith('-claimed')) return 'unknown/claimed-client';
  if (eyeball.has(usedAs) && interactive.has(kind)) return 'developer/eyeball-network';
  if (hosting.has(usedAs) && kind === 'package_manager') return 'hosted/hosting-network';
  if (facets.client === 'none') return 'unknown/no-user-agent';
  return usedAs === 'ci' ? 'unknown/ci-range-only' : 'unknown/no-evidence';
}

export const decide: Decide = (facets, network, loggedCi, context = noContext) => {
  const { id, requesterClass, identity } = ruleById.get(ruleOf(facets, network, loggedCi, context))!;
  return {
    client: facets.client,
    requesterClass,
    identity,
    ci: facets.ci === tri.TRUE || loggedCi === tri.UNKNOWN ? facets.ci : loggedCi,
    ciProvider: facets.ciProvider,
    container: facets.container,
    ruleId: id,
  };
};
