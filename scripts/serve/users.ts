// The users of a door: a file of names and hashes of tokens. A token has 256 random bits, so a plain hash keeps it. The door reads
// the file again when it changes, so a user that is taken out of it does not enter any more.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Fault } from '../../transform/fault.ts';

/** `read`: a reader's door. `write`: the door of the process that holds the warehouse, with all its rights. */
export const scopes = ['read', 'write'] as const;
export type Scope = (typeof scopes)[number];

const userSchema = z.strictObject({
  name: z.string().regex(/^[\w.@-]{1,64}$/, 'letters, digits and . _ @ -, at most 64'),
  token_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 of the token, in hexadecimal'),
  scopes: z.array(z.enum(scopes)).min(1),
  /** Last day, UTC. */
  until: z.iso.date().optional(),
});
const fileSchema = z.strictObject({ users: z.array(userSchema) });
export type DoorUser = z.infer<typeof userSchema>;

const TOKEN_PREFIX = 'fsd_';

/** @throws Fault(usage) if the file is not one of users */
export function readUsers(path: string): DoorUser[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Fault('usage', `cannot read the users of ${path}: ${(cause as Error).message}`, HOW, { cause });
  }
  const parsed = fileSchema.safeParse(readYaml(path, text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
    throw new Fault('usage', `${path} is no file of users\n  ${faults.join('\n  ')}`, HOW);
  }
  return parsed.data.users;
}

const HOW = 'Make one with: fairshare users add NAME --file FILE';

function readYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new Fault('usage', `${path} is not YAML: ${(cause as Error).message}`, HOW, { cause });
  }
}

/** Only this user may read the file. A crash leaves the old file or the new one. */
function writeUsers(path: string, users: readonly DoorUser[]): void {
  const part = `${path}.part-${process.pid}`;
  writeFileSync(part, stringify({ users }), { mode: 0o600 });
  renameSync(part, path);
}

/**
 * Adds a user, or gives one a new token and new scopes.
 * @param user without its token
 * @returns the token, which is kept nowhere
 */
export function addUser(path: string, user: Omit<DoorUser, 'token_sha256'>): string {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  const token_sha256 = createHash('sha256').update(token).digest('hex');
  const checked = userSchema.safeParse({ ...user, token_sha256 });
  if (!checked.success)
    throw new Fault(
      'usage',
      checked.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('\n'),
    );
  const others = (existsSync(path) ? readUsers(path) : []).filter(({ name }) => name !== user.name);
  writeUsers(path, [...others, checked.data]);
  return token;
}

/** @throws Fault(usage) if there is no such user */
export function removeUser(path: string, name: string): void {
  const users = readUsers(path);
  const others = users.filter((user) => user.name !== name);
  if (others.length === users.length)
    throw new Fault('usage', `${path} has no user ${name}`, 'See: fairshare users list');
  writeUsers(path, others);
}

/** A file of users as a door sees it. */
export class UserFile {
  private readonly path: string;
  private users: readonly DoorUser[];
  private read: string;

  /** @throws Fault(usage) */
  constructor(path: string) {
    this.path = path;
    this.read = this.state();
    this.users = readUsers(path);
  }

  /** The name of the user with this token and scope. @param name if the client names one */
  find(name: string | undefined, tokenHash: Buffer, scope: Scope): string | undefined {
    this.refresh();
    const today = new Date().toISOString().slice(0, 10);
    const user = this.users.find(
      (each) =>
        timingSafeEqual(tokenHash, Buffer.from(each.token_sha256, 'hex')) &&
        (name === undefined || name === each.name) &&
        each.scopes.includes(scope) &&
        (each.until === undefined || today <= each.until),
    );
    return user?.name;
  }

  /** A file that is gone or broken lets nobody in. */
  private refresh(): void {
    const now = this.state();
    if (now === this.read) return;
    this.read = now;
    try {
      this.users = readUsers(this.path);
    } catch {
      this.users = [];
    }
  }

  private state(): string {
    const found = statSync(this.path, { throwIfNoEntry: false });
    return found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
  }
}
