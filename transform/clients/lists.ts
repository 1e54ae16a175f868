// The lists of clients that are data: what each says, where it is from, and of which date. `make lists` compares them with their
// sources and writes them anew; `fairshare doctor` says how old they are.

import indexed from './lists/ai-crawler-index.json' with { type: 'json' };
import operators from './lists/ai-operators.json' with { type: 'json' };
import robots from './lists/ai-robots-txt.json' with { type: 'json' };
import packages from './lists/packages.json' with { type: 'json' };
import type { NamedAgent } from './products.ts';

export type AiPurpose = 'ai_training' | 'ai_search' | 'ai_user_fetch' | 'ai_coding_agent';

/** Where a list is from. */
export interface ClientList {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  /** '' if the source has none. */
  readonly version: string;
  /** Day on which the source published it; '' if the source does not say. */
  readonly released: string;
  /** Day on which somebody last compared it with its source. */
  readonly read: string;
}

/** A public list of AI programs: name as the program writes it → purpose. */
export interface AiList extends ClientList {
  readonly products: Readonly<Record<string, AiPurpose>>;
}

/** The operators' pages: page → purpose → `token token … [> published list of addresses]`; the first token names the client. */
export interface OperatorList extends ClientList {
  readonly operators: Readonly<Record<string, Readonly<Partial<Record<AiPurpose, readonly string[]>>>>>;
}

export const operatorList = operators as OperatorList;
/** The lists that others keep. The first that has a program decides. */
export const aiLists: readonly AiList[] = [indexed as AiList, robots as AiList];

export const clientLists: readonly ClientList[] = [operatorList, ...aiLists, ...packages];

const DAY_MS = 86_400_000;

/** When a list was last compared with its source, in milliseconds since 1970. */
export const readAt_ms = ({ read }: Pick<ClientList, 'read'>): number => Date.parse(read);

/** Days since a list was last compared with its source. */
export const ageOf_days = (list: Pick<ClientList, 'read'>, now_ms: number): number =>
  Math.max(0, (now_ms - readAt_ms(list)) / DAY_MS);

/** Names on lists of AI programs that are no evidence of one, with the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map(
  Object.entries({
    applebot: 'a search engine, by its operator',
    'brightbot 1.0': 'Brightbot with its version',
    bravebot: 'a search engine, by its operator',
    exabot: 'the name of a search engine of 2004 too',
    googleother: 'several purposes, by its operator',
    'googleother-image': 'several purposes, by its operator',
    'googleother-video': 'several purposes, by its operator',
    petalbot: 'a search engine, by its operator',
    timpibot: 'a search engine, by its operator',
    yandexcalendar: 'reads calendars',
    'google-read-aloud': 'reads pages aloud',
    facebookexternalhit: 'previews of links',
    'semrushbot-swa': 'checks links',
    scrapy: 'a library',
    lightpanda: 'a browser for programs',
    crawlspace: 'a platform for any crawler',
    wpbot: "a form on the owner's own pages",
    awario: 'watches mentions of brands; the list itself does not know it as AI',
    awariorssbot: 'watches mentions of brands',
    awariosmartbot: 'watches mentions of brands',
    'datenbank crawler': 'the list itself does not know it as AI',
    'echobot bot': 'the list itself does not know it as AI',
    'netestate imprint crawler': 'the list itself does not know it as AI',
    wardbot: 'the list itself does not know it as AI',
    code: 'VS Code, an editor',
    cursor: 'an editor',
    trae: 'an editor',
    spider: 'a common word',
    operator: 'a common word',
    openai: "a client of the operator's interface",
    lcc: 'a common abbreviation',
    notebooklm: 'listed under its operator',
    cloudvertexbot: 'listed under its operator',
  }),
);

/** The operators' programs, as their pages name them. */
export function* operatorAgents(): Generator<NamedAgent & { readonly page: string; readonly kind: AiPurpose }> {
  for (const [page, purposes] of Object.entries(operatorList.operators))
    for (const [kind, programs] of Object.entries(purposes) as [AiPurpose, readonly string[]][])
      for (const program of programs) {
        const [names, crawlerList] = program.split(' > ');
        const tokens = names.split(' ');
        yield { client: tokens[0], kind, tokens, crawlerList, page };
      }
}

/** Programs that only public lists name. */
export function* listedAgents(): Generator<NamedAgent & { readonly kind: AiPurpose }> {
  const seen = new Set([...operatorAgents()].flatMap(({ tokens }) => tokens));
  for (const { products } of aiLists)
    for (const [name, kind] of Object.entries(products)) {
      const token = name.toLowerCase();
      if (seen.has(token) || leftOut.has(token)) continue;
      seen.add(token);
      yield { client: token.replaceAll(/[ _]/g, '-'), kind, tokens: [token], example: `${name}/1.0` };
    }
}
