// The WebAssembly that runs is the one whose source stands beside it.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
// @ts-expect-error JavaScript, which has no types
import { compileKernel } from './kernel.mjs';

it('transform/scan/plain-lines.wasm.ts is what plain-lines.as compiles to (make kernel)', async () => {
  const committed = readFileSync(new URL('../../transform/scan/plain-lines.wasm.ts', import.meta.url), 'utf8');
  expect(committed).toBe(await (compileKernel as () => Promise<string>)());
}, 60_000);
