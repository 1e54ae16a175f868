// Every page of the demo, in a real browser: make test-pages.

import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../provide/chromium.ts';
import { pageFaults, views } from '../support/pages.ts';

const output = new URL('../../demo-output/', import.meta.url);
if (!existsSync(output)) throw new Error(`there is no ${fileURLToPath(output)}: run make demo`);
const pages = ['', 'statements/']
  .flatMap((folder) => readdirSync(new URL(folder, output)).map((name) => folder + name))
  .filter((name) => name.endsWith('.html'));

describe('the pages of the demo', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  it('are there', () => expect(pages.length).toBeGreaterThan(1));

  it.each(pages)('%s', async (name) => {
    for (const view of views)
      expect(await pageFaults(browser, new URL(name, output).href, view), `${view.width} px`).toEqual([]);
  });
});
