// The table of configuration in docs/OPERATIONS.md has every key, with its variable and its default.

import { readFileSync } from 'node:fs';
import { expect, describe, it } from 'vitest';
import { z } from 'zod';
import { exitCodes } from '../../runtime/exit.ts';
import { configSchema, readConfig } from '../../runtime/config.ts';

const page = readFileSync(new URL('../../../docs/OPERATIONS.md', import.meta.url), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| `(?!fairshare_)([\w.[\]]+)` \| (?:`(FAIRSHARE_\w+)`)? ?\| (.*?) \|/gm)].map(
    ([, key, variable, value]) => [key, { variable, value: value }],
  ),
);

interface Shape {
  readonly type?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, Shape>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

/** Every key that a person can set, with its default where it has one. */
function* keysOf({ properties = {}, items, anyOf = [] }: Shape, path: string): Generator<[string, unknown]> {
  for (const [name, shape] of Object.entries(properties)) {
    const key = path === '' ? name : `${path}.${name}`;
    if (shape.type !== 'object' || shape.properties === undefined) yield [key, shape.default];
    yield* keysOf(shape, key);
  }
  if (items !== undefined) yield* keysOf(items, `${path}[]`);
  for (const shape of anyOf) yield* keysOf(shape, path);
}
const keys = [...keysOf(z.toJSONSchema(configSchema, { io: 'input' }) as Shape, '')];

describe('docs/OPERATIONS.md', () => {
  it.each(keys)('describes %s', (key, byDefault) => {
    const row = rows.get(key);
    expect(row).toBeDefined();
    const { variable, value } = row!;
    // The members of a list have no variables of their own.
    expect(variable).toBe(key.includes('[]') ? undefined : `FAIRSHARE_${key.toUpperCase().replaceAll('.', '__')}`);
    if (byDefault === undefined) expect(value).not.toMatch(/^`[./\d[]/);
    else if (byDefault === '') expect(value).toBe('none');
    else expect(value).toBe(`\`${typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault)}\``);
  });

  it('describes no key that does not exist', () => {
    expect([...rows.keys()].filter((key) => !keys.some(([known]) => known === key))).toEqual([]);
  });

  it('takes variables as it says', () => {
    const { config } = readConfig({
      file: undefined,
      env: { FAIRSHARE_KAFKA__BROKERS: '[broker1:9092, broker2:9092]', FAIRSHARE_INGEST__MAX_BATCH_SECONDS: '5' },
    });
    expect(config!.kafka.brokers).toEqual(['broker1:9092', 'broker2:9092']);
    expect(config!.ingest.max_batch_seconds).toBe(5);
  });

  it.each(Object.values(exitCodes))('explains exit code %i', (exitCode) => {
    expect(page).toMatch(new RegExp(`^\\| ${exitCode} \\| `, 'm'));
  });
});
