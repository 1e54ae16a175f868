// A summary and a statement in a real browser, with hostile names in them: nothing runs, nothing is fetched, nothing is cut off.
// `make test-pages` opens every page of the demo in the same way.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderStatementHtml } from '../../dashboards/report/statement-html.ts';
import { renderSummaryHtml } from '../../dashboards/report/summary-html.ts';
import { startBrowser } from '../provide/chromium.ts';
import { statement, summary } from '../support/hostile-report.ts';
import { pageFaults, views } from '../support/pages.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

describe('pages in a browser', () => {
  const directory = temporaryDirectory();
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 900_000);
  afterAll(async () => {
    await browser?.close();
    directory.remove();
  });

  const pages = {
    summary: () => renderSummaryHtml(summary, { statements: false }),
    statement: () => renderStatementHtml(statement),
  };
  const cases = Object.entries(pages).flatMap(([name, render]) => views.map((view) => ({ name, render, ...view })));

  it.each(cases)('$name at $width px, $colorScheme', async ({ name, render, ...view }) => {
    const path = join(directory.path, `${name}.html`);
    writeFileSync(path, render());
    expect(await pageFaults(browser, pathToFileURL(path).href, view)).toEqual([]);
  });

  it('notices a page that is too wide, fetches and runs', async () => {
    const path = join(directory.path, 'bad.html');
    writeFileSync(path, '<h1>x</h1><p style="width:3000px">x</p><img src="gone.png"><script>alert(1)</script>');
    const faults = await pageFaults(browser, pathToFileURL(path).href, views[0]);
    for (const found of [/wider/, /fetched/, /dialog/])
      expect(faults).toContainEqual(expect.stringMatching(found) as string);
  });
});
