// Names that are not UTF-8 become names of the ledger without loss, and lead back to the same file.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findObjects } from './files.ts';
import { exactFileSystem, ledgerName, systemPath } from './file-names.ts';

/** The bytes that a name of the ledger means. */
const unescaped = (name: string): Buffer =>
  Buffer.concat(
    Array.from(name.matchAll(/\\x([0-9a-f]{2})|([^])/gu), ([, hex, character]) =>
      hex === undefined ? Buffer.from(character) : Buffer.of(parseInt(hex, 16)),
    ),
  );

const fileName = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).map((text) => Buffer.from(text)),
    fc.constantFrom('a\\xff', '\\x5cxff', 'a\\', 'ünï😀.log', 'a\\x5cxff').map((text) => Buffer.from(text)),
  )
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 0x2f)))
  .filter((bytes) => bytes.length > 0 && bytes[0] !== 0x2e);

describe('names of files', () => {
  it('lose no byte, and two files have two names', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fairshare-names-'));
    try {
      fc.assert(
        fc.property(fc.uniqueArray(fileName, { maxLength: 6, selector: (bytes) => bytes.toString('hex') }), (names) => {
          const own = mkdtempSync(join(directory, 'd'));
          for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${own}/`), name]), name);
          if (names.length === 0) return;
          const objects = findObjects([own]);
          expect(objects.map(({ path }) => readFileSync(path).toString('hex')).sort()).toEqual(
            names.map((name) => name.toString('hex')).sort(),
          );
          for (const { name, path } of objects) expect(unescaped(name)).toEqual(readFileSync(path));
          expect(new Set(objects.map(({ name }) => name)).size).toBe(names.length);
          expect(findObjects([`${own}/*`])).toEqual(objects);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('that are UTF-8 stay as they are', () => {
    for (const name of ['2026/10/01.log.gz', 'a\\b', 'ünï😀.log'])
      expect([ledgerName(name), systemPath(name)]).toEqual([name, name]);
  });

  it('are found for an argument that Node could not decode', () => {
    const directory = mkdtempSync(join(tmpdir(), 'fairshare-names-'));
    const bytes = Buffer.concat([Buffer.from(join(directory, 'a')), Buffer.of(0xff)]);
    writeFileSync(bytes, 'x');
    try {
      expect(findObjects([bytes.toString()])).toEqual([
        expect.objectContaining({ path: bytes, name: 'a\\xff', size_bytes: 1 }),
      ]);
      expect(() => findObjects([join(directory, 'b\ufffd')])).toThrow('no such file');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('of a directory that cannot be listed are told', () => {
    const told: unknown[] = [];
    const { readdirSync } = exactFileSystem(
      (directory, error) => told.push([directory, (error as { code: string }).code]),
      () => true,
    );
    expect(readdirSync('/proc/version')).toEqual([]);
    expect(readdirSync('/no/such/directory')).toEqual([]);
    expect(told).toEqual([['/proc/version', 'ENOTDIR']]);
  });
});
