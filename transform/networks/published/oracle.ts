// Oracle Cloud: public_ip_ranges.json.

import { isRecord, member, RangeCollector, toInstant, textOf, type PublishedList } from './published.ts';

export const oracle: PublishedList = {
  name: 'oracle',
  description: 'Oracle Cloud, by service',
  url: 'https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json',
  recognises: (content) => isRecord(content) && 'last_updated_timestamp' in content && Array.isArray(content.regions),
  parse(content) {
    const out = new RangeCollector();
    out.list('regions', member(content, 'regions'), (region, regionPath) =>
      out.list(`${regionPath}.cidrs`, member(region, 'cidrs'), (item, path) => {
        const tags = member(item, 'tags');
        for (const tag of Array.isArray(tags) && tags.length > 0 ? tags : [''])
          out.add(`${path}.cidr`, member(item, 'cidr'), {
            provider: 'oracle',
            service: textOf(tag).toLowerCase(),
            type: 'cloud',
          });
      }),
    );
    const updatedAt = member(content, 'last_updated_timestamp');
    return out.done(updatedAt, toInstant(updatedAt));
  },
};
