// The closed list of rules that can decide a request's class, each with its description; docs are generated from it.

import { declaredClasses, type DeclaredClass } from '../clients/client.ts';
import type { Identity, RequesterClass } from './requester.ts';

export interface Rule {
  readonly id: RuleId;
  readonly requesterClass: RequesterClass;
  readonly identity: Identity;
  /** One sentence for people. */
  readonly description: string;
}

const title: Readonly<Record<DeclaredClass, string>> = {
  mirror_proxy: 'a mirror, proxy or repository manager, which stands for many requests behind it',
  update_bot: 'a program that looks for newer versions',
  security_scanner: 'a program that reads packages to judge them',
  ai_training: 'a crawler that collects material to train models',
  ai_search: 'a crawler of an AI search index',
  ai_user_fetch: 'a fetch that an AI assistant makes for its user',
  ai_coding_agent: 'a coding agent, by its own user agent or by the suffix agent/NAME',
  search_bot: "a search engine's crawler",
  other_crawler: 'another crawler or monitor, by the curated list or the lists of packages',
};

const undeclared = [
  [
    'unknown/contradicted',
    'contradicted',
    'The user agent names a crawler, but the address is outside its operator’s fresh published list.',
  ],
  ['ci/client-flag', 'none', 'The client itself says that it runs in CI.'],
  ['ci/log-flag', 'none', 'The log carries a CI variable that the client sent beside its user agent.'],
  ['ci/tool', 'none', 'The client exists only inside CI jobs (actions/tool-cache, setup actions).'],
  ['container_build/builder', 'none', 'The client builds container images (BuildKit, kaniko, Buildah, Jib).'],
  [
    'container_build/client-evidence',
    'none',
    'The client runs in a container (foreign userland on a cloud’s or Docker Desktop’s kernel) and says nothing of CI.',
  ],
  ['automation/hosting-http-library', 'none', 'A bare HTTP library from a hosting network.'],
  ['automation/hosting-no-user-agent', 'none', 'No user agent, from a hosting network.'],
  [
    'developer/eyeball-network',
    'none',
    'Presumed: an interactive client or browser from an access network, with nothing against it.',
  ],
  [
    'hosted/hosting-network',
    'none',
    'A package client on a machine of a hosting, cloud or CI network, which does not say what for. People have desktops there, too.',
  ],
  [
    'unknown/claimed-client',
    'claimed',
    'The user agent begins as a known client but is not written as that client writes it.',
  ],
  [
    'unknown/ci-range-only',
    'none',
    'The address lies in a published CI range, which others share; nothing else tells.',
  ],
  ['unknown/no-user-agent', 'none', 'No user agent, and the network does not tell.'],
  ['unknown/no-evidence', 'none', 'Nothing tells who stands behind the request.'],
] as const satisfies readonly (readonly [`${RequesterClass}/${string}`, Identity, string])[];

export type RuleId = `${DeclaredClass}/${'signed' | 'published-list' | 'user-agent'}` | (typeof undeclared)[number][0];

/** In order of precedence; `decide` gives no other id. */
export const rules: readonly Rule[] = [
  ...declaredClasses.map((requesterClass): Rule => ({
    id: `${requesterClass}/signed`,
    requesterClass,
    identity: 'signed',
    description: `The edge found a valid Web Bot Auth signature of an operator: ${title[requesterClass]}.`,
  })),
  ...declaredClasses.map((requesterClass): Rule => ({
    id: `${requesterClass}/published-list`,
    requesterClass,
    identity: 'ip_verified',
    description: `The user agent says so and the address is in its operator's published list: ${title[requesterClass]}.`,
  })),
  ...declaredClasses.map((requesterClass): Rule => ({
    id: `${requesterClass}/user-agent`,
    requesterClass,
    identity: 'claimed',
    description: `The user agent says so: ${title[requesterClass]}.`,
  })),
  ...undeclared.map(([id, identity, description]): Rule => ({
    id,
    requesterClass: id.slice(0, id.indexOf('/')) as RequesterClass,
    identity,
    description,
  })),
];
