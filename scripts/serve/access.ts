// Who may enter a door: the user `default` with the door's password if it has one, and the users of a file with their tokens.

import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { DoorError, refused } from './errors.ts';
import { UserFile, type Scope } from './users.ts';

const USER = 'default';

export interface Credentials {
  /** undefined: the token tells. */
  readonly user: string | undefined;
  readonly password: string;
}

/** The first credentials found, in this order: Authorization, X-ClickHouse-User/Key, the URL. A bearer token names no user. */
export function credentialsOf(headers: Headers, params: URLSearchParams): Credentials | undefined {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const [scheme = '', value = ''] = authorization.split(' ', 2);
    if (scheme.toLowerCase() === 'bearer') return { user: undefined, password: value };
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

export interface AccessOptions {
  /** Of the user `default`. */
  readonly password?: string;
  /** File of users; read again when it changes. */
  readonly users?: string;
  /** What this door lets one do. A user needs it. */
  readonly scope: Scope;
}

export class Access {
  private readonly password: string | undefined;
  private readonly users: UserFile | undefined;
  private readonly scope: Scope;

  /** @throws Fault(usage) if the file of users cannot be read */
  constructor({ password, users, scope }: AccessOptions) {
    this.password = password;
    this.users = users === undefined ? undefined : new UserFile(users);
    this.scope = scope;
  }

  /** Whether nobody enters without credentials. */
  get isGuarded(): boolean {
    return this.password !== undefined || this.users !== undefined;
  }

  /**
   * @returns the user's name; undefined where the door asks nobody
   * @throws DoorError with ClickHouse's codes: 194 if credentials are missing, 516 if they are wrong
   */
  authenticate(given: Credentials | undefined): string | undefined {
    const named = given?.user === '' && given.password === '' ? '' : (given?.user ?? USER);
    const failed = new DoorError(
      516,
      'AUTHENTICATION_FAILED',
      `${named}: Authentication failed: password is incorrect, or there is no user with such name`,
    );
    if (!this.isGuarded) {
      if (given !== undefined && given.user !== USER) throw failed;
      return undefined;
    }
    if (given === undefined)
      throw new DoorError(
        194,
        'REQUIRED_PASSWORD',
        'This door asks for the password of the user default, or for a token',
      );
    if (this.password !== undefined && (given.user ?? USER) === USER && same(digest(given.password), this.password))
      return USER;
    const user = this.users?.find(given.user, digest(given.password), this.scope);
    if (user === undefined) throw failed;
    return user;
  }
}

const same = (given: Buffer, password: string): boolean => timingSafeEqual(given, digest(password));

/** Whether an address or name can only mean this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/**
 * Keeps out web pages of other sites: a browser says where a request comes from. Where the door asks for no credentials, a name
 * that points to the loopback address does not pass either, because a page can let its own name point there.
 * @throws DoorError(497)
 */
export function refuseOtherSites(headers: Headers, isGuarded: boolean): void {
  const host = headers.get('host');
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none')
    throw refused.notAllowed(`this door answers no page of another site (${site})`);
  const isOwn = origin !== null && URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  if (origin !== null && !isOwn) throw refused.notAllowed(`this door answers no page of ${origin}`);
  const name = host === null || !URL.canParse(`http://${host}`) ? '' : new URL(`http://${host}`).hostname;
  if (!isGuarded && host !== null && !isLoopback(name))
    throw refused.notAllowed(`this door has no password and answers to loopback names only, not to ${host}`);
}
