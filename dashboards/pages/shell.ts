// The frame of every web page: head, navigation, the range of days, and the foot. Nothing is loaded from elsewhere, and no style or
// script is inline, so that the content security policy can forbid both.

import { html, Markup, type Child } from '../report/markup.ts';
import { addressOf, type Page, type Range } from './page.ts';

export interface Frame {
  readonly title: string;
  /** Name of the page in the navigation. */
  readonly current: string;
  /** undefined: the page has no range, as one that reports an error. */
  readonly range: Range | undefined;
  /** Parameters of the address that the form of the range keeps. */
  readonly kept: readonly (readonly [name: string, value: string])[];
  readonly pages: readonly Pick<Page, 'name' | 'title' | 'byEcosystem'>[];
  readonly body: Child;
  /** What the figures rest on: freshness, or why there are none. */
  readonly note: Child;
}

export const shell = ({ title, current, range, kept, pages, body, note }: Frame): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – fairshare</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/pages/style.css" />
        <link rel="stylesheet" href="/pages/pages.css" />
        <script src="/pages/browser.js" defer="defer"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the figures</a>
        <header class="site">
          <nav aria-label="Pages">
            <strong>fairshare</strong>
            ${pages.map(
              (each) =>
                html`<a
                  href="${addressOf(each.name, range === undefined ? {} : { from: range.from, to: range.to })}"
                  ${each.name === current ? new Markup('aria-current="page"') : null}
                  >${each.title}</a
                >`,
            )}
          </nav>
        </header>
        <main id="main">
          <h1>${title}</h1>
          ${
            range === undefined
              ? null
              : rangeForm(
                  pages.find(({ name }) => name === current)!,
                  range,
                  kept,
                )
          }
          ${body}
        </main>
        <footer class="document"><p>${note}</p></footer>
      </body>
    </html> `.text;

const rangeForm = (
  { name, byEcosystem }: Pick<Page, 'name' | 'byEcosystem'>,
  { from, to, ecosystem }: Range,
  kept: Frame['kept'],
): Markup =>
  html`<form class="range" action="/pages/${name}" method="get">
    <label>From <input type="date" name="from" value="${from}" required="required" /></label>
    <label>to <input type="date" name="to" value="${to}" required="required" /></label>
    ${
      byEcosystem
        ? html`<label
            >Ecosystem
            <input type="text" name="ecosystem" value="${ecosystem}" placeholder="all" size="10" autocomplete="off"
          /></label>`
        : null
    }
    ${kept.map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}" />`)}
    <button>Show</button>
  </form> `;
