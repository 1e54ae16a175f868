// Amazon Web Services: ip-ranges.json.

import { isRecord, member, RangeCollector, toInstant, textOf, type PublishedList } from './published.ts';

/** Services whose machines run builds. */
const ciServices: ReadonlySet<unknown> = new Set(['CODEBUILD']);

export const aws: PublishedList = {
  name: 'aws',
  description: 'Amazon Web Services, by service',
  url: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
  recognises: (content) => isRecord(content) && 'createDate' in content && 'ipv6_prefixes' in content,
  parse(content) {
    const out = new RangeCollector();
    for (const [list, key] of [
      ['prefixes', 'ip_prefix'],
      ['ipv6_prefixes', 'ipv6_prefix'],
    ] as const) {
      out.list(list, member(content, list), (item, path) => {
        const service = member(item, 'service');
        out.add(`${path}.${key}`, member(item, key), {
          provider: 'aws',
          service: textOf(service).toLowerCase(),
          type: ciServices.has(service) ? 'ci' : 'cloud',
        });
      });
    }
    return out.done(member(content, 'syncToken'), toInstant(member(content, 'createDate')));
  },
};
