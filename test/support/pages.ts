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

/**
 * Opens a page and lists its faults: errors, dialogs, anything fetched, and content that is cut off at the side.
 * @param url of a file, because pages stand alone
 */
export async function pageFaults(browser: Browser, url: string, { width, colorScheme }: View): Promise<string[]> {
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
    if ((await page.locator('h1').count()) !== 1) faults.push('no heading');
  } finally {
    await context.close();
  }
  return faults;
}
