// Parses addresses to listen on, as written in configuration and flags.

import { Fault } from '../../transform/fault.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** '9464', ':9464', 'localhost:9464', '0.0.0.0:9464', '[::]:9464' */
export const LISTEN_ADDRESS = /^(?:(?:([a-z0-9.-]+)|\[([0-9a-f:.]+)\])?:)?(\d{1,5})$/i;

/** Without a host: loopback. Port 0 uses a free one. @throws Fault(usage) */
export function listenAddress(text: string): ListenAddress {
  const [, name, ipv6, digits] = LISTEN_ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (!(port <= 65_535))
    throw new Fault('usage', `not an address to listen on: ${text}`, 'Write it as HOST:PORT, e.g. 127.0.0.1:9464');
  return { host: name ?? ipv6 ?? '127.0.0.1', port };
}
