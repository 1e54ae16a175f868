// A page of another origin in a real browser, on the machine on which a door without a password is open: it gets nothing from it.

import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReaderProcess } from '../../scripts/serve/reader-parent.ts';
import { startBrowser } from '../provide/chromium.ts';
import { startReader } from '../support/doors.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
let door: ReaderProcess;
let browser: Browser;
let site: Server;
let origin: string;

beforeAll(async () => {
  copyMigratedWarehouse(`${directory.path}/warehouse`);
  door = await startReader(`${directory.path}/warehouse`);
  site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>another site</title><body></body>');
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  // Another name of loopback is another site for the browser.
  origin = `http://localhost:${(site.address() as AddressInfo).port}`;
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await door?.close();
  directory.remove();
});

/** Every way that a page has to ask another site, as the page's own script; → what it got. */
const attack = (url: string, asScript: string): string => `(async (url, asScript) => {
  const got = {};
  const attempt = async (name, work) => {
    got[name] = await work().catch(() => 'failed');
  };
  const element = (tag, attributes) =>
    new Promise((resolve) => {
      const made = Object.assign(document.createElement(tag), attributes);
      made.addEventListener('load', () => resolve('loaded'));
      made.addEventListener('error', () => resolve('failed'));
      document.body.append(made);
      setTimeout(() => resolve('failed'), 1500);
    });
  const text = (init) => fetch(url, init).then((response) => response.text());
  await attempt('fetch', () => text({}));
  await attempt('post', () => text({ method: 'POST', body: 'SELECT 2' }));
  await attempt('no-cors', () => text({ mode: 'no-cors', method: 'POST', body: 'SELECT 2' }));
  await attempt('with credentials', () => text({ credentials: 'include', headers: { authorization: 'Basic x' } }));
  await attempt('script', () => element('script', { src: asScript }));
  await attempt('image', () => element('img', { src: url }));
  await attempt('style', () => element('link', { rel: 'stylesheet', href: url }));
  navigator.sendBeacon(url, 'SELECT 3');
  got.taken = window.taken ?? 'nothing';
  return got;
})(${JSON.stringify(url)}, ${JSON.stringify(asScript)})`;

describe('a page of another origin', () => {
  const script = `SELECT 'window.taken = 1'`;
  const query = (sql: string) => `${door.url}/?query=${encodeURIComponent(sql)}`;

  it('reads no answer, runs none, draws none and frames none, by any way that a page has', async () => {
    const page = await browser.newPage();
    const answered: string[] = [];
    page.on('response', (response) => {
      if (response.url().startsWith(door.url) && response.status() === 200) answered.push(response.url());
    });
    await page.goto(origin);
    const outcomes = await page.evaluate(attack(query('SELECT 1'), query(script)));
    expect(outcomes).toEqual({
      fetch: 'failed',
      post: 'failed',
      'no-cors': 'failed',
      'with credentials': 'failed',
      script: 'failed',
      image: 'failed',
      style: 'failed',
      taken: 'nothing',
    });
    const frame = await page.evaluate(`(async () => {
      const made = Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(query('SELECT 1'))} });
      document.body.append(made);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return made.contentDocument?.body.innerText ?? 'not ours';
    })()`);
    expect(frame).toBe('not ours');
    await page.evaluate(`(() => {
      const form = Object.assign(document.createElement('form'), { method: 'POST', action: '${door.url}/', enctype: 'text/plain' });
      form.append(Object.assign(document.createElement('input'), { name: 'SELECT 4 --', value: 'x' }));
      document.body.append(form);
      form.submit();
    })()`);
    await page.waitForURL(`${door.url}/`);
    expect(await page.textContent('body')).toMatch(/^Code: 497\./);
    expect(answered).toEqual([]);
    await page.close();
  });

  it('is not the person who types the address', async () => {
    const page = await browser.newPage();
    const response = await page.goto(query('SELECT 1 AS x FORMAT JSON'));
    expect([response?.status(), await response?.json()]).toMatchObject([200, { data: [{ x: 1 }] }]);
    await page.close();
  });
});
