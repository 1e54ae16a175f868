// Pages, rows and terminal text from a report made by hand, with everything hostile in it.

import { describe, expect, it } from 'vitest';
import { head, HOSTILE, statement, summary } from '../../test/support/hostile-report.ts';
import { figureColumns, rowValues, statementJson, statementRows, summaryJson, summaryRows } from './figure-rows.ts';
import { renderStatementHtml } from './statement-html.ts';
import { renderSummaryHtml } from './summary-html.ts';
import { printStatement, printSummary } from './terminal.ts';

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

  it('prints the query of every figure, and names no other', () => {
    const named = new Set([...page.matchAll(/href="#(q\d+)"/g)].map(([, id]) => id));
    const printed = [...page.matchAll(/<details id="(q\d+)"/g)].map(([, id]) => id);
    expect([...named].sort()).toEqual([...printed].sort());
  });
});

describe('figures in the pages', () => {
  const text = (page: string) => page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');

  it('states money to the cent and bytes exactly', () => {
    const page = renderStatementHtml(statement);
    expect(text(page)).toContain('Nothing is due before October 2026 is closed.');
    expect(text(page)).toContain('Your share of the cost is 300.00 EUR as far as it is known.');
    expect(text(renderStatementHtml({ ...statement, status: 'closed' }))).toContain('300.00 EUR for October 2026');
    expect(page).toContain('title="1,000 bytes"');
    expect(text(page)).toContain('Cap and minimum: cap No share is above 25 % of the cost, 250.00.');
    expect(page).not.toContain('<strong>300.00 EUR');
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
    expect(text(renderStatementHtml(closed))).toContain('Final. The period was closed on 2026-11-05 08:00 UTC');
    expect(text(renderStatementHtml(closed))).not.toContain('not an invoice');
  });
});

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
    expect(printStatement({ ...statement, status: 'closed' })).toMatch(/│ Due \(cap\) [│ ]+300\.00 │/);
    expect(printStatement(statement)).toMatch(/│ So far \(cap\) [│ ]+300\.00 │/);
    expect(printStatement(statement)).toContain('Nothing is due before October 2026 is closed.');
  });
});
