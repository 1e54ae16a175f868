// Compares every list of clients with its source, and says what is different. Writes nothing itself.

import {
  type AiList,
  aiLists,
  type ClientList,
  operatorAgents,
  operatorList,
} from '../../../transform/clients/lists.ts';
import packages from '../../../transform/clients/lists/packages.json' with { type: 'json' };
import { type Difference, difference, pageDifference, productsOfIndex, productsOfRobots } from './compare.ts';
import { npmEntries, type Sources } from './sources.ts';

export interface Refreshed {
  readonly name: string;
  readonly before: ClientList;
  /** The list as it should be written; absent if it stays as it is. */
  readonly after?: ClientList;
  readonly difference: Difference;
  /** What a person has to do, or know. */
  readonly notes: readonly string[];
  /** Sources that could not be reached, each with the reason. */
  readonly unreached: readonly string[];
}

const same: Difference = { added: [], removed: [], changed: [] };
const reason = (error: unknown): string => {
  const { message, cause } = error as Error;
  return (cause instanceof Error ? `${message}: ${cause.message}` : message).split('\n')[0];
};

/** Reads one list; a source that cannot be reached is named, and the list stays. */
async function reading(before: ClientList, read: () => Promise<Partial<Refreshed>>): Promise<Refreshed> {
  const base = { name: before.name, before, difference: same, notes: [], unreached: [] };
  try {
    return { ...base, ...(await read()) };
  } catch (error) {
    return { ...base, unreached: [`${before.source}: ${reason(error)}`] };
  }
}

async function aiList(list: AiList, sources: Sources, today: string): Promise<Partial<Refreshed>> {
  if (list.name === 'ai-crawler-index') {
    const { version, text } = sources.pythonFile('ai-crawler-index', 'ai_crawler_index/data.json');
    const data = JSON.parse(text) as Parameters<typeof productsOfIndex>[0] & { generated_at: string };
    const products = productsOfIndex(data);
    return {
      after: { ...list, version, released: data.generated_at.slice(0, 10), read: today, products } as AiList,
      difference: difference(list.products, products),
    };
  }
  const address = 'https://raw.githubusercontent.com/ai-robots-txt/ai.robots.txt/main/robots.json';
  const products = productsOfRobots(JSON.parse(await sources.page(address)) as Parameters<typeof productsOfRobots>[0]);
  return {
    after: { ...list, version: 'main', released: '', read: today, products } as AiList,
    difference: difference(list.products, products),
  };
}

async function npmList(list: ClientList, sources: Sources, today: string): Promise<Partial<Refreshed>> {
  const { version, released, directory } = sources.npmPackage(list.name);
  if (version === list.version) return { after: { ...list, released, read: today } };
  return {
    difference: difference(
      await npmEntries(list.name, new URL(`../../../node_modules/${list.name}`, import.meta.url).pathname),
      await npmEntries(list.name, directory),
    ),
    notes: [`version ${version} of ${released} is newer than ${list.version}: npm install ${list.name}@${version}`],
  };
}

/** A key of the operators' list that is an address. */
const ADDRESS = /^[\w-]+(?:\.[\w-]+)+(?:\/[\w./-]*)?$/;

async function operators(sources: Sources, today: string): Promise<Partial<Refreshed>> {
  const known = new Set([
    ...[...operatorAgents()].flatMap(({ tokens }) => tokens),
    ...aiLists.flatMap(({ products }) => Object.keys(products).map((name) => name.toLowerCase())),
  ]);
  const unreached: string[] = [];
  const notes: string[] = [];
  const added: string[] = [];
  const removed: string[] = [];
  for (const [page, purposes] of Object.entries(operatorList.operators)) {
    if (!ADDRESS.test(page)) {
      notes.push(`to be read by a person: ${page}`);
      continue;
    }
    try {
      const tokens = Object.values(purposes).flatMap((programs) => programs.map((program) => program.split(' ')[0]));
      const found = pageDifference(tokens, known, await sources.page(`https://${page}`));
      added.push(...found.added.map((name) => `${name} (${page})`));
      removed.push(...found.removed.map((name) => `${name} (${page})`));
    } catch (error) {
      unreached.push(`${page}: ${reason(error)}`);
    }
  }
  return {
    // A person enters what is new, because a page says the purpose in words.
    after: unreached.length === 0 && added.length + removed.length === 0 ? { ...operatorList, read: today } : undefined,
    difference: { added, removed, changed: [] },
    notes,
    unreached,
  };
}

/** @param today day of the comparison, YYYY-MM-DD */
export async function refreshLists(sources: Sources, today: string): Promise<Refreshed[]> {
  const refreshed: Refreshed[] = [];
  for (const list of aiLists) refreshed.push(await reading(list, () => aiList(list, sources, today)));
  for (const list of packages) refreshed.push(await reading(list, () => npmList(list, sources, today)));
  refreshed.push(await reading(operatorList, () => operators(sources, today)));
  return refreshed;
}
