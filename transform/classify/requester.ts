// The classifier's vocabulary: the kind of program behind a request, how sure that is, and the decision's shape.

import { declaredClasses, type ClientFacets } from '../clients/client.ts';
import type { NetworkFacts } from '../networks/facts.ts';
import type { Tri } from '../scan/line-fields.ts';

/** The kind of program behind a request, in order of precedence (docs/METHODOLOGY.md). */
export const requesterClasses = [
  ...declaredClasses,
  'ci',
  'container_build',
  'automation',
  'developer',
  'hosted',
  'unknown',
] as const;
export type RequesterClass = (typeof requesterClasses)[number];

export const identities = ['signed', 'ip_verified', 'claimed', 'contradicted', 'none'] as const;
export type Identity = (typeof identities)[number];

/** One decision. Equal inputs give equal objects; the transform interns them and gathers by code. */
export interface Requester {
  readonly client: string;
  readonly requesterClass: RequesterClass;
  readonly identity: Identity;
  readonly ci: Tri;
  readonly ciProvider: string;
  readonly container: Tri;
  /** The rule that decided, stable across releases: '<class>/<evidence>', e.g. 'ci/client-flag'. */
  readonly ruleId: string;
}

/** Other facts of the caller; an absent one is not known. */
export interface DecideContext {
  /**
   * Loaded crawler lists that are recent enough: an address outside them contradicts a claim. Empty if the address itself is not
   * known.
   */
  readonly freshCrawlerLists?: ReadonlySet<string>;
  /** Operator (Signature-Agent host, 'chatgpt.com') whose Web Bot Auth signature the edge found valid. */
  readonly signedOperator?: string;
}

/** (claims of the user agent, facts of the network, CI in the log itself, the rest) → decision. Pure. */
export type Decide = (facets: ClientFacets, network: NetworkFacts, loggedCi: Tri, context?: DecideContext) => Requester;
