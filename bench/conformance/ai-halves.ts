// AI programs in two halves: rules were written from one, and judged by the other, before its names were added
// (docs/CONFORMANCE.md). A product's half follows from its name alone.

import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import crawlerPatterns from 'crawler-user-agents';
import { type AiList, aiLists, leftOut, operatorAgents, type OperatorList } from '../../transform/clients/lists.ts';

export type Half = 'written from' | 'judged by';

export interface Product {
  /** As the program writes it. */
  readonly name: string;
  readonly isAi: boolean;
  /** A page of its operator, if a list names one; '' if not. */
  readonly page: string;
  readonly half: Half;
}

interface CrawlerPattern {
  readonly pattern: string;
  readonly url?: string;
  readonly tags?: readonly string[];
}

/** Upper and lower case, blanks and hyphens make no other product. */
const keyOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z\d.]/g, '');

/** First bit of the hash of the name. */
const halfOf = (name: string): Half =>
  createHash('sha256').update(keyOf(name)).digest()[0] < 128 ? 'written from' : 'judged by';

/** The name that a pattern looks for; undefined if it is more than a name. */
function nameOf(pattern: string): string | undefined {
  const name = pattern
    .replace(/^\^/, '')
    .replaceAll(/\[(\w)\w\]/g, '$1')
    .replaceAll(/\\([/. -])/g, '$1')
    .replace(/\/$/, '');
  return /^[A-Za-z][\w .-]{2,40}$/.test(name) ? name : undefined;
}

/** Every program that the operators' pages and the public lists name, and crawlers that are no AI program. */
export function products(): Product[] {
  const found = new Map<string, Product>();
  const add = (name: string, isAi: boolean, page = ''): void => {
    const key = keyOf(name);
    const known = found.get(key);
    if (known === undefined) found.set(key, { name, isAi, page, half: halfOf(name) });
    else if (known.page === '' && page !== '') found.set(key, { ...known, page });
  };
  for (const { products } of aiLists)
    for (const name of Object.keys(products)) if (!leftOut.has(name.toLowerCase())) add(name, true);
  for (const { tokens, page } of operatorAgents())
    for (const token of tokens)
      add(token, true, /^[\w.-]+\.[a-z]{2,}(?:\/[\w./-]*)?$/.test(page) ? `https://${page}` : '');
  const aiKeys = [...found.keys()];
  for (const { pattern, url = '', tags = [] } of crawlerPatterns as readonly CrawlerPattern[]) {
    const name = nameOf(pattern);
    if (name === undefined || leftOut.has(name.toLowerCase())) continue;
    if (tags.includes('ai-crawler')) add(name, true, url);
    // Coding agents and browsers for agents may have these tags. A part of an AI program's name is no other program.
    else if (tags.includes('http-library') || tags.includes('browser-automation')) continue;
    else if (!aiKeys.some((key) => key.includes(keyOf(name)))) add(name, false, url);
  }
  return [...found.values()].sort((a, b) => (keyOf(a.name) < keyOf(b.name) ? -1 : 1));
}

/** The forms in which programs write their names: alone, with a version, with a contact, and inside a browser's. */
export function formsOf({ name, page }: Product): readonly string[] {
  const contact = page === '' ? '' : `; +${page}`;
  return [
    name,
    `${name}/1.0`,
    ...(page === '' ? [] : [`${name}/1.2 (+${page})`]),
    `Mozilla/5.0 (compatible; ${name}/1.0${contact})`,
    `Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ${name}/1.1${contact}) Chrome/131.0.0.0 Safari/537.36`,
  ];
}

export interface HalfScore {
  readonly half: Half;
  readonly ai: number;
  readonly others: number;
  readonly recall: number;
  readonly precision: number;
  /** Crawlers and AI programs that are called bots of any kind. */
  readonly botRecall: number;
  readonly missed: readonly string[];
  readonly wrong: readonly string[];
}

/** @param kindOf what a user agent says that it is */
export function judge(kindOf: (userAgent: string) => string, all: readonly Product[] = products()): HalfScore[] {
  return (['written from', 'judged by'] as const).map((half) => {
    const mine = all.filter((product) => product.half === half);
    let hits = 0;
    let wrongForms = 0;
    let ai = 0;
    let bots = 0;
    let others = 0;
    const missed: string[] = [];
    const wrong: string[] = [];
    for (const product of mine) {
      const kinds = formsOf(product).map(kindOf);
      const share = kinds.filter((kind) => kind.startsWith('ai_')).length / kinds.length;
      bots += kinds.filter((kind) => kind.startsWith('ai_') || BOTS.has(kind)).length / kinds.length;
      if (product.isAi) {
        ai++;
        hits += share;
        if (share < 1) missed.push(product.name);
      } else {
        others++;
        wrongForms += share;
        if (share > 0) wrong.push(product.name);
      }
    }
    return {
      half,
      ai,
      others,
      recall: hits / ai,
      precision: hits / (hits + wrongForms),
      botRecall: bots / mine.length,
      missed,
      wrong,
    };
  });
}

const BOTS: ReadonlySet<string> = new Set(['update_bot', 'security_scanner', 'search_bot', 'other_crawler']);

/**
 * A copy of the rules whose lists have only the half that they were written from, so that the other half is unknown to them.
 * @returns `parseUserAgent` of the copy
 */
export async function rulesOfOneHalf(): Promise<(userAgent: string) => { readonly kind: string }> {
  const root = new URL('../../', import.meta.url);
  const copy = new URL('bench/tmp/one-half/', root);
  rmSync(copy, { recursive: true, force: true });
  cpSync(new URL('transform/', root), new URL('transform/', copy), {
    recursive: true,
    filter: (name) => !name.endsWith('.test.ts'),
  });
  const isKept = (name: string): boolean => halfOf(name) === 'written from';
  const change = (file: URL, cut: (content: never) => unknown): void =>
    writeFileSync(file, JSON.stringify(cut(JSON.parse(readFileSync(file, 'utf8')) as never)));
  for (const list of ['ai-crawler-index', 'ai-robots-txt'])
    change(new URL(`transform/clients/lists/${list}.json`, copy), (one: AiList) => ({
      ...one,
      products: Object.fromEntries(Object.entries(one.products).filter(([name]) => isKept(name))),
    }));
  change(new URL('transform/clients/lists/ai-operators.json', copy), (one: OperatorList) => ({
    ...one,
    operators: mapValues(one.operators, (purposes) =>
      mapValues(purposes, (programs = []) =>
        programs.flatMap((program) => {
          const [names, list] = program.split(' > ');
          const kept = names.split(' ').filter(isKept).join(' ');
          return kept === '' ? [] : [list === undefined ? kept : `${kept} > ${list}`];
        }),
      ),
    ),
  }));
  const crawlers = new URL('node_modules/crawler-user-agents/', copy);
  cpSync(new URL('node_modules/crawler-user-agents/', root), crawlers, { recursive: true });
  change(new URL('crawler-user-agents.json', crawlers), (all: readonly CrawlerPattern[]) =>
    all.filter(({ pattern }) => isKept(nameOf(pattern) ?? pattern)),
  );
  const index = (await import(new URL('transform/clients/index.ts', copy).href)) as {
    parseUserAgent: (userAgent: string) => { readonly kind: string };
  };
  rmSync(copy, { recursive: true, force: true });
  return index.parseUserAgent;
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
