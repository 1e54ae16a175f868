// Package managers of operating systems: apt and Homebrew.

import { productGrammar, whole } from './products.ts';

export const osPackages = productGrammar('os-packages', [
  {
    client: 'apt',
    kind: 'package_manager',
    pattern: whole(String.raw`(?:Debian|Ubuntu) APT-(?:HTTP|CURL)/<v> \(<V>\)(?: non-interactive)?`),
    examples: [
      ['Debian APT-HTTP/1.3 (2.6.1)', { version: '2.6.1' }],
      'Debian APT-HTTP/1.3 (2.4.13) non-interactive',
      'Ubuntu APT-HTTP/1.3 (0.7.25.3ubuntu9)',
    ],
  },
  {
    client: 'homebrew',
    kind: 'package_manager',
    pattern: whole(String.raw`Homebrew/<V>(?:-\S{1,20})? \((?:Macintosh|Linux|Generic);[^()]{0,120}\)(?: curl/<v>)?`),
    examples: [['Homebrew/4.4.20 (Macintosh; arm64 Mac OS X 15.3) curl/8.7.1', { version: '4.4.20' }]],
  },
]);
