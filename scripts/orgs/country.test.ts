// Against databases composed here: the country of the smallest network, never a city, and no database of another kind.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMmdb } from '../../test/fixtures/networks/write-mmdb.ts';
import { Address, parseRange } from '../../transform/networks/address.ts';
import { countryText } from '../../transform/networks/country.ts';
import { openCountryDatabase } from './country.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairshare-country-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const open = (type: string, ...entries: Parameters<typeof writeMmdb>[0]) => {
  const path = join(folder, `${files++}.mmdb`);
  writeFileSync(path, writeMmdb(entries, 6, type));
  return openCountryDatabase(path);
};
const at = (text: string): Address => {
  const address = new Address();
  address.words.set(parseRange(text).cidr!.words);
  return address;
};

describe('openCountryDatabase', () => {
  it('reads the code of the country of the smallest network, and nothing else', () => {
    const { countryLookup, ...database } = open(
      'Composed-City',
      ['198.51.100.0/22', { country: { iso_code: 'DE', geoname_id: 1 }, city: { names: { en: 'Nowhere' } } }],
      ['198.51.101.0/24', { country: 'fr', city: 'Nowhere' }],
      ['2001:db8::/32', { country: 'Japan', country_code: 'JP' }],
      ['2001:db8:6::/48', { registered_country: { iso_code: 'US' }, continent: { code: 'NA' } }],
      ['2001:db8:7::/48', { country: { iso_code: 'D1' } }],
    );
    const probes = [
      '198.51.100.7',
      '::ffff:198.51.101.7',
      '2001:db8::1',
      '2001:db8:6::1',
      '2001:db8:7::1',
      '192.0.2.1',
    ];
    expect(probes.map((probe) => countryText(countryLookup(at(probe))))).toEqual(['DE', 'FR', 'JP', '', '', '']);
    expect(database).toMatchObject({ databaseType: 'Composed-City', builtAt: '2026-11-01T00:00:00.000Z' });
    expect(Object.keys(database)).not.toContain('recordOf');
  });

  it.each(['GeoLite2-Country', 'GeoIP2-City', 'GeoIP2-Enterprise', 'DBIP-Country-Lite', 'ipinfo ipinfo_lite.mmdb'])(
    'takes a %s',
    (type) => expect(open(type, ['192.0.2.0/24', { country: 'IN' }]).countryLookup(at('192.0.2.1'))).toBe(0x494e),
  );

  it.each(['GeoLite2-ASN', 'GeoIP2-ISP', 'GeoIP2-Anonymous-IP', ''])('refuses a %s', (type) => {
    expect(() => open(type, ['192.0.2.0/24', { country: 'IN' }])).toThrow(
      expect.objectContaining({ kind: 'inputRefused', message: expect.stringContaining('no database of countries') }),
    );
  });
});
