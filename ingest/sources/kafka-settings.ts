// Turns the configuration's `kafka` part into the client's settings. Secrets come from the environment or from files, never from
// the configuration itself.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '../../transform/fault.ts';

/** The `kafka` part of the configuration. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly client_id?: string;
  readonly ssl?: boolean | { readonly ca_file?: string; readonly cert_file?: string; readonly key_file?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password_env?: string;
    readonly password_file?: string;
  };
}

export interface Connection {
  readonly clientId: string;
  readonly brokers: string[];
  readonly ssl: boolean | { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly sasl?: { readonly mechanism: string; readonly username: string; readonly password: string };
}

/** @throws Fault(usage) if a secret or a certificate cannot be read */
export function connectionOf(
  { brokers, client_id = 'fairshare', ssl = false, sasl }: KafkaSettings,
  base_dir: string,
  env: NodeJS.ProcessEnv,
): Connection {
  const file = (path: string | undefined): Buffer | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(resolve(base_dir, path));
    } catch (cause) {
      const hint = 'Correct kafka.ssl or kafka.sasl in the configuration';
      throw new Fault('usage', `cannot read ${path}: ${(cause as Error).message}`, hint, { cause });
    }
  };
  const password = ({ password_env, password_file }: NonNullable<typeof sasl>): string => {
    const found = password_env === undefined ? file(password_file)?.toString('utf8').trim() : env[password_env];
    if (found !== undefined && found !== '') return found;
    const hint = 'Set the variable named by kafka.sasl.password_env, or name a file with password_file';
    throw new Fault('usage', 'kafka.sasl: no password', hint);
  };
  return {
    clientId: client_id,
    brokers: [...brokers],
    ssl: typeof ssl === 'boolean' ? ssl : { ca: file(ssl.ca_file), cert: file(ssl.cert_file), key: file(ssl.key_file) },
    ...(sasl && { sasl: { mechanism: sasl.mechanism, username: sasl.username, password: password(sasl) } }),
  };
}

/** Which setting may explain a refused connection, from the error texts of Node's TLS and of kafkajs; undefined: none. */
export function connectionHint(problem: string): string | undefined {
  return hints.find(([words]) => words.test(problem))?.[1];
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /SASL|authentication failed/i,
    'Check kafka.sasl: mechanism, username, and the password in password_env or password_file',
  ],
  [
    /alert (?:bad certificate|certificate required|unknown ca|handshake failure|certificate unknown)/i,
    'The broker wants a certificate of this client: set kafka.ssl.cert_file and kafka.ssl.key_file to one that it trusts',
  ],
  [
    /unable to verify|unable to get|self.signed|certificate has expired/i,
    "The broker's certificate is of an authority that is not known here: set kafka.ssl.ca_file to that authority's certificate",
  ],
  [/altnames|does not match certificate/i, "Write kafka.brokers as the broker's certificate names it"],
  [
    /DECODER|PEM|key values mismatch/i,
    'Check the files of kafka.ssl: each must be PEM, and cert_file and key_file belong together',
  ],
  [
    /before secure TLS|wrong version number|packet length/i,
    'The broker speaks without TLS at this port: check kafka.ssl and the port in kafka.brokers',
  ],
  [/Closed connection/i, 'The broker may want TLS or a login at this port: check kafka.ssl and kafka.sasl'],
];
