// GitHub: the meta API. It has one list of ranges for each service, and other entries (keys, domains).

import { parseRange } from '../address.ts';
import { isRecord, member, RangeCollector, type PublishedList } from './published.ts';

/** Services that run workflows; Dependabot's jobs run on the same machines. */
const ciServices: ReadonlySet<string> = new Set(['actions', 'actions_macos', 'dependabot']);

const isRange = (value: unknown): boolean => typeof value === 'string' && parseRange(value).fault === null;

export const github: PublishedList = {
  name: 'github',
  description: 'GitHub: Actions, Dependabot, Codespaces and the rest, by service',
  url: 'https://api.github.com/meta',
  recognises: (content) => Array.isArray(member(content, 'actions')) && Array.isArray(member(content, 'hooks')),
  parse(content) {
    const out = new RangeCollector();
    for (const [service, list] of Object.entries(isRecord(content) ? content : {})) {
      // Lists without a single range have other content: keys, names.
      const isRangeList = ciServices.has(service) || (Array.isArray(list) && list.some(isRange));
      if (!isRangeList) continue;
      out.list(service, list, (text, path) =>
        out.add(path, text, { provider: 'github', service, type: ciServices.has(service) ? 'ci' : 'cloud' }),
      );
    }
    return out.done('', null);
  },
};
