// The classifier's vocabulary: who stands behind a request, how sure of it, and the decision's shape.

import { declaredClasses, type ClientFacets } from '../clients/client.ts';
import type { NetworkFacts } from '../networks/facts.ts';
import type { Tri } from '../scan/line-fields.ts';

/** Who stands behind a request, in order of precedence (docs/METHODOLOGY.md). */
export const requesterClasses = [
  ...declaredClasses,
  'ci',
  'container_build',
  'automation',
  'developer',
  'unknown',
] as const;
export type RequesterClass = (typeof requesterClasses)[number];

export const identities = ['signed', 'ip_verified', 'claimed', 'contradicted', 'none'] as const;
export type Identity = (typeof identities)[number];

/** One decision. Equal inputs give the same object's content; the transform interns it and gathers by code. */
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

/** What the caller knows besides; nothing where it is left out. */
export interface DecideContext {
  /**
   * Crawler lists that are loaded and recent enough that an address outside them contradicts a claim. Empty where the
   * address itself is not known.
   */
  readonly freshCrawlerLists?: ReadonlySet<string>;
  /** Operator (Signature-Agent host, 'chatgpt.com') whose Web Bot Auth signature the edge found valid. */
  readonly signedOperator?: string;
}

/** (what the user agent says, what is known of the network, CI said by the log itself, the rest) → decision. Pure. */
export type Decide = (facets: ClientFacets, network: NetworkFacts, loggedCi: Tri, context?: DecideContext) => Requester;
