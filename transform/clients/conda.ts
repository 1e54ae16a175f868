// conda, mamba and pixi: products in a row, among them the kernel and the distribution.

import type { ClientFacets, ClientGrammar } from './client.ts';
import { facets, userlandEvidence } from './facets.ts';
import { whole } from './products.ts';

const CONDA = whole(String.raw`(conda)/<V>((?: [A-Za-z][^\s()/]{0,60}(?:/[^\s()]{1,100})?){0,40})`);
const MAMBA = whole(String.raw`(mamba|micromamba|libmamba|pixi|rattler|rattler-build)/<V>((?: <P>){0,20})`);

export const conda: ClientGrammar = {
  family: 'conda',
  clients: ['conda', 'mamba', 'micromamba', 'pixi', 'rattler'],
  firstTokens: ['conda', 'mamba', 'micromamba', 'libmamba', 'pixi', 'rattler', 'rattler-build'],
  examples: [
    {
      userAgent:
        'conda/25.1.1 requests/2.32.3 CPython/3.12.8 Linux/6.8.0-1021-aws debian/12 glibc/2.36 solver/libmamba conda-libmamba-solver/25.1.1 libmambapy/2.0.5',
      expect: { client: 'conda', version: '25.1.1', kind: 'package_manager', ci: -1, container: 1 },
    },
    {
      userAgent: 'conda/24.9.2 requests/2.32.3 CPython/3.12.7 Linux/6.8.0-1021-azure ubuntu/22.04.5 glibc/2.35',
      expect: { client: 'conda', container: -1 },
    },
    { userAgent: 'conda/26.1.0', expect: { client: 'conda', version: '26.1.0' } },
    { userAgent: 'mamba/2.0.5', expect: { client: 'mamba', version: '2.0.5', container: -1 } },
    { userAgent: 'libmamba/2.0.5 libcurl/8.11.1', expect: { client: 'mamba', version: '2.0.5' } },
    { userAgent: 'micromamba/1.5.10 libcurl/8.10.1 OpenSSL/3.4.0', expect: { client: 'micromamba' } },
    { userAgent: 'pixi/0.41.4', expect: { client: 'pixi', kind: 'package_manager' } },
    { userAgent: 'rattler-build/0.35.1', expect: { client: 'rattler' } },
  ],
  parse(userAgent): ClientFacets | null {
    const match = CONDA.exec(userAgent) ?? MAMBA.exec(userAgent);
    if (match === null) return null;
    const products = match[3].split(' ');
    const kernel = products.find((product) => product.startsWith('Linux/'))?.slice('Linux/'.length) ?? '';
    const distro = products.find((product) => /^(?:debian|alpine)\//i.test(product)) ?? '';
    const client = match[1].replace('libmamba', 'mamba').replace('rattler-build', 'rattler');
    return facets('conda', client, match[2], 'package_manager', { container: userlandEvidence(distro, kernel) });
  },
};
