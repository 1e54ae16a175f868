// Spellings of an address in log lines, and texts that are none.

import { describe, expect, it } from 'vitest';
import { parseCidr } from './address.ts';
import { mentionsNetwork } from './mentions.ts';

const network = (text: string) => parseCidr(text).cidr!;
const mentions = (text: string, cidr: string) => mentionsNetwork(Buffer.from(text), network(cidr));

describe('mentionsNetwork', () => {
  it.each([
    '203.0.113.7',
    '{"client":"203.0.113.7"}',
    '203.0.113.7:443 GET /',
    'x-forwarded-for=10.0.0.1,203.0.113.7, 10.0.0.2',
    'GET /?ip=203%2E0%2e113.7',
    'GET /?url=http%3A%2F%2F203.0.113.7%3A80%2F',
    '"::ffff:203.0.113.7"',
    '203.000.113.007',
    'ip-203-0-113-7.example.org',
    'sentence of 203.0.113.7.',
    'a1.203.0.113.7x',
  ])('finds 203.0.113.7 in %s', (text) => expect(mentions(text, '203.0.113.0/24')).toBe(true));

  it.each([
    '2001:db8:1:2::7',
    '[2001:DB8:1:2:0:0:0:7]:443',
    '2001:0db8:0001:0002:0000:0000:0000:0007',
    '{"ip":"2001:db8:1:2::7","x":1}',
    'GET /?ip=2001%3Adb8%3A1%3a2%3A%3A7',
    'GET /?u=http%253A%252F%252F%5B2001%253Adb8%253A1%253A2%253A%253A7%5D',
    '{"ip":"2001\\u003adb8\\u003a1\\u003a2\\u003a\\u003a7"}',
    'client:2001:db8:1:2::7:',
    'node:2001:db8:1:2::7',
  ])('finds 2001:db8:1:2::7 in %s', (text) => expect(mentions(text, '2001:db8:1::/48')).toBe(true));

  it.each(['203.0.114.7', '1203.0.113', '2001:db8:2::7', '12:30:11', 'no address', '', '203.0.113'])(
    'finds neither in %s',
    (text) => {
      expect(mentions(text, '203.0.113.0/24')).toBe(false);
      expect(mentions(text, '2001:db8:1::/48')).toBe(false);
    },
  );

  it('finds bytes that are not UTF-8 beside an address', () => {
    const line = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('203.0.113.7'), Buffer.from([0x80])]);
    expect(mentionsNetwork(line, network('203.0.113.7/32'))).toBe(true);
  });
});
