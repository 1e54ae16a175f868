// Operators that sign their requests (Web Bot Auth, RFC 9421 with Signature-Agent) → the classes of their programs, the usual
// one first. Source: the operators' pages on their agents, 2026-03.

import type { DeclaredClass } from '../clients/client.ts';

const operators = new Map<string, readonly DeclaredClass[]>(
  Object.entries({
    'chatgpt.com': ['ai_user_fetch', 'ai_search', 'ai_training', 'ai_coding_agent'],
    'openai.com': ['ai_user_fetch', 'ai_search', 'ai_training', 'ai_coding_agent'],
    'anthropic.com': ['ai_user_fetch', 'ai_search', 'ai_training', 'ai_coding_agent'],
    'claude.ai': ['ai_user_fetch', 'ai_search', 'ai_training', 'ai_coding_agent'],
    'perplexity.ai': ['ai_user_fetch', 'ai_search'],
    'agent.bot.goog': ['ai_user_fetch'],
    'google.com': ['search_bot', 'ai_user_fetch'],
    'bing.com': ['search_bot'],
    'commoncrawl.org': ['ai_training'],
  } satisfies Record<string, DeclaredClass[]>),
);

/** One of the hosts above, '' for another. @param agent Signature-Agent: a host, a URL, or a structured field of them */
export function knownOperator(agent: string): string {
  const host = agent
    .toLowerCase()
    .replace(/^(?:[\w*.-]+=)?"?(?:https?:\/\/)?(?:www\.)?/, '')
    .replace(/["/:].*$/, '');
  return operators.has(host) ? host : '';
}

/** @param agent in a form that `knownOperator` takes or returns */
export function classOfSigned(agent: string, saidByUserAgent: string): DeclaredClass {
  const classes = operators.get(knownOperator(agent));
  if (classes === undefined) return 'other_crawler';
  return classes.find((known) => known === saidByUserAgent) ?? classes[0];
}
