// Composer: `Composer/V (OS; KERNEL; PHP V; cURL V[; Platform-PHP V][; CI][; cmd:X])`.

import { tri } from '../scan/line-fields.ts';
import type { ClientGrammar } from './client.ts';
import { facets, kernelEvidence } from './facets.ts';

const SHAPE = /^Composer\/([\w.+@-]{1,64}) \(([^()]{1,400})\)$/;
const RUNTIME = /^(?:PHP|HHVM) \d/;
/** After OS, kernel and runtime only these can follow. */
const REST = /^(?:cURL [\w./+-]+|streams|Platform-PHP [\w.+-]+|CI|cmd:[\w:-]{1,60})$/;

export const composer: ClientGrammar = {
  family: 'composer',
  clients: ['composer'],
  firstTokens: ['composer'],
  examples: [
    {
      userAgent: 'Composer/2.8.5 (Linux; 6.8.0-1021-azure; PHP 8.3.16; cURL 8.5.0; Platform-PHP 8.2; CI; cmd:install)',
      expect: { client: 'composer', version: '2.8.5', kind: 'package_manager', ci: 1, ciProvider: '', container: -1 },
    },
    { userAgent: 'Composer/2.7.1 (Windows NT; 10.0; PHP 8.2.12; streams)', expect: { client: 'composer', ci: -1 } },
    { userAgent: 'Composer/2.8.5 (Linux; 6.10.14-linuxkit; PHP 8.4.3; cURL 8.11.1)', expect: { container: 1 } },
  ],
  parse(userAgent) {
    const match = SHAPE.exec(userAgent);
    if (match === null) return null;
    const parts = match[2].split('; ');
    const [, kernel, runtime, ...rest] = parts;
    if (runtime === undefined || !RUNTIME.test(runtime) || !rest.every((part) => REST.test(part))) return null;
    return facets('composer', 'composer', match[1], 'package_manager', {
      ci: rest.includes('CI') ? tri.TRUE : tri.UNKNOWN,
      container: kernelEvidence(kernel),
    });
  },
};
