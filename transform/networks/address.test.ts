// Text to numbers and back, held against Node's own reader and ipaddr.js.

import { isIP } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  Address,
  addressText,
  cidrContains,
  cidrText,
  compareCidr,
  networkText,
  parseAddress,
  parseCidr,
  parseRange,
  type Cidr,
} from './address.ts';

const encoder = new TextEncoder();
const parse = (text: string): Address | null => {
  const address = new Address();
  const bytes = encoder.encode(`<${text}>`);
  return parseAddress(bytes, 1, bytes.length - 1, address) ? address : null;
};
const canonical = (text: string): string | null => {
  const address = parse(text);
  return address && addressText(address);
};

const ipv4 = fc.ipV4();
/** With many zero groups; ipaddr.js takes '::1.2.3.4' for ::ffff:1.2.3.4, so no dotted tails where it is the judge. */
const ipv6 = fc.oneof(
  fc.ipV6().filter((text) => !text.includes('.')),
  fc
    .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(':')),
);
/** Texts close to addresses. */
const nearly = fc.string({ unit: fc.constantFrom(...'0123456789abcfF:.%/ '), maxLength: 24 });
const mutated = fc
  .tuple(fc.oneof(ipv4, ipv6), fc.nat(40), nearly)
  .map(([text, at, insert]) => text.slice(0, at) + insert.slice(0, 2) + text.slice(at + (insert.length % 2)));

describe('parseAddress', () => {
  it('accepts exactly what Node accepts, but for zones', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, fc.ipV6(), ipv6, nearly, mutated), (text) => {
        expect(parse(text) !== null).toBe(!text.includes('%') && isIP(text) !== 0);
      }),
      { numRuns: 5_000 },
    );
  });

  it('prints IPv6 as RFC 5952 has it, as ipaddr.js does', () => {
    fc.assert(
      fc.property(ipv6, (text) => {
        const theirs = ipaddr.IPv6.parse(text);
        const expected = theirs.isIPv4MappedAddress() ? theirs.toIPv4Address().toString() : theirs.toRFC5952String();
        expect(canonical(text)).toBe(expected);
        expect(canonical(expected)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('prints IPv4 as it is read', () => {
    fc.assert(
      fc.property(ipv4, (text) => {
        expect(canonical(text)).toBe(text);
      }),
    );
  });

  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['255.255.255.255', '255.255.255.255'],
  ])('%s is %s', (text, expected) => expect(canonical(text)).toBe(expected));

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '[::1]',
    ':::',
    '1:::2',
    '1::2::3',
    ':1',
    '1:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    '::1.2.3',
    '1.2.3.4::',
    'fe80::1%eth0',
    '-',
  ])("refuses '%s'", (text) => expect(parse(text)).toBeNull());

  it('reads nothing outside its range', () => {
    const bytes = encoder.encode('1.2.3.45::7');
    const address = new Address();
    expect(parseAddress(bytes, 0, 7, address)).toBe(true);
    expect(addressText(address)).toBe('1.2.3.4');
  });

  it('knows IPv4 in both spellings', () => {
    expect([parse('192.0.2.1')!.isIpv4, parse('::ffff:192.0.2.1')!.isIpv4, parse('::192.0.2.1')!.isIpv4]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('networkText', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['255.255.255.255', '255.255.255.0/24'],
    ['2001:db8:1234:5678::1', '2001:db8:1234::/48'],
    ['::1', '::/48'],
    ['ffff:ffff:ffff:ffff::', 'ffff:ffff:ffff::/48'],
  ])('of %s is %s', (text, expected) => expect(networkText(parse(text)!)).toBe(expected));

  it('is the canonical network that contains the address', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), (text) => {
        const network = networkText(parse(text)!);
        const { cidr } = parseCidr(network);
        expect(cidrText(cidr!)).toBe(network);
        expect(cidr!.prefixLength).toBe(cidr!.family === 4 ? 24 : 48);
        expect(cidrContains(cidr!, parseRange(text).cidr!)).toBe(true);
      }),
    );
  });
});

/** Any network: an address cut to a length. */
const network: fc.Arbitrary<Cidr> = fc
  .oneof(fc.tuple(ipv4, fc.nat(32)), fc.tuple(ipv6, fc.nat(128)))
  .map(([text, length]) => {
    const address = ipaddr.parse(text);
    const bytes = address
      .toByteArray()
      .map((byte, k) => byte & (length >= 8 * k + 8 ? 255 : length <= 8 * k ? 0 : 256 - 2 ** (8 * k + 8 - length)));
    return parseCidr(`${ipaddr.fromByteArray(bytes).toString()}/${length}`).cidr!;
  });

describe('parseCidr', () => {
  it('reads back what it prints', () => {
    fc.assert(
      fc.property(network, (cidr) => {
        expect(parseCidr(cidrText(cidr))).toEqual({ cidr, fault: null });
      }),
    );
  });

  it('contains what ipaddr.js says it contains', () => {
    fc.assert(
      fc.property(network, fc.oneof(ipv4, ipv6), (cidr, text) => {
        const inner = parseRange(text).cidr!;
        const theirs = ipaddr.process(text);
        const net = ipaddr.parseCIDR(cidrText(cidr));
        const expected = theirs.kind() === net[0].kind() && theirs.match(net);
        expect(cidrContains(cidr, inner)).toBe(expected);
      }),
    );
  });

  it('orders networks: what contains comes first', () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        expect(Math.sign(compareCidr(a, b))).toBe(-Math.sign(compareCidr(b, a)) + 0);
        if (cidrContains(a, b)) expect(compareCidr(a, b)).toBeLessThanOrEqual(0);
        if (compareCidr(a, b) === 0) expect(cidrText(a)).toBe(cidrText(b));
      }),
    );
  });

  it.each([
    ['203.0.113.7/24', /the network is 203\.0\.113\.0\/24/],
    ['2001:db8::1/64', /the network is 2001:db8::\/64/],
    ['203.0.113.0', /no prefix length/],
    ['203.0.113.0/33', /longer than the address/],
    ['2001:db8::/129', /longer than the address/],
    ['203.0.113.0/024', /whole number/],
    ['203.0.113.0/+8', /whole number/],
    ['203.0.113/24', /not an address/],
    ['203.0.113.0/24/8', /whole number/],
    ['２03.0.113.0/24', /not an address/],
    [`${'1'.repeat(100)}/24`, /not an address/],
    ['/24', /not an address/],
    ['', /no prefix length/],
  ])('refuses %s', (text, fault) =>
    expect(parseCidr(text)).toEqual({ cidr: null, fault: expect.stringMatching(fault) }),
  );

  it('takes IPv4-mapped networks as IPv4', () => {
    const { cidr } = parseCidr('::ffff:203.0.113.0/120');
    expect(cidr!.family).toBe(4);
    expect(cidrText(cidr!)).toBe('203.0.113.0/24');
    expect(cidrContains(parseCidr('::/0').cidr!, cidr!)).toBe(false);
  });

  it('takes a single address as a network where asked to', () => {
    expect(cidrText(parseRange('203.0.113.7').cidr!)).toBe('203.0.113.7/32');
    expect(cidrText(parseRange('2001:db8::7').cidr!)).toBe('2001:db8::7/128');
    expect(parseRange('203.0.113.0/24').cidr).toEqual(parseCidr('203.0.113.0/24').cidr);
    expect(parseRange('example.org').fault).toMatch(/not an address/);
  });
});
