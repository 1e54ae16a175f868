// What a browser finds wrong with a page of ours.

import axe from 'axe-core';
import { type Browser, type Page } from 'playwright-core';

export interface View {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A desk and a telephone, by day and by night. */
export const views: readonly View[] = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

/** Runs in the page: cells that reach over the screen's edge, and text of charts below 9 pixels. */
const UNREADABLE = `(() => {
  const edge = document.documentElement.clientWidth + 1;
  const faults = [];
  for (const cell of document.querySelectorAll('th, td, caption, dd, address, p, li'))
    if (cell.getClientRects().length > 0 && getComputedStyle(cell).position !== 'absolute' && !cell.closest('thead')
        && cell.getBoundingClientRect().right > edge)
      faults.push('off the screen: ' + cell.textContent.trim().slice(0, 40));
  for (const text of document.querySelectorAll('figure.chart svg text')) {
    const box = text.getBoundingClientRect();
    if (box.width > 0 && box.height < 9) faults.push('too small: ' + text.textContent);
  }
  return faults.slice(0, 5);
})()`;

/**
 * Opens a page and lists its faults: errors, dialogs, anything fetched, and content that is cut off at the side.
 * Below a narrow width also cells that are cut off, and text of charts too small to read.
 * @param url of a file, because documents stand alone; or of a web page, which may fetch from its own address
 * @param picture path of a picture of the whole page; default: none
 */
export async function pageFaults(
  browser: Browser,
  url: string,
  { width, colorScheme }: View,
  picture?: string,
): Promise<string[]> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const faults: string[] = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const isOwn = url.startsWith('http') && new URL(request.url()).origin === new URL(url).origin;
      if (request.url() !== url && !isOwn && !request.url().startsWith('data:'))
        faults.push(`fetched: ${request.url()}`);
    });
    await page.goto(url);
    const wide_px = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (Number(wide_px) > 0) faults.push(`${String(wide_px)} px wider than the screen`);
    faults.push(...(await page.evaluate<string[]>(UNREADABLE)));
    if (picture !== undefined) await page.screenshot({ path: picture, fullPage: true });
    if ((await page.locator('h1').count()) !== 1) faults.push('no heading');
    if (url.startsWith('http')) faults.push(...(await accessFaults(page)));
  } finally {
    await context.close();
  }
  return faults;
}

/** What axe calls serious or critical. */
async function accessFaults(page: Page): Promise<string[]> {
  // By evaluation, because the page's policy forbids scripts that are not its own.
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
       .map(({ id, help, nodes }) => 'axe ' + id + ': ' + help + ' ' + nodes[0].html.slice(0, 120)))`,
  );
}
