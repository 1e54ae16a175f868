// `make house`: measures the code. Lines for each folder, long files, long functions, and SQL statements in TypeScript.
// Usage: tsx scripts/tools/house.ts [CHECKOUT]

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const LONG_FILE_LINES = 350;
const LONG_FUNCTION_LINES = 60;
const PRODUCT = /^(transform|ingest|sql|dashboards|scripts(?!\/tools))\//;
/** The first word of a statement, as passed to the warehouse's methods. */
const SQL = /^\s*(SELECT|INSERT|ALTER|CREATE|DROP|WITH|OPTIMIZE|SYSTEM|EXPLAIN|RENAME|TRUNCATE)\s/;

const root = process.argv[2] ?? '.';
const files = execFileSync('git', ['ls-files', '*.ts', '*.sql'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

interface Folder {
  files: number;
  lines: number;
  test_lines: number;
}
const folders = new Map<string, Folder>();
const longFiles: string[] = [];
const longFunctions: string[] = [];
const statements: string[] = [];

function readTypeScript(path: string, text: string): void {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    const lines = lineOf(node.end) - lineOf(node.getStart());
    if (ts.isFunctionLike(node) && lines > LONG_FUNCTION_LINES && !path.endsWith('.test.ts'))
      longFunctions.push(`${path}:${lineOf(node.getStart())} (${lines} lines)`);
    const isText =
      ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
    if (
      isText &&
      PRODUCT.test(path) &&
      !path.endsWith('.test.ts') &&
      SQL.test(node.getText().slice(1, -1).slice(0, 200))
    )
      statements.push(`${path}:${lineOf(node.getStart())}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
}

for (const path of files) {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n').length - 1;
  const isTest = path.endsWith('.test.ts');
  const folder = folders.get(dirname(path)) ?? { files: 0, lines: 0, test_lines: 0 };
  folders.set(dirname(path), folder);
  folder.files += 1;
  folder[isTest ? 'test_lines' : 'lines'] += lines;
  if (lines > LONG_FILE_LINES && !isTest && path.endsWith('.ts')) longFiles.push(`${path} (${lines} lines)`);
  if (path.endsWith('.ts')) readTypeScript(path, text);
}

for (const [folder, { files, lines, test_lines }] of [...folders].sort())
  process.stdout.write(`${folder.padEnd(32)} ${files} files, ${lines} lines, ${test_lines} lines of tests\n`);
const list = (title: string, rows: readonly string[]) =>
  process.stdout.write(`\n${title}: ${rows.length}\n${rows.map((row) => `  ${row}\n`).join('')}`);
list(`files over ${LONG_FILE_LINES} lines, tests apart`, longFiles);
list(`functions over ${LONG_FUNCTION_LINES} lines, tests apart`, longFunctions);
list(
  'SQL statements in the product’s TypeScript outside sql/',
  statements.filter((row) => !row.startsWith('sql/')),
);
list(
  'SQL statements in the TypeScript of sql/',
  statements.filter((row) => row.startsWith('sql/')),
);
