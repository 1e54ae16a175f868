// What a web page is: the queries that its address asks for, and the HTML that their rows make. Pages are pure: scripts/serve/pages.ts
// runs the queries with the rights of whoever reads.

import { type QueryParams } from '../../sql/warehouse.ts';
import { figureQuery, type FigureQuery } from '../report/queries.ts';
import { html, type Child, type Markup } from '../report/markup.ts';

/** A value as the engine writes it in JSON, with 64-bit numbers as texts. */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

/** The rows of a page's queries, by their names in the plan. */
export interface Answers {
  rowsOf(name: string): readonly Row[];
  /** The query as anybody can run it. */
  queryOf(name: string): PageQuery;
}

export type PageQuery = Omit<FigureQuery, 'id'>;
export type Plan = Readonly<Record<string, PageQuery>>;

/** The days and the ecosystem that a page is about; every page's address has them. */
export interface Range {
  /** YYYY-MM-DD, inclusive */
  readonly from: string;
  readonly to: string;
  /** '' for all */
  readonly ecosystem: string;
}

export interface Page {
  /** Below /pages/. */
  readonly name: string;
  readonly title: string;
  /** Whether its figures can be those of one ecosystem. */
  readonly byEcosystem?: true;
  /** @param address its other parameters */
  plan(range: Range, address: URLSearchParams): Plan;
  /** The main part of the page. */
  render(answers: Answers, range: Range, address: URLSearchParams): Child;
}

/** @param file below sql/queries/ */
export const pageQuery = (file: string, title: string, parameters: QueryParams): PageQuery =>
  figureQuery(file, title, parameters);

export const text = (value: Value | undefined): string => (value === null || value === undefined ? '' : String(value));
export const big = (value: Value | undefined): bigint => BigInt(text(value) || 0);

/** An address below /pages/ with its parameters; empty ones are left out. */
export function addressOf(name: string, parameters: Readonly<Record<string, string | readonly string[]>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters))
    for (const each of typeof value === 'string' ? [value] : value) if (each !== '') query.append(key, each);
  const written = query.toString();
  return `/pages/${name}${written === '' ? '' : `?${written}`}`;
}

/** Leads to the Questions page with the query of a figure. */
export const source = (query: PageQuery): Markup =>
  html` <a class="q" href="${addressOf('questions', { query: query.sql })}" title="${query.title}">query</a>`;

/** A choice between addresses; the current one is marked. */
export const choice = (
  label: string,
  options: readonly { readonly title: string; readonly href: string; readonly current: boolean }[],
): Markup =>
  html`<nav class="choice" aria-label="${label}">
    <span>${label}</span>
    ${options.map(
      ({ title, href, current }) => html`<a href="${href}" ${current ? html`aria-current="true"` : null}>${title}</a>`,
    )}
  </nav> `;
