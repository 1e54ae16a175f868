import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../transform/periods.ts';
import { HOW_MEASURED, mostUnusual, unusualSentence, type Change, type UsageOfDay } from './unusual.ts';

const days = Array.from({ length: 14 }, (_, index) => addDays('2026-10-29', index));
const sealed = (of: readonly string[] = days, version = '2') => new Map(of.map((day) => [day, version]));

type Amounts = readonly [bytes: bigint, requests: bigint, downloads: bigint];
const row = (day: string, requester_class: string, [bytes, requests, downloads]: Amounts): UsageOfDay => ({
  day,
  requester_class,
  bytes,
  requests,
  downloads,
});
const weeks = (requester_class: string, before: Amounts, after: Amounts) =>
  days.map((day, index) => row(day, requester_class, index < 7 ? before : after));
const same = (bytes: bigint): Amounts => [bytes, bytes, bytes];
const steady = (requester_class: string, bytes: bigint) => weeks(requester_class, same(bytes), same(bytes));

const changeOf = (rows: readonly UsageOfDay[], methodologies = sealed()): Change => {
  const result = mostUnusual(rows, methodologies);
  if ('none' in result) throw new Error(`nothing found: ${result.none}`);
  return result.found;
};

describe('the most unusual change', () => {
  it('is that of the class whose share of the bytes changed most', () => {
    const rows = [...steady('ci', 100n), ...weeks('ai_training', same(1n), same(40n)), ...steady('unknown', 50n)];
    expect(changeOf(rows)).toEqual({
      requester_class: 'ai_training',
      measure: 'bytes',
      from: '2026-11-05',
      until: '2026-11-11',
      amounts: [7n, 280n],
      totals: [1057n, 1330n],
      same_direction: 7,
      weekdays: 7,
    });
  });

  it('may be one of requests alone', () => {
    const rows = [...weeks('ci', [100n, 10n, 10n], [100n, 60n, 10n]), ...steady('unknown', 100n)];
    expect(changeOf(rows)).toMatchObject({ requester_class: 'ci', measure: 'requests', amounts: [70n, 420n] });
  });

  it('weighs by bytes: a small class that multiplies is less than a large one that moves', () => {
    const rows = [
      ...weeks('security_scanner', [1n, 1n, 1n], [9n, 9n, 9n]),
      ...weeks('ci', same(600n), same(500n)),
      ...weeks('developer', same(399n), same(491n)),
    ];
    expect(changeOf(rows).requester_class).toBe('ci');
  });

  it('finds a class that is new and one that is gone', () => {
    expect(changeOf([...steady('ci', 100n), ...weeks('hosted', same(0n), same(30n))]).requester_class).toBe('hosted');
    const gone = changeOf([...steady('ci', 10n), ...steady('x', 15n), ...weeks('hosted', same(30n), same(0n))]);
    expect(gone).toMatchObject({ requester_class: 'hosted', same_direction: 7 });
  });

  it('is none if all grew alike, or hardly anything moved', () => {
    const alike = [...weeks('ci', same(100n), same(200n)), ...weeks('unknown', same(50n), same(100n))];
    expect(mostUnusual(alike, sealed())).toEqual({ none: 'small' });
    const little = [...weeks('ci', same(1000n), same(1039n)), ...steady('unknown', 1000n)];
    expect(mostUnusual(little, sealed())).toEqual({ none: 'small' });
    const enough = [...weeks('ci', same(1000n), same(1041n)), ...steady('unknown', 1000n)];
    expect(mostUnusual(enough, sealed())).toHaveProperty('found');
  });

  it('is the first by name of two that changed alike', () => {
    const [ci, hosted] = [weeks('ci', same(10n), same(30n)), weeks('hosted', same(30n), same(10n))];
    expect(changeOf([...ci, ...hosted]).requester_class).toBe('ci');
    expect(changeOf([...hosted, ...ci]).requester_class).toBe('ci');
  });

  it('tells a burst of one day from a change of every day', () => {
    const burst = [...steady('ci', 100n), ...steady('automation', 10n), row('2026-11-11', 'automation', same(900n))];
    expect(changeOf(burst)).toMatchObject({ requester_class: 'automation', same_direction: 1, weekdays: 7 });
  });

  it('reads the last fourteen sealed days alone', () => {
    const rows = [...steady('ci', 5n), ...weeks('unknown', same(5n), same(9n))];
    const outside = ['2026-10-28', '2026-11-12'].map((day) => row(day, 'developer', same(9_000n)));
    expect(mostUnusual([...rows, ...outside], sealed(['2026-10-28', ...days]))).toEqual(mostUnusual(rows, sealed()));
  });
});

describe('no comparison', () => {
  const rows = [...steady('ci', 5n), ...weeks('unknown', same(5n), same(9n))];

  it('is made across a hole, even where fourteen other days are sealed', () => {
    const older = Array.from({ length: 10 }, (_, index) => addDays('2026-10-10', index));
    const holed = sealed([...older, ...days.filter((day) => day !== '2026-11-03')]);
    expect(mostUnusual(rows, holed)).toEqual({ none: 'unsealed_days', days: 1 });
  });

  it('is made of fewer days, or of none', () => {
    expect(mostUnusual(rows, sealed(days.slice(4)))).toEqual({ none: 'unsealed_days', days: 4 });
    expect(mostUnusual([], new Map())).toEqual({ none: 'unsealed_days', days: 14 });
  });

  it('is made with a week without bytes', () => {
    expect(mostUnusual(weeks('ci', same(0n), same(9n)), sealed())).toEqual({ none: 'no_usage' });
    expect(mostUnusual([], sealed())).toEqual({ none: 'no_usage' });
  });

  it('is made of downloads that two methodologies counted', () => {
    const downloads = [...weeks('ci', [100n, 100n, 100n], [100n, 100n, 10n]), ...steady('unknown', 100n)];
    const mixed = new Map(days.map((day, index) => [day, index < 9 ? '1' : '2']));
    expect(changeOf(downloads).measure).toBe('downloads');
    expect(mostUnusual(downloads, mixed)).toEqual({ none: 'small' });
    expect(mostUnusual(rows, mixed)).toEqual(mostUnusual(rows, sealed()));
  });
});

const count = fc.bigInt(0n, 10n ** 15n);
const usages = fc.array(
  fc.record({
    day: fc.constantFrom(...days),
    requester_class: fc.constantFrom('ci', 'developer', 'unknown', 'constructor'),
    bytes: count,
    requests: count,
    downloads: count,
  }),
  { minLength: 10, maxLength: 60 },
);

describe('any usage', () => {
  it('gives the same change in any order, and if rows are split', () => {
    fc.assert(
      fc.property(usages, fc.infiniteStream(fc.nat()), (rows, random) => {
        const shuffled = rows
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const split = shuffled.flatMap((one) => [
          { ...one, bytes: one.bytes / 3n, requests: 0n, downloads: one.downloads },
          { ...one, bytes: one.bytes - one.bytes / 3n, downloads: 0n },
        ]);
        expect(mostUnusual(split, sealed())).toEqual(mostUnusual(rows, sealed()));
      }),
    );
  });

  it('gives the same class and measure if all of a measure is multiplied', () => {
    fc.assert(
      fc.property(usages, fc.bigInt(2n, 1000n), (rows, factor) => {
        const pick = (result: ReturnType<typeof mostUnusual>) =>
          'found' in result ? [result.found.requester_class, result.found.measure] : result;
        const larger = rows.map((one) => ({ ...one, bytes: one.bytes * factor }));
        expect(pick(mostUnusual(larger, sealed()))).toEqual(pick(mostUnusual(rows, sealed())));
      }),
    );
  });

  it('gives sums of the rows, which are never more than the total', () => {
    fc.assert(
      fc.property(usages, (rows) => {
        const result = mostUnusual(rows, sealed());
        if ('none' in result) return;
        const { requester_class, measure, from, amounts, totals, same_direction, weekdays } = result.found;
        const sum = (week: number, ofAll: boolean) =>
          rows
            .filter((one) => Number(one.day >= from) === week && (ofAll || one.requester_class === requester_class))
            .reduce((all, one) => all + one[measure], 0n);
        expect(amounts).toEqual([sum(0, false), sum(1, false)]);
        expect(totals).toEqual([sum(0, true), sum(1, true)]);
        expect(same_direction).toBeLessThanOrEqual(weekdays);
      }),
    );
  });
});

describe('the sentence', () => {
  it('says share, amounts, days and on how many weekdays it moved', () => {
    const rows = [...steady('ci', 100n), ...weeks('ai_training', same(10n), same(40n))];
    expect(unusualSentence(mostUnusual(rows, sealed()))).toBe(
      'The most unusual change is that of “AI training crawlers”: 28.6 % (280 B) of all bytes from 5 November 2026 to 11 November 2026, ' +
        'after 9.1 % (70 B) in the seven days before. The share rose on 7 of 7 weekdays.',
    );
    const fewer = [...weeks('ci', [100n, 60n, 10n], [100n, 10n, 10n]), ...steady('unknown', 100n)];
    expect(unusualSentence(mostUnusual(fewer, sealed()))).toMatch(/\(70 requests\) of all requests .* fell on 7 of 7/);
  });

  it('says why there is none', () => {
    const said = [
      mostUnusual([], sealed(days.slice(4))),
      mostUnusual([], sealed()),
      mostUnusual(steady('ci', 1n), sealed()),
    ].map(unusualSentence);
    expect(said[0]).toContain('4 of 14');
    expect(new Set(said).size).toBe(3);
    expect(HOW_MEASURED).toContain('0.01');
  });
});
