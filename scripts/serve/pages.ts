// Serves the web pages (dashboards/pages/). Each query of a page runs as a statement of its reader: the same session, rights and limits
// as on the door, so a page shows nothing that its reader may not query.

import { readFileSync } from 'node:fs';
import { type HttpBindings } from '@hono/node-server';
import { type Context, type Hono } from 'hono';
import { type Logger } from 'pino';
import { html, type Child } from '../../dashboards/report/markup.ts';
import {
  addressOf,
  pageQuery,
  text,
  type Answers,
  type Page,
  type Plan,
  type Range,
  type Row,
} from '../../dashboards/pages/page.ts';
import { pages } from '../../dashboards/pages/pages.ts';
import { shell } from '../../dashboards/pages/shell.ts';
import { addDays, isDay } from '../../transform/periods.ts';
import { credentialsOf, refuseOtherSites, type Access } from './access.ts';
import { type Engine } from './engine.ts';
import { DoorError, httpStatusOf, readEngineError, UNKNOWN_EXCEPTION, withoutPaths } from './errors.ts';
import { askReader } from './reader-query.ts';
import { StatementError } from './statement.ts';

type PageContext = Context<{ Bindings: HttpBindings }>;

export interface PagesOptions {
  readonly engine: Engine;
  readonly access: Access;
  readonly log: Logger;
}

/** Rows and bytes that one query of a page may give; its pages show fewer. */
const LIMITS = { rows: 20_000, bytes: 8 << 20 };
/** Rows of a reader's own question. */
const QUESTION_LIMITS = { rows: 1000, bytes: 2 << 20 };
/** Days that a page shows if its address names none, and at most. */
const USUAL_DAYS = 30;
const MOST_DAYS = 731;

/** Own styles and scripts only; nothing inline, nothing from elsewhere. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

const asset = (path: string): string => readFileSync(new URL(`../../dashboards/${path}`, import.meta.url), 'utf8');
const assets = {
  '/pages/style.css': { body: () => asset('report/style.css'), type: 'text/css; charset=UTF-8' },
  '/pages/pages.css': { body: () => asset('pages/pages.css'), type: 'text/css; charset=UTF-8' },
  '/pages/browser.js': { body: () => asset('pages/browser.js'), type: 'text/javascript; charset=UTF-8' },
} as const;

/** A parameter of the address that cannot be used. */
class BadAddress extends Error {}

export function addPages(app: Hono<{ Bindings: HttpBindings }>, options: PagesOptions): void {
  for (const [path, { body, type }] of Object.entries(assets))
    app.get(path, (c) => {
      refuseOtherSites(c.req.raw.headers, options.access.isGuarded);
      return new Response(body(), { headers: { ...SECURITY, 'content-type': type, 'cache-control': 'max-age=300' } });
    });
  app.get('/pages', (c) => c.redirect('/pages/overview'));
  app.get('/play', (c) => c.redirect('/pages/questions'));
  app.get('/pages/package/names', (c) => answered(c, options, names));
  for (const page of pages) app.get(`/pages/${page.name}`, (c) => answered(c, options, (asked) => shown(page, asked)));
}

/** Where a browser is sent that opens the door's own address. */
export const opensInBrowser = (headers: Headers, params: URLSearchParams): boolean =>
  !params.has('query') && (headers.get('accept') ?? '').includes('text/html');

interface Asked {
  readonly address: URLSearchParams;
  readonly rowsOf: (query: Plan[string], limits?: typeof LIMITS) => Promise<Row[]>;
}

async function answered(
  c: PageContext,
  { engine, access, log }: PagesOptions,
  answer: (asked: Asked) => Promise<Response>,
): Promise<Response> {
  const { headers } = c.req.raw;
  const gone = new AbortController();
  c.env.outgoing.once('close', () => gone.abort());
  try {
    const address = new URL(c.req.url).searchParams;
    // A link on another site may open a page, but never ask a question. The answer is for the person who followed it: no other page can
    // read it.
    const isLink = isNavigation(headers) && !address.has('query');
    refuseOtherSites(isLink ? withoutSite(headers) : headers, access.isGuarded);
    const reader = access.authenticate(credentialsOf(headers, new URLSearchParams())) ?? c.env.incoming.socket.remoteAddress ?? ''; // prettier-ignore
    const rowsOf: Asked['rowsOf'] = async ({ sql }, limits = LIMITS) =>
      (await askReader(engine, { reader, sql, params: {}, limits }, gone.signal)).rows.map((row) => JSON.parse(row) as Row); // prettier-ignore
    return await answer({ address, rowsOf });
  } catch (error) {
    const { status, title, problem } = problemOf(error);
    if (status === 500) log.error({ err: error }, 'a page failed');
    const body = shell({ title, current: '', range: undefined, kept: [], pages, note: '', body: problem });
    return new Response(body, {
      status,
      headers: {
        ...SECURITY,
        'content-type': 'text/html; charset=UTF-8',
        ...(status === 401 ? { 'www-authenticate': 'Basic realm="fairshare"' } : {}),
      },
    });
  }
}

const isNavigation = (headers: Headers): boolean =>
  headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document';

function withoutSite(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('sec-fetch-site');
  return kept;
}

async function shown(page: Page, { address, rowsOf }: Asked): Promise<Response> {
  const [reach] = await rowsOf(pageQuery('pages/last_day.sql', 'The last day', {}));
  const lastDay = text(reach?.last_day);
  const range = rangeOf(address, lastDay);
  const plan = page.plan(range, address);
  const rows = new Map(
    await Promise.all(
      Object.entries(plan).map(async ([name, query]) => [name, await rowsOf(query, name === 'answer' ? QUESTION_LIMITS : LIMITS)] as const), // prettier-ignore
    ),
  );
  const answers: Answers = {
    rowsOf: (name) => rows.get(name) ?? [],
    queryOf: (name) => plan[name],
  };
  const isEmpty = lastDay === '' && page.name !== 'questions';
  const kept = [...address].filter(([name]) => !['from', 'to', 'ecosystem'].includes(name));
  const body = shell({
    title: page.title,
    current: page.name,
    range: page.name === 'questions' || isEmpty ? undefined : range,
    kept,
    pages,
    note:
      lastDay === ''
        ? 'No log line is loaded yet.'
        : `The last request that is loaded is of ${lastDay} (UTC). A figure is one second old at most.`,
    body: isEmpty ? emptyWarehouse : page.render(answers, range, address),
  });
  return new Response(body, { headers: { ...SECURITY, 'content-type': 'text/html; charset=UTF-8' } });
}

const emptyWarehouse: Child = html`<p class="problem">
  Nothing is loaded yet, so there are no figures. Load logs with <code>fairshare ingest files</code> or
  <code>fairshare ingest kafka</code>, and seal their days with <code>fairshare nightly</code>.
</p>`;

async function names({ address, rowsOf }: Asked): Promise<Response> {
  const [reach] = await rowsOf(pageQuery('pages/last_day.sql', 'The last day', {}));
  const { from, to } = rangeOf(address, text(reach?.last_day));
  const search = (address.get('q') ?? '').trim();
  const rows = search === '' ? [] : await rowsOf(pageQuery('pages/package_search.sql', 'Packages by name', { from, to, text: search })); // prettier-ignore
  const found = rows.map(({ ecosystem, package: name }) => {
    const title = `${text(ecosystem)}/${text(name)}`;
    return { title, href: addressOf('package', { from, to, package: title }) };
  });
  return new Response(JSON.stringify(found), { headers: { ...SECURITY, 'content-type': 'application/json' } });
}

/** @throws BadAddress */
function rangeOf(address: URLSearchParams, lastDay: string): Range {
  const newest = lastDay === '' ? '1970-01-31' : lastDay;
  const to = address.get('to') || newest;
  const from = address.get('from') || (isDay(to) ? addDays(to, 1 - USUAL_DAYS) : '');
  for (const [name, day] of Object.entries({ from, to }))
    if (!isDay(day)) throw new BadAddress(`${name} is ${JSON.stringify(day)}, and not a day as 2026-11-30`);
  if (from > to) throw new BadAddress(`from (${from}) is after to (${to})`);
  if (addDays(from, MOST_DAYS) <= to) throw new BadAddress(`${from} to ${to} are more than ${MOST_DAYS} days`);
  return { from, to, ecosystem: address.get('ecosystem') ?? '' };
}

interface Problem {
  readonly status: number;
  readonly title: string;
  readonly problem: Child;
}

function problemOf(error: unknown): Problem {
  const said = (what: Child, detail: string): Child =>
    html`<div class="problem">
      <p>${what}</p>
      <pre>${detail}</pre>
    </div>`;
  if (error instanceof BadAddress)
    return { status: 400, title: 'This address cannot be shown', problem: said('A parameter of the address is wrong:', error.message) }; // prettier-ignore
  const { code, body } = error instanceof StatementError ? new DoorError(62, 'SYNTAX_ERROR', error.message) : readEngineError(error); // prettier-ignore
  const detail = withoutPaths(body);
  const status = httpStatusOf(code);
  const what =
    code === UNKNOWN_EXCEPTION
      ? 'This page failed. Please report it with the log of fairshare serve.'
      : status === 401
        ? 'This warehouse asks for a name and a password, or a token.'
        : status === 408 || [241, 158, 307, 396].includes(code)
          ? 'The figures take longer, or more memory, than this reader may use. Choose fewer days, or ask the operator for more (serve in fairshare.yaml).'
          : status === 503 || code === 236
            ? 'The warehouse is busy. Try again in a moment.'
            : 'The warehouse refused this question:';
  return { status, title: status === 401 ? 'Who are you?' : 'No answer', problem: said(what, detail) };
}
