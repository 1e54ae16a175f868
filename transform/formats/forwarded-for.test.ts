// Which entry of X-Forwarded-For is the client: counted from the right, so that what a client writes in front never counts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../test/fixtures/formats/check.ts';
import { utf8 } from '../scan/bytes.ts';

const jsonFields = { occurred_at: 't', method: 'm', path: 'p', status: 's', address: 'xff' };
/** The same list in each format that reads one. @param peer for `combined` */
const formats: Readonly<Record<string, (list: string, peer: string) => string>> = {
  combined: (list, peer) => `${peer} - - [22/Nov/2026:07:48:02 +0000] "GET / HTTP/1.1" 200 1 "-" "x" "${list}"`,
  'vhost-combined': (list, peer) =>
    `registry.example:443 ${peer} - - [22/Nov/2026:07:48:02 +0000] "GET / HTTP/1.1" 200 1 "-" "x" "${list}"`,
  json: (list) => JSON.stringify({ t: '2026-11-22T07:48:02Z', m: 'GET', p: '/', s: 200, xff: list }),
};
const read = (format: string, list: string, trustedHops?: number, peer = '10.0.0.1') =>
  readLines(format, utf8(formats[format](list, peer)), { trustedHops, ...(format === 'json' && { fields: jsonFields }) })[0]; // prettier-ignore

describe.each(Object.keys(formats))('%s', (format) => {
  it.each([
    ['198.51.100.7', undefined, '198.51.100.7'],
    ['203.0.113.66, 198.51.100.7', undefined, '198.51.100.7'],
    ['203.0.113.66, 198.51.100.7, 10.0.0.2', 2, '198.51.100.7'],
    ['203.0.113.66,2001:db8::7,10.0.0.2,10.0.0.3', 3, '2001:db8::7'],
    ['203.0.113.66, [2001:db8::7]:4711', 1, '2001:db8::7'],
    ['198.51.100.7', 3, '198.51.100.7'],
    ['198.51.100.7, 10.0.0.2', 3, '198.51.100.7'],
    ['not an address, 198.51.100.7', 1, '198.51.100.7'],
    [', , 198.51.100.7', 1, '198.51.100.7'],
  ] as const)('%j with %s trusted hops: %s', (list, hops, address) =>
    expect(read(format, list, hops)).toMatchObject({ address }),
  );

  it('does not know the network if the entry that counts is no address', () => {
    const unknown = { address: '', degraded: ['bad_address'] };
    expect(read(format, '198.51.100.7, unknown')).toMatchObject(unknown);
    expect(read(format, '198.51.100.7,')).toMatchObject(unknown);
  });

  it('gives the same address whatever a client writes in front', () => {
    const address = fc.ipV4();
    fc.assert(
      fc.property(
        fc.array(address, { minLength: 1, maxLength: 4 }),
        fc.array(fc.oneof(address, fc.stringMatching(/^[\w :.[\]-]{0,12}$/)), { maxLength: 5 }),
        (ours, forged) => {
          const counted = read(format, ours.join(', '), ours.length);
          expect(counted).toMatchObject({ address: ours[0] });
          expect(read(format, [...forged, ...ours].join(', '), ours.length)).toEqual(counted);
        },
      ),
    );
  });
});

describe('combined', () => {
  it('believes a public peer only where the source names its proxies', () => {
    expect(read('combined', '198.51.100.7', undefined, '192.0.2.1')).toMatchObject({ address: '192.0.2.1' });
    expect(read('combined', '203.0.113.66, 198.51.100.7', 1, '192.0.2.1')).toMatchObject({ address: '198.51.100.7' });
  });
});
