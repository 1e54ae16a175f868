import { expect, it } from 'vitest';
import { Source } from '../../ingest/source.ts';
import { edgeLine } from '../../test/support/house.ts';
import { buildNetworkIndex } from '../networks/network-index.ts';
import { defaultLimits } from '../batch-builder.ts';
import { requestsByClass } from './requests-by-class.ts';
import { NEWEST } from '../methodology.ts';

const source = new Source(
  { name: 'npm', format: 'nginx-edge', ecosystem: 'npm' },
  {
    networks: buildNetworkIndex({ prefixes: [], ranges: [] }),
    tokenIdOf: () => null,
    methodology: NEWEST,
    methodologyVersion: 2,
    rulesSha256: '',
  },
  defaultLimits,
);

const built = (userAgents: readonly string[]) => {
  const builder = source.builder(source.formatOf(new Uint8Array(0), ''));
  const lines = userAgents.map((userAgent, i) => edgeLine({ at: `2026-10-01T0${i % 10}:00:00Z`, bytes: i, userAgent }));
  const bytes = Buffer.from(lines.join('\n'));
  builder.add(bytes, 0, bytes.length, 0, Infinity);
  return builder.finish();
};

it('sums requests by class over all rows', () => {
  const batch = built([
    ...Array<string>(7).fill('npm/11.0.0 node/v20.0.0 linux x64'),
    'Googlebot/2.1',
    'Googlebot/2.1',
  ]);
  const sums = requestsByClass(batch.usage);
  expect(batch.usage.rows).toBeGreaterThan(2);
  expect(sums.size).toBe(2);
  expect([...sums.values()].sort()).toEqual([2n, 7n]);
});

it('has nothing to sum in an empty batch', () => {
  expect(requestsByClass(built([]).usage)).toEqual(new Map());
});
