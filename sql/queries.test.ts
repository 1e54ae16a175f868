// SQL stands in .sql files: none in TypeScript, and every file is used, formatted alike and understood by the engine.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/support/warehouse.ts';
import { quarantine, rateBatch, usageBatch } from '../transform/schema.ts';
import { placeholders, type PlaceholderValues, sqlFile } from './sql-file.ts';
import { openWarehouse, type Warehouse } from './warehouse.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const filesIn = (folder: string): string[] =>
  readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);

const productFiles = ['transform', 'ingest', 'sql', 'dashboards', 'scripts']
  .flatMap(filesIn)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('scripts/tools/'));
const queryFiles = filesIn('sql/queries')
  .filter((name) => name.endsWith('.sql'))
  .map((name) => name.slice('sql/'.length))
  .sort();

describe('SQL in TypeScript', () => {
  /** How a text begins that is a statement, or a piece of one; and what only SQL holds. */
  const isSql = (text: string): boolean =>
    /^\s*(?:--[^\n]*\n\s*)*(?:SELECT|INSERT INTO|ALTER TABLE|CREATE (?:OR REPLACE )?(?:TABLE|VIEW|DATABASE)|DROP (?:TABLE|VIEW)|TRUNCATE|OPTIMIZE TABLE|DELETE FROM|WITH\s+\w+\s+AS|EXPLAIN|KILL QUERY)\s/.test(
      text,
    ) ||
    /^\s*(?:FROM|WHERE|AND|OR|GROUP BY|ORDER BY|UNION ALL|INNER JOIN|LEFT JOIN|SETTINGS)\s+\S/.test(text) ||
    (/\{\w+:(?:String|Bool|Date|UUID|Identifier|U?Int\d+|Array\()/.test(text) && !text.includes('$ fairshare '));

  function sqlOf(name: string, source: string): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (
        (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) &&
        isSql(node.text)
      )
        found.push(`${name}: ${node.text.trim().slice(0, 60)}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest));
    return found;
  }

  it('is seen wherever its pieces stand', () => {
    const seen = (source: string) => sqlOf('x.ts', source).length;
    expect(seen("warehouse.query('SELECT a FROM t')")).toBe(1);
    expect(seen('warehouse.command(`ALTER TABLE ${table} DROP PARTITION 1`)')).toBe(1);
    expect(seen('const rest = `\n  -- why\n  WITH a AS (SELECT 1) SELECT a`')).toBe(1);
    expect(seen("query(`${head}${only ? ' AND b = 1' : ''} ORDER BY c`)")).toBe(2);
    expect(seen("const scope = 'provider IN {providers:Array(String)}'")).toBe(1);
    expect(seen('const hint = \'See them: fairshare query "SELECT 1"\'')).toBe(0);
  });

  /** The engine's protocol: a ping, and what a session looks for after a failure (sql/warehouse.ts, `ping`). */
  const protocol = (name: string) => name === 'sql/warehouse.ts' || name.startsWith('scripts/serve/');
  /** Files whose statements still stand in them. */
  const left: string[] = [];

  it('is none', () => {
    const found = productFiles
      .filter((name) => !protocol(name))
      .flatMap((name) => sqlOf(name, readFileSync(`${root}${name}`, 'utf8')));
    expect(found.filter((one) => !left.includes(one.slice(0, one.indexOf(':'))))).toEqual([]);
    expect([...new Set(found.map((one) => one.slice(0, one.indexOf(':'))))].sort()).toEqual(left);
  });
});

describe('SQL files', () => {
  it('are all used, and all that is used is there', () => {
    const named = productFiles.flatMap((name) => [
      ...readFileSync(`${root}${name}`, 'utf8').matchAll(/'(?:queries\/)?((?!analysts\/)[a-z]+\/[a-z_]+\.sql)'/g),
    ]);
    expect([...new Set(named.map(([, path]) => `queries/${path}`))].sort()).toEqual(queryFiles);
  });

  it.each(queryFiles)('%s says what it answers, and is formatted like the others', (path) => {
    const text = readFileSync(`${root}sql/${path}`, 'utf8');
    expect(text).toMatch(/^-- [A-Z]/);
    expect(text).toMatch(/\S\n$/);
    expect(text).not.toMatch(/;[ \t]*$|\t|[ \t]$/m);
    // Of several common table expressions each says what it is.
    expect(text).not.toMatch(/^(?! *--).*\n {4}\w+ AS(?:$| \(SELECT )/m);
    const names = [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
    expect(names.filter((name) => !(name in placeholders) && name !== 'input')).toEqual([]);
  });

  it('name every column of the landing tables, in their order', () => {
    for (const { name, columns } of [usageBatch, rateBatch, quarantine]) {
      const [, table, named] = /^INSERT INTO (\w+) \((.*)\)$/m.exec(sqlFile(`queries/landing/insert_${name}.sql`))!;
      const own = name === 'rate_batch' ? ['batch_id', 'source'] : ['batch_id'];
      expect([table, ...named.split(', ')]).toEqual([name, ...own, ...columns.map((column) => column.name)]);
    }
  });

  describe('on the engine', () => {
    const directory = temporaryDirectory();
    let warehouse: Warehouse;
    beforeAll(async () => {
      warehouse = await openWarehouse({ location: `${directory.path}/w` });
    });
    afterAll(async () => {
      await warehouse.close();
      directory.remove();
    });

    /** Every way to fill in the placeholders that a text has. */
    function filledIn(path: string): string[] {
      let values: PlaceholderValues[] = [{}];
      for (const [name, choices] of Object.entries(placeholders))
        if (sqlFile(path).includes(`{{${name}}}`))
          values = values.flatMap((before) => choices.map((choice) => ({ ...before, [name]: choice })));
      return values.map((each) => sqlFile(path, each).replace('{{input}}', "input('batch UInt32')"));
    }

    it.each(queryFiles)('%s is understood, with its parameters as they are', async (path) => {
      for (const text of filledIn(path)) {
        const [row] = await warehouse.query<{ formatted: string }>('SELECT formatQuery({text:String}) AS formatted', {
          text,
        });
        expect(row.formatted).not.toBe('');
      }
    });

    it('refuses a text that is no statement', async () => {
      await expect(
        warehouse.query('SELECT formatQuery({text:String})', {
          text: sqlFile(queryFiles[0]).replace('SELECT', 'SELECT )'),
        }),
      ).rejects.toThrow(/Syntax error/);
    });
  });
});
