// Grammars that are tables: one pattern over the whole user agent, or a product name in it, identifies a client.

import type { ClientFacets, ClientGrammar, ClientKind } from './client.ts';
import { facets, firstToken, type Evidence } from './facets.ts';

type Example = ClientGrammar['examples'][number];

/**
 * A pattern over the whole user agent, linear in its length. Shorthands: <V> the client's version (captured), <v> any
 * version, <P> a product `name/version`, <C> a comment in parentheses.
 */
export function whole(source: string): RegExp {
  const version = String.raw`v?\d[\w.+~-]{0,63}`;
  const text = source
    .replaceAll('<V>', `(${version})`)
    .replaceAll('<v>', version)
    .replaceAll('<P>', String.raw`[A-Za-z][\w.+-]{0,60}/[^\s()]{1,100}`)
    .replaceAll('<C>', String.raw`\([^()]{0,300}\)`);
  return new RegExp(`^(?:${text})$`);
}

export interface Product {
  readonly client: string;
  readonly kind: ClientKind;
  /** Group 1, if there is one, is the version. */
  readonly pattern: RegExp;
  readonly evidence?: Evidence | ((match: RegExpExecArray) => Evidence);
  readonly examples: readonly (string | readonly [userAgent: string, expect: Partial<ClientFacets>])[];
}

/** A grammar of whole-string patterns; its first tokens are those of its examples and `moreFirstTokens`. */
export function productGrammar(
  family: string,
  products: readonly Product[],
  moreFirstTokens: readonly string[] = [],
): ClientGrammar {
  const examples = products.flatMap(({ client, kind, examples }) =>
    examples.map((example): Example => {
      const [userAgent, expect] = typeof example === 'string' ? [example, {}] : example;
      return { userAgent, expect: { client, kind, ...expect } };
    }),
  );
  const byToken = new Map<string, Product[]>();
  for (const product of products) {
    const tokens = product.examples.map((example) => firstToken(typeof example === 'string' ? example : example[0]));
    for (const token of new Set([...tokens, ...moreFirstTokens])) {
      byToken.set(token, [...(byToken.get(token) ?? []), product]);
    }
  }
  return {
    family,
    clients: [...new Set(products.map(({ client }) => client))],
    examples,
    firstTokens: [...byToken.keys()],
    parse(userAgent) {
      for (const product of byToken.get(firstToken(userAgent)) ?? []) {
        const match = product.pattern.exec(userAgent);
        if (match === null) continue;
        const { client, kind, evidence } = product;
        return facets(
          client,
          client,
          match[1] ?? '',
          kind,
          typeof evidence === 'function' ? evidence(match) : evidence,
        );
      }
      return null;
    },
  };
}

/** A program that names itself somewhere in a user agent, often inside a browser's. */
export interface NamedAgent {
  readonly client: string;
  readonly kind: ClientKind;
  /** Lower-case names, specific enough that no other program has them: a product, words (`acme web bot`), `name-*`: all that begin so. */
  readonly tokens: readonly string[];
  /** Name of the published list that can verify the claim. */
  readonly crawlerList?: string;
  /** Default: `<Token>/1.0`. */
  readonly example?: string;
}

/** What stands in a table for a token: itself, or `name-*` for all that begin so. */
export const lookUp = <T>(byToken: ReadonlyMap<string, T>, token: string): T | undefined =>
  byToken.get(token) ?? byToken.get(`${token.slice(0, token.indexOf('-') + 1)}*`);

const PRODUCT_TOKEN = /[A-Za-z0-9](?:[\w.-]*\w)?/g;

/** Before a name that is another program's: `compatible with Googlebot`, `not GPTBot`. */
const COMPARISON = /(?:compatible with|like|not|than|unlike|as|similar to) $/i;

/**
 * Calls `visit` with each product-like token, lower-case, and its end, until it returns true. Names that a program compares itself
 * with are left out. At most 200 tokens.
 */
export function eachToken(userAgent: string, visit: (token: string, end: number, written: string) => boolean): void {
  PRODUCT_TOKEN.lastIndex = 0;
  for (let i = 0; i < 200; i++) {
    const match = PRODUCT_TOKEN.exec(userAgent);
    if (match === null) return;
    if (COMPARISON.test(userAgent.slice(Math.max(0, match.index - 20), match.index))) continue;
    if (visit(match[0].toLowerCase(), PRODUCT_TOKEN.lastIndex, match[0])) return;
  }
}

const VERSION_AFTER_NAME = /^[/ ]v?(\d[\w.+-]{0,63})/;

/** The version behind a name that ends at `end`; '' if there is none. */
export const versionAt = (userAgent: string, end: number): string =>
  VERSION_AFTER_NAME.exec(userAgent.slice(end, end + 70))?.[1] ?? '';

export function namedAgentGrammar(family: string, agents: readonly NamedAgent[]): ClientGrammar {
  const byWord = new Map<string, { readonly agent: NamedAgent; readonly rest: string }[]>();
  for (const agent of agents)
    for (const name of agent.tokens) {
      const [word] = name.split(' ');
      byWord.set(word, [...(byWord.get(word) ?? []), { agent, rest: name.slice(word.length) }]);
    }
  return {
    family,
    clients: [...new Set(agents.map(({ client }) => client))],
    examples: agents.map(({ client, kind, tokens, crawlerList = '', example }) => ({
      userAgent: example ?? `${tokens[0]}/1.0`,
      expect: { client, kind, crawlerList },
    })),
    firstTokens: [],
    productTokens: [...byWord.keys()],
    parse(userAgent) {
      let found: ClientFacets | null = null;
      eachToken(userAgent, (token, end) => {
        const named = lookUp(byWord, token)?.find(
          ({ rest }) => userAgent.slice(end, end + rest.length).toLowerCase() === rest,
        );
        if (named === undefined) return false;
        const { client, kind, crawlerList } = named.agent;
        // An assistant's name with a coding agent's (`Claude-User (claude-code/2.1)`) is the agent, on a person's machine.
        if (found !== null && kind !== 'ai_coding_agent') return false;
        found = facets(client, client, versionAt(userAgent, end + named.rest.length), kind, { crawlerList });
        return kind !== 'ai_user_fetch';
      });
      return found;
    },
  };
}
