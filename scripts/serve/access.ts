// Access to the door: the one user of the embedded engine, with the door's password if it has one.

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { DoorError, refused } from './errors.ts';

const USER = 'default';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The first credentials found, in this order: Authorization, X-ClickHouse-User/Key, the URL. */
export function credentialsOf(headers: Headers, params: URLSearchParams): Credentials | undefined {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const [scheme = '', value = ''] = authorization.split(' ', 2);
    if (scheme.toLowerCase() !== 'basic') return { user: '', password: '' };
    const decoded = Buffer.from(value, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    return colon < 0
      ? { user: decoded, password: '' }
      : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const [user, password] = [
    headers.get('x-clickhouse-user') ?? params.get('user'),
    headers.get('x-clickhouse-key') ?? params.get('password'),
  ];
  return user === null && password === null ? undefined : { user: user ?? USER, password: password ?? '' };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @throws DoorError with ClickHouse's codes: 194 if a password is missing, 516 if it is wrong */
export function authenticate(given: Credentials | undefined, password: string | undefined): void {
  const user = given?.user === '' && given.password === '' ? '' : (given?.user ?? USER);
  const failed = new DoorError(
    516,
    'AUTHENTICATION_FAILED',
    `${user}: Authentication failed: password is incorrect, or there is no user with such name`,
  );
  if (given !== undefined && user !== USER) throw failed;
  if (password === undefined) return;
  if (given === undefined)
    throw new DoorError(194, 'REQUIRED_PASSWORD', 'This door asks for the password of the user default');
  if (!timingSafeEqual(digest(given.password), digest(password))) throw failed;
}

/** Whether an address or name can only mean this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/**
 * Without a password, keeps out web pages that are open in a browser on this machine: neither a name that points to the loopback
 * address nor a request of another origin may pass.
 * @throws DoorError(497)
 */
export function refuseOtherSites(headers: Headers): void {
  const named = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');
  const host = headers.get('host');
  const origin = headers.get('origin');
  if (host !== null && !isLoopback(named(`http://${host}`)))
    throw refused.notAllowed(`this door has no password and answers to loopback names only, not to ${host}`);
  if (origin !== null && !isLoopback(named(origin)))
    throw refused.notAllowed(`this door has no password and answers no page of ${origin}`);
}
