import { describe, expect, it } from 'vitest';
import { parseCidr } from './address.ts';
import { isTooWide, specialPurposeOf } from './special-purpose.ts';

const purpose = (text: string) => specialPurposeOf(parseCidr(text).cidr!);

describe('specialPurposeOf', () => {
  it.each([
    ['10.1.0.0/16', 'private'],
    ['172.31.255.0/24', 'private'],
    ['100.64.0.0/24', 'shared'],
    ['127.0.0.1/32', 'local'],
    ['203.0.113.0/24', 'documentation'],
    ['198.19.0.0/16', 'benchmarking'],
    ['2001:db8:1::/48', 'documentation'],
    ['3fff:0:1::/48', 'documentation'],
    ['fd00::/8', 'private'],
    ['fe80::/64', 'local'],
    ['224.0.0.0/24', 'multicast'],
    ['255.255.255.255/32', 'reserved'],
    ['4000::/16', 'reserved'],
    ['0.0.0.0/0', 'local'],
    ['8.8.8.0/24', null],
    ['172.32.0.0/16', null],
    ['2a00:1450::/32', null],
  ])('of %s is %s', (text, expected) => expect(purpose(text)).toBe(expected));
});

describe('isTooWide', () => {
  it.each([
    ['17.0.0.0/8', false],
    ['16.0.0.0/7', true],
    ['2600::/16', false],
    ['2600::/15', true],
  ])('of %s is %s', (text, expected) => expect(isTooWide(parseCidr(text).cidr!)).toBe(expected));
});
