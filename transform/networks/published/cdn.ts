// Content networks whose machines also run customers' code: Fastly and Cloudflare.

import { parseRange } from '../address.ts';
import { isRecord, member, RangeCollector, textOf, type PublishedList } from './published.ts';
import { textLines } from './plain.ts';

export const fastly: PublishedList = {
  name: 'fastly',
  description: 'Fastly',
  url: 'https://api.fastly.com/public-ip-list',
  recognises: (content) => isRecord(content) && 'addresses' in content && 'ipv6_addresses' in content,
  parse(content) {
    const out = new RangeCollector();
    for (const key of ['addresses', 'ipv6_addresses'])
      out.list(key, member(content, key), (text, path) =>
        out.add(path, text, { provider: 'fastly', service: '', type: 'cloud' }),
      );
    return out.done('', null);
  },
};

const cloudflareApi: PublishedList = {
  name: 'cloudflare',
  description: 'Cloudflare',
  url: 'https://api.cloudflare.com/client/v4/ips',
  recognises: (content) => Array.isArray(member(member(content, 'result'), 'ipv4_cidrs')),
  parse(content) {
    const out = new RangeCollector();
    const result = member(content, 'result');
    for (const key of ['ipv4_cidrs', 'ipv6_cidrs'])
      out.list(`result.${key}`, member(result, key), (text, path) =>
        out.add(path, text, { provider: 'cloudflare', service: '', type: 'cloud' }),
      );
    return out.done(member(result, 'etag'), null);
  },
};

/** Text files, one range a line: ips-v4 and ips-v6. */
const cloudflareText = (version: 'v4' | 'v6'): PublishedList => ({
  name: `cloudflare-ips-${version}`,
  description: `Cloudflare, IP${version} as text`,
  url: null,
  recognises: (content, location) =>
    typeof content === 'string' &&
    new RegExp(`\\bips-${version}(\\.txt)?$`).test(location) &&
    textLines(content).some(({ text }) => parseRange(text).fault === null),
  parse(content) {
    const out = new RangeCollector();
    for (const { text, path } of textLines(textOf(content)))
      out.add(path, text, { provider: `cloudflare-ips-${version}`, service: '', type: 'cloud' });
    return out.done('', null);
  },
});

export const cloudflare: readonly PublishedList[] = [cloudflareApi, cloudflareText('v4'), cloudflareText('v6')];
