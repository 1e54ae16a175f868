// npm and related clients share one template; only npm names the CI that it runs on.

import { tri } from '../scan/line-fields.ts';
import { ciVendor } from './ci-vendors.ts';
import type { Evidence } from './facets.ts';
import { productGrammar, whole, type Product } from './products.ts';

/** pnpm 12 does not say which Node.js runs it. */
const NODE = String.raw`node/(?:\?|v<v>) [\w-]{1,20} [\w-]{1,20}`;
const CI = String.raw`(?: ci/([\w.-]{1,64})(?:/[\w.-]{1,64})?)?`;

/** Group 2 is the CI vendor. Earthly runs every step in a container. */
function ciEvidence([, , written]: RegExpExecArray): Evidence {
  if (written === undefined) return {};
  const ciProvider = ciVendor(written);
  return { ci: tri.TRUE, ciProvider, container: ciProvider === 'earthly' ? tri.TRUE : tri.UNKNOWN };
}

const kin = (client: string, ...examples: string[]): Product => ({
  client,
  kind: 'package_manager',
  pattern: whole(`${client}/<V> npm/(?:\\?|<v>) ${NODE}${CI}`),
  evidence: ciEvidence,
  examples,
});

export const npm = productGrammar('npm', [
  {
    client: 'npm',
    kind: 'package_manager',
    pattern: whole(`npm/<V> ${NODE}(?: workspaces/(?:true|false))?${CI}`),
    evidence: ciEvidence,
    examples: [
      ['npm/11.4.0 node/v22.14.0 linux x64 workspaces/false', { version: '11.4.0', ci: -1, ciProvider: '' }],
      [
        'npm/11.4.0 node/v22.14.0 linux x64 workspaces/true ci/github-actions/dotcom-hosted',
        { ci: 1, ciProvider: 'github-actions', container: -1 },
      ],
      ['npm/6.14.18 node/v14.21.3 linux x64 ci/gitlab', { ci: 1, ciProvider: 'gitlab' }],
      [
        'npm/10.9.2 node/v20.18.2 linux arm64 workspaces/false ci/earthly',
        { ci: 1, ciProvider: 'earthly', container: 1 },
      ],
      ['npm/10.9.2 node/v20.18.2 darwin arm64 workspaces/false ci/custom', { ci: 1, ciProvider: '' }],
      ['npm/10.9.2 node/v20.18.2 darwin arm64 workspaces/false ci/our-own.example', { ci: 1, ciProvider: 'other' }],
    ],
  },
  kin('yarn', 'yarn/1.22.22 npm/? node/v20.18.2 linux x64'),
  kin('pnpm', 'pnpm/10.4.1 npm/? node/v22.14.0 darwin arm64', 'pnpm/12.3.0 npm/? node/? linux arm64'),
  kin('cnpm', 'cnpm/9.4.0 npm/10.2.0 node/v20.18.2 linux x64'),
  kin('npminstall', 'npminstall/7.12.0 npm/? node/v20.18.2 linux x64'),
  ...['npm-registry-fetch', 'pacote'].map((client): Product => ({
    client,
    kind: 'package_manager',
    pattern: whole(String.raw`${client}[@/]<V>/node@v<v>\+[\w-]{1,20} \([\w-]{1,20}\)`),
    examples: [`${client}@18.0.2/node@v22.14.0+x64 (linux)`],
  })),
]);
