// Google: cloud.json (addresses of customers of Google Cloud) and goog.json (all addresses that Google announces).

import { fileNameOf, isRecord, member, RangeCollector, toInstant, textOf, type PublishedList } from './published.ts';

const hasSerial = (content: unknown): boolean =>
  isRecord(content) && 'syncToken' in content && !('createDate' in content) && Array.isArray(content.prefixes);

/** cloud.json names a service for every prefix, goog.json for none. */
const namesServices = (content: unknown): boolean => {
  const prefixes = member(content, 'prefixes');
  return Array.isArray(prefixes) && prefixes.some((item) => member(item, 'service') !== undefined);
};

function parseGoogle(content: unknown, provider: string) {
  const out = new RangeCollector();
  out.list('prefixes', member(content, 'prefixes'), (item, path) => {
    const key = member(item, 'ipv6Prefix') === undefined ? 'ipv4Prefix' : 'ipv6Prefix';
    const service = textOf(member(item, 'service')).toLowerCase();
    out.add(`${path}.${key}`, member(item, key), { provider, service, type: 'cloud' });
  });
  return out.done(member(content, 'syncToken'), toInstant(member(content, 'creationTime')));
}

export const google: readonly PublishedList[] = [
  {
    name: 'google-cloud',
    description: 'Google Cloud, addresses of customers',
    url: 'https://www.gstatic.com/ipranges/cloud.json',
    recognises: (content) => hasSerial(content) && namesServices(content),
    parse: (content) => parseGoogle(content, 'gcp'),
  },
  {
    name: 'google-goog',
    description: 'Google, all of its addresses',
    url: 'https://www.gstatic.com/ipranges/goog.json',
    recognises: (content, location) =>
      hasSerial(content) && !namesServices(content) && /^(google-)?goog\.json$/.test(fileNameOf(location)),
    parse: (content) => parseGoogle(content, 'google'),
  },
];
