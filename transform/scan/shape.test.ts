// A shape has the length and the punctuation of a line, and nothing else of it.

import { expect, it } from 'vitest';
import { shapeOf } from './shape.ts';

it('hides letters, digits and everything that is not ASCII', () => {
  expect(shapeOf('{"ip":"203.0.113.7","Ü":"Bearer aZ09"}\n')).toBe('{"xx":"999.9.999.9","?":"Xxxxxx xX99"}\n');
  expect(shapeOf('2001:db8::c0de 😀')).toBe('9999:xx9::x9xx ?');
  expect(shapeOf('')).toBe('');
});
