// The shape of a client grammar: user agent → facets. To add one: a file beside this one that exports a
// ClientGrammar, and a line in index.ts.

import type { Tri } from '../scan/line-fields.ts';

/** Programs that state their own purpose, in order of precedence (docs/METHODOLOGY.md). Each kind is a requester class too. */
export const declaredClasses = [
  'mirror_proxy',
  'update_bot',
  'security_scanner',
  'ai_training',
  'ai_search',
  'ai_user_fetch',
  'ai_coding_agent',
  'search_bot',
  'other_crawler',
] as const;
export type DeclaredClass = (typeof declaredClasses)[number];

/** The kind of program that a client is. The classifier's precedence starts from it (docs/METHODOLOGY.md). */
export const clientKinds = [
  'package_manager', // pip, npm, cargo, Maven …: the kind does not show who runs it
  'http_library', // curl, python-requests, Go-http-client …
  'browser',
  'editor', // VS Code and its forks
  'container_builder', // buildkit, kaniko
  'container_runtime', // docker, containerd, podman
  'ci_tool', // actions/tool-cache, setup-*
  ...declaredClasses,
  'unknown',
] as const;
export type ClientKind = (typeof clientKinds)[number];

/** The claims of a user agent; they may be false. */
export interface ClientFacets {
  /** Lower-case name from a closed list; 'unknown' if no grammar matches, 'none' for an empty user agent. */
  readonly client: string;
  /** As written; '' if absent. Not stored, only reported. */
  readonly version: string;
  readonly kind: ClientKind;
  /** CI flag in the user agent. */
  readonly ci: Tri;
  /** Lower-case CI vendor id as the client writes it ('github-actions') if it is a known one, 'other' if not, or ''. */
  readonly ciProvider: string;
  /** Container evidence in the user agent. */
  readonly container: Tri;
  /** Crawler operator whose published ranges can verify the claim ('openai-gptbot', 'google-googlebot'), or ''. */
  readonly crawlerList: string;
  /** Organisation token found in a user-agent comment, or ''. A secret: it never leaves the worker. */
  readonly token: string;
  /** The grammar that matched, e.g. 'npm', 'pip-json'; part of the rule id. */
  readonly grammar: string;
}

export interface ClientGrammar {
  /** File's name without .ts, for the coverage table. */
  readonly family: string;
  /** The closed list of client names this grammar can give. */
  readonly clients: readonly string[];
  /** Tests: one user agent per client, and the expected facets. Written by us, not copied. */
  readonly examples: readonly { readonly userAgent: string; readonly expect: Partial<ClientFacets> }[];
  /**
   * First tokens (the bytes before the first '/', ' ', '(' or '@'), lower-case, that select this grammar. '': it is tried on every
   * user agent that is left.
   */
  readonly firstTokens: readonly string[];
  /** Lower-case product names that select this grammar anywhere in a user agent that no first token decided ('gptbot'). */
  readonly productTokens?: readonly string[];
  /** Strict: null if the grammar does not match exactly (a spoofed `cargo/1.75.0 (research)` does not). */
  parse(userAgent: string): ClientFacets | null;
}
