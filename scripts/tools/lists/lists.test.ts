// `make lists`: differences are shown, sources that cannot be reached are named, and nothing is written by the comparison.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import {
  ageOf_days,
  aiLists,
  clientLists,
  leftOut,
  listedAgents,
  operatorAgents,
} from '../../../transform/clients/lists.ts';
import { difference, differenceText, pageDifference, productsOfIndex, productsOfRobots } from './compare.ts';
import { refreshLists } from './refresh.ts';
import type { Sources } from './sources.ts';

const fail = (): never => {
  throw new Error('no network');
};
const unreachable: Sources = {
  pythonFile: fail,
  npmPackage: fail,
  page: () => Promise.reject(new Error('no network')),
  close() {},
};

describe('a comparison', () => {
  it('shows what was added, removed and changed', () => {
    const found = difference({ a: 'ai_search', b: 'ai_training' }, { b: 'ai_user_fetch', c: 'ai_training' });
    expect(differenceText(found)).toBe('  + c: ai_training\n  - a: ai_search\n  ~ b: ai_training → ai_user_fetch\n');
    expect(differenceText(difference({ a: '' }, { a: '' }))).toBe('');
  });

  it('reads ai-crawler-index: AI categories, and the name where there is no user agent', () => {
    const crawlers = [
      { name: 'Acme Bot', ua: 'AcmeBot', category: 'dataset' },
      { name: 'Acme-Extended', ua: '(control token only)', category: 'ai-training' },
      { name: 'AcmeSeo', ua: 'AcmeSeo', category: 'seo' },
    ];
    expect(productsOfIndex({ crawlers })).toEqual({ AcmeBot: 'ai_training', 'Acme-Extended': 'ai_training' });
  });

  it('reads ai.robots.txt: the purpose from its words, one spelling of a name, none with a version', () => {
    const named = (words: string) => ({ function: words });
    expect(
      productsOfRobots({
        'Acme-User': named('AI Assistants'),
        acmebot: named('Scrapes data to train models.'),
        AcmeBot: named('AI Data Scrapers'),
        'AcmeBot/1.0': named('LLM training'),
        AcmeSearch: named('AI Search Crawlers'),
        'acme-code': named('AI Coding Agents'),
        Silent: {},
      }),
    ).toEqual({
      'acme-code': 'ai_coding_agent',
      'Acme-User': 'ai_user_fetch',
      acmebot: 'ai_training',
      AcmeSearch: 'ai_search',
      Silent: 'ai_training',
    });
  });

  it('finds new and missing programs on a page', () => {
    const page = 'We run AcmeBot and Acme-User. The header User-Agent names them. OtherBot is not ours.';
    expect(pageDifference(['acmebot', 'acme-search'], new Set(['acmebot', 'otherbot']), page)).toEqual({
      added: ['Acme-User'],
      removed: ['acme-search'],
      changed: [],
    });
  });
});

describe('sources', () => {
  it('that cannot be reached are all named, and their lists stay', async () => {
    const lists = await refreshLists(unreachable, '2027-01-01');
    expect(lists.map(({ name }) => name).sort()).toEqual(clientLists.map(({ name }) => name).sort());
    for (const { name, after, unreached } of lists) {
      expect([name, after]).toEqual([name, undefined]);
      expect(unreached.length).toBeGreaterThan(0);
      expect(unreached.every((text) => text.endsWith(': no network'))).toBe(true);
    }
  });

  it('that say something else change the list, with the day of the comparison', async () => {
    const lists = await refreshLists(
      {
        ...unreachable,
        page: () => Promise.resolve('{"NewBot": {"function": "AI Search Crawlers"}}'),
        npmPackage: (name) => ({
          version: clientLists.find((list) => list.name === name)!.version,
          released: '2026-12-31',
          directory: '/nowhere',
        }),
      },
      '2027-01-01',
    );
    const robots = lists.find(({ name }) => name === 'ai.robots.txt')!;
    expect(robots.after).toMatchObject({ read: '2027-01-01', products: { NewBot: 'ai_search' } });
    expect(robots.difference.added).toEqual(['NewBot: ai_search']);
    expect(robots.difference.removed).toContain('GPTBot: ai_training');
    expect(lists.find(({ name }) => name === 'isbot')!.after).toMatchObject({
      read: '2027-01-01',
      released: '2026-12-31',
    });
  });
});

describe('the lists', () => {
  it('say where they are from, under which licence, and of which day', () => {
    for (const { name, source, licence, released, read } of clientLists) {
      expect([name, source !== '', licence !== '', /^\d{4}-\d\d-\d\d$/.test(read)]).toEqual([name, true, true, true]);
      expect(released).toMatch(/^(?:\d{4}-\d\d-\d\d)?$/);
    }
  });

  it.each(['crawler-user-agents', 'es6-crawler-detect', 'isbot', 'ci-info'])(
    'have the version of %s that is installed',
    (name) => {
      const file = createRequire(import.meta.url)
        .resolve('vitest/package.json')
        .replace('vitest', name);
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      expect(clientLists.find((list) => list.name === name)!.version).toBe(version);
    },
  );

  it('name each program once, and leave out only names that a list has', () => {
    const tokens = [...operatorAgents(), ...listedAgents()].flatMap((agent) => agent.tokens);
    expect(tokens.filter((token, i) => tokens.indexOf(token) !== i)).toEqual([]);
    const listed = new Set(aiLists.flatMap(({ products }) => Object.keys(products).map((name) => name.toLowerCase())));
    expect([...leftOut.keys()].filter((name) => !listed.has(name))).toEqual([]);
  });

  it('grow old, and are never of tomorrow', () => {
    const list = { read: '2026-12-01' };
    expect(ageOf_days(list, Date.parse('2026-12-01T12:00:00Z'))).toBe(0.5);
    expect(ageOf_days(list, Date.parse('2027-03-02T00:00:00Z'))).toBe(91);
    expect(ageOf_days(list, Date.parse('2026-11-01T00:00:00Z'))).toBe(0);
  });
});
