// Who is nearest to a network: by the closeness of the prefix, and with the days of evidence that has ended.

import { expect, it } from 'vitest';
import { nearest, type NearEvidence } from './near.ts';

const evidence = (org_id: string, value: string, fields: Partial<NearEvidence> = {}): NearEvidence => ({
  candidate: '20.7.2.0/24',
  org_id,
  name: org_id,
  value,
  valid_from: '2026-01-01',
  valid_to: '',
  retracted_on: '',
  ...fields,
});
const near = (...all: NearEvidence[]) => nearest(all, '2026-11-01').map(({ org_id, why }) => [org_id, ...why]);

it('names who had exactly this range first, then ranges around and within it, then neighbours', () => {
  expect(
    near(
      evidence('a-far', '20.7.200.0/24'),
      evidence('b-beside', '20.7.3.0/24'),
      evidence('c-within', '20.7.2.128/25'),
      evidence('d-around', '20.7.0.0/22'),
      evidence('z-held', '20.7.2.0/24', { valid_to: '2026-09-30' }),
    ),
  ).toEqual([
    ['z-held', 'this range, 20.7.2.0/24, ended: 2026-01-01 to 2026-09-30'],
    ['c-within', 'range 20.7.2.128/25'],
    ['d-around', 'range 20.7.0.0/22'],
    ['b-beside', 'range 20.7.3.0/24'],
    ['a-far', 'range 20.7.200.0/24'],
  ]);
});

it('says when evidence was retracted, and counts a range that was recorded again once, as it is now', () => {
  expect(
    near(
      evidence('acme', '20.7.2.0/24', { retracted_on: '2026-10-02' }),
      evidence('acme', '20.7.2.0/24'),
      evidence('beta', '20.7.2.0/24', { valid_from: '2025-01-01', retracted_on: '2026-10-03' }),
    ),
  ).toEqual([
    ['acme', 'this range, 20.7.2.0/24, since 2026-01-01'],
    ['beta', 'this range, 20.7.2.0/24, ended: 2025-01-01 to retracted on 2026-10-03'],
  ]);
});

it('takes an AS number after every range, and names five organisations at most', () => {
  const neighbours = ['a', 'b', 'c', 'd'].map((id, index) => evidence(id, `20.7.${100 + index}.0/24`));
  expect(near(evidence('as', 'AS64500'), ...neighbours, evidence('g', '20.7.9.0/24')).map(([id]) => id)).toEqual([
    'g', 'a', 'b', 'c', 'd',
  ]); // prettier-ignore
  expect(near(evidence('as', 'AS64500'))).toEqual([['as', 'AS64500']]);
});
