// The product and the tests' worker as plain JavaScript in .cache/: a process that is started five hundred times must not
// translate itself each time.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['transform', 'ingest', 'sql', 'dashboards', 'scripts', 'test/support'];
const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Translates without checking types. → the worker's program; its folder goes when this process ends */
export function compiledWorker(): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const out = mkdtempSync(join(root, '.cache', 'compiled-'));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  for (const folder of folders)
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      const from = join(entry.parentPath, entry.name);
      const to = join(out, relative(root, from));
      if (!entry.isFile() || from.endsWith('.test.ts') || from.endsWith('.d.ts')) continue;
      mkdirSync(dirname(to), { recursive: true });
      if (!from.endsWith('.ts')) copyFileSync(from, to);
      else
        writeFileSync(
          to.replace(/\.ts$/, '.js'),
          ts.transpileModule(readFileSync(from, 'utf8'), { compilerOptions }).outputText,
        );
    }
  copyFileSync(join(root, 'package.json'), join(out, 'package.json'));
  return join(out, 'test/support/worker-process.js');
}
