// Microsoft Azure: ServiceTags_Public_DATE.json (and the other clouds' files of the same shape).

import { member, RangeCollector, textOf, type PublishedList } from './published.ts';

export const azure: PublishedList = {
  name: 'azure',
  description: 'Microsoft Azure service tags (the address of the file changes weekly)',
  url: null,
  recognises: (content) =>
    member(content, 'changeNumber') !== undefined &&
    member(content, 'cloud') !== undefined &&
    Array.isArray(member(content, 'values')),
  parse(content) {
    const out = new RangeCollector();
    out.list('values', member(content, 'values'), (tag, path) => {
      // 'Storage.WestEurope' → storage: a region is no service.
      const service = textOf(member(tag, 'name')).replace(/\..*$/, '').toLowerCase();
      const prefixes = member(member(tag, 'properties'), 'addressPrefixes');
      out.list(`${path}.properties.addressPrefixes`, prefixes, (text, at) =>
        out.add(at, text, { provider: 'azure', service, type: 'cloud' }),
      );
    });
    return out.done(member(content, 'changeNumber'), null);
  },
};
