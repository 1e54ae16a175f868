// Names in texts: every spelling goes, and no part of another word.

import { describe, expect, it } from 'vitest';
import { replaceNames } from './erased-texts.ts';

describe('replaceNames', () => {
  it.each([
    ['agreed with Acme GmbH, by letter', 'agreed with acme, by letter'],
    ['bandwidth,bytes,USD,1.00,1.00,"Acme GmbH"', 'bandwidth,bytes,USD,1.00,1.00,"acme"'],
    ['Acme GmbH', 'acme'],
    ['"Say ""Hi"" Inc"', '"acme"'],
    ['{"reason":"Say \\"Hi\\" Inc pays"}', '{"reason":"acme pays"}'],
    ['(c++)', '(acme)'],
  ])('%s → %s', (text, without) =>
    expect(replaceNames(text, ['Acme GmbH', 'Say "Hi" Inc', 'c++'], 'acme')).toBe(without),
  );

  it.each(['Acme GmbHs', 'NewAcme GmbH', 'ÄAcme GmbH', 'acme gmbh'])('leaves %s', (text) =>
    expect(replaceNames(text, ['Acme GmbH'], 'acme')).toBe(text),
  );

  it('takes the longest name, and none that is too short or is the id', () => {
    expect(replaceNames('Acme Labs and Acme', ['Acme', 'Acme Labs'], 'x')).toBe('x and x');
    expect(replaceNames('AB ab-c', ['AB', 'ab-c'], 'ab-c')).toBe('AB ab-c');
    expect(replaceNames('costs $& $1', ['costs'], '$&')).toBe('$& $& $1');
  });
});
