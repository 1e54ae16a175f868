// Compiles the product and the tests' worker to plain JavaScript in .cache/, so that a process that starts again and again
// need not translate itself each time (two seconds of CPU).

import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['transform', 'ingest', 'sql', 'dashboards', 'scripts', 'test/support', 'test/provide'];
const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
};

/** Translates without checking types. → a folder with the layout of this repository; it is removed when this process ends */
export function compiledProduct(): string {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  const out = mkdtempSync(join(cache, 'compiled-'));
  chmodSync(out, 0o755); // tests run it as another user
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
  symlinkSync(cache, join(out, '.cache')); // downloaded files
  return out;
}

/** For use outside a test run, which compiles once for all tests: see workerProgram() of cli.ts. */
export const compiledWorker = (): string => join(compiledProduct(), 'test/support/worker-process.js');
