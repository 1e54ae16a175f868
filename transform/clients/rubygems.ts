// RubyGems and Bundler. Bundler's 16 hex digits identify one install run; its options and extra words can name private hosts.
// The grammar skips both.

import { tri } from '../scan/line-fields.ts';
import { ciVendor } from './ci-vendors.ts';
import type { ClientFacets, ClientGrammar } from './client.ts';
import { facets } from './facets.ts';

const RUBYGEMS =
  /^(?:Ruby, )?RubyGems\/(\d[\w.+-]{0,40}) [\w. -]{1,60} Ruby\/[\w.+-]{1,40} \(\d{4}-\d\d-\d\d(?: patchlevel -?\d{1,6}| revision [\w-]{1,60})?\)(?: [a-z]{2,20})?$/;
const BUNDLER_HEAD =
  /^bundler\/(\d[\w.+-]{0,40}) rubygems\/[\w.+-]{1,40} ruby\/\S{1,60} \([\w. -]{1,80}\) command\/\S{0,60}(?= )/;
const BUNDLER_TAIL = /(?: ci\/(\S{0,200}))? [0-9a-f]{16}(?= |$)/;

/** The first of `github,ci` that names a vendor; `ci` alone names none. */
function firstVendor(list: string): string {
  for (const written of list.split(',')) {
    const vendor = ciVendor(written);
    if (vendor !== '') return vendor;
  }
  return '';
}

function parseBundler(userAgent: string): ClientFacets | null {
  const head = BUNDLER_HEAD.exec(userAgent);
  if (head === null) return null;
  const tail = BUNDLER_TAIL.exec(userAgent.slice(head[0].length));
  if (tail === null) return null;
  return facets('bundler', 'bundler', head[1], 'package_manager', {
    ci: tail[1] === undefined ? tri.UNKNOWN : tri.TRUE,
    ciProvider: firstVendor(tail[1] ?? ''),
  });
}

export const rubygems: ClientGrammar = {
  family: 'rubygems',
  clients: ['rubygems', 'bundler'],
  firstTokens: ['ruby,', 'rubygems', 'bundler'],
  examples: [
    {
      userAgent: 'Ruby, RubyGems/3.6.3 x86_64-linux Ruby/3.4.1 (2024-12-25 patchlevel 0)',
      expect: { client: 'rubygems', version: '3.6.3', kind: 'package_manager', ci: -1, container: -1 },
    },
    { userAgent: 'RubyGems/3.3.26 java-17 Ruby/2.6.8 (2022-09-12 patchlevel 0) jruby', expect: { client: 'rubygems' } },
    {
      userAgent: 'Ruby, RubyGems/3.6.9 x86_64-Eclipse Adoptium-linux Ruby/3.4.5 (2025-07-16 patchlevel 0) jruby',
      expect: { client: 'rubygems', version: '3.6.9' },
    },
    {
      userAgent: 'Ruby, RubyGems/3.6.3 x86_64-linux-musl Ruby/3.4.1 (2024-12-25 patchlevel 0)',
      expect: { client: 'rubygems', container: -1 },
    },
    {
      userAgent:
        'bundler/2.6.3 rubygems/3.6.3 ruby/3.4.1 (x86_64-pc-linux-gnu) command/install options/no_install,mirror.https://gems.example.test/ ci/github,ci 0f1e2d3c4b5a6978',
      expect: { client: 'bundler', version: '2.6.3', kind: 'package_manager', ci: 1, ciProvider: 'github' },
    },
    {
      userAgent:
        'bundler/2.4.22 rubygems/3.4.22 ruby/3.1.4 (x86_64-linux-musl) command/exec jruby/9.4.5.0 options/ 0123456789abcdef our builds',
      expect: { client: 'bundler', ci: -1, ciProvider: '', container: -1 },
    },
  ],
  parse(userAgent) {
    if (userAgent.startsWith('bundler/')) return parseBundler(userAgent);
    const match = RUBYGEMS.exec(userAgent);
    return match === null ? null : facets('rubygems', 'rubygems', match[1], 'package_manager');
  },
};
