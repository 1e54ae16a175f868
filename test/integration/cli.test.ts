// The program as people and scripts use it: exit codes, streams, help, configuration, signals, and one directory between two
// processes.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fairshare, fairshareHere, program, startFairshare } from '../support/cli.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const files = temporaryDirectory();
const at = (...names: string[]) => join(files.path, ...names);
const warehouse = at('warehouse');
const env = { FAIRSHARE_WAREHOUSE: warehouse };
afterAll(() => files.remove());

describe('help', () => {
  it('lists every command, with examples and exit codes', async () => {
    const { status, stdout, stderr } = await fairshareHere(['--help']);
    expect([status, stderr]).toEqual([0, '']);
    for (const command of ['init', 'config', 'migrate', 'ingest', 'seal', 'allocate', 'query', 'serve', 'doctor'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toMatch(/Examples:\n {2}\$ fairshare /);
    expect(stdout).toContain('Exit codes:');
  });

  it('of every command ends with an example', async () => {
    const { stdout } = await fairshareHere(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+)(?: |$)/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'help');
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const help = (await fairshareHere([name, '--help'])).stdout;
      const group = /^Commands:/m.test(help);
      expect(group || /Examples?:\n(?: {2}.*\n?)+$/.test(help), `${name} --help`).toBe(true);
    }
  });

  it('gives the version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await fairshareHere(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('usage errors end with 2, and say so on stderr alone', () => {
  it.each([
    [['nosuch'], /unknown command 'nosuch'/],
    [['nosuch', '--help'], /unknown command 'nosuch'/],
    [['help', 'nosuch'], /unknown command 'nosuch'/],
    [['ranges', 'nosuch', '--help'], /unknown command 'nosuch'/],
    [['qery', 'SELECT 1'], /Did you mean query\?/],
    [['query'], /missing required argument 'sql'/],
    [['query', 'SELECT 1', '--nosuch'], /unknown option '--nosuch'/],
    [['query', 'SELECT 1', '--param', 'x'], /not a parameter: x/],
    [['query', 'SELECT 1', '--format', 'a b'], /not a format: a b/],
    [['query', '--lock-timeout', 'soon', 'SELECT 1'], /Seconds, zero or more/],
    [['query', 'SELECT 1; SELECT 2'], /one statement at a time/],
    [['query', "SELECT 1 INTO OUTFILE '/tmp/x'"], /INTO OUTFILE/],
    [['query', ' -- nothing'], /there is no statement/],
    [['query', 'DROP TABLE org'], /--allow-writes/],
    [['--log-level', 'loud', 'migrate'], /Allowed choices/],
    [['--config', 'no-such-file.yaml', 'migrate'], /cannot read the configuration no-such-file\.yaml/],
    [['--warehouse', 'https://', 'migrate'], /not a warehouse URL/],
    [['serve', '--port', '70000'], /A port, 0 to 65535/],
    [['serve', '--password-env', 'NO_SUCH_VARIABLE'], /the environment has no NO_SUCH_VARIABLE/],
    [['config'], /Usage: fairshare config/],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await fairshareHere(args, { env: { FAIRSHARE_WAREHOUSE: at('never') } });
    expect(stderr).toMatch(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});

describe('init and config check', () => {
  it('writes files that the check accepts, and never overwrites', async () => {
    const made = await fairshareHere(['init', at('new')]);
    expect([made.status, readdirSync(at('new')).sort()]).toEqual([0, ['costs.csv', 'fairshare.yaml', 'orgs.yaml', 'policy.yaml']]); // prettier-ignore
    const check = await fairshare(['config', 'check'], { cwd: at('new') });
    expect([check.status, check.stderr]).toEqual([0, '']);
    expect(check.stdout).toMatch(/^# fairshare\.yaml\nwarehouse: \.\/data\n/);

    mkdirSync(at('taken'));
    writeFileSync(at('taken', 'costs.csv'), 'mine');
    const refused = await fairshareHere(['init', at('taken')]);
    expect([refused.status, readdirSync(at('taken')), readFileSync(at('taken', 'costs.csv'), 'utf8')]).toEqual([2, ['costs.csv'], 'mine']); // prettier-ignore
    expect(refused.stderr).toMatch(/has costs\.csv already; nothing was written/);
  });

  it('reports all faults at once, of shape or of sense', async () => {
    writeFileSync(at('shape.yaml'), 'outptu: x\nlog_level: loud\nlate_window_hours: -1\n');
    const shape = await fairshareHere(['config', 'check', '--config', at('shape.yaml')]);
    expect([shape.status, shape.stdout]).toEqual([2, '']);
    expect(shape.stderr).toMatch(
      /3 fault\(s\)\n {2}late_window_hours: .*\n {2}log_level: .*\n {2}\(top level\): .*outptu/,
    );

    writeFileSync(at('sense.yaml'), 'sources: [{name: a, format: x}, {name: a, ecosystem: y}]\npolicy: none.yaml\n');
    const sense = await fairshareHere(['config', 'check', '--config', at('sense.yaml'), '--json']);
    const { ok, faults } = JSON.parse(sense.stdout) as { ok: boolean; faults: { path: string }[] };
    expect([sense.status, ok]).toEqual([2, false]);
    expect(faults.map(({ path }) => path)).toEqual([
      'sources.0.format',
      'sources.1.name',
      'sources.1.ecosystem',
      'policy',
    ]);
  });

  it('never prints a password', async () => {
    const secret = 'hunter2';
    const args = ['config', 'check', '--warehouse', `https://me:${secret}@host:8443/db`];
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = await fairshareHere([...args, ...json], {
        env: { FAIRSHARE_WAREHOUSE_PASSWORD: secret },
      });
      expect(stdout).toContain('https://me:…@host:8443/db');
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});

describe('the warehouse', () => {
  beforeAll(async () => {
    expect((await fairshareHere(['migrate'], { env })).status).toBe(0);
  });

  it('is not made by a reader who mistyped its name', async () => {
    const { status, stderr } = await fairshareHere(['query', 'SELECT 1', '--warehouse', at('mistyped')]);
    expect([status, readdirSync(files.path).includes('mistyped')]).toEqual([5, false]);
    expect(stderr).toMatch(/there is no warehouse at .*mistyped\n.*fairshare migrate/);
  });

  it('is migrated once; --dry-run says what would be', async () => {
    expect((await fairshareHere(['migrate', '--json'], { env })).stdout).toBe('{"applied":[],"up_to_date":true}\n');
    const dry = await fairshareHere(['migrate', '--dry-run', '--json', '--warehouse', at('dry')]);
    const { pending } = JSON.parse(dry.stdout) as { pending: string[] };
    expect(pending).toContain('migrations/0001_landing.sql');
    const left = await fairshareHere(['migrate', '--dry-run', '--json', '--warehouse', at('dry')]);
    expect(left.stdout).toBe(dry.stdout);
  });

  it('answers queries in any format, from argument or stdin, with parameters', async () => {
    const csv = await fairshareHere(['query', 'SELECT {x:UInt64} AS x, {s:String} AS s', '--param', 'x=18446744073709551615', '--param', 's=a=b', '--format', 'CSVWithNames'], { env }); // prettier-ignore
    expect(csv).toEqual({ status: 0, stdout: '"x","s"\n18446744073709551615,"a=b"\n', stderr: '' });
    const piped = await fairshareHere(['query', '-'], {
      env,
      stdin: 'SELECT 1 AS a -- with a comment\nFORMAT JSONEachRow;\n',
    });
    expect(piped.stdout).toBe('{"a":1}\n');
    expect((await fairshareHere(['query', 'SELECT 1 AS a'], { env })).stdout).toBe('a\n1\n');
  });

  it('takes every flag from a variable, too; flags win', async () => {
    const sql = ['query', 'SELECT {x:UInt8} AS a'];
    const variables = { ...env, FAIRSHARE_QUERY_FORMAT: 'JSONEachRow', FAIRSHARE_QUERY_PARAM: 'x=7' };
    expect((await fairshareHere(sql, { env: variables })).stdout).toBe('{"a":7}\n');
    expect((await fairshareHere([...sql, '--format', 'CSV'], { env: variables })).stdout).toBe('7\n');
    const drop = ['query', 'DROP TABLE IF EXISTS no_such_table'];
    const allow = (value: string) => fairshareHere(drop, { env: { ...env, FAIRSHARE_QUERY_ALLOW_WRITES: value } });
    expect([(await allow('1')).status, (await allow('0')).status]).toEqual([0, 2]);
  });

  it('gives the engine’s errors as refused input, 3', async () => {
    const { status, stdout, stderr } = await fairshareHere(['query', 'SELECT nope'], { env });
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^fairshare: .*nope.* \(UNKNOWN_IDENTIFIER, code 47\)\n$/s);
  });

  it('is changed by query only with --allow-writes', async () => {
    const insert = "INSERT INTO org (org_id, name) VALUES ('a', 'A')";
    expect((await fairshareHere(['query', insert], { env })).status).toBe(2);
    expect((await fairshareHere(['query', insert, '--allow-writes'], { env })).status).toBe(0);
    expect((await fairshareHere(['query', 'SELECT name FROM default.org FORMAT TSV'], { env })).stdout).toBe('A\n');
  });

  it('does not answer where there is no server: 5', async () => {
    const { status, stderr } = await fairshareHere(['query', 'SELECT 1', '--warehouse', 'http://127.0.0.1:9/x']);
    expect(status).toBe(5);
    expect(stderr).toMatch(
      /^fairshare: the warehouse http:\/\/127\.0\.0\.1:9\/x does not answer: .*\n.*FAIRSHARE_WAREHOUSE.*\n$/s,
    );
  });

  it('ends quietly when nobody reads its output', async () => {
    const shell = `${process.execPath} ${program()} query 'SELECT number FROM numbers(30000000)' | head -n 2; echo "status \${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', shell], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err] = await Promise.all(
      [child.stdout, child.stderr].map(async (stream) => Buffer.concat(await stream.toArray()).toString()),
    );
    expect([out, err]).toEqual(['number\n0\nstatus 0\n', '']);
  });
});

describe('classify', () => {
  const npm = 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false ci/github-actions';
  const combined = (path: string) =>
    `192.0.2.1 - - [22/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 2000 "-" "${npm}"`;
  const answers = (stdout: string) => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore

  it('answers user agents one for one, in order', async () => {
    const { status, stdout, stderr } = await fairshareHere(['classify'], { stdin: `${npm}\n\ncurl/8.5.0` });
    expect([status, stderr]).toEqual([0, '']);
    expect(answers(stdout).map(({ user_agent }) => user_agent)).toEqual([npm, '', 'curl/8.5.0']);
  });

  it('finds a log’s format, says so on stderr, and loses no line of any size', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => (i % 7 === 3 ? 'no line of this log' : combined(`/left-pad/-/left-pad-1.0.${i}.tgz`))); // prettier-ignore
    const flags = ['classify', '--log', 'auto', '--ecosystem', 'npm'];
    const { status, stdout, stderr } = await fairshareHere(flags, { stdin: lines.join('\n') });
    expect([status, stderr]).toEqual([0, 'format: combined\n']);
    const got = answers(stdout);
    expect(got).toHaveLength(lines.length);
    expect(got.every((answer, i) => (i % 7 === 3 ? 'error' in answer : answer.version === `1.0.${i}`))).toBe(true);
  });

  it('has nothing to say of nothing, and excludes blank lines', async () => {
    expect(await fairshareHere(['classify', '--log', 'auto'])).toEqual({ status: 0, stdout: '', stderr: '' });
    const blank = await fairshareHere(['classify', '--log', 'auto'], { stdin: '\n\n' });
    expect(blank.stdout).toBe('{"excluded":{"reason":"blank_line"}}\n'.repeat(2));
  });

  it('takes ecosystems by host, and a source of the configuration', async () => {
    writeFileSync(at('classify.yaml'), 'sources: [{ name: feed, format: json, hosts: { r: gem }, fields: { occurred_at: t, method: m, path: p, status: s, host: h } }, { name: extensions, format: json, ecosystem: openvsx, repository_url: "https://extensions.example.org", fields: { occurred_at: t, method: m, path: p, status: s } }]'); // prettier-ignore
    const line = (h: string, p: string) => JSON.stringify({ t: '2026-11-22T10:00:00Z', m: 'GET', s: 200, h, p });
    const stdin = `${line('r', '/gems/rake-13.0.gem')}\n${line('n', '/left-pad/-/left-pad-1.0.0.tgz')}\n`;
    const args = [
      'classify',
      '--log',
      'auto',
      '--source',
      'feed',
      '--host-map',
      'n=npm',
      '--config',
      at('classify.yaml'),
    ];
    const { stdout } = await fairshareHere(args, { stdin });
    expect(answers(stdout).map(({ purl }) => purl)).toEqual(['pkg:gem/rake@13.0', 'pkg:npm/left-pad@1.0.0']);
    const extensions = ['classify', '--log', 'auto', '--source', 'extensions', '--config', at('classify.yaml')];
    const { stdout: named } = await fairshareHere(extensions, { stdin: line('', '/api/redhat/java/1.25.1') });
    expect(answers(named)[0].purl).toBe(
      'pkg:vscode-extension/redhat/java@1.25.1?repository_url=https:%2F%2Fextensions.example.org',
    );
  });

  it('refuses what it cannot know', async () => {
    const unknown = await fairshareHere(['classify', '--log', 'auto'], { stdin: 'what is this\n'.repeat(60) });
    expect([unknown.status, unknown.stdout]).toEqual([3, '']);
    expect(unknown.stderr).toMatch(/no known format fits; the first line is\n {2}what is this\nName the format/);
    expect((await fairshareHere(['classify', '--log', 'nope'])).status).toBe(2);
    expect((await fairshareHere(['classify', '--log', 'json'])).stderr).toMatch(/fields must map occurred_at/);
    expect((await fairshareHere(['classify', '--log', 'combined', '--ecosystem', 'cobol'])).stderr).toMatch(/unknown ecosystem "cobol"/); // prettier-ignore
    expect((await fairshareHere(['classify', '--log', 'combined', '--host-map', 'x'])).status).toBe(2);
    expect((await fairshareHere(['classify', '--log', 'combined', '--source', 'x'])).status).toBe(2);
  });
});

describe('two processes and one directory', () => {
  const password = { FAIRSHARE_WAREHOUSE_PASSWORD: 'p' };
  const hold = () =>
    startFairshare(['serve', '--allow-writes', '--password-env', 'FAIRSHARE_WAREHOUSE_PASSWORD', '--port', '0', '--json'], { env: { ...env, ...password } }); // prettier-ignore

  it('the second waits, says for whom, and ends with 5; a reader works beside it', async () => {
    const holder = await hold();
    try {
      const { url } = JSON.parse(holder.firstLine) as { url: string };
      const started = performance.now();
      const second = await fairshareHere(['migrate', '--lock-timeout', '1.5'], { env });
      expect(performance.now() - started).toBeGreaterThan(1500);
      expect([second.status, second.stdout]).toEqual([5, '']);
      expect(second.stderr).toMatch(
        new RegExp(`waiting for the warehouse, held by process ${holder.pid} \\(fairshare serve`),
      );
      expect(second.stderr).toMatch(new RegExp(`is held by process ${holder.pid} .*\n.*--warehouse ${url}`));
      // Runs as a process, to show that the engine itself prints nothing.
      const outside = await fairshare(['migrate', '--lock-timeout', '0'], { env });
      expect(outside.stderr.split('\n').map((line) => line.slice(0, 24))).toEqual([
        'fairshare: the warehouse',
        'Wait for it to end, rais',
        '',
      ]);

      const reader = await fairshareHere(['query', "SELECT count() FROM system.tables WHERE name = {t:String} FORMAT TSV", '--param', 't=org'], { env }); // prettier-ignore
      expect(reader).toEqual({ status: 0, stdout: '1\n', stderr: '' });
      const named = await fairshareHere(['query', 'SELECT 1 FORMAT TSV', '--warehouse', url], { env: password });
      expect(named).toEqual({ status: 0, stdout: '1\n', stderr: '' });
      // Every command that only reads works beside the holder.
      for (const command of [
        ['orgs', 'show'],
        ['orgs', 'diff', 'scripts/init/orgs.yaml'],
        ['ranges', 'show'],
      ]) {
        const { status, stderr } = await fairshareHere([...command, '--lock-timeout', '1'], { env });
        expect([command, status]).toEqual([command, 0]);
        expect(stderr).not.toContain('waiting for the warehouse');
      }
    } finally {
      expect(await holder.stop('SIGTERM')).toBe(143);
    }
  });

  it('the second goes on when the first leaves', async () => {
    const holder = await hold();
    const second = fairshareHere(['migrate', '--json'], { env });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await holder.stop('SIGINT')).toBe(130);
    expect(await second).toMatchObject({ status: 0, stdout: '{"applied":[],"up_to_date":true}\n' });
  });

  it('a holder that was killed holds nothing', async () => {
    const holder = await hold();
    await holder.stop('SIGKILL');
    const next = await fairshareHere(['query', 'SELECT 1 FORMAT TSV', '--lock-timeout', '5'], { env });
    expect(next).toEqual({ status: 0, stdout: '1\n', stderr: '' });
  });

  it('a waiting process can be interrupted', async () => {
    const holder = await hold();
    const waiting = spawn(process.execPath, [program(), 'migrate'], { env: { ...process.env, ...env }, stdio: 'pipe' });
    await new Promise<void>((resolve) =>
      waiting.stderr.on('data', (text: Buffer) => text.includes('waiting') && resolve()),
    );
    const status = new Promise((resolve) => waiting.on('close', resolve));
    waiting.kill('SIGINT');
    expect(await status).toBe(130);
    await holder.stop();
  });
});

describe('a server', () => {
  it('without our schema is not touched: fairshare migrate is named', async () => {
    const env = { FAIRSHARE_WAREHOUSE_PASSWORD: 'p' };
    const args = ['serve', '--allow-writes', '--password-env', 'FAIRSHARE_WAREHOUSE_PASSWORD', '--port', '0', '--json', '--warehouse', at('server')]; // prettier-ignore
    const server = await startFairshare(args, { env });
    try {
      const { url } = JSON.parse(server.firstLine) as { url: string };
      await fairshareHere(['query', 'CREATE DATABASE empty', '--allow-writes', '--warehouse', url], { env });
      const location = `${url}/empty`;
      for (const args of [
        ['query', 'SELECT 1'],
        ['query', 'SELECT 1', '--allow-writes'],
      ]) {
        const { status, stderr } = await fairshareHere([...args, '--warehouse', location], { env });
        expect(status).toBe(4);
        expect(stderr).toMatch(/has no fairshare schema\nRun: fairshare migrate/);
      }
      expect((await fairshareHere(['migrate', '--warehouse', location], { env })).status).toBe(0);
      expect(
        (await fairshareHere(['query', 'SELECT count() FROM empty.org FORMAT TSV', '--warehouse', location], { env }))
          .stdout,
      ).toBe('0\n');
    } finally {
      await server.stop();
    }
  });
});
