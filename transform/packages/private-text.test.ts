// Personal tokens and addresses in paths are not stored as packages; names and versions that look alike are.

import { describe, expect, it } from 'vitest';
import { resolverFor } from './index.ts';

const npm = resolverFor({ ecosystem: 'npm' });
const packageOf = (path: string) => npm('', path, '').resource;
const secret = (length: number) => 'aB3'.repeat(20).slice(0, length);

describe('a path', () => {
  it.each([
    `/npm_${secret(36)}/-/x-1.0.0.tgz`,
    `/left-pad/-/left-pad-1.0.0-ghp_${secret(36)}.tgz`,
    `/left-pad/-/ghp_${secret(36)}.tgz`,
    `/github_pat_${secret(40)}`,
    `/left-pad-glpat-${secret(20)}`,
    `/pypi-AgEIcHlwaS5vcmc${secret(30)}`,
    `/AKIA${'A1'.repeat(8)}`,
    `/left-pad%3Ffairshare_token=fst_${secret(24)}`,
    `/fst_${secret(24)}/-/left-pad-1.0.0.tgz`,
    `/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${secret(40)}`,
    '/203.0.113.7',
    '/203.0.113.7/-/left-pad-1.0.0.tgz',
  ])('%s is a request for something else', (path) =>
    expect(packageOf(path)).toMatchObject({ package: '', version: '', file: '', artifact: 'other' }),
  );

  it.each([
    ['/npm_config', 'npm_config'],
    ['/ghp_tool', 'ghp_tool'],
    ['/left-pad/-/left-pad-1.0.0.tgz', 'left-pad'],
    ['/203.0.113', '203.0.113'],
    ['/1.2.3.4.5', '1.2.3.4.5'],
    ['/eyjs', 'eyjs'],
    ['/akia', 'akia'],
    ['/fst_tools', 'fst_tools'],
  ])('%s names %s', (path, name) => expect(packageOf(path).package).toBe(name));

  it('with a version of four numbers has that version', () => {
    const { resource } = resolverFor({ ecosystem: 'nuget' })('', '/v3-flatcontainer/a/1.2.3.4/a.1.2.3.4.nupkg', '');
    expect(resource).toMatchObject({ package: 'a', version: '1.2.3.4' });
  });
});
