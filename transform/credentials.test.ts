// Tokens in credentials: found in each form that clients send, and nothing else is taken for one.

import { describe, expect, it } from 'vitest';
import { isOwnToken, secretsIn } from './credentials.ts';

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('secretsIn', () => {
  it.each([
    ['fst_0123456789abcdef', ['fst_0123456789abcdef']],
    ['any other token', ['any other token']],
    ['Bearer fst_x', ['fst_x']],
    ['bearer  fst_x', ['fst_x']],
    [basic('fst_x:'), ['fst_x']],
    [basic('fst_x:y:z'), ['fst_x', 'y:z']],
    [basic('fairshare:fst_x'), ['fairshare', 'fst_x']],
    [basic(':fst_x'), ['fst_x']],
    [basic('no colon'), []],
    ['Basic', ['Basic']],
    ['Digest username="x"', ['Digest username="x"']],
  ])('%s', (value, secrets) => {
    expect(secretsIn(value)).toEqual(secrets);
  });
});

it.each([
  ['fst_0123456789abcdef', true],
  ['fsn_0123-56789_bcdef', true],
  ['fst_short', false],
  ['npm_0123456789abcdef', false],
  ['fst_0123456789abcdef/six/', false],
  ['xfst_0123456789abcdef', false],
])('%s is a token of fairshare: %s', (text, own) => {
  expect(isOwnToken(text)).toBe(own);
});
