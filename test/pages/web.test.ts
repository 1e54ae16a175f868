// The web pages on the demo's warehouse, in a real browser: wide and narrow, light and dark. The pictures stay in test-output/web, to be
// looked at: make test-pages.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../provide/chromium.ts';
import { pageFaults, views } from '../support/pages.ts';
import { startReader } from '../support/doors.ts';

const demo = new URL('../../demo-output/', import.meta.url);
if (!existsSync(demo)) throw new Error(`there is no ${fileURLToPath(demo)}: run make demo`);
const output = fileURLToPath(new URL('../../test-output/web/', import.meta.url));

let browser: Browser;
let door: Awaited<ReturnType<typeof startReader>>;
/** The package with most downloads. */
let name: string;
/** The organisation with most bytes. */
let org: string;

const ask = async <Row>(sql: string): Promise<Row[]> => {
  const response = await fetch(`${door.url}/?default_format=JSONEachRow`, { method: 'POST', body: sql });
  const body = await response.text();
  if (response.status !== 200) throw new Error(body);
  return body.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Row); // prettier-ignore
};

beforeAll(async () => {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  door = await startReader(
    fileURLToPath(new URL('warehouse', demo)),
    {},
    fileURLToPath(new URL('../../dist/scripts/serve/reader-process.js', import.meta.url)),
  );
  browser = await startBrowser();
  const [top] = await ask<{ name: string }>(
    "SELECT concat(ecosystem, '/', package) AS name FROM usage_known WHERE package != '' GROUP BY name ORDER BY sum(downloads) DESC LIMIT 1",
  );
  name = top.name;
  const [largest] = await ask<{ org_id: string }>(
    "SELECT org_id FROM org_usage_daily WHERE org_id != '' GROUP BY org_id ORDER BY sum(bytes) DESC LIMIT 1",
  );
  org = largest.org_id;
});
afterAll(async () => {
  await browser?.close();
  await door?.close();
});

const days = 'from=2026-10-02&to=2026-10-31';
const addresses = () => ({
  overview: `overview?${days}`,
  clients: `overview?${days}&by=client&measure=downloads`,
  empty: 'overview?from=2020-01-01&to=2020-01-31',
  package: `package?${days}&package=${encodeURIComponent(name)}`,
  search: `package?${days}&q=a`,
  organisations: `organisation?${days}`,
  organisation: `organisation?${days}&org=${org}`,
  funding: 'funding?month=2026-10',
  ai: `ai?${days}`,
  pipeline: `pipeline?${days}`,
  questions: 'questions',
  answer: `questions?query=${encodeURIComponent('SELECT requester_class, sum(bytes) AS bytes FROM usage_known GROUP BY requester_class')}`,
});

describe.each(views)('at $width px, $colorScheme', (view) => {
  it.each(Object.keys(addresses()) as (keyof ReturnType<typeof addresses>)[])('%s has no fault', async (page) => {
    const picture = join(output, `${page}-${view.width}-${view.colorScheme}.png`);
    expect(await pageFaults(browser, `${door.url}/pages/${addresses()[page]}`, view, picture)).toEqual([]);
  });
});

describe('a reader', () => {
  let page: Page;
  beforeAll(async () => {
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
  });
  afterAll(() => page.context().close());
  const open = (address: string) => page.goto(`${door.url}/pages/${address}`);
  const figures = async () => (await page.locator('dl.key dd').allTextContents()).map((text) => text.trim());

  it('sees the figures that SQL gives', async () => {
    await open(addresses().overview);
    const [sums] = await ask<{ requests: number; downloads: number }>(
      "SELECT sum(requests) AS requests, sum(downloads) AS downloads FROM usage_known WHERE day BETWEEN '2026-10-02' AND '2026-10-31'",
    );
    const [requests, downloads] = await figures();
    expect([requests, downloads].map((text) => Number(text.replaceAll(',', '')))).toEqual([
      sums.requests,
      sums.downloads,
    ]);
  });

  it('finds the query of a table behind its link, with the same rows', async () => {
    await open(addresses().overview);
    const caption = page.locator('caption', { hasText: 'Packages with most bytes' });
    const shown = await page.locator('table', { has: caption }).locator('tbody tr').count();
    await caption.locator('a.q').click();
    expect(page.url()).toContain('/pages/questions?query=');
    expect(await page.locator('table', { hasText: 'ecosystem' }).first().locator('tbody tr').count()).toBe(shown);
  });

  it('chooses an ecosystem, a measure and days, and the address says so', async () => {
    await open(addresses().overview);
    await page.fill('input[name=ecosystem]', 'npm');
    await page.click('form.range button');
    expect(page.url()).toContain('ecosystem=npm');
    const [sums] = await ask<{ requests: number }>(
      "SELECT sum(requests) AS requests FROM usage_known WHERE ecosystem = 'npm' AND day BETWEEN '2026-10-02' AND '2026-10-31'",
    );
    expect(Number((await figures())[0].replaceAll(',', ''))).toBe(sums.requests);
    await page.click('nav.choice a:text-is("requests")');
    expect(page.url()).toMatch(/ecosystem=npm.*measure=requests/);
  });

  it('sees what a month allocates, as recorded', async () => {
    await open(addresses().funding);
    const [sums] = await ask<{ cents: string; families: number }>(
      "SELECT toString(sum(billed_cents)) AS cents, count() AS families FROM allocation_line WHERE run_id IN (SELECT argMax(run_id, computed_at) FROM allocation_run WHERE period = '2026-10')",
    );
    const cents = (await page.locator('tbody tr td:nth-child(2)').allTextContents()).reduce((sum, text) => sum + Number(text.replace(/[^\d]/g, '')), 0); // prettier-ignore
    expect(cents).toBe(Number(sums.cents));
    expect(await page.locator('tbody tr').count()).toBe(Number(sums.families));
  });

  it('sees of an organisation what SQL gives', async () => {
    await open(addresses().organisation);
    const [sums] = await ask<{ requests: number }>(
      `SELECT sum(requests) AS requests FROM org_usage_daily WHERE org_id = '${org}' AND day BETWEEN '2026-10-02' AND '2026-10-31'`,
    );
    expect(Number((await figures())[0].replaceAll(',', ''))).toBe(sums.requests);
  });

  it('leaves out bots and CI of a package', async () => {
    await open(addresses().package);
    const total = async () => Number((await page.locator('main p strong').first().textContent())!.replaceAll(',', ''));
    const all = await total();
    await page.locator('nav.choice', { hasText: 'CI' }).getByText('without').click();
    await page.locator('nav.choice', { hasText: 'bots' }).getByText('without').click();
    const slash = name.indexOf('/');
    const [sums] = await ask<{ wanted: number }>(
      `SELECT sum(downloads - bot_downloads - ci_downloads) AS wanted FROM downloads_by_day WHERE ecosystem = '${name.slice(0, slash)}' AND package = '${name.slice(slash + 1)}' AND day BETWEEN '2026-10-02' AND '2026-10-31'`,
    );
    expect(await total()).toBe(sums.wanted);
    expect(await total()).toBeLessThanOrEqual(all);
  });

  it('is told packages while typing, and compares two', async () => {
    await open(addresses().package);
    await page.locator('form.search input[name=q]').pressSequentially('ap', { delay: 20 });
    const first = page.locator('ul.suggestions a').first();
    await first.waitFor();
    expect(await first.textContent()).toContain('/');
    await page.click('form.search button');
    await page.getByText('beside the others').first().click();
    expect(await page.locator('figure.chart ul.legend li').count()).toBe(2);
  });

  it('sorts a table by a column', async () => {
    await open(addresses().overview);
    const table = page.locator('table', { has: page.locator('caption', { hasText: 'Usage by kind of program' }) });
    await table.locator('thead button', { hasText: 'Requests' }).click();
    const numbers = (await table.locator('tbody tr td:nth-child(2)').allTextContents()).map((text) => Number(text.replaceAll(',', ''))); // prettier-ignore
    expect(numbers.length).toBeGreaterThan(3);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  });

  it('asks a question, and downloads all of its answer', async () => {
    await open('questions');
    await page.fill(
      'textarea',
      'SELECT ecosystem, sum(requests) AS requests FROM usage_known GROUP BY ecosystem ORDER BY ecosystem',
    );
    await page.click('form.question button');
    const rows = await page
      .locator('section', { has: page.locator('h2:text-is("Answer")') })
      .locator('tbody tr')
      .count();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByText('CSV', { exact: true }).click(),
    ]);
    const csv = await (await download.createReadStream()).toArray();
    expect(
      Buffer.concat(csv as Buffer[])
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(rows + 1);
  });

  it('is told what is wrong', async () => {
    for (const [address, said] of [
      ['overview?from=yesterday', 'not a day'],
      ['overview?from=2026-10-02&to=2026-10-01', 'is after'],
      [`questions?query=${encodeURIComponent('SELEC 1')}`, 'Syntax error'],
      [`questions?query=${encodeURIComponent("SELECT file('/etc/hostname')")}`, 'not offered'],
    ]) {
      const response = await open(address);
      expect(response!.status()).toBeGreaterThanOrEqual(400);
      expect(await page.locator('.problem').textContent()).toContain(said);
    }
  });
});
