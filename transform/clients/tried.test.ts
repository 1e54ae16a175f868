import { describe, expect, it } from 'vitest';
import { clientGrammars, parseUserAgent } from './index.ts';
import { triedOn } from './tried.ts';

describe('what was tried on a user agent', () => {
  it('says that no grammar and no list has it', () => {
    const { facets, tried } = triedOn('AcmeFetcher 3 (internal)', 'unknown');
    expect(facets.client).toBe('unknown');
    expect(tried[0]).toBe("no grammar begins with 'acmefetcher'");
    expect(tried[1]).toContain('no product of the lists');
    expect(tried.at(-1)).toBe('so no client is named');
  });

  it('says which grammar it begins as', () => {
    const { facets, tried } = triedOn('cargo/1.75.0 (research)', 'unknown');
    expect(facets.grammar).toBe('cargo-claimed');
    expect(tried[0]).toBe('it begins as cargo, but is not written so');
    expect(tried.at(-1)).toContain('cargo, by its first word');
  });

  it('says why a known client has no class', () => {
    const npm = 'npm/10.9.0 node/v22.11.0 linux x64 workspaces/false';
    expect(triedOn(npm, 'hosted').tried).toEqual([
      'npm, by npm; it declares no CI; its network is a hosting, cloud or CI network',
    ]);
    expect(triedOn(npm, 'unknown').tried).toEqual(['npm, by npm; it declares no CI; its network tells nothing']);
    expect(triedOn('', 'unknown').tried).toEqual(['there is no user agent', 'and its network does not tell']);
  });

  it('agrees with the parser for every example', () => {
    for (const { examples } of clientGrammars)
      for (const { userAgent } of examples) {
        const { facets, tried } = triedOn(userAgent, 'unknown');
        expect(facets).toEqual(parseUserAgent(userAgent, ''));
        expect(tried.length > 1).toBe(facets.client === 'unknown' || facets.grammar.endsWith('-claimed'));
      }
  });
});
