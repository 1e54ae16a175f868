// Organisation tokens: found wherever a client lets its user write, never seen by a grammar, never left behind.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientGrammars, parseUserAgent } from './index.ts';
import { extractToken } from './token.ts';

describe('extractToken', () => {
  it.each([
    ['pnpm/9.1.0 (fairshare-token: s3cret-X)', 's3cret-X', 'pnpm/9.1.0'],
    ['(fairshare-token:s3cret-X) curl/8.1', 's3cret-X', 'curl/8.1'],
    ['tool/1 (linux; fairshare-token=abc.DEF_1~+/==)', 'abc.DEF_1~+/==', 'tool/1 (linux)'],
    ['pip/24.2 {"user_data":"fairshare-token: abc"}', 'abc', 'pip/24.2 {"user_data":""}'],
    ['a (fairshare-token: one) (fairshare-token: two)', 'one', 'a'],
    ['curl/8.1', '', 'curl/8.1'],
    ['curl/8.1 (fairshare-token)', '', 'curl/8.1 (fairshare-token)'],
  ])('%s', (userAgent, token, rest) => {
    expect(extractToken(userAgent)).toEqual({ token, rest });
  });

  it('looks for the configured word only', () => {
    expect(extractToken('a (x.y-token: one) (fairshare-token: two)', 'x.y-token')).toEqual({
      token: 'one',
      rest: 'a (fairshare-token: two)',
    });
    expect(extractToken('a (xzy-token: one)', 'x.y-token').token).toBe('');
    expect(extractToken('a (fairshare-token: two)', '').token).toBe('');
  });
});

describe('parseUserAgent', () => {
  it('gives the token and otherwise what it gives without', () => {
    const agents = clientGrammars.flatMap(({ examples }) => examples.map(({ userAgent }) => userAgent));
    fc.assert(
      fc.property(fc.constantFrom(...agents), fc.stringMatching(/^[A-Za-z0-9_-]{8,40}$/), (userAgent, token) => {
        const facets = parseUserAgent(`${userAgent} (fairshare-token: ${token})`);
        expect(facets).toEqual({ ...parseUserAgent(userAgent), token });
      }),
      { numRuns: 1000 },
    );
  });

  it('finds a token behind more text than is parsed', () => {
    const facets = parseUserAgent(`curl/8.1 ${'x'.repeat(10_000)} (fairshare-token: abc)`);
    expect(facets.token).toBe('abc');
  });
});
