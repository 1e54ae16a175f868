// The web pages of a reader's door: what they show is what SQL gives, and nothing that a reader may not see. In a browser: test/pages.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pages } from '../../dashboards/pages/pages.ts';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { startReader } from '../support/doors.ts';
import { rawRequest } from '../support/http.ts';
import { reportWarehouse } from '../support/report-warehouse.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const PASSWORD = 'p:ä';
let door: ReaderProcess, empty: ReaderProcess, locked: ReaderProcess;
beforeAll(async () => {
  const location = join(directory.path, 'warehouse');
  await (await reportWarehouse({ location, how: '', remove: async () => {} })).close();
  copyMigratedWarehouse(join(directory.path, 'empty'));
  [door, empty, locked] = await Promise.all([
    startReader(location),
    startReader(join(directory.path, 'empty')),
    startReader(location, { password: PASSWORD }),
  ]);
});
afterAll(async () => {
  for (const each of [door, empty, locked]) await each?.close();
  directory.remove();
});

/** Not by fetch, because that writes the headers of a browser itself. */
const get = async (path: string, headers: Record<string, string> = {}, from = door) => {
  const answer = await rawRequest(`${from.url}${path}`, { headers });
  return { ...answer, text: answer.body.toString() };
};
const DAYS = 'from=2026-10-01&to=2026-10-31';

describe('every page', () => {
  it.each(pages.map(({ name }) => name))('%s answers, with a policy that allows nothing inline', async (name) => {
    const { status, headers, text } = await get(`/pages/${name}?${DAYS}`);
    expect([status, text.slice(0, 400)]).toEqual([200, expect.stringContaining('<!doctype html>')]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(text).not.toMatch(/ style="|<style|<script>|javascript:/);
  });

  it.each(pages.map(({ name }) => name))('%s says so where nothing is loaded', async (name) => {
    const { status, text } = await get(`/pages/${name}`, {}, empty);
    expect(status).toBe(200);
    expect(text).toContain('No log line is loaded yet');
  });

  it('has the figures of SQL', async () => {
    const sql =
      "SELECT sum(requests) AS requests FROM usage_known WHERE day BETWEEN '2026-10-01' AND '2026-10-31' FORMAT TSV";
    const requests = Number((await get(`/?query=${encodeURIComponent(sql)}`)).text);
    expect(requests).toBeGreaterThan(0);
    expect((await get(`/pages/overview?${DAYS}`)).text).toMatch(
      new RegExp(`<dd>\\s*${requests.toLocaleString('en')}\\b`),
    );
  });
});

it('a browser that opens the address gets the overview, a client is told that the door is alive', async () => {
  const opened = await get('/', { accept: 'text/html,*/*' });
  expect([opened.status, opened.headers.location]).toEqual([302, '/pages/overview']);
  expect((await get('/')).text).toBe('Ok.\n');
});

it('names in addresses and data stay text', async () => {
  const hostile = '"><script>alert(1)</script>';
  for (const path of [
    `/pages/overview?ecosystem=${encodeURIComponent(hostile)}`,
    `/pages/package?package=${encodeURIComponent(`npm/${hostile}`)}&q=${encodeURIComponent(hostile)}`,
    `/pages/organisation?org=${encodeURIComponent(hostile)}`,
    `/pages/ai?agent=${encodeURIComponent(hostile)}`,
    `/pages/questions?query=${encodeURIComponent(`SELECT '${hostile}' AS a`)}`,
  ])
    expect((await get(path)).text).not.toContain('<script>alert');
});

it('a quote in a parameter ends no text of a query', async () => {
  const tried = encodeURIComponent("x' OR 1 = 1 --");
  const { status, text } = await get(`/pages/overview?${DAYS}&ecosystem=${tried}`);
  expect(status).toBe(200);
  expect(text).toMatch(/<dt>Requests<\/dt>\s*<dd>\s*0\b/);
});

it.each([
  ['overview?from=2026-13-01', 400, 'not a day'],
  ['overview?from=2026-10-02&to=2026-10-01', 400, 'is after'],
  ['overview?from=1999-01-01&to=2026-10-01', 400, 'more than'],
  [`questions?query=${encodeURIComponent('SELECT * FROM default.usage_batch')}`, 404, 'usage_batch'],
  [`questions?query=${encodeURIComponent('DROP TABLE usage_known')}`, 403, 'readonly'],
  [`questions?query=${encodeURIComponent("SELECT file('/etc/passwd')")}`, 403, 'not offered'],
])('%s is refused with its reason', async (path, status, said) => {
  const answer = await get(`/pages/${path}`);
  expect([answer.status, answer.text]).toEqual([expect.toSatisfy((got: number) => got === status || (status === 404 && got === 403)), expect.stringContaining(said)]); // prettier-ignore
});

describe('a page of another site', () => {
  const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  it('may link to a page, but neither fetch nor frame it, and asks no question', async () => {
    expect((await get(`/pages/overview?${DAYS}`, navigation)).status).toBe(200);
    expect((await get(`/pages/overview?${DAYS}`, { ...navigation, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
    expect((await get(`/pages/overview?${DAYS}`, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })).status).toBe(403); // prettier-ignore
    expect((await get('/pages/questions?query=SELECT+1', navigation)).status).toBe(403);
    expect((await get('/pages/overview', { host: 'evil.example' })).status).toBe(403);
  });
});

it('asks for the password where the door has one', async () => {
  const asked = await get('/pages/overview', {}, locked);
  expect([asked.status, asked.headers['www-authenticate']]).toEqual([401, 'Basic realm="fairshare"']);
  const authorization = `Basic ${Buffer.from(`default:${PASSWORD}`).toString('base64')}`;
  expect((await get(`/pages/overview?${DAYS}`, { authorization }, locked)).status).toBe(200);
  expect((await get('/pages/overview', { authorization: `Basic ${Buffer.from('default:x').toString('base64')}` }, locked)).status).toBe(403); // prettier-ignore
});
