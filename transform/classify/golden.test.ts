// User agents as they appear in registries' logs, composed by hand, each with what `fairshare classify` says of it. A change
// here is a change of published figures: it wants a new methodology version.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientNames, parseUserAgent } from '../clients/index.ts';
import { noFacts } from '../networks/facts.ts';
import type { Tri } from '../scan/line-fields.ts';
import { decide } from './decide.ts';

interface Golden {
  readonly user_agent: string;
  readonly client: { readonly name: string };
}

const answer = (value: Tri): boolean | null => (value === -1 ? null : value === 1);

const golden = readFileSync(new URL('../../test/fixtures/clients/user-agents.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden);

describe('golden user agents', () => {
  it.each(golden.map((row) => [row.user_agent.slice(0, 80), row] as const))('%s', (_title, row) => {
    const facets = parseUserAgent(row.user_agent);
    const requester = decide(facets, noFacts, -1);
    expect({
      user_agent: row.user_agent,
      client: { name: requester.client, version: facets.version },
      requester_class: requester.requesterClass,
      identity: requester.identity,
      ci: answer(requester.ci),
      ci_provider: requester.ciProvider,
      container: answer(requester.container),
      rule_id: requester.ruleId,
    }).toEqual(row);
    expect(clientNames).toContain(row.client.name);
  });
});
