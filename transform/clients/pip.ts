// pip, uv and Hatch: the name, the version, and a JSON object that describes the machine in more detail than any other client.
// Shape: pip's _internal/network/session.py and uv's uv-client/src/linehaul.rs.

import { tri } from '../scan/line-fields.ts';
import type { ClientFacets, ClientGrammar } from './client.ts';
import { facets, userlandEvidence } from './facets.ts';
import { whole } from './products.ts';

const HEAD = /^(pip|uv|[Hh]atch)\/(\d[\w.+-]{0,63})(?: (\{.*\})(?: [^{}]{0,200})?)?$/s;
/** pip before 6.0 (2014-12). */
const LEGACY_PIP = whole('pip/((?:0|1)\\.[\\w.]{1,20}) <P> <P>');
const KNOWN_KEYS = ['installer', 'python', 'implementation', 'system', 'distro', 'cpu', 'ci'];

type Json = Record<string, unknown>;
const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function parseDetails(client: string, version: string, text: string): ClientFacets | null {
  let details: Json;
  try {
    details = objectOf(JSON.parse(text));
  } catch {
    return null;
  }
  if (!KNOWN_KEYS.some((key) => key in details)) return null;
  const distro = objectOf(details.distro);
  // Older uv writes only the distribution's code name, under the name 'Linux'.
  const codeName = textOf(distro.id);
  const userland = debianCodeNames.has(codeName) ? 'debian' : textOf(distro.name);
  return facets(`${client}-json`, client, version, 'package_manager', {
    // null means that none of the variables they check was set, not that no CI is running.
    ci: details.ci === true ? tri.TRUE : tri.UNKNOWN,
    container: userlandEvidence(userland, textOf(objectOf(details.system).release)),
  });
}

/** Debian releases since 2011. */
const debianCodeNames = new Set('squeeze wheezy jessie stretch buster bullseye bookworm trixie forky duke'.split(' '));

export const pip: ClientGrammar = {
  family: 'pip',
  clients: ['pip', 'uv', 'hatch'],
  firstTokens: ['pip', 'uv', 'hatch'],
  examples: [
    {
      userAgent:
        'pip/25.0.1 {"ci":true,"cpu":"x86_64","distro":{"id":"bookworm","libc":{"lib":"glibc","version":"2.36"},"name":"Debian GNU/Linux","version":"12"},"implementation":{"name":"CPython","version":"3.12.9"},"installer":{"name":"pip","version":"25.0.1"},"python":"3.12.9","system":{"name":"Linux","release":"6.8.0-1021-azure"}}',
      expect: { client: 'pip', version: '25.0.1', kind: 'package_manager', ci: 1, container: 1, grammar: 'pip-json' },
    },
    {
      userAgent:
        'pip/24.2 {"ci":null,"cpu":"x86_64","distro":{"id":"jammy","name":"Ubuntu","version":"22.04"},"implementation":{"name":"CPython","version":"3.10.12"},"installer":{"name":"pip","version":"24.2"},"python":"3.10.12","system":{"name":"Linux","release":"6.5.0-1025-azure"}}',
      expect: { client: 'pip', ci: -1, container: -1 },
    },
    {
      userAgent:
        'uv/0.9.2 {"installer":{"name":"uv","version":"0.9.2","subcommand":["sync"]},"python":"3.13.1","implementation":{"name":"CPython","version":"3.13.1"},"distro":{"name":"Alpine Linux","version":"3.21","id":null,"libc":{"lib":"musl","version":"1.2"}},"system":{"name":"Linux","release":"6.10.14-linuxkit"},"cpu":"aarch64","ci":null}',
      expect: { client: 'uv', version: '0.9.2', kind: 'package_manager', ci: -1, container: 1, grammar: 'uv-json' },
    },
    {
      userAgent:
        'Hatch/1.17.0 {"ci":true,"cpu":"aarch64","distro":{"name":"Debian GNU/Linux","version":"13"},"installer":{"name":"hatch","version":"1.17.0"},"python":"3.13.5","system":{"name":"Linux","release":"6.8.0-1021-azure"}} HTTPX/0.28.1',
      expect: {
        client: 'hatch',
        version: '1.17.0',
        kind: 'package_manager',
        ci: 1,
        container: 1,
        grammar: 'hatch-json',
      },
    },
    { userAgent: 'uv/0.1.4', expect: { client: 'uv', version: '0.1.4', ci: -1, container: -1, grammar: 'uv' } },
    { userAgent: 'pip/1.4.1 CPython/2.7.5 Linux/3.2.0', expect: { client: 'pip', version: '1.4.1', grammar: 'pip' } },
  ],
  parse(userAgent) {
    const match = HEAD.exec(userAgent);
    if (match === null) {
      const legacy = LEGACY_PIP.exec(userAgent);
      return legacy === null ? null : facets('pip', 'pip', legacy[1], 'package_manager');
    }
    const [, name, version, details] = match as unknown as [string, string, string, string | undefined];
    const client = name.toLowerCase();
    if (details !== undefined) return parseDetails(client, version, details);
    // uv wrote nothing more before 0.1.22; the others have always written more.
    return client === 'uv' ? facets('uv', 'uv', version, 'package_manager') : null;
  },
};
