// Python tools besides pip: a name, then products that requests or httpx add.

import { kernelEvidence } from './facets.ts';
import { productGrammar, whole, type Product } from './products.ts';

/** `name/V Impl/V System/Release` (requests_toolbelt's user_agent). */
const tool = (name: string, client: string, ...examples: string[]): Product => ({
  client,
  kind: 'package_manager',
  pattern: whole(`(?:${name})/<V>((?: <P>)*)`),
  evidence: ([, , products = '']) => ({ container: kernelEvidence(/ Linux\/(\S+)/.exec(products)?.[1] ?? '') }),
  examples: examples,
});

export const python = productGrammar('python', [
  {
    ...tool('poetry', 'poetry'),
    examples: [
      ['poetry/2.1.1 CPython/3.12.9 Linux/6.8.0-1021-azure', { version: '2.1.1', container: -1 }],
      ['poetry/1.8.3 CPython/3.11.9 Linux/6.6.31-linuxkit', { container: 1 }],
    ],
  },
  tool('pdm', 'pdm', 'pdm/2.22.3 CPython/3.12.8 Linux/6.8.0-51-generic'),
  tool('[Hh]atch', 'hatch', 'Hatch/1.14.0 cpython/3.12.8 HTTPX/0.28.1'),
  tool('twine', 'twine', 'twine/6.1.0 importlib-metadata/8.6.1 requests/2.32.3 urllib3/2.3.0 CPython/3.12.8'),
  tool('maturin', 'maturin', 'maturin/1.9.4'),
  tool('flit', 'flit', 'flit/3.10.1 requests/2.32.3'),
  tool('pipenv', 'pipenv', 'pipenv/2024.4.1 CPython/3.12.8'),
  tool('pex', 'pex', 'pex/2.33.1'),
  {
    client: 'setuptools',
    kind: 'package_manager',
    pattern: whole('setuptools/<V> Python-urllib/<v>'),
    examples: ['setuptools/75.8.0 Python-urllib/3.12'],
  },
  {
    client: 'setuptools',
    kind: 'package_manager',
    pattern: whole('Python-urllib/<v> (?:setuptools|distribute)/<V>'),
    examples: ['Python-urllib/3.8 setuptools/45.2.0'],
  },
]);
