// Against databases composed here: a scan over their networks is the judge.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMmdb } from '../../test/fixtures/networks/write-mmdb.ts';
import { Address, cidrContains, parseCidr, parseRange } from '../../transform/networks/address.ts';
import { buildNetworkIndex } from '../../transform/networks/network-index.ts';
import { openAsnDatabase } from './asn.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairshare-asn-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const open = (bytes: Uint8Array) => {
  const path = join(folder, `${files++}.mmdb`);
  writeFileSync(path, bytes);
  return openAsnDatabase(path);
};
const at = (text: string): Address => {
  const address = new Address();
  address.words.set(parseRange(text).cidr!.words);
  return address;
};

describe('openAsnDatabase', () => {
  it('finds the AS of the longest network, IPv4, IPv6 and IPv4-mapped', () => {
    const database = open(
      writeMmdb([
        ['198.51.100.0/22', { autonomous_system_number: 64500, autonomous_system_organization: 'Example' }],
        ['198.51.101.0/24', { autonomous_system_number: 64501 }],
        ['2001:db8::/32', { traits: { autonomous_system_number: 4200000001 } }],
        ['2001:db8:5::/48', { asn: 'AS64503', name: 'a name of more than twenty-nine characters' }],
        ['2001:db8:6::/48', { autonomous_system_organization: 'nobody' }],
      ]),
    );
    const probes = [
      '198.51.100.7',
      '::ffff:198.51.101.7',
      '198.51.104.1',
      '2001:db8:1::1',
      '2001:db8:5::1',
      '2001:db8:6::1',
      '2001:db9::1',
    ];
    expect(probes.map((probe) => database.asnLookup(at(probe)))).toEqual([
      64500,
      64501,
      null,
      4200000001,
      64503,
      null,
      null,
    ]);
    expect(database).toMatchObject({ databaseType: 'Composed-ASN', builtAt: '2026-11-01T00:00:00.000Z' });
    expect(database.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('answers as a scan does', () => {
    const network = fc.tuple(fc.nat(0xffffffff), fc.integer({ min: 1, max: 32 })).map(([address, length]) => {
      const first = (address & (0xffffffff << (32 - length))) >>> 0;
      return `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}/${length}`;
    });
    fc.assert(
      fc.property(fc.array(network, { minLength: 1, maxLength: 20 }), fc.array(fc.ipV4()), (networks, hosts) => {
        // Wider first, as the writer wants them; of equal ones the last.
        const order = [...networks].sort((a, b) => Number(a.split('/')[1]) - Number(b.split('/')[1]));
        const { asnLookup } = open(writeMmdb(order.map((cidr, i) => [cidr, { autonomous_system_number: i + 1 }])));
        for (const host of [...hosts, ...networks.map((cidr) => cidr.split('/')[0])]) {
          const probe = parseRange(host).cidr!;
          const best = order.findLastIndex((cidr) => cidrContains(parseCidr(cidr).cidr!, probe));
          expect(asnLookup(at(host))).toBe(best < 0 ? null : best + 1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('does not answer for IPv6 from a database of IPv4 alone', () => {
    const { asnLookup } = open(writeMmdb([['32.0.0.0/3', { autonomous_system_number: 64500 }]], 4));
    expect([asnLookup(at('33.1.2.3')), asnLookup(at('2001:db8::1'))]).toEqual([64500, null]);
  });

  it.each([
    [{ is_tor_exit_node: true, is_hosting_provider: true }, 'tor'],
    [{ traits: { is_anonymous_vpn: true, user_type: 'hosting' } }, 'vpn'],
    [{ is_hosting_provider: true }, 'hosting'],
    [{ connection_type: 'Cellular' }, 'mobile'],
    [{ traits: { user_type: 'residential' } }, 'isp'],
    [{ traits: { user_type: 'business' } }, 'enterprise'],
    [{ asn: 'AS64500', type: 'hosting' }, 'hosting'],
    [{ hosting: false, vpn: true }, 'vpn'],
    [{ connection_type: 'Satellite' }, null],
    [{ type: 'constructor' }, null],
    [{ autonomous_system_number: 64500 }, null],
  ])('reads %j as %s', (record, type) => {
    const { typeLookup } = open(writeMmdb([['192.0.2.0/24', record]]));
    expect([typeLookup(at('192.0.2.1')), typeLookup(at('192.0.3.1'))]).toEqual([type, null]);
  });

  it('serves the network index', () => {
    const database = open(writeMmdb([['192.0.2.0/24', { autonomous_system_number: 64500, type: 'isp' }]]));
    const facts = buildNetworkIndex(database).factsOf(Buffer.from('192.0.2.9'));
    expect(facts).toMatchObject({ asn: 64500, networkType: 'isp' });
  });

  it('refuses what is no database, and what is missing', () => {
    expect(() => open(Buffer.from('not a database'))).toThrow(
      expect.objectContaining({ name: 'Fault', kind: 'inputRefused' }),
    );
    expect(() => openAsnDatabase(join(folder, 'none.mmdb'))).toThrow(
      expect.objectContaining({ name: 'Fault', kind: 'usage' }),
    );
  });
});
