// Runs README, docs/ and the help's examples in fresh deployments, in order, word for word, and compares the output that they
// show. docs/CONTRIBUTING.md, "Pages that run", says how to write a page. A block that cannot run here names its need in the
// page.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Command } from 'commander';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type {} from '../global-setup.ts';
import { commandLine } from '../../scripts/tools/docs/reference.ts';
import { type Block, blocksOf, comparable, Deployment, patternOf, type Step, stepsOf } from '../support/documents.ts';
import { fairshareHere } from '../support/cli.ts';
import { edgeLine } from '../support/house.ts';
import { copyMigratedWarehouse } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const captures = join(root, 'test/fixtures/captures');
const kafka = { FAIRSHARE_KAFKA__BROKERS: JSON.stringify(inject('kafkaBrokers')) };

/** Writes a file of the deployment, with its directories. */
function put({ directory }: Deployment, path: string, text: string | Buffer): void {
  const file = join(directory, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, path.endsWith('.gz') ? gzipSync(text) : text);
}

/** Returns the recorded npm clients, moved to another day. */
const capture = (day: string): string =>
  readFileSync(join(captures, 'npm-edge.jsonl'), 'utf8').replaceAll('2026-11-22', day);

/**
 * Writes the logs of a day: an object that begins with a broken line, one with the recorded clients, and one after midnight, with
 * two requests: a single line does not end a day.
 */
function putLogs(deployment: Deployment, at: string, day: string, next: string): void {
  const folder = `${at}/${day.replaceAll('-', '/')}`;
  const foreign = ['01', '02'].map((second) => edgeLine({ at: `${day}T00:00:${second}Z`, address: '203.0.113.9' }));
  put(deployment, `${folder}/00-00.log.gz`, ['{"broken', ...foreign, ''].join('\n'));
  put(deployment, `${folder}/00-05.log.gz`, capture(day));
  put(
    deployment,
    `${at}/${next.replaceAll('-', '/')}/00-00.log.gz`,
    ['01', '02'].map((second) => `${edgeLine({ at: `${next}T00:00:${second}Z` })}\n`).join(''),
  );
}

async function must(deployment: Deployment, script: string): Promise<void> {
  const { status, stderr } = await deployment.run(script);
  expect(status, `${script}\n${stderr}`).toBe(0);
}

/** Prepares the files and tables that a page needs. */
const preparations: Readonly<Record<string, (deployment: Deployment) => Promise<void> | void>> = {
  'README.md': async (deployment) => {
    mkdirSync(join(deployment.directory, 'fairshare/test'), { recursive: true });
    symlinkSync(join(root, 'test/fixtures'), join(deployment.directory, 'fairshare/test/fixtures'));
    putLogs(deployment, 'logs/npm', '2026-11-22', '2026-11-23');
    await must(deployment, 'cd fairshare');
  },
  'docs/OPERATIONS.md': async (deployment) => {
    copyMigratedWarehouse(join(deployment.directory, 'data'));
    putLogs(deployment, 'logs/npm', '2026-11-22', '2026-11-23');
    await must(
      deployment,
      `fairshare init
      echo 'kafka: { group: documents-operations, topics: [{ topic: npm-logs, source: npm-edge }] }' >> fairshare.yaml
      fairshare ingest files logs/npm --source npm-edge
      fairshare produce logs/npm --topic npm-logs`,
    );
  },
  'docs/FORMATS.md': async (deployment) => {
    copyMigratedWarehouse(join(deployment.directory, 'data'));
    putLogs(deployment, 'logs/npm', '2026-11-22', '2026-11-23');
    put(deployment, 'one.log', capture('2026-11-22'));
    // One line of the fixture has the field names of Parquet.
    const lines = readFileSync(join(root, 'test/fixtures/formats/cloudfront-json/good.log'), 'utf8').split('\n');
    put(deployment, 'given.jsonl', `${lines.find((line) => line.includes('cs_uri_stem'))}\n`);
    await must(
      deployment,
      `fairshare init
      mkdir parquet
      fairshare query "SELECT * FROM file('$PWD/given.jsonl', JSONEachRow)" --allow-writes --format Parquet > parquet/one.parquet`,
    );
  },
  'docs/PIPELINES.md': (deployment) => {
    const lines = Array.from({ length: 9 }, (_, i) => `{"request_id":"${i}"}\n`);
    put(deployment, 'sent.jsonl', lines.join(''));
    // Two lines did not arrive, and the others have a header.
    put(deployment, 'received.log', lines.slice(2).map((line) => `Nov 28 01:02:03 edge-1 nginx: ${line}`).join('')); // prettier-ignore
  },
  'docs/FUNDING.md': (deployment) => {
    const oracle = join(root, 'test/fixtures/funding/oracle');
    for (const name of ['units.csv', 'costs.csv', 'policy.yaml'])
      cpSync(join(oracle, name), join(deployment.directory, name));
    cpSync(join(oracle, 'what-if.yaml'), join(deployment.directory, 'other.yaml'));
  },
  'docs/FOR-COMPANIES.md': async (deployment) => {
    copyMigratedWarehouse(join(deployment.directory, 'data'));
    await must(
      deployment,
      `fairshare init
      fairshare orgs import orgs.yaml
      fairshare ingest files ${captures}/npm-edge.jsonl --source npm-edge
      fairshare attribute`,
    );
  },
  'docs/PRIVACY.md': async (deployment) => {
    copyMigratedWarehouse(join(deployment.directory, 'data'));
    await must(
      deployment,
      `fairshare init
      fairshare orgs import orgs.yaml`,
    );
  },
  'docs/ANALYSTS.md': async (deployment) => {
    copyMigratedWarehouse(join(deployment.directory, 'data'));
    put(deployment, 'q.sql', 'SELECT * FROM usage_known');
    await must(
      deployment,
      `fairshare init
      fairshare orgs import orgs.yaml
      fairshare ingest files ${captures}/npm-edge.jsonl --source npm-edge
      fairshare ingest files ${captures}/debian-edge.jsonl --source debian --ecosystem deb --path-prefix /debian
      fairshare seal
      fairshare allocate --period 2026-11`,
    );
  },
};

const isDrawing = ({ text }: Block): boolean => !text.startsWith('$ ') && /[│→▶]/.test(text);
/** Data and configuration of other programs: scripts/tools/docs/formats-page.test.ts reads them. */
const isRead = ({ language }: Block): boolean => ['json', 'nginx', 'text'].includes(language);
/** Files of this repository, which test/adding adds to a copy. */
const isAdded = ({ file }: Block): boolean => file?.includes('/') === true;
const isRun = (block: Block): boolean => !isRead(block) && !isDrawing(block) && !isAdded(block);
const isMake = ({ text }: Block): boolean => /^make /.test(text);

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`), 'bench/README.md']
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, blocks: blocksOf(readFileSync(join(root, name), 'utf8')).filter(isRun) }))
  .filter(({ blocks }) => blocks.length > 0);

async function runStep(deployment: Deployment, { script, shown }: Step): Promise<void> {
  const { status, stdout, stderr } = await deployment.run(script);
  expect(status, `${script}${stdout}${stderr}`).toBe(0);
  expect(deployment.takeFailures(), script).toEqual([]);
  if (shown !== undefined) expect(comparable(stdout)).toMatch(patternOf(shown));
}

/** Checks a piece of fairshare.yaml as a configuration by itself. A piece that names its file is merged into that file. */
async function runYaml(deployment: Deployment, { file, text }: Block): Promise<void> {
  if (file === undefined) {
    put(deployment, '.run/piece.yaml', text);
    return runStep(deployment, { script: `fairshare config check --config ${deployment.directory}/.run/piece.yaml` });
  }
  const path = join(deployment.here(), file);
  const whole = { ...(parse(readFileSync(path, 'utf8')) as object), ...(parse(text) as object) };
  writeFileSync(path, stringify(whole));
  return runStep(deployment, { script: 'fairshare config check' });
}

async function runSql(deployment: Deployment, { text, table }: Block): Promise<void> {
  put(deployment, '.run/query.sql', text);
  const { status, stdout, stderr } = await deployment.run(
    `fairshare query - --format Markdown < ${deployment.directory}/.run/query.sql`,
  );
  expect(status, stderr).toBe(0);
  expect(stdout.trimEnd().split('\n').length, 'it finds nothing').toBeGreaterThan(2);
  if (table !== undefined) expect(stdout).toBe(table);
}

async function runMake({ text }: Block): Promise<void> {
  for (const line of text.trimEnd().split('\n')) {
    const [, target] = /^make ([a-z-]+)/.exec(line)!;
    await promisify(execFile)('make', ['--dry-run', '--no-print-directory', target], { cwd: root });
  }
}

describe.each(pages)('$name', ({ name, blocks }) => {
  let deployment: Deployment;
  /** Line of the failed block: blocks build on each other, so the blocks after it prove nothing. */
  let failed: number | undefined;
  beforeAll(async () => {
    deployment = await Deployment.open(kafka);
    await preparations[name]?.(deployment);
  });
  afterAll(() => deployment.close());

  it.each(blocks)('line $line', async (block) => {
    if (block.needs !== undefined) return expect(block.needs.length).toBeGreaterThan(5);
    expect(failed, 'a block above failed: line').toBeUndefined();
    failed = block.line;
    if (block.language === 'yaml') await runYaml(deployment, block);
    else if (block.language === 'sql') await runSql(deployment, block);
    else if (block.file !== undefined) writeFileSync(join(deployment.here(), block.file), block.text);
    else if (isMake(block)) await runMake(block);
    else {
      expect(block.language).toBe('sh');
      for (const step of stepsOf(block)) await runStep(deployment, step);
    }
    failed = undefined;
  });
});

it('docs/ANALYSTS.md has ten queries and more, and shows results', () => {
  const queries = pages
    .find(({ name }) => name === 'docs/ANALYSTS.md')!
    .blocks.filter(({ language }) => language === 'sql');
  expect(queries.length).toBeGreaterThanOrEqual(10);
  expect(queries.filter(({ table }) => table !== undefined).length).toBeGreaterThanOrEqual(4);
});

it('docs/FORMATS.md leaves no object of a Parquet file that cannot be read', async () => {
  const { blocks } = pages.find(({ name }) => name === 'docs/FORMATS.md')!;
  const { text } = blocks.find(({ text }) => text.includes('.parquet'))!;
  const deployment = await Deployment.open();
  try {
    await preparations['docs/FORMATS.md'](deployment);
    put(deployment, 'parquet/two.parquet', 'PAR1 torn');
    const { status, stdout } = await deployment.run(text);
    expect(deployment.takeFailures()).toEqual([expect.stringMatching(/^fairshare query .*two\.parquet/)]);
    expect(readdirSync(join(deployment.directory, 'logs/cdn'))).toEqual(['one.jsonl.gz']);
    // The object that was read is loaded, and later loads work.
    expect([status, stdout]).toEqual([0, expect.stringContaining('cdn: 1 of 1 objects loaded; 1 lines')]);
  } finally {
    await deployment.close();
  }
});

const program = await commandLine();

describe('blocks that are not run', () => {
  const left = pages.flatMap(({ name, blocks }) =>
    blocks.filter(({ needs }) => needs !== undefined).map(({ line, needs }) => `${name}:${line} needs ${needs}`),
  );

  it('are few, and say why', () => {
    process.stderr.write(`documents: ${left.length} blocks are not run\n${left.map((each) => `  ${each}\n`).join('')}`);
    expect(left.length).toBeLessThan(28);
  });
});

describe('the examples of the help', () => {
  /** Examples that no test runs here. */
  const notRun: Readonly<Record<string, string>> = {
    "fairshare query 'SHOW TABLES' --warehouse https://analyst@warehouse.example.org:8443/fairshare": 'a server',
    'fairshare migrate --dry-run --warehouse https://admin@warehouse.example.org:8443/fairshare': 'a server',
    'fairshare ingest release --source npm-edge --partition npm-logs/0 --to 1200': 'a partition that stopped',
    'fairshare ingest restore --source npm-edge --object 2026/10/01/00-00.log.gz':
      'a day that an older version changed',
    'fairshare ranges refresh': 'a list that came from an address',
    'fairshare simulate --out scenario': 'minutes: two million lines',
    'fairshare serve': 'a second terminal: serve.test.ts',
    'fairshare serve --users door-users.yaml': 'a second terminal',
    "curl 'http://127.0.0.1:8123/?default_format=PrettyCompact' --data 'SHOW TABLES'": 'the door: serve.test.ts',
    'DOOR_PASSWORD=… fairshare serve --host 0.0.0.0 --password-env DOOR_PASSWORD': 'a second terminal',
    "fairshare methodology start --from 2027-01-01 --reason 'agreed for the new year'":
      'a warehouse that was filled before methodology 2',
    "fairshare ingest give-up --source npm-edge --object 2026-11-27.log.gz --reason 'the disk of edge 4 was lost'":
      'an object that was refused',
    'fairshare days accept 2026-11-25 --source npm-edge --reason "the edge was down for the whole day"':
      'a day that is held back',
    'fairshare days withdraw 2026-11-25 --source npm-edge --reason "the log was found"': 'a day that was accepted',
    'fairshare simulate-cache logs/npm --source npm-edge --size 50GB --files-ttl 30d --metadata-ttl 5m':
      'requests of an organisation: simulate-cache.test.ts',
  };
  /** Commands whose examples need the examples of others. */
  const order = ['orgs adoption', 'orgs candidates', 'produce', 'ingest kafka', 'close', 'correct', 'ingest retract'];

  const paths: string[][] = [[]];
  const collect = (command: Command, path: readonly string[]): void => {
    for (const sub of command.commands) {
      paths.push([...path, sub.name()]);
      collect(sub, [...path, sub.name()]);
    }
  };
  collect(program, []);

  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await Deployment.open({ ...kafka, FAIRSHARE_KAFKA__GROUP: 'documents-help' });
    putLogs(deployment, 'logs/npm', '2026-10-01', '2026-10-02');
    const days = [86_400_000, 0].map((ago_ms) => new Date(Date.now() - ago_ms).toISOString());
    put(deployment, 'logs/npm/latest.log', days.map((at) => `${edgeLine({ at })}\n`.repeat(2)).join(''));
    cpSync(join(captures, 'npm-combined.log'), join(deployment.directory, 'access.log'));
    put(deployment, 'access.log.gz', readFileSync(join(captures, 'npm-combined.log')));
    put(deployment, 'usage.sql', 'SELECT * FROM usage_known');
    put(deployment, 'units.csv', 'family,kind,units\nexample-corp,billable,1000000\n');
    put(deployment, 'month-costs.csv', 'pool,driver,currency,gross,donated,donor\ncdn,bytes,USD,10000.00,0.00,\n');
    put(
      deployment,
      'corrections.csv',
      'id,period,of_period,family,amount,currency,reason\n1,2026-11,2026-10,example-corp,-1.00,USD,refund\n',
    );
    await must(
      deployment,
      `fairshare simulate --out sample --lines 1000 --days 1 --sources npm
      mkdir registry
      cp -r sample/registry/ranges sample/registry/networks.csv registry/
      mkdir .template
      fairshare init .template
      cp .template/fairshare.yaml staging.yaml
      sed 's/^cap_bp: .*/cap_bp: 500/; s/policy-1/policy-2/' .template/policy.yaml > other.yaml`,
    );
  });
  afterAll(() => deployment.close());

  it('run, in order', async () => {
    const rank = (path: readonly string[]) => order.indexOf(path.join(' '));
    const examples: string[] = [];
    const sorted = [...paths].sort((a, b) => rank(a) - rank(b));
    const first = sorted.findIndex((path) => rank(path) >= 0);
    // The root's own examples run first; those of `order` run last.
    expect(sorted[0]).toEqual([]);
    expect(first).toBeGreaterThan(10);
    for (const path of sorted) {
      const { stdout } = await fairshareHere([...path, '--help']);
      const found = [...stdout.matchAll(/^ {2}\$ (.+)$/gm)].map(([, line]) => line);
      const isGroup = /^Commands:/m.test(stdout) && path.length > 0;
      expect(found.length > 0 || isGroup, `${path.join(' ')} has no example`).toBe(true);
      examples.push(...found);
    }
    expect(Object.keys(notRun).filter((line) => !examples.includes(line))).toEqual([]);
    for (const line of examples.filter((line) => notRun[line] === undefined))
      await runStep(deployment, { script: `${line}\n` });
  });
});
