// What a list's source says now beside what the list says. Computes only; sources.ts reads.

import type { AiPurpose } from '../../../transform/clients/lists.ts';

/** Name or pattern → what the list says of it. */
export type Entries = Readonly<Record<string, string>>;

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

const entry = (name: string, value: string): string => (value === '' ? name : `${name}: ${value}`);

export function difference(before: Entries, after: Entries): Difference {
  const names = (entries: Entries): string[] => Object.keys(entries).sort();
  return {
    added: names(after)
      .filter((name) => !(name in before))
      .map((name) => entry(name, after[name])),
    removed: names(before)
      .filter((name) => !(name in after))
      .map((name) => entry(name, before[name])),
    changed: names(after)
      .filter((name) => name in before && before[name] !== after[name])
      .map((name) => `${name}: ${before[name]} → ${after[name]}`),
  };
}

export const differenceText = ({ added, removed, changed }: Difference): string =>
  [
    ...added.map((text) => `  + ${text}`),
    ...removed.map((text) => `  - ${text}`),
    ...changed.map((text) => `  ~ ${text}`),
  ]
    .map((line) => `${line}\n`)
    .join('');

const indexPurposes: Readonly<Partial<Record<string, AiPurpose>>> = {
  'ai-training': 'ai_training',
  dataset: 'ai_training',
  'ai-search': 'ai_search',
  'user-fetch': 'ai_user_fetch',
};

/** ai-crawler-index: data.json of the package. Programs of other categories are left out. */
export function productsOfIndex(data: {
  readonly crawlers: readonly { readonly name: string; readonly ua: string; readonly category: string }[];
}): Record<string, AiPurpose> {
  return sorted(
    data.crawlers.flatMap(({ name, ua, category }) => {
      const purpose = indexPurposes[category];
      // '(control token only — no crawler)' stands where a name has no user agent of its own.
      return purpose === undefined ? [] : [[ua.startsWith('(') ? name : ua, purpose] as const];
    }),
  );
}

/** What ai.robots.txt says in words → purpose. */
function purposeOf(words: string): AiPurpose {
  if (/coding/i.test(words)) return 'ai_coding_agent';
  if (/\bsearch\b/i.test(words)) return 'ai_search';
  return /\bassistants?\b|^AI agents?$|user-initiated|prompt|companion|chat/i.test(words)
    ? 'ai_user_fetch'
    : 'ai_training';
}

/** ai.robots.txt: its robots.json. Names with a version stand for the program. */
export const productsOfRobots = (
  data: Readonly<Record<string, { readonly function?: string }>>,
): Record<string, AiPurpose> =>
  sorted(
    Object.entries(data)
      .filter(([name]) => !name.includes('/'))
      .map(([name, { function: words = '' }]) => [name, purposeOf(words)] as const),
  );

function sorted(entries: readonly (readonly [string, AiPurpose])[]): Record<string, AiPurpose> {
  const byName = [...entries].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  // Two spellings that differ in case only are one program.
  const seen = new Set<string>();
  return Object.fromEntries(
    byName.filter(([name]) => !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase()) !== undefined),
  );
}

/** A name as operators write programs' names. */
const PROGRAM = /\b[A-Za-z][\w-]{2,30}(?:[Bb]ot|Crawler|Spider|-User|-Agent|Fetcher)\b/g;
const NO_PROGRAM = /^(?:user-agent|x-user-agent|chatbot|robot|http-user)$/i;

/** An operator's page beside the programs that the list has of it. */
export function pageDifference(tokens: readonly string[], known: ReadonlySet<string>, page: string): Difference {
  const text = page.toLowerCase();
  const names = new Set(page.match(PROGRAM) ?? []);
  return {
    added: [...names].filter((name) => !known.has(name.toLowerCase()) && !NO_PROGRAM.test(name)).sort(),
    removed: tokens.filter((token) => !text.includes(token)),
    changed: [],
  };
}
