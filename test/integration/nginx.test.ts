// nginx itself writes its logs in the documented formats, of a replay of recorded clients and of odd requests. The figures of these
// logs are what the replay sent and received.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, hosts, Nginx } from '../support/nginx.ts';
import { classify, deployed, figuresOf, plan, type Plan } from '../support/pipelines.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const at = (...names: string[]): string => join(directory.path, ...names);
let sent: Plan;
let answers: Answer[];
let nginx: Nginx;

beforeAll(async () => {
  const source = (text: string): string => `  - { ${text}, path_prefix: /debian }\n`;
  const combined = ['npm', 'pypi']
    .map((name) => source(`name: ${name}, format: combined, ecosystem: ${name}`))
    .join('');
  const edge = source(`name: edge, format: nginx-edge, hosts: ${JSON.stringify(hosts)}`);
  writeFileSync(at('fairshare.yaml'), `sources:\n${edge}${combined}`);
  for (const name of ['edge', 'combined']) copyMigratedWarehouse(at(name));
  sent = await plan();
  nginx = await Nginx.start(directory.path);
  answers = await nginx.replay(sent.requests);
  await nginx.sendNoise();
});
afterAll(async () => {
  await nginx?.stop();
  directory.remove();
});

it('the replay has every kind of answer', () => {
  expect(sent.requests.length).toBeGreaterThan(60);
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].sort((a, b) => a - b)).toEqual([200, 206, 304, 404, 405, 416, 499]);
  expect(new Set(sent.meanings.map(({ client }) => client)).size).toBeGreaterThan(15);
});

it('the documented JSON log says what was sent and received', async () => {
  const lines = await classify(nginx.lines('edge.jsonl'));
  expect(lines.slice(0, -1).map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
  expect(lines.at(-1)).toMatchObject({ excluded: { reason: 'not_http' } });
  const { run, figures } = deployed(directory.path, 'edge');
  const { totals } = JSON.parse((await run('ingest', 'files', at('logs/edge.jsonl'), '--source', 'edge', '--json')).trim().split('\n').at(-1)!) as { totals: object }; // prettier-ignore
  expect(totals).toMatchObject({ loaded: 1, lines: answers.length + 1, requests: answers.length });
  expect(await figures()).toEqual(figuresOf(sent, answers, 'bytes'));
});

it("nginx's combined log says it with the bytes of bodies", async () => {
  const { run, figures } = deployed(directory.path, 'combined');
  for (const name of ['npm', 'pypi'])
    await run('ingest', 'files', at(`logs/combined-${name}.example.org.log`), '--source', name);
  const expected = Object.entries(figuresOf(sent, answers, 'bodyBytes'));
  expect(await figures()).toEqual(Object.fromEntries(expected.filter(([name]) => /^(?:npm|pypi) /.test(name))));
});
