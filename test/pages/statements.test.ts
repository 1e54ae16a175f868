// A statement of each kind in a real browser: wide and narrow, light and dark, and as pages of a PDF. The pictures stay in
// test-output/statements, to be looked at: make test-pages.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderStatementHtml } from '../../dashboards/report/statement-html.ts';
import { PdfPrinter } from '../../scripts/exports/pdf.ts';
import { chromiumProgram, startBrowser } from '../provide/chromium.ts';
import { type DebianProgram, pdftoppmProgram } from '../provide/debian.ts';
import { run } from '../provide/tools.ts';
import { pageFaults, views } from '../support/pages.ts';
import { statementKinds, type KindName } from '../support/statement-kinds.ts';

const output = fileURLToPath(new URL('../../test-output/statements/', import.meta.url));
const names = Object.keys(statementKinds) as KindName[];
const PRINTED_DPI = '70';

describe('statements of each kind', () => {
  let browser: Browser;
  let printer: PdfPrinter;
  let pdftoppm: DebianProgram;
  beforeAll(async () => {
    rmSync(output, { recursive: true, force: true });
    mkdirSync(output, { recursive: true });
    pdftoppm = await pdftoppmProgram();
    browser = await startBrowser();
    printer = new PdfPrinter(await chromiumProgram());
  });
  afterAll(async () => {
    await browser?.close();
    await printer?.close();
  });

  it.each(names)('%s on screens', async (name) => {
    const path = join(output, `${name}.html`);
    writeFileSync(path, renderStatementHtml(statementKinds[name]));
    for (const view of views) {
      const picture = join(output, `${name}-${view.width}-${view.colorScheme}.png`);
      expect(await pageFaults(browser, pathToFileURL(path).href, view, picture), picture).toEqual([]);
    }
  });

  it.each(names)('%s on paper: a letter, a page of usage, then the annex', async (name) => {
    const statement = statementKinds[name];
    const html = renderStatementHtml(statement);
    const pdf = await printer.print(html, statement.versions.computed_at);
    expect(Buffer.compare(pdf, await printer.print(html, statement.versions.computed_at))).toBe(0);
    const path = join(output, `${name}.pdf`);
    writeFileSync(path, pdf);
    await run(pdftoppm.path, ['-png', '-r', PRINTED_DPI, path, join(output, `${name}-page`)], {
      env: { ...process.env, ...pdftoppm.env },
    });
    const text = (page: number) => pageText(pdftoppm, path, page);
    const pages = readdirSync(output).filter((file) => file.startsWith(`${name}-page-`)).length;
    expect(await text(1)).toContain(statement.number);
    expect(await text(1)).toContain(`Page 1 of ${pages}`);
    const annex = await Promise.all(Array.from({ length: pages }, async (_, index) => /^\s*Annex\s*$/m.test(await text(index + 1)))); // prettier-ignore
    // Long names need one more sheet.
    expect(annex.indexOf(true)).toBeLessThanOrEqual(name === 'long-names' ? 4 : 2);
    expect(annex).toContain(true);
    for (let page = 2; page <= pages; page++) {
      const words = (await text(page)).replace(/\s+/g, ' ');
      expect(words).toContain(`Page ${page} of ${pages}`);
      expect(words).toContain(statement.number);
      // A page with next to nothing on it would be an orphan.
      expect(words.length, `page ${page}`).toBeGreaterThan(200);
    }
  });
});

/** The text of one page, by the program beside pdftoppm. */
async function pageText({ path, env }: DebianProgram, pdf: string, page: number): Promise<string> {
  const words = ['-f', String(page), '-l', String(page), '-layout', pdf, '-'];
  return (await run(path.replace(/pdftoppm$/, 'pdftotext'), words, { env: { ...process.env, ...env } })).stdout;
}
