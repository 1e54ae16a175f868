// HTML that is safe from injection: a template escapes every value that is not Markup already.

import { printable } from '../../transform/printable.ts';
import type { FigureQuery } from './queries.ts';
import type { Words } from './texts/words.ts';

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
  /** The text of an empty table; default: a dash. */
  readonly empty?: string;
}

/** The first cell of a row is its heading. On a narrow screen each row is a list, and a cell is named by its column. */
export function table({ caption, columns, rows, foot = [], source, empty = '–' }: TableOptions): Markup {
  const cellClass = (index: number) => (columns[index]?.number ? html` class="n"` : null);
  const row = (cells: readonly Child[]) =>
    html`<tr>
      ${cells.map((cell, index) =>
        index === 0
          ? html`<th scope="row" ${cellClass(0)}>${cell}</th>`
          : cell === '' || cell === null
            ? html`<td class="blank"></td>`
            : html`<td${cellClass(index)} data-label="${columns[index]?.title}">${cell}</td>`,
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
export const bytesCell = (value: bigint, words: Words): Markup =>
  html`<span title="${words.texts.exactBytes(words.count(value))}">${words.bytes(value)}</span>`;

/** A name as logged, isolated from the direction of the text around it. */
export const nameCell = (name: string): Markup => html`<bdi class="name">${name}</bdi>`;

/** A part of a whole in percent, to a tenth, within 0 to 100. */
const shareOf = (part: bigint, whole: bigint): number =>
  whole <= 0n || part <= 0n ? 0 : Math.min(100, Number((part * 1000n) / whole) / 10);

/** A share as a bar, beside its figure. */
export const bar = (part: bigint, whole: bigint): Markup =>
  html`<span class="bar" aria-hidden="true"><i style="width:${shareOf(part, whole)}%"></i></span>`;

/** A range within a whole as a bar: from `low` to `high`. @param label describes it for readers who cannot see it */
export function rangeBar(label: string, low: bigint, high: bigint, whole: bigint): Markup {
  const [from, to] = [shareOf(low, whole), shareOf(high, whole)];
  return html`<span class="bar range" role="img" aria-label="${label}"
    ><i class="sure" style="width:${from}%"></i
    ><i class="between" style="width:${Math.max(0, to - from).toFixed(1)}%"></i
  ></span>`;
}

export const section = (title: string, ...children: readonly Child[]): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${children}
  </section> `;

/** A figure's query by its number. It leads to the list of the queries. */
export const from = ({ id }: FigureQuery): Markup => html` <a class="q" href="#${id.toLowerCase()}">[${id}]</a>`;
