// docs/COVERAGE.md says what the code knows: nothing is missing, nothing is stale.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientNames } from '../../../transform/clients/index.ts';
import { detectFormat, formats } from '../../../transform/formats/index.ts';
import { LineFields } from '../../../transform/scan/line-fields.ts';
import { degradedReasons, excludedReasons, quarantineReasons } from '../../../transform/outcome.ts';
import { ecosystems } from '../../../transform/packages/index.ts';
import { coverage, coveragePath } from './coverage.ts';

const text = coverage();

describe('docs/COVERAGE.md', () => {
  it('is what the code says: make docs writes it', () => {
    expect(readFileSync(coveragePath, 'utf8')).toBe(text);
  });

  it.each([
    ...formats.map(({ name }) => name),
    ...ecosystems.map(({ name }) => name),
    ...clientNames,
    ...excludedReasons,
    ...quarantineReasons,
    ...degradedReasons,
  ])('names %s', (name) => {
    expect(text).toContain(`\`${name}\``);
  });

  it('has as many cells in every row as in the head of its table', () => {
    const cells = (line: string): number => line.replaceAll('\\|', '').split('|').length;
    let head = 0;
    for (const line of text.split('\n')) {
      if (!line.startsWith('|')) head = 0;
      else if (head === 0) head = cells(line);
      else expect(cells(line), line).toBe(head);
    }
  });

  it('says why a line is not counted, for every reason', () => {
    const rows = text.split('\n').filter((line) => /^\| `(?:\w+)` \| /.test(line));
    for (const reason of [...excludedReasons, ...quarantineReasons, ...degradedReasons])
      expect(rows.find((line) => line.startsWith(`| \`${reason}\` | `))).toMatch(/ \| \S.{3,} \|$/);
  });

  it.each(formats.filter(({ name }) => name !== 'json'))(
    'auto finds $name by its first request',
    ({ name, parser }) => {
      const lines = readFileSync(
        new URL(`../../../test/fixtures/formats/${name}/good.log`, import.meta.url),
        'utf8',
      ).split('\n');
      const reader = parser();
      const fields = new LineFields();
      const first = lines.findIndex((line) => {
        const bytes = new TextEncoder().encode(line);
        return reader.parse(bytes, 0, bytes.length, fields) === 0;
      });
      expect(first).toBeGreaterThanOrEqual(0);
      const sample = new TextEncoder().encode(`${lines.slice(0, first + 1).join('\n')}\n`);
      expect(detectFormat(sample)?.format.name).toBe(name);
    },
  );
});
