// Tools around Node.js and other toolchains: headers for native modules, version managers, and the actions that set up a
// CI job (which run nowhere else).

import { tri } from '../scan/line-fields.ts';
import { productGrammar, whole, type Product } from './products.ts';

const ci: Partial<Product> = { kind: 'ci_tool', evidence: { ci: tri.TRUE } };
const setups =
  'node python java go dotnet ruby uv bun deno php julia beam miniconda r rust gradle maven buildx pnpm'.split(' ');

export const nodeTools = productGrammar('node-tools', [
  {
    client: 'node-gyp',
    kind: 'package_manager',
    pattern: whole(String.raw`node-gyp v?<V> \(node v<v>\)`),
    examples: [['node-gyp v11.1.0 (node v22.14.0)', { version: '11.1.0' }]],
  },
  {
    ...(ci as Product),
    client: 'actions/tool-cache',
    pattern: whole('actions/tool-cache'),
    examples: [['actions/tool-cache', { ci: tri.TRUE }]],
  },
  {
    ...(ci as Product),
    client: 'actions/setup',
    pattern: whole(String.raw`(?:actions/)?setup-(?:${setups.join('|')})(?:[@/]<V>)?`),
    examples: setups.flatMap((setup) => [
      [`setup-${setup}`, { ci: tri.TRUE }] as const,
      [`actions/setup-${setup}`, { ci: tri.TRUE }] as const,
    ]),
  },
  {
    ...(ci as Product),
    client: 'actions/toolkit',
    pattern: whole('actions/(?:http-client|cache|artifact|github-script|checkout|runner)(?:[@/]<V>)?'),
    examples: [['actions/http-client', { ci: tri.TRUE }]],
  },
  ...['nvm', 'fnm', 'volta', 'corepack', 'mise'].map((client): Product => ({
    client,
    kind: 'package_manager',
    pattern: whole(`${client}/<V>(?: <P>){0,4}`),
    examples: [`${client}/1.2.3`],
  })),
]);
