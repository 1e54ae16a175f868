// docs/ENROLMENT.md has a row for all that `orgs enrol` prints, and claims nothing without a recorded run.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { enrolmentPage, enrolmentRows } from './enrolment.ts';

const page = readFileSync(new URL('../../../docs/ENROLMENT.md', import.meta.url), 'utf8');

it.each(enrolmentRows())('$name, $way: proven ($proven) as the page records', ({ name, way, proven }) => {
  const row = page.split('\n').find((line) => line.startsWith(`| ${name} | ${way} |`));
  expect(row).toBeDefined();
  const [, found, requests] = /\| (\d+) of (\d+) requests \|/.exec(row!) ?? [];
  expect(row!.includes('*not proven*')).toBe(!proven);
  if (proven) expect(Number(found)).toBeGreaterThan(0);
  expect(found).toBe(requests);
});

it('a page without runs proves nothing', () => {
  expect(enrolmentPage([]).match(/\*not proven\* \|/g)).toHaveLength(enrolmentRows().length);
});
