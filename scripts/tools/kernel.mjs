// Compiles transform/scan/plain-lines.as (AssemblyScript) into a module that carries the WebAssembly as text, so that the
// transform needs no file at run time. `make kernel`, after a change; a unit test holds the two against each other.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import asc from 'assemblyscript/asc';

const source = new URL('../../transform/scan/plain-lines.as', import.meta.url);
const target = new URL('../../transform/scan/plain-lines.wasm.ts', import.meta.url);

/** @returns {Promise<string>} the text of plain-lines.wasm.ts */
export async function compileKernel() {
  let binary;
  const { error, stderr } = await asc.main(
    [
      'plain-lines.ts',
      '--outFile',
      'out.wasm',
      '-O3',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      '--initialMemory',
      '3',
      '--maximumMemory',
      '3',
      '--use',
      'abort=',
    ],
    {
      readFile: (name) => (name === 'plain-lines.ts' ? readFileSync(source, 'utf8') : null),
      writeFile: (_name, contents) => void (binary = contents),
      listFiles: () => [],
    },
  );
  if (error !== null || binary === undefined) throw new Error(`plain-lines.as: ${stderr.toString() || error}`);
  const text = Buffer.from(binary).toString('base64');
  return `// Compiled from plain-lines.as by \`make kernel\`. Do not edit.\nexport const wasm =\n  '${text}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, await compileKernel());
