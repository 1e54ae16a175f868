// AI and automation: who reads the registry for machines, whether the name is proven, and what they fetch.

import { bytesCell, html, nameCell, section, table } from '../report/markup.ts';
import { english } from '../report/texts/words.ts';
import { addressOf, big, choice, pageQuery, source, text, type Page, type Row } from './page.ts';
import { chartOfDays, daysOf } from './series.ts';

/** An agent under one name: its class, what proves the name, and its sums. */
interface Agent {
  readonly name: string;
  readonly requesterClass: string;
  requests: bigint;
  bytes: bigint;
  /** Bytes under a proven name, and under one that its address contradicts. */
  verified: bigint;
  contradicted: bigint;
}

export const ai: Page = {
  name: 'ai',
  title: 'AI',
  plan({ from, to }, address) {
    const days = { from, to };
    return {
      days: pageQuery('pages/days.sql', 'Sealed days', days),
      agents: pageQuery('pages/agents.sql', 'AI agents and crawlers', days),
      packages: pageQuery('pages/agent_packages.sql', 'What they fetch', {
        ...days,
        agent: address.get('agent') ?? '',
      }),
    };
  },
  render(answers, range, address) {
    const one = address.get('agent') ?? '';
    const rows = answers.rowsOf('agents');
    const shown = one === '' ? rows : rows.filter((row) => row.value === one);
    const agents = agentsOf(rows);
    const at = (agent: string) => addressOf('ai', { from: range.from, to: range.to, agent });
    return [
      html`<p>
        Programs of AI services, by the name that they send. A name is proven by its operator’s address list or
        signature; anybody can claim one. docs/METHODOLOGY.md says how.
      </p>`,
      one === ''
        ? null
        : choice('Agent', [
            { title: one, href: at(one), current: true },
            { title: 'all', href: at(''), current: false },
          ]),
      section(
        one === '' ? 'Over time' : `${one} over time`,
        chartOfDays(
          'Bytes by day and agent',
          merged(shown),
          daysOf(range.from, range.to, answers.rowsOf('days')),
          'bytes',
          (name) => name,
        ),
        source(answers.queryOf('agents')),
      ),
      section(
        'Agents',
        table({
          caption: 'AI agents and crawlers',
          source: source(answers.queryOf('agents')),
          columns: [{ title: 'Agent' }, { title: 'Kind' }, { title: 'Requests', number: true }, { title: 'Bytes', number: true }, { title: 'Name proven', number: true }, { title: 'Contradicted', number: true }], // prettier-ignore
          rows: agents.map((agent) => [
            html`<a href="${at(agent.name)}">${nameCell(agent.name)}</a>`,
            english.className(agent.requesterClass),
            english.count(agent.requests),
            bytesCell(agent.bytes, english),
            english.percent(agent.verified, agent.bytes),
            english.percent(agent.contradicted, agent.bytes),
          ]),
          empty: 'None in these days.',
        }),
        html`<p class="note">
          In percent of an agent’s bytes. The rest is claimed only. A package client that says that an AI agent runs it
          stands under its own name.
        </p>`,
      ),
      section(
        'What they fetch',
        table({
          caption: one === '' ? 'Packages with most bytes' : `Packages with most bytes of ${one}`,
          source: source(answers.queryOf('packages')),
          columns: [{ title: 'Package' }, { title: 'Ecosystem' }, { title: 'What' }, { title: 'Requests', number: true }, { title: 'Bytes', number: true }], // prettier-ignore
          rows: answers
            .rowsOf('packages')
            .map((row) => [
              row.package === '' ? 'no package named' : nameCell(text(row.package)),
              text(row.ecosystem),
              text(row.artifact),
              english.count(big(row.requests)),
              bytesCell(big(row.bytes), english),
            ]),
          empty: 'Nothing in these days.',
        }),
      ),
    ];
  },
};

/** One row for each day and agent. */
function merged(rows: readonly Row[]): Row[] {
  const bytes = new Map<string, { day: string; value: string; bytes: bigint }>();
  for (const row of rows) {
    const [day, value] = [text(row.day), text(row.value)];
    const sum = bytes.get(`${day} ${value}`) ?? { day, value, bytes: 0n };
    sum.bytes += big(row.bytes);
    bytes.set(`${day} ${value}`, sum);
  }
  return [...bytes.values()].map((sum) => ({ ...sum, bytes: String(sum.bytes) }));
}

function agentsOf(rows: readonly Row[]): Agent[] {
  const agents = new Map<string, Agent>();
  for (const row of rows) {
    const [name, requesterClass, identity] = [text(row.value), text(row.requester_class), text(row.identity)];
    const key = `${name} ${requesterClass}`;
    const agent = agents.get(key) ?? { name, requesterClass, requests: 0n, bytes: 0n, verified: 0n, contradicted: 0n };
    agent.requests += big(row.requests);
    agent.bytes += big(row.bytes);
    if (identity === 'ip_verified' || identity === 'signed') agent.verified += big(row.bytes);
    if (identity === 'contradicted') agent.contradicted += big(row.bytes);
    agents.set(key, agent);
  }
  return [...agents.values()].sort((a, b) => (a.bytes < b.bytes ? 1 : -1));
}
