// Usage that an AS number attributes, split over the networks that are kept: nothing is lost, nothing counted twice.

import { expect, it } from 'vitest';
import { byNetwork, intervalRows } from './intervals.ts';
import { rational } from '../../transform/funding/rational.ts';

const usage = (fields: object) => ({
  family_id: 'acme',
  org_id: 'acme',
  tier: 'E5',
  prefix: '64500',
  requester_class: 'ci',
  requests: '10',
  bytes: '100',
  ...fields,
});
const network = (fields: object) => ({
  org_id: 'acme',
  tier: 'E5',
  asn: '64500',
  network: '192.0.2.0/24',
  requester_class: 'ci',
  requests: '4',
  bytes: '40',
  ...fields,
});

it('takes kept networks for prefixes, and leaves the rest under the AS number', () => {
  const rows = byNetwork(
    [usage({}), usage({ requester_class: 'developer' }), usage({ tier: 'E4', prefix: '203.0.113.0/24' })],
    [network({}), network({ network: '198.51.100.0/24', requests: '5', bytes: '50' })],
  );
  expect(
    rows.map(({ tier, prefix, requester_class, requests, bytes }) => [tier, prefix, requester_class, requests, bytes]),
  ).toEqual([
    ['E5', '192.0.2.0/24', 'ci', '4', '40'],
    ['E5', '198.51.100.0/24', 'ci', '5', '50'],
    ['E5', '64500', 'ci', '1', '10'],
    ['E5', '64500', 'developer', '10', '100'],
    ['E4', '203.0.113.0/24', 'ci', '10', '100'],
  ]);
});

it('leaves no rest where all networks are kept, and one row for a network that is evidence by itself, too', () => {
  const rows = byNetwork(
    [usage({ requests: '4', bytes: '40' }), usage({ prefix: '192.0.2.0/24', requests: '3', bytes: '30' })],
    [network({})],
  );
  expect(rows).toEqual([usage({ prefix: '192.0.2.0/24', requests: '7', bytes: '70' })]);
});

it('records families, organisations and what may err, numbers as the warehouse gives them back', () => {
  const bounds = { attributed: rational(10n), low: rational(7n), point: rational(9n), high: rational(10n) };
  const intervals = { requests: bounds, bytes: bounds, units: { ...bounds, low: rational(20n, 3n) } };
  const rows = intervalRows(
    ['', 'E1', 'E5'].map((tier) => ({ family: 'acme', org: 'acme', tier, requester_class: tier && 'ci', intervals })),
  );
  expect(rows.map(({ tier }) => tier)).toEqual(['', 'E5']);
  expect(rows[0]).toMatchObject({ requests_low: '7', units_low: '6.666667', units_attributed: '10.000000' });
});
