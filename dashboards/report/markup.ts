// HTML that is safe from injection: a template escapes every value that is not Markup already.

import { printable } from '../../transform/printable.ts';
import type { FigureQuery } from './queries.ts';
import { formatBytes, formatCount } from '../../transform/numbers.ts';

export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export type Child = Markup | string | number | bigint | null | undefined | readonly Child[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
export const escapeHtml = (text: string): string =>
  printable(text).replace(/[&<>"'`]/g, (character) => entities[character]);

function render(child: Child): string {
  if (child === null || child === undefined) return '';
  if (child instanceof Markup) return child.text;
  return Array.isArray(child) ? child.map(render).join('') : escapeHtml(String(child));
}

/** html`<p>${anything}</p>`; attributes must be quoted. */
export const html = (strings: TemplateStringsArray, ...children: readonly Child[]): Markup =>
  new Markup(strings.map((text, index) => text + (index < children.length ? render(children[index]) : '')).join(''));

/** SQL keeps its line ends. */
export const code = (text: string): Markup => new Markup(text.split('\n').map(escapeHtml).join('\n'));

export interface Column {
  readonly title: string;
  /** Numbers are aligned right. */
  readonly number?: boolean;
}
export interface TableOptions {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Child[])[];
  readonly foot?: readonly (readonly Child[])[];
  /** The query behind the table. */
  readonly source?: Child;
  /** The text of an empty table. */
  readonly empty?: string;
}

/** The first cell of a row is its heading. */
export function table({ caption, columns, rows, foot = [], source, empty = 'Nothing.' }: TableOptions): Markup {
  const cellClass = (index: number) => (columns[index]?.number ? html` class="n"` : null);
  const row = (cells: readonly Child[]) =>
    html`<tr>
      ${cells.map((cell, index) =>
        index === 0 ? html`<th scope="row" ${cellClass(0)}>${cell}</th>` : html`<td${cellClass(index)}>${cell}</td>`,
      )}
    </tr>`;
  const body =
    rows.length === 0
      ? html`<tr>
          <td class="empty" colspan="${columns.length}">${empty}</td>
        </tr>`
      : rows.map(row);
  return html`<div class="table">
    <table>
      <caption>
        ${caption}${source}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ title }, index) => html`<th scope="col" ${cellClass(index)}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
      ${
        foot.length === 0
          ? null
          : html`<tfoot>
              ${foot.map(row)}
            </tfoot>`
      }
    </table>
  </div> `;
}

/** '1.23 MB', with the exact number in its title. */
export const bytesCell = (value: bigint): Markup =>
  html`<span title="${formatCount(value)} bytes">${formatBytes(value)}</span>`;

/** A name as logged, isolated from the direction of the text around it. */
export const nameCell = (name: string): Markup => html`<bdi class="name">${name}</bdi>`;

/** A share as a bar, beside its figure. */
export function bar(part: bigint, whole: bigint): Markup {
  const share = whole <= 0n || part <= 0n ? 0 : Number((part * 1000n) / whole) / 10;
  return html`<span class="bar" aria-hidden="true"><i style="width:${Math.min(100, share)}%"></i></span>`;
}

export const section = (title: string, ...children: readonly Child[]): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${children}
  </section> `;

/** A link to a figure's query, by its number. */
export const from = ({ id }: FigureQuery): Markup => html` <a class="q" href="#${id.toLowerCase()}">[${id}]</a>`;
