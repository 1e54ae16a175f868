import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { licenceFaults } from './licences.ts';

const lockOf = (packages: object) => JSON.stringify({ packages: { '': { license: 'Apache-2.0' }, ...packages } });

it('allows every package that package-lock.json names', () => {
  expect(licenceFaults(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'))).toEqual([]);
});

it('names each package and its licence that is not allowed', () => {
  const faults = licenceFaults(
    lockOf({
      'node_modules/fine': { version: '1.0.0', license: '(GPL-3.0-only OR MIT)' },
      'node_modules/copyleft': { version: '1.2.3', license: 'AGPL-3.0-only' },
      'node_modules/fine/node_modules/@scope/both': { version: '2.0.0', license: '(MIT AND GPL-2.0-only)' },
      'node_modules/silent': { version: '3.0.0' },
      'node_modules/closed': { version: '4.0.0', license: 'SEE LICENSE IN LICENSE.txt' },
    }),
  );
  expect(faults).toEqual([
    'copyleft 1.2.3 (production): licence AGPL-3.0-only',
    '@scope/both 2.0.0 (production): licence (MIT AND GPL-2.0-only)',
    'silent 3.0.0 (production): licence none that package-lock.json names',
    'closed 4.0.0 (production): licence SEE LICENSE IN LICENSE.txt',
  ]);
});

it('allows MPL for what only development needs', () => {
  const license = 'MPL-2.0';
  expect(licenceFaults(lockOf({ 'node_modules/tool': { version: '1.0.0', license, dev: true } }))).toEqual([]);
  expect(licenceFaults(lockOf({ 'node_modules/part': { version: '1.0.0', license } }))).toHaveLength(1);
});
