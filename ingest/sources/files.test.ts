import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findObjects } from './files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fairshare-objects-'));
  mkdirSync(join(root, 'b'));
  for (const name of ['b/2.log', 'b/1.log.gz', 'a.log']) writeFileSync(join(root, name), name);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const names = (...paths: string[]) => findObjects(paths).map(({ name }) => name);

describe('findObjects', () => {
  it('names files relative to the directory given, in order', () => {
    expect(names(root)).toEqual(['a.log', 'b/1.log.gz', 'b/2.log']);
  });
  it('names a file by itself, and matches of a glob relative to its fixed part', () => {
    expect(names(join(root, 'b/2.log'))).toEqual(['2.log']);
    expect(names(join(root, '**/*.log'))).toEqual(['a.log', 'b/2.log']);
  });
  it('lists an object once, however it was named', () => {
    expect(names(root, join(root, 'a.log'))).toHaveLength(3);
  });
  it('refuses a path without files', () => {
    mkdirSync(join(root, 'empty'));
    for (const path of ['empty', 'missing.log', '*.zip'])
      expect(() => findObjects([join(root, path)])).toThrow(expect.objectContaining({ exitCode: 3 }));
  });
});
