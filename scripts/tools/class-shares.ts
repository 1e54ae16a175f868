// `make class-shares`: shares of requests and of bytes by class, of this version's rules or of another version's.
// Usage: tsx scripts/tools/class-shares.ts [--code DIRECTORY]

import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rulesIn, type Share, sharesOfCaptures, sharesOfMonth } from '../../bench/conformance/shares.ts';
import { month } from '../../bench/month.ts';

const LINES = 400_000;
const { values } = parseArgs({ options: { code: { type: 'string', default: '.' } } });
const rules = await rulesIn(pathToFileURL(`${resolve(values.code)}/`));

const percent = (share: number): string => (100 * share).toFixed(2).padStart(8);
const text = (title: string, shares: readonly Share[]): string =>
  [
    `${title}: class, % of requests, % of bytes`,
    ...shares.map(
      ({ requesterClass, requests, bytes }) => `${requesterClass.padEnd(18)}${percent(requests)}${percent(bytes)}`,
    ),
    '',
  ].join('\n');

process.stdout.write(`${text('recorded captures', sharesOfCaptures(rules))}\n`);
process.stdout.write(text('simulated month', sharesOfMonth(rules, (await month(LINES)).directory)));
