// Every published list: its composed fixture is recognised by that list alone and read in full; faults come all at once.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkRange } from '../facts.ts';
import { crawlerListNames, detectPublished, publishedLists } from './index.ts';
import { parseAsn, parseNetworkTypes } from './network-types.ts';
import { plainList } from './plain.ts';
import { toInstant } from './published.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/networks/published/', import.meta.url));
const read = (name: string): unknown => {
  const text = readFileSync(fixtures + name, 'utf8');
  return name.endsWith('.json') ? JSON.parse(text) : text;
};
const named = (name: string) => publishedLists.find((list) => list.name === name)!;
const short = (ranges: readonly NetworkRange[]) =>
  ranges.map(({ cidr, provider, service, type }) => `${provider} ${service || '-'} ${type} ${cidr}`);

const expected: readonly [file: string, list: string, version: string, publishedAt: string | null, ranges: string[]][] =
  [
    [
      'ip-ranges.json',
      'aws',
      '1793491203',
      '2026-11-01T02:40:03Z',
      [
        'aws amazon cloud 198.51.100.0/24',
        'aws ec2 cloud 198.51.100.0/24',
        'aws codebuild ci 198.51.100.64/29',
        'aws ec2 cloud 2001:db8:a000::/40',
      ],
    ],
    [
      'cloud.json',
      'google-cloud',
      '1793491200123',
      '2026-11-01T02:40:00Z',
      ['gcp google cloud cloud 203.0.113.0/25', 'gcp google cloud cloud 2001:db8:6000::/44'],
    ],
    [
      'goog.json',
      'google-goog',
      '1793491200123',
      '2026-11-01T02:40:00Z',
      ['google - cloud 203.0.112.0/20', 'google - cloud 2001:db8:6000::/40'],
    ],
    [
      'ServiceTags_Public_20261102.json',
      'azure',
      '412',
      null,
      [
        'azure azurecloud cloud 198.18.0.0/17',
        'azure azurecloud cloud 2001:db8:5000::/46',
        'azure storage cloud 198.18.64.0/20',
      ],
    ],
    [
      'meta.json',
      'github',
      '',
      null,
      [
        'github hooks cloud 192.0.2.0/28',
        'github web cloud 192.0.2.16/28',
        'github web cloud 2001:db8:9000::/48',
        'github git cloud 192.0.2.16/28',
        'github actions ci 198.18.128.0/18',
        'github actions ci 2001:db8:9100::/48',
        'github actions_macos ci 192.0.2.200/32',
        'github dependabot ci 198.18.200.7/32',
      ],
    ],
    [
      'public_ip_ranges.json',
      'oracle',
      '2026-10-30T17:31:45.001234',
      '2026-10-30T17:31:45Z',
      ['oracle oci cloud 203.0.113.128/26', 'oracle osn cloud 203.0.113.128/26', 'oracle - cloud 203.0.113.192/26'],
    ],
    ['public-ip-list.json', 'fastly', '', null, ['fastly - cloud 192.0.2.64/26', 'fastly - cloud 2001:db8:f000::/36']],
    [
      'cloudflare-api.json',
      'cloudflare',
      'composed-etag',
      null,
      ['cloudflare - cloud 192.0.2.128/26', 'cloudflare - cloud 2001:db8:cf00::/40'],
    ],
    [
      'ips-v4',
      'cloudflare-ips-v4',
      '',
      null,
      ['cloudflare-ips-v4 - cloud 192.0.2.128/26', 'cloudflare-ips-v4 - cloud 198.51.100.128/25'],
    ],
    ['ips-v6.txt', 'cloudflare-ips-v6', '', null, ['cloudflare-ips-v6 - cloud 2001:db8:cf00::/40']],
    [
      'ip-ranges-list.json',
      'circleci',
      '',
      null,
      ['circleci jobs ci 192.0.2.33/32', 'circleci jobs ci 192.0.2.34/31', 'circleci core cloud 192.0.2.48/32'],
    ],
    [
      'buildkite-meta.json',
      'buildkite',
      '',
      null,
      ['buildkite webhooks cloud 192.0.2.52/30', 'buildkite webhooks cloud 192.0.2.57/32'],
    ],
    ['buildkite-network-ranges.json', 'buildkite-agents', '', null, ['buildkite-agents - ci 203.0.113.8/29']],
    [
      'gptbot.json',
      'openai-gptbot',
      '2026-10-28T11:00:00.000000',
      '2026-10-28T11:00:00Z',
      ['openai-gptbot - crawler 192.0.2.4/31', 'openai-gptbot - crawler 2001:db8:ab::/64'],
    ],
    [
      'anthropic-bots.json',
      'anthropic-bots',
      '2026-10-29T08:15:30Z',
      '2026-10-29T08:15:30Z',
      ['anthropic-bots - crawler 198.51.100.7/32'],
    ],
  ];

describe.each(expected)('%s', (file, list, version, publishedAt, ranges) => {
  it(`is ${list}, and no other list takes it`, () => {
    expect(
      publishedLists.filter((each) => each.recognises(read(file), `/lists/${file}`)).map(({ name }) => name),
    ).toEqual([list]);
    expect(detectPublished(read(file), file)?.name).toBe(list);
  });

  it('is read in full', () => {
    const published = named(list).parse(read(file));
    expect(published.faults).toEqual([]);
    expect(short(published.ranges)).toEqual(ranges);
    expect({ version: published.version, publishedAt: published.publishedAt }).toEqual({ version, publishedAt });
  });

  it('says so when it is empty or of another shape', () => {
    for (const content of [{}, [], '', null, 7]) expect(named(list).parse(content).faults.length).toBeGreaterThan(0);
  });
});

it('has a fixture for every shape: all lists without one are crawlers', () => {
  const tested = new Set(expected.map(([, list]) => list));
  expect(publishedLists.filter(({ name }) => !tested.has(name) && !crawlerListNames.includes(name))).toEqual([]);
});

it('gives one provider for each list, and no two lists the same', () => {
  const providers = publishedLists.map((list) => {
    const file = expected.find(([, name]) => name === list.name)?.[0] ?? 'gptbot.json';
    return new Set(list.parse(read(file)).ranges.map(({ provider }) => provider));
  });
  expect(providers.every(({ size }) => size === 1)).toBe(true);
  expect(new Set(providers.flatMap((each) => [...each])).size).toBe(publishedLists.length);
});

it('names every list once', () => {
  expect(new Set(publishedLists.map(({ name }) => name)).size).toBe(publishedLists.length);
});

describe('detectPublished', () => {
  const shape = read('gptbot.json');
  it('tells crawlers apart by address or file name', () => {
    for (const name of crawlerListNames) {
      expect(detectPublished(shape, named(name).url!)?.name).toBe(name);
      expect(detectPublished(shape, `lists/${name}.json`)?.name).toBe(name);
    }
    expect(detectPublished(shape, 'C:\\lists\\GPTBot.json?x=1')?.name).toBe('openai-gptbot');
    expect(detectPublished(shape, 'https://developers.google.com/search/apis/ipranges/googlebot.json')?.name).toBe(
      'google-googlebot',
    );
  });

  it('guesses nothing', () => {
    expect(detectPublished(shape, 'https://example.org/bots.json')).toBeNull();
    expect(detectPublished({ prefixes: [] }, 'gptbot.json')).toBeNull();
    expect(detectPublished('192.0.2.0/24', 'ranges.txt')).toBeNull();
    expect(detectPublished('<html>not found</html>', 'ips-v4')).toBeNull();
  });

  it('never throws on JSON of any shape', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('gptbot.json', 'ips-v4', 'goog.json', 'x'), (content, name) => {
        detectPublished(content, name);
        for (const list of publishedLists) list.parse(content);
      }),
      { numRuns: 300 },
    );
  });
});

describe('faults', () => {
  it('name every bad range with its place', () => {
    const { faults, ranges } = named('aws').parse({
      syncToken: '1',
      createDate: '2026-11-01-02-40-03',
      prefixes: [
        { ip_prefix: '198.51.100.7/24', service: 'EC2' },
        { ip_prefix: '198.51.100.0/24', service: 'EC2' },
        { service: 'EC2' },
      ],
      ipv6_prefixes: [{ ipv6_prefix: '::/0', service: 'EC2' }],
    });
    expect(faults).toEqual([
      { path: 'prefixes[0].ip_prefix', message: expect.stringContaining('the network is 198.51.100.0/24') },
      { path: 'prefixes[2].ip_prefix', message: 'is not a text with an address range' },
      { path: 'ipv6_prefixes[0].ipv6_prefix', message: expect.stringContaining('wider') },
    ]);
    expect(ranges).toHaveLength(1);
  });

  it('refuse a crawler list that would verify everybody', () => {
    expect(named('openai-gptbot').parse({ prefixes: [{ ipv4Prefix: '0.0.0.0/0' }] }).faults[0].path).toBe(
      'prefixes[0].ipv4Prefix',
    );
  });

  it('do not take keys of GitHub for ranges, and miss no list of runners', () => {
    const { faults } = named('github').parse({
      hooks: ['192.0.2.0/28'],
      actions: ['nonsense'],
      ssh_keys: ['ssh-rsa x'],
    });
    expect(faults.map(({ path }) => path)).toEqual(['actions[0]']);
  });
});

describe('plainList', () => {
  const list = plainList({ provider: 'example', service: '', type: 'hosting' });
  it.each<[string, unknown]>([
    ['text', '# hosts\n192.0.2.0/24 # first\r\n\n2001:db8::1\n'],
    ['an array', ['192.0.2.0/24', '2001:db8::1']],
    ['the crawlers’ shape', { prefixes: [{ ipv4Prefix: '192.0.2.0/24' }, { ipv6Prefix: '2001:db8::1' }] }],
  ])('reads %s', (_, content) => {
    const { ranges, faults } = list.parse(content);
    expect(faults).toEqual([]);
    expect(short(ranges)).toEqual(['example - hosting 192.0.2.0/24', 'example - hosting 2001:db8::1/128']);
  });

  it('names the line of a fault', () => {
    expect(list.parse('192.0.2.0/24\nexample.org\n').faults).toEqual([
      { path: 'line 2', message: "'example.org' is not an address" },
    ]);
  });
});

describe('parseNetworkTypes', () => {
  const row = (line: number, cidr: string, type: string, name: string, asn: string) => ({
    line,
    values: { cidr, type, name, asn },
  });
  it('types ranges, and whole ASs where no range is given', () => {
    const { ranges, asnTypes, faults } = parseNetworkTypes(
      [
        row(2, '198.51.100.0/24', 'isp', 'Example Telecom, Inc.', '64500'),
        row(3, '', 'vpn', 'Example VPN', 'AS64501'),
        row(4, '192.0.2.9', 'tor', '', ''),
      ],
      'isps',
    );
    expect(faults).toEqual([]);
    expect(short(ranges)).toEqual(['isps example-telecom-inc isp 198.51.100.0/24', 'isps - tor 192.0.2.9/32']);
    expect(asnTypes).toEqual([{ asn: 64501, type: 'vpn', provider: 'isps', service: 'example-vpn' }]);
  });

  it('names every fault', () => {
    const { faults } = parseNetworkTypes(
      [
        row(2, '198.51.100.0/24', 'ISP', '', ''),
        row(3, '', 'isp', '', ''),
        row(4, '', 'isp', '', '4294967296'),
        row(5, '', 'isp', '', '64500'),
        row(6, '', 'vpn', '', '64500'),
        row(7, '198.51.100.1/24', 'isp', '', ''),
      ],
      'isps',
    );
    expect(faults.map(({ path }) => path)).toEqual(['line 2', 'line 3', 'line 4', 'line 6', 'line 7']);
  });
});

it('reads AS numbers', () => {
  expect(['64500', 'AS64500', 'as1', '4294967295', '0', '4294967296', 'AS', '-1', '1.5'].map(parseAsn)).toEqual([
    64500,
    64500,
    1,
    4294967295,
    null,
    null,
    null,
    null,
    null,
  ]);
});

it('reads the vendors’ times', () => {
  expect(
    [
      '2026-11-01-02-40-03',
      '2026-11-01T02:40:00.123456',
      '2026-11-01T02:40:00Z',
      '2026-11-01 02:40',
      'yesterday',
      undefined,
    ].map(toInstant),
  ).toEqual([
    '2026-11-01T02:40:03Z',
    '2026-11-01T02:40:00Z',
    '2026-11-01T02:40:00Z',
    '2026-11-01T02:40:00Z',
    null,
    null,
  ]);
});
