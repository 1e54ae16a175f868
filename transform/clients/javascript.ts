// JavaScript runtimes that fetch packages themselves, and got, because yarn berry writes only that name.

import { productGrammar, whole } from './products.ts';

export const javascript = productGrammar('javascript', [
  {
    client: 'bun',
    kind: 'package_manager',
    pattern: whole(String.raw`[Bb]un/<V>(?: npm/\? node/v<v> [\w-]{1,20} [\w-]{1,20})?`),
    examples: [['Bun/1.2.2', { version: '1.2.2' }], 'bun/1.2.2 npm/? node/v22.6.0 linux x64'],
  },
  {
    client: 'deno',
    kind: 'package_manager',
    pattern: whole('Deno/<V>'),
    examples: [['Deno/2.1.10', { version: '2.1.10' }]],
  },
  {
    // A library that any program may use; on an npm registry it is mostly yarn berry.
    client: 'got',
    kind: 'http_library',
    pattern: whole(String.raw`got(?:/<V>)? \(https://github\.com/sindresorhus/got\)`),
    examples: ['got (https://github.com/sindresorhus/got)'],
  },
]);
