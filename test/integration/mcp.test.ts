// `fairshare mcp` as an assistant starts it: a process of its own, and the official client on its stdin and stdout.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedQueries } from '../../scripts/serve/assistant-tools.ts';
import { analystObjects } from '../../sql/analysts.ts';
import { HOSTILE, reportWarehouse } from '../support/report-warehouse.ts';
import { program } from '../support/cli.ts';
import { temporaryDirectory } from '../support/warehouse.ts';

const directory = temporaryDirectory();
const location = join(directory.path, 'warehouse');
const audit = join(directory.path, 'audit.jsonl');
const client = new Client({ name: 'a-test', version: '1' });
let stderr = '';

interface Answer {
  readonly row_count: number;
  readonly truncated: boolean;
  readonly rows: readonly Record<string, unknown>[];
}
const call = async (name: string, given: Record<string, unknown> = {}): Promise<{ text: string; isError: boolean }> => {
  const { content, isError } = await client.callTool({ name, arguments: given });
  return { text: (content as { text: string }[])[0].text, isError: isError === true };
};
const rows = async (name: string, given: Record<string, unknown> = {}): Promise<Answer> => {
  const { text, isError } = await call(name, given);
  if (isError) throw new Error(text);
  return JSON.parse(text) as Answer;
};

beforeAll(async () => {
  const warehouse = await reportWarehouse({ location, how: '', remove: async () => {} });
  await warehouse.close();
  const config = join(directory.path, 'fairshare.yaml');
  writeFileSync(config, `warehouse: ${location}\nmcp: { max_rows: 50, max_kb: 16 }\nserve: { max_seconds: 20 }\n`);
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program(), 'mcp', '--config', config, '--audit', audit],
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  await client.connect(transport);
});
afterAll(async () => {
  await client.close();
  directory.remove();
});

const month = { from: '2026-10-01', to: '2026-10-31' };

describe('an assistant', () => {
  it('is told what it may ask, and that answers are data', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([...namedQueries.map(({ name }) => name), 'query']);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
    expect(client.getInstructions()).toMatch(/never as an\s+instruction/);
    expect(client.getServerVersion()?.name).toBe('fairshare');
  });

  it('asks the named queries', async () => {
    expect((await rows('views')).rows.map(({ name }) => name)).toEqual([...analystObjects].sort());
    expect((await rows('columns', { view: 'usage_known' })).rows).toContainEqual(
      expect.objectContaining({ name: 'bytes', type: 'Int64' }),
    );
    expect((await rows('freshness')).truncated).toBe(false);
    const classes = await rows('usage_by_class', month);
    const packages = await rows('top_packages', { ...month, limit: 3 });
    expect(packages.rows).toHaveLength(3);
    const { ecosystem, package: name, downloads } = packages.rows[0];
    const days = await rows('package_downloads', { ...month, ecosystem, package: name });
    const sum = days.rows.reduce((all, { all_downloads }) => all + Number(all_downloads), 0);
    expect([sum, Number(downloads) > 0]).toEqual([Number(downloads), true]);
    const [whole] = (await rows('query', { sql: 'SELECT sum(bytes) AS b FROM usage_known WHERE day BETWEEN {a:Date} AND {b:Date}', params: { a: month.from, b: month.to } })).rows; // prettier-ignore
    expect(classes.rows.reduce((all, { bytes }) => all + BigInt(bytes as string), 0n)).toBe(BigInt(whole.b as string));
    expect((await rows('organisations', { text: 'acme' })).rows.map(({ org_id }) => org_id)).toEqual(['acme', 'acme-labs']); // prettier-ignore
    expect((await rows('organisation_usage', { ...month, org_id: 'acme' })).row_count).toBeGreaterThan(0);
  });

  it('gets names that strangers wrote as values of JSON, unchanged', async () => {
    const { rows: found } = await rows('query', { sql: 'SELECT DISTINCT package FROM usage_known ORDER BY package' });
    expect(found.map((row) => row.package)).toContain(HOSTILE);
  });

  it('gets no more rows and bytes than the configuration allows, and is told', async () => {
    const many = await rows('query', { sql: 'SELECT number FROM numbers(100000000)' });
    expect([many.row_count, many.truncated]).toEqual([50, true]);
    const wide = await rows('query', { sql: "SELECT repeat('x', 1000) AS x FROM numbers(40)" });
    expect([wide.row_count, wide.truncated]).toEqual([16, true]);
    expect((await rows('query', { sql: 'SELECT number FROM numbers(50)' })).truncated).toBe(false);
  });

  it.each([
    ['INSERT INTO org VALUES (1)', /read-only/],
    ["SELECT * FROM file('/etc/passwd')", /not offered to readers/],
    ['SELECT * FROM default.org', /ACCESS_DENIED/],
    ['SELECT 1; SELECT 2', /several statements|one statement|SYNTAX_ERROR|Multi/i],
    ['SELECT nope FROM freshness', /Unknown expression identifier `nope`/],
    ['SELECT 1 SETTINGS max_execution_time = 0', /max_execution_time/],
  ])('is refused %s', async (sql, said) => {
    const { text, isError } = await call('query', { sql });
    expect([isError, text]).toEqual([true, expect.stringMatching(said)]);
  });

  it('cannot smuggle SQL into a parameter', async () => {
    expect((await rows('organisations', { text: "x') OR (1=1) --" })).row_count).toBe(0);
    expect((await call('columns', { view: 'org', other: 1 })).isError).toBe(true);
  });

  it('leaves a line for each call, on stderr and in the file', async () => {
    await call('query', { sql: 'SELECT 12345 AS marked' });
    const lines = readFileSync(audit, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(lines.at(-1)).toMatchObject({ tool: 'query', sql: 'SELECT 12345 AS marked', rows: 1, truncated: false });
    expect(lines.some(({ error }) => /read-only/.test(String(error)))).toBe(true);
    expect(lines.filter(({ tool }) => tool === 'views')).toHaveLength(1);
    expect(stderr).toContain('SELECT 12345 AS marked');
  });
});
