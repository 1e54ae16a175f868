// The halves of AI programs, and people's browsers: the split is a fact of the name, known programs are found, and people are no bots.

import { describe, expect, it } from 'vitest';
import { declaredClasses } from '../../transform/clients/client.ts';
import { parseUserAgent } from '../../transform/clients/index.ts';
import { judge, products, rulesOfOneHalf } from './ai-halves.ts';
import { personAgent } from './people.ts';
import { randomOf } from './random.ts';

const all = products();

describe('AI programs', () => {
  it('are split by their names alone, about evenly', () => {
    const halfOf = new Map(all.map(({ name, half }) => [name, half]));
    expect([halfOf.get('GPTBot'), halfOf.get('CCBot'), halfOf.get('PerplexityBot')]).toMatchInlineSnapshot(`
      [
        "written from",
        "written from",
        "written from",
      ]
    `);
    for (const half of ['written from', 'judged by'])
      expect(all.filter((product) => product.isAi && product.half === half).length).toBeGreaterThan(100);
  });

  it('are found if a list names them', () => {
    for (const { half, recall, precision, botRecall } of judge((agent) => parseUserAgent(agent).kind, all)) {
      expect([half, recall > 0.98, precision > 0.98, botRecall > 0.97]).toEqual([half, true, true, true]);
    }
  });

  it('are seldom found if no list names them, and others are seldom taken for them', async () => {
    const parse = await rulesOfOneHalf();
    const [, judged] = judge((agent) => parse(agent).kind, all);
    expect(judged.recall).toBeGreaterThan(0.2);
    expect(judged.recall).toBeLessThan(0.5);
    expect(judged.precision).toBeGreaterThan(0.9);
  });

  it('are missed where the classifier knows none', () => {
    expect(judge(() => 'unknown', all).map(({ recall }) => recall)).toEqual([0, 0]);
  });
});

it('takes at most 5 in 10,000 of people for bots', () => {
  const random = randomOf(20261201);
  const bots: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    const agent = personAgent(random);
    if ((declaredClasses as readonly string[]).includes(parseUserAgent(agent).kind)) bots.push(agent);
  }
  expect(bots.slice(0, 5)).toEqual([]);
});
