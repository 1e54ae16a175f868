// Names of files are bytes, and need not be UTF-8. While files are searched for, a name is a string in which each byte of a name that is
// not UTF-8 and above 0x7f is a lone surrogate (U+DC80 to U+DCFF), so that globs match it and no byte is lost. Here it becomes
// a path for the system, or the name in the ledger.

import { isUtf8 } from 'node:buffer';
import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { printableBytes } from '../../transform/printable.ts';

const LONE = /[\udc80-\udcff]/u;
const ESCAPE = /\\x[0-9a-f]{2}/;

const fromBytes = (bytes: Buffer): string =>
  isUtf8(bytes)
    ? bytes.toString()
    : Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');

const toBytes = (name: string): Buffer =>
  Buffer.concat(
    Array.from(name, (character) =>
      LONE.test(character) ? Buffer.of(character.charCodeAt(0) - 0xdc00) : Buffer.from(character),
    ),
  );

/** For calls of the system. */
export const systemPath = (name: string): string | Buffer => (LONE.test(name) ? toBytes(name) : name);

/**
 * For the ledger and for messages: a name that is not UTF-8 has its bytes as \xNN. A name that contains such text already has each
 * backslash as \x5c, so that no two names become one.
 */
export const ledgerName = (name: string): string =>
  LONE.test(name) ? printableBytes(toBytes(name)) : ESCAPE.test(name) ? name.replaceAll('\\', '\\x5c') : name;

/** The entries of a directory, with their exact names. */
function entries(directory: string): Dirent[] {
  const raw = readdirSync(systemPath(directory), { withFileTypes: true, encoding: 'buffer' });
  return raw.map((entry) => Object.assign(entry as unknown as Dirent, { name: fromBytes(entry.name) }));
}

/** The name without symbolic links. */
export const realPath = (name: string): string =>
  fromBytes(realpathSync.native(systemPath(name), { encoding: 'buffer' }));

/**
 * The file system for a glob.
 * @param onUnreadable is told of each directory that cannot be listed; the search goes on
 * @param enters whether the search enters a directory
 */
export const exactFileSystem = (
  onUnreadable: (directory: string, error: unknown) => void,
  enters: (directory: string) => boolean,
) => ({
  lstatSync: ((path: string) => lstatSync(systemPath(path))) as typeof lstatSync,
  statSync: ((path: string) => statSync(systemPath(path))) as typeof statSync,
  readdirSync: ((directory: string) => {
    try {
      return enters(directory) ? entries(directory) : [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onUnreadable(directory, error);
      return [];
    }
  }) as unknown as typeof readdirSync,
});

/** Node gives an argument that is not UTF-8 with U+FFFD in place of its bytes: these are the names that it may mean. */
export function meantBy(path: string): string[] {
  const name = basename(path);
  if (!name.includes('\ufffd')) return [];
  try {
    return entries(dirname(path))
      .filter((entry) => toBytes(entry.name).toString() === name)
      .map((entry) => join(dirname(path), entry.name));
  } catch {
    return [];
  }
}
