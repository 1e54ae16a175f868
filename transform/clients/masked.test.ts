import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientGrammars } from './index.ts';
import { maskedUserAgent, MASKED_LENGTH } from './masked.ts';
import { parseUserAgent } from './index.ts';

describe('a masked user agent', () => {
  it.each([
    ['acme-fetch/1.2 (mailto:jo.doe@corp.example)', 'acme-fetch/1.2 (mailto:<email>)'],
    ['acme-fetch/1.2 (jo.doe at corp.example)', 'acme-fetch/1.2 (<email>)'],
    ['acme-fetch/1.2 (+https://jo:pw@bots.example.org:8443/who?key=1#x)', 'acme-fetch/1.2 (+https://bots.example.org)'],
    ['acme/1.0 203.0.113.77', 'acme/1.0 <address>'],
    ['acme/1.0 [2001:db8:7777:1::c0de:1]', 'acme/1.0 [<address>]'],
    ['203.0.113.9/1.0', '<address>/1.0'],
    ['acme/1.0 token=hunter2', 'acme/1.0 token=<masked>'],
    ['acme/1.0 (user: jdoe; host: build-7.corp.example)', 'acme/1.0 (user: <masked>; host: <masked>)'],
    ['acme/1.0 Authorization: Bearer abc.def', 'acme/1.0 Authorization: Bearer <masked>'],
    ['acme/1.0 Basic dXNlcjpwYXNz', 'acme/1.0 Basic <masked>'],
    ['acme/1.0 ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'acme/1.0 <id>'],
    ['acme/1.0 8f14e45f-ceea-467f-a3d1-7f2c3b1a9e00', 'acme/1.0 <id>'],
    ['acme/1.0 deadbeef01', 'acme/1.0 <id>'],
    ['acme/1.0 123456789', 'acme/1.0 <id>'],
  ])('has nothing personal: %s', (userAgent, masked) => expect(maskedUserAgent(userAgent)).toBe(masked));

  it.each([
    'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false ci/github-actions',
    'Acme-Package-Fetcher/3.20.1-beta.2 (linux; x86_64; build 20260901)',
    'pip/24.3.1 {"ci":null,"cpu":"x86_64","implementation":{"name":"CPython","version":"3.12.7"},"installer":{"name":"pip"}}',
  ])('keeps names and versions: %s', (userAgent) => expect(maskedUserAgent(userAgent)).toBe(userAgent));

  it('names the same client as before, for nearly all examples of the grammars', () => {
    const examples = clientGrammars.flatMap(({ examples: all }) => all.map(({ userAgent }) => userAgent));
    const short = examples.filter(({ length }) => length <= MASKED_LENGTH);
    const kept = short.filter((each) => parseUserAgent(maskedUserAgent(each)).client === parseUserAgent(each).client);
    expect(kept.length / short.length).toBeGreaterThan(0.97);
  });

  it('is short, the same each time, and has no planted secret', () => {
    const secret = fc.constantFrom(
      'jo.doe@corp.example',
      '203.0.113.77',
      'glpat-AbCdEfGhIjKlMnOpQrSt',
      '2001:db8::c0de:1',
    );
    const words = fc.array(fc.constantFrom('acme/1.0', '(linux', ')', ';', ',', 'x64', '+', 'bot'), { maxLength: 12 });
    fc.assert(
      fc.property(words, secret, words, (before, planted, after) => {
        const masked = maskedUserAgent([...before, planted, ...after].join(' '));
        expect(masked).not.toContain(planted);
        expect(masked.length).toBeLessThanOrEqual(MASKED_LENGTH + 1);
        expect(maskedUserAgent([...before, planted, ...after].join(' '))).toBe(masked);
      }),
    );
  });

  it('takes time in proportion to the length', () => {
    const started = performance.now();
    for (const part of ['a', 'a@', '1.', ':', 'a:', 'key=', 'http://a', ' at ', 'a_', '0a'])
      maskedUserAgent(part.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
