// CI vendors that publish the addresses of their jobs or services.

import { isRecord, member, RangeCollector, type PublishedList } from './published.ts';

/** Only jobs that opted in to fixed addresses use these ranges. 'core' is the vendor's own service. */
const circleci: PublishedList = {
  name: 'circleci',
  description: 'CircleCI (only jobs that opted in to fixed addresses)',
  url: 'https://circleci.com/docs/ip-ranges-list.json',
  recognises: (content) => isRecord(member(content, 'IPRanges')),
  parse(content) {
    const out = new RangeCollector();
    const services = member(content, 'IPRanges');
    for (const [service, list] of Object.entries(isRecord(services) ? services : {}))
      out.list(`IPRanges.${service}`, list, (text, path) =>
        out.add(path, text, { provider: 'circleci', service, type: service === 'core' ? 'cloud' : 'ci' }),
      );
    return out.done('', null);
  },
};

const buildkiteService: PublishedList = {
  name: 'buildkite',
  description: 'Buildkite, its own service (webhooks); agents run elsewhere',
  url: 'https://api.buildkite.com/v2/meta',
  recognises: (content) => Array.isArray(member(content, 'webhook_ips')),
  parse(content) {
    const out = new RangeCollector();
    out.list('webhook_ips', member(content, 'webhook_ips'), (text, path) =>
      out.add(path, text, { provider: 'buildkite', service: 'webhooks', type: 'cloud' }),
    );
    return out.done('', null);
  },
};

/** One organisation's cluster of hosted agents: its owner exports it with the REST API. */
const buildkiteAgents: PublishedList = {
  name: 'buildkite-agents',
  description: "Buildkite, an organisation's hosted agents",
  url: null,
  recognises: (content) => Array.isArray(content) && content.some((item) => member(item, 'cidr_range') !== undefined),
  parse(content) {
    const out = new RangeCollector();
    out.list('', content, (item, path) =>
      out.add(`${path}.cidr_range`, member(item, 'cidr_range'), {
        provider: 'buildkite-agents',
        service: '',
        type: 'ci',
      }),
    );
    return out.done('', null);
  },
};

export const ciVendors: readonly PublishedList[] = [circleci, buildkiteService, buildkiteAgents];
