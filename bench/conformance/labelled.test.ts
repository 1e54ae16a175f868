// Tests of the labelled set itself: one seed gives the same set, each class occurs, and a wrong classifier fails.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requesterClasses } from '../../transform/classify/requester.ts';
import { labelledSet } from './labelled.ts';
import { measure } from './measure.ts';

const SEED = 7;
const set = labelledSet(8_000, SEED);
const report = measure(set, SEED);

describe('the labelled set', () => {
  it('is the same for the same seed and another for another', () => {
    expect(labelledSet(500, 3)).toEqual(labelledSet(500, 3));
    expect(labelledSet(500, 3)).not.toEqual(labelledSet(500, 4));
  });

  it('owes nothing to the grammars', () => {
    for (const file of ['templates.ts', 'labelled.ts', 'random.ts']) {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8');
      expect(text).not.toMatch(/from '.*transform\/clients|from '.*classify\/decide/);
    }
  });

  it('has every class, spoofed crawlers and hostile strings', () => {
    expect(new Set(set.map(({ truth }) => truth.requesterClass))).toEqual(new Set(requesterClasses));
    expect(set.some(({ truth }) => truth.client === 'gptbot' && truth.requesterClass === 'unknown')).toBe(true);
    expect(set.some(({ userAgent }) => userAgent.length > 4096)).toBe(true);
  });
});

describe('the classifier on it', () => {
  it.each(report.classes.map((row) => [row.requesterClass, row] as const))('%s: precision and recall', (_name, row) => {
    expect(row.labelled).toBeGreaterThan(0);
    expect(row.precision).toBeGreaterThanOrEqual(0.99);
    expect(row.recall).toBeGreaterThanOrEqual(0.99);
  });

  it('names clients, CI and containers right, and no package manager a bot', () => {
    expect(report.clientAccuracy).toBeGreaterThanOrEqual(0.99);
    expect(report.ciAccuracy).toBeGreaterThanOrEqual(0.99);
    expect(report.containerAccuracy).toBeGreaterThanOrEqual(0.99);
    expect(report.bots[0]).toMatchObject({ detector: 'fairshare', managersCalledBots: 0 });
  });

  it('is told apart from peers that call package managers bots', () => {
    expect(report.bots.find(({ detector }) => detector === 'isbot')!.managersCalledBotsShare).toBeGreaterThan(0.1);
  });

  it('fails where the truth is another', () => {
    const wrong = set.map((labelled) =>
      labelled.truth.requesterClass === 'ci'
        ? { ...labelled, truth: { ...labelled.truth, requesterClass: 'developer' as const } }
        : labelled,
    );
    const { classes, mistakes } = measure(wrong, SEED);
    expect(classes.find(({ requesterClass }) => requesterClass === 'developer')!.recall).toBeLessThan(0.6);
    expect(mistakes).toHaveLength(5);
  });
});
