// Pages, rows and terminal text from a report made by hand, with everything hostile in it.

import { describe, expect, it } from 'vitest';
import { head, HOSTILE, statement, summary } from '../../test/support/hostile-report.ts';
import { statementKinds, type KindName } from '../../test/support/statement-kinds.ts';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { rules } from '../../transform/classify/rules.ts';
import { figureColumns, rowValues, statementJson, statementRows, summaryJson, summaryRows } from './figure-rows.ts';
import { payableCents } from './figures.ts';
import { statementNumber } from './names.ts';
import { amountParts, statementKind } from './statement-amount.ts';
import { renderStatementHtml } from './statement-html.ts';
import { renderSummaryHtml } from './summary-html.ts';
import { printStatement, printSummary } from './terminal.ts';
import { en } from './texts/en.ts';
import { english, wordsOf } from './texts/words.ts';

/** Tags as a browser would see them, without what stands in attributes. */
const tagsOf = (page: string): string[] =>
  [...page.matchAll(/<\/?([a-zA-Z][a-zA-Z0-9]*)/g)].map(([, name]) => name.toLowerCase());

describe.each([
  ['summary', () => renderSummaryHtml(summary, { statements: true })],
  ['statement', () => renderStatementHtml(statement)],
])('the %s as a page', (_name, render) => {
  const page = render();

  it('runs nothing and fetches nothing, whatever names it shows', () => {
    expect(
      tagsOf(page).filter((tag) =>
        ['script', 'img', 'link', 'iframe', 'object', 'foreignobject', 'use', 'image'].includes(tag),
      ),
    ).toEqual([]);
    expect(page).not.toMatch(/ on\w+=/i);
    expect(page).not.toMatch(/(?:src|href)="(?!#|statements\/)/);
    expect(page).not.toMatch(/url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).toContain("default-src 'none'");
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(page).not.toMatch(/[\u202e\u001b]/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('is a document: a language, one heading of the first order, a caption and headings for every table, charts with a text', () => {
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    const tags = tagsOf(page);
    const times = (tag: string) => tags.filter((name) => name === tag).length / 2;
    expect(times('h1')).toBe(1);
    expect(times('caption')).toBe(times('table'));
    expect(times('thead')).toBe(times('table'));
    expect([...page.matchAll(/<figure class="chart" role="img" aria-label="[^"]+">/g)]).toHaveLength(times('figure'));
    expect(times('figure')).toBeGreaterThanOrEqual(2);
  });

  it('closes what it opens', () => {
    const open: string[] = [];
    for (const [, slash, name] of page
      .replace(/<!doctype[^>]*>/, '')
      .matchAll(/<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?:"[^"]*"|[^">])*?(?<!\/)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('is the same bytes each time, charts included', () => expect(render()).toBe(page));

  it('lists the query of every figure', () => {
    const named = new Set([...page.matchAll(/href="#(q\d+)"/g)].map(([, id]) => id));
    const listed = new Set([...page.matchAll(/<span id="(q\d+)"/g)].map(([, id]) => id));
    expect(named.size).toBeGreaterThan(10);
    expect([...named].filter((id) => !listed.has(id))).toEqual([]);
  });

  it('has a header for printed pages that a name cannot end', () => {
    const rule =
      /@page\{@top-left\{content:"[A-Za-z0-9\\ ]*"\}@bottom-right\{content:"Page\\20 " counter\(page\) "\\20 of\\20 " counter\(pages\)\}\}/;
    expect(page).toMatch(rule);
  });
});

describe('figures in the pages', () => {
  const text = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  it('marks each chart that has days of two methodologies', () => {
    const versions = { ...head.versions, methodology_from: '2026-10-15' };
    const pages = [
      renderStatementHtml({ ...statement, versions }),
      renderSummaryHtml({ ...summary, versions }, { statements: true }),
    ];
    for (const page of pages) {
      const charts = page.split('<figure class="chart"').slice(1);
      expect(charts.length).toBeGreaterThanOrEqual(2);
      for (const chart of charts)
        expect(chart).toContain(
          'Counted by methodology 1 before 2026-10-15, by methodology 2 from then on.</figcaption>',
        );
    }
  });

  it('states money to the cent and bytes exactly', () => {
    const page = renderStatementHtml(statement);
    // One amount: 250.00 + 50.00 - 12.34, and nothing is due yet.
    expect(text(page)).toContain('So far, your share of the cost is 287.66 EUR; it may change until then.');
    expect(page).toContain('title="1,000 bytes"');
    expect(text(page)).toContain(
      'Cap and minimum: your share, cut to the cap No share is above 25 % of the cost, 250.00.',
    );
    expect(text(page)).toContain('Nothing is due before the month is closed.');
    expect(renderSummaryHtml(summary, { statements: true })).toContain('title="9,007,199,254,740,993 bytes"');
  });

  it('says how sure the attribution is', () => {
    for (const page of [renderStatementHtml(statement), renderSummaryHtml(summary, { statements: true })]) {
      expect(text(page)).toContain('500.00 480.00 400.00 – 490.50 60 – 72');
      expect(text(page)).toContain('9 1 90.0 %');
    }
    const low = [...statementRows(statement)].filter(({ measure }) => measure === 'units_low');
    expect(low.map(({ value, detail }) => [value, detail])).toEqual([
      ['400.000000', 'family'],
      ['400.000000', 'organisation'],
    ]);
  });

  it('says plainly how much is not attributed', () => {
    expect(text(renderStatementHtml(statement))).toContain('No organisation answers for 66.7 % of the registry');
  });

  it('links statements only where they stand beside it', () => {
    expect(renderSummaryHtml(summary, { statements: false })).not.toContain('href="statements/');
  });

  it('says that a closed period is final', () => {
    const closed = {
      ...statement,
      status: 'closed' as const,
      versions: { ...head.versions, closed_at: '2026-11-05 08:00:00.000' },
    };
    expect(text(renderStatementHtml(closed))).toContain('Final. The month was closed on 5 November 2026, 08:00 UTC');
    expect(text(renderStatementHtml(closed))).not.toContain('before the month is closed');
  });
});

describe('a statement of each kind', () => {
  const text = (page: string) =>
    page
      .slice(page.indexOf('<body>'))
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  const letterOf = (name: KindName) => text(renderStatementHtml(statementKinds[name]).split('<div class="second">')[0]);

  it.each<[KindName, string, string]>([
    ['payable', '1,187.30 USD', 'In September 2026, your share was 1,042.10 USD. It has risen by 145.20 USD (13.9 %).'],
    ['show-back', 'Nothing', 'Show-back: nothing is due. This statement shows what your usage cost'],
    ['exempt', 'Nothing', 'exempts Example University from payment. Thank you'],
    ['corrected', '1,426.89 USD', 'Correction of September 2026'],
    ['credit', '812.70 USD', 'Corrections of earlier months come to more than your share'],
    [
      'zero',
      'Nothing',
      'within the free allowance of 20,000 units that every company has each month. A unit measures usage',
    ],
    [
      'open',
      'Nothing yet',
      'Nothing is due before the month is closed. So far, your share of the cost is 1,187.30 USD',
    ],
    ['smallest', '250.00 USD', 'Example Corporation Ltd did not use the registry this month.'],
    ['yen', '118,730 JPY', 'The currency has changed since then'],
  ])('%s: one amount, %s', (name, figure, sentence) => {
    const page = renderStatementHtml(statementKinds[name]);
    expect([...page.matchAll(/<p class="figure">([^<]*)<\/p>/g)].map(([, shown]) => shown)).toEqual([figure]);
    expect(letterOf(name)).toContain(sentence);
  });

  it('asks for money only where it says how to pay', () => {
    const asking = (Object.keys(statementKinds) as KindName[]).filter((name) =>
      letterOf(name).includes('Account XX00'),
    );
    const payable = (Object.keys(statementKinds) as KindName[]).filter((name) => statementKind(statementKinds[name]) === 'payable'); // prettier-ignore
    expect(asking).toEqual(payable);
  });

  it('names both parties with their particulars, and the document by number, organisation and month', () => {
    for (const part of [
      '1 Example Street',
      'XX 123 456 789',
      'Example Corporation Ltd',
      '54321 Example City',
      'XX 987 654 321',
      '4500012345',
      'cost centre 4711',
      statementKinds.payable.number,
    ])
      // prettier-ignore
      expect(letterOf('payable')).toContain(part);
    expect(renderStatementHtml(statementKinds.payable)).toContain('<title>Example Corporation Ltd – October 2026 – statement of Example Package Foundation</title>'); // prettier-ignore
  });

  it('has amounts that sum to the one amount', () => {
    for (const statement of Object.values(statementKinds))
      expect(amountParts(statement, english).reduce((sum, { cents }) => sum + cents, 0n)).toBe(payableCents(statement.share)); // prettier-ignore
  });

  it('shows no name of an enumeration', () => {
    const page = text(renderStatementHtml(statementKinds.payable));
    for (const name of [...requesterClasses, ...rules.map(({ id }) => id)].filter((id) => /[_/]/.test(id)))
      expect(page).not.toContain(name);
  });

  it('explains the largest part, and what is not known, by client and rule', () => {
    const page = text(renderStatementHtml(statementKinds.payable));
    expect(page).toContain('The largest part: Class not known');
    expect(page).toContain('What “Hosted machines, purpose not declared” means');
    expect(page).toContain('uv A package client in a data centre did not say what it ran for. 110 GB 78.6 %');
    expect(page).toContain('What would change it: Let builds declare CI');
  });

  it('has a text for every class, and for every rule that leaves it unclear', () => {
    for (const name of requesterClasses) expect(en.classes[name], name).toBeDefined();
    for (const name of requesterClasses) expect(en.usage.meaning[name], name).toBeDefined();
    for (const { id } of rules.filter(({ requesterClass }) => ['unknown', 'hosted'].includes(requesterClass)))
      expect(en.usage.rules[id], id).toBeDefined();
  });

  it('gives a number of its own to every period, family and run', () => {
    const numbers = [statementNumber('2026-10', 'a', 'r'), statementNumber('2026-10', 'b', 'r'), statementNumber('2026-10', 'a', 's'), statementNumber('2026-11', 'a', 'r')]; // prettier-ignore
    expect(new Set(numbers).size).toBe(4);
    for (const number of numbers) expect(number).toMatch(/^2026(10|11)-[0-9A-F]{12}$/);
    expect(statementNumber('2026-10', 'a', 'r')).toBe(numbers[0]);
  });

  it('takes every text from the language, and every number and day as it writes them', () => {
    const foreign = wordsOf('xx', {
      ...bracketed(en),
      numbers: { decimal: '·', group: '’' },
      month: (month, year) => `⟦${month} ${year}⟧`,
    });
    for (const statement of Object.values(statementKinds)) {
      // Charts cut long labels, which are in the tables, too.
      const own = text(renderStatementHtml(statement, foreign).replace(/<svg.*?<\/svg>/gs, '')).replaceAll(
        '&quot;',
        '"',
      );
      // Names, versions, commands and numbers of the data are left.
      let left = own;
      while (left.includes('⟧')) left = left.replace(/⟦[^⟦⟧]*⟧/g, ' ');
      const known = JSON.stringify(statement, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      );
      const strange = left.split(/[^\p{L}]+/u).filter((word) => word.length > 3 && !known.includes(word));
      expect([...new Set(strange)].filter((word) => !['fairshare', 'verify'].includes(word))).toEqual([]);
      expect(own).not.toMatch(/\d,\d{3}/);
      expect(own).toMatch(/\d’\d{3}/);
    }
  });
});

/** The texts of a language with each one in brackets. */
function bracketed<T>(value: T): T {
  if (typeof value === 'string') return `⟦${value}⟧` as T;
  if (typeof value === 'function')
    return ((...words: unknown[]) => `⟦${String((value as (...words: unknown[]) => string)(...words))}⟧`) as T;
  if (Array.isArray(value)) return value.map(bracketed) as T;
  return Object.fromEntries(
    Object.entries(value as object).map(([name, part]) => [name, bracketed(part as unknown)]),
  ) as T;
}

describe('rows and JSON', () => {
  it('hold plain numbers that sum', () => {
    for (const rows of [[...summaryRows(summary)], [...statementRows(statement)]]) {
      for (const row of rows) expect(row.value).toMatch(/^(-?\d+(\.\d+)?)?$/);
      expect(rows.every((row) => rowValues(row).length === figureColumns.length)).toBe(true);
    }
    const lines = [...statementRows(statement)].filter(
      ({ section, measure }) => section === 'line' && measure === 'amount',
    );
    expect(lines.map(({ value }) => value)).toEqual(['200.00', '50.00', '50.00']);
    const due = [...statementRows(statement)].find(({ section }) => section === 'due');
    expect(due).toMatchObject({ value: '300.00', unit: 'EUR' });
  });

  it('are exact, names included', () => {
    const parsed = JSON.parse(summaryJson(summary)) as {
      classification: string;
      totals: { bytes: string };
      packages: { package: string }[];
    };
    expect(parsed).toMatchObject({ document: 'fairshare.summary/1', classification: 'internal' });
    expect(parsed.totals.bytes).toBe('9007199254740993');
    expect(parsed.packages[0].package).toBe(HOSTILE);
    expect(JSON.parse(statementJson(statement))).toMatchObject({
      document: 'fairshare.statement/1',
      due_cents: '30000',
    });
  });
});

describe('the terminal', () => {
  it('shows who used, what is unattributed, who owes and how fresh, without a control character', () => {
    const text = printSummary(summary);
    for (const heading of [
      'Who used how much',
      'What is not attributed, and why: 66.7 %',
      'Who owes what',
      'How fresh the data are',
    ])
      expect(text).toContain(heading);
    expect(text).toContain('Net cost 1,000.00 = billed 250.00 + true-ups 50.00 + commons 700.00 EUR');
    expect(text).toMatch(/300\.00 │ cap, true-up/);
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(text + printStatement(statement)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('shows a statement whose lines end in what is due', () => {
    expect(printStatement({ ...statement, status: 'closed' })).toMatch(
      /│ Due: your share, cut to the cap [│ ]+300\.00 │/,
    );
    expect(printStatement(statement)).toMatch(/│ So far: your share, cut to the cap [│ ]+300\.00 │/);
    expect(printStatement(statement)).toContain('Nothing is due before the month is closed.');
  });
});
