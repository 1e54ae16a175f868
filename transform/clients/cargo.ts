// cargo and rustup. `cargo/1.75.0 (research)` is not cargo: a build writes its commit and date before anything else.

import { productGrammar, whole } from './products.ts';

const COMMIT = String.raw` \([0-9a-f]{7,40} \d{4}-\d\d-\d\d\)`;

export const cargo = productGrammar('cargo', [
  {
    client: 'cargo',
    kind: 'package_manager',
    // Distributions that build from a tarball have no commit; others add their name after it: `(Homebrew)`.
    pattern: whole(String.raw`cargo[ /]<V>(?:${COMMIT}(?: \([\w .:~+-]{1,60}\))?)?`),
    examples: [
      ['cargo/1.84.1 (66221abde 2024-11-19)', { version: '1.84.1' }],
      'cargo 1.47.0 (f3c7e066a 2020-08-28)',
      'cargo/1.84.1 (66221abde 2024-11-19) (Homebrew)',
      'cargo/1.75.0',
    ],
  },
  {
    client: 'rustup',
    kind: 'package_manager',
    pattern: whole(String.raw`rustup/<V>(?:${COMMIT})?(?: \((?:curl|reqwest)\))?`),
    examples: [['rustup/1.27.1', { version: '1.27.1' }], 'rustup/1.28.1 (f9edccde0 2025-03-05)'],
  },
  {
    client: 'cargo-binstall',
    kind: 'package_manager',
    pattern: whole('cargo-binstall/<V>'),
    examples: ['cargo-binstall/1.10.22'],
  },
]);
