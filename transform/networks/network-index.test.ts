import { describe, expect, it } from 'vitest';
import { addressText } from './address.ts';
import { noFacts, type NetworkRange } from './facts.ts';
import { buildNetworkIndex } from './network-index.ts';

const text = (address: string): Uint8Array => new TextEncoder().encode(address);
const range = (cidr: string, provider: string, type: NetworkRange['type'], service = ''): NetworkRange => ({
  cidr,
  provider,
  service,
  type,
});

describe('buildNetworkIndex', () => {
  const index = buildNetworkIndex({
    prefixes: [{ cidr: '198.51.100.0/24' }, { cidr: '198.51.0.0/16' }, { cidr: '::ffff:203.0.113.0/120' }],
    ranges: [
      range('198.51.0.0/16', 'aws', 'cloud', 'ec2'),
      range('198.51.0.0/16', 'aws', 'cloud', 'amazon'),
      range('203.0.113.0/24', 'github', 'ci', 'actions'),
      range('203.0.113.0/24', 'azure', 'cloud'),
      range('198.51.100.0/25', 'openai-gptbot', 'crawler'),
      range('198.51.100.0/24', 'google-googlebot', 'crawler'),
      range('192.0.2.0/24', 'example-telecom', 'isp'),
    ],
    networkTypes: [{ cidr: '192.0.2.128/25', type: 'mobile' }],
    asnTypes: new Map([[64500, 'hosting']]),
    asnLookup: (address) => ({ '198.51.7.1': 64500, '198.51.7.2': 64501 })[addressText(address)] ?? null,
    typeLookup: (address) => (addressText(address) === '198.51.7.2' ? 'vpn' : null),
    staleCrawlerLists: ['google-googlebot'],
  });
  const facts = (address: string, asn?: number) => index.factsOf(text(address), asn);

  it('gives the network that stands for an address', () => {
    expect(index.networkOf(text('198.51.100.77'))).toBe('198.51.100.0/24');
    expect(index.networkOf(text('no address'))).toBe('');
  });

  it('joins the longest prefix, the longest range and every crawler list', () => {
    expect(facts('198.51.100.1')).toEqual({
      ...noFacts,
      prefix: '198.51.100.0/24',
      rangeId: 'aws:198.51.0.0/16',
      rangeType: 'cloud',
      crawlerLists: ['google-googlebot', 'openai-gptbot'],
    });
    expect(facts('198.51.100.200').crawlerLists).toEqual(['google-googlebot']);
    expect(facts('198.51.200.200')).toEqual({
      ...noFacts,
      prefix: '198.51.0.0/16',
      rangeId: 'aws:198.51.0.0/16',
      rangeType: 'cloud',
    });
  });

  it('prefers CI to the cloud that it runs in, in any order of the rows', () => {
    expect(facts('203.0.113.9')).toMatchObject({
      prefix: '203.0.113.0/24',
      rangeId: 'github:203.0.113.0/24',
      rangeType: 'ci',
    });
    const rows = [
      range('192.0.2.0/24', 'b', 'cloud'),
      range('192.0.2.0/24', 'a', 'cloud'),
      range('192.0.2.0/24', 'c', 'ci'),
    ];
    for (const order of [rows, rows.toReversed()]) {
      expect(buildNetworkIndex({ ranges: order }).factsOf(text('192.0.2.1')).rangeId).toBe('c:192.0.2.0/24');
      const clouds = order.filter(({ type }) => type === 'cloud');
      expect(buildNetworkIndex({ ranges: clouds }).factsOf(text('192.0.2.1')).rangeId).toBe('a:192.0.2.0/24');
    }
  });

  it('takes the network type from a list, else from the AS, else from the database', () => {
    expect(facts('192.0.2.1').networkType).toBe('isp');
    expect(facts('192.0.2.200').networkType).toBe('mobile');
    expect(facts('192.0.2.1', 64500)).toMatchObject({ asn: 64500, networkType: 'isp' });
    expect(facts('198.51.7.1')).toMatchObject({ asn: 64500, networkType: 'hosting' });
    expect(facts('198.51.7.2')).toMatchObject({ asn: 64501, networkType: 'vpn' });
  });

  it('believes the edge before the database', () => {
    expect(facts('198.51.7.2', 64500)).toMatchObject({ asn: 64500, networkType: 'hosting' });
  });

  it('interns: equal facts are one object and one code', () => {
    expect(facts('198.51.100.1')).toBe(facts('::ffff:198.51.100.2'));
    expect(facts('198.51.100.1')).not.toBe(facts('198.51.100.1', 64500));
    expect(new Set(index.facts.map((fact) => JSON.stringify(fact))).size).toBe(index.facts.length);
  });

  it('knows noFacts of what is no address, and of addresses in no list', () => {
    expect(facts('unknown')).toEqual(noFacts);
    expect(facts('2001:db8::1')).toBe(index.facts[0]);
    expect(buildNetworkIndex({}).factsOf(text('192.0.2.1'))).toEqual(noFacts);
  });

  it('names the crawler lists whose absence counts', () => {
    expect([...index.freshCrawlerLists]).toEqual(['openai-gptbot']);
  });

  it('names a bad network', () => {
    expect(() => buildNetworkIndex({ prefixes: [{ cidr: '192.0.2.1/24' }] })).toThrow(/192\.0\.2\.1\/24/);
  });
});
