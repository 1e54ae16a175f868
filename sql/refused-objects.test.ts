// How long a refusal lasts: until its object is loaded, or a person gives it up.

import { expect, it } from 'vitest';
import { judgeRefusals, type MetObject, type RefusedObject } from './refused-objects.ts';

const now = new Date('2026-11-28T02:00:00Z');
const open = (object: string, content: string): RefusedObject => ({
  source: 'npm',
  object,
  content,
  reason: 'damaged',
  first_refused_at: '2026-11-27 02:00:00.000',
  last_refused_at: '2026-11-27 02:00:00.000',
  state: 'open',
  decision: '',
});
const refused = (object: string, content: string): MetObject => ({ object, content, reason: 'damaged' });
const loaded = (object: string, content: string): MetObject => ({ object, content, reason: undefined });
const judge = (before: readonly RefusedObject[], met: readonly MetObject[]) => {
  const { rows, fresh } = judgeRefusals('npm', before, met, now);
  return {
    fresh,
    rows: rows.map(({ object, state, first_refused_at }) => [object, state, first_refused_at.slice(0, 10)]),
  };
};

it.each([
  ['the first time', [], [refused('a', '1')], ['a'], [['a', 'open', '2026-11-28']]],
  ['again, unchanged', [open('a', '1')], [refused('a', '1')], [], [['a', 'open', '2026-11-27']]],
  ['again, with other content', [open('a', '1')], [refused('a', '2')], ['a'], [['a', 'open', '2026-11-28']]],
  ['loaded after it was mended', [open('a', '1')], [loaded('a', '2')], [], [['a', 'loaded', '2026-11-27']]],
  ['not met by a run', [open('a', '1')], [loaded('b', '2')], [], []],
  [
    'moved on by a name',
    [open('a.1', '1')],
    [loaded('a.1', '2'), refused('a.2', '1')],
    [],
    [
      ['a.2', 'open', '2026-11-27'],
      ['a.1', 'gone', '2026-11-27'],
    ],
  ],
  [
    'moved on, and the next one is refused too',
    [open('a.1', '1')],
    [refused('a.1', '2'), refused('a.2', '1')],
    ['a.1'],
    [
      ['a.1', 'open', '2026-11-28'],
      ['a.2', 'open', '2026-11-27'],
    ],
  ],
  [
    'copied',
    [open('a', '1')],
    [refused('a', '1'), refused('b', '1')],
    ['b'],
    [
      ['a', 'open', '2026-11-27'],
      ['b', 'open', '2026-11-28'],
    ],
  ],
  ['two streams', [open('stdin-1', '')], [refused('stdin-2', '')], ['stdin-2'], [['stdin-2', 'open', '2026-11-28']]],
] as const)('%s', (_, before, met, fresh, rows) => {
  expect(judge(before, met)).toEqual({ fresh, rows });
});
