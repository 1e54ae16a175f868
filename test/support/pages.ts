// What a browser finds wrong with a page of ours.

import { type Browser } from 'playwright-core';

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
 * @param url of a file, because pages stand alone
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
      if (request.url() !== url) faults.push(`fetched: ${request.url()}`);
    });
    await page.goto(url);
    const wide_px = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (Number(wide_px) > 0) faults.push(`${String(wide_px)} px wider than the screen`);
    faults.push(...(await page.evaluate<string[]>(UNREADABLE)));
    if (picture !== undefined) await page.screenshot({ path: picture, fullPage: true });
    if ((await page.locator('h1').count()) !== 1) faults.push('no heading');
  } finally {
    await context.close();
  }
  return faults;
}
