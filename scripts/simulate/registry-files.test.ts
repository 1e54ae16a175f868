// The registry beside a simulation: ready for import, without errors or doubts, and of the same world as the logs.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crawlerListNames, detectPublished } from '../../transform/networks/published/index.ts';
import { formatByName } from '../../transform/formats/index.ts';
import { ecosystemByName } from '../../transform/packages/index.ts';
import { checkOrgs } from '../orgs/orgs-check.ts';
import { readOrgsFile, registryOf } from '../orgs/orgs-file.ts';
import { readRanges } from '../orgs/ranges-file.ts';
import { loadConfig } from '../runtime/config.ts';
import { loadCosts, loadPolicy } from '../funding/files.ts';
import { crawlerLists, MAX_ORGANISATIONS } from './networks.ts';
import { composeOrganisations } from './organisations.ts';
import { writeRegistryFiles } from './registry-files.ts';
import { sourceNames } from './scenario.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairshare-registry-'));
const start_ms = Date.UTC(2026, 9, 1);
const organisations = composeOrganisations(40, 1);
beforeAll(() => writeRegistryFiles(directory, { start_ms, days: 32, sources: sourceNames, organisations }));
afterAll(() => rmSync(directory, { recursive: true }));

describe('registry files', () => {
  it('name organisations and evidence that can be imported as they are', () => {
    const file = readOrgsFile(join(directory, 'registry/orgs.yaml'), { env: {} });
    expect(checkOrgs([file], { on: '2026-10-31' })).toEqual({ errors: [], warnings: [] });
    expect(file.organisations.length).toBe(40);
    expect(new Set(file.evidence.map(({ row }) => row.tier))).toEqual(new Set(['E1', 'E2', 'E5']));
    expect(registryOf([file]).edges.length).toBeGreaterThan(0);
    expect(file.organisations.some(({ exempt }) => exempt)).toBe(true);
    expect(readFileSync(join(directory, 'registry/orgs.yaml'), 'utf8')).not.toContain('fst_');
  });

  it('hold as many organisations as the plan has room for, all different', () => {
    const many = composeOrganisations(MAX_ORGANISATIONS, 3);
    for (const key of ['id', 'name', 'asn'] as const)
      expect(new Set(many.map((each) => each[key])).size).toBe(many.length);
    const tokens = many.flatMap(({ token }) => token ?? []);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(composeOrganisations(10, 3)).toEqual(many.slice(0, 10));
  });

  it('publish ranges in shapes that are recognised, one list each', async () => {
    const now = () => new Date(start_ms);
    const files = await readRanges(join(directory, 'registry/ranges'), { now });
    const lists = files.map(({ list }) => list).sort();
    expect(lists).toEqual([...crawlerLists, 'aws', 'azure', 'github', 'google-cloud'].sort());
    for (const { ranges } of files) expect(ranges.length).toBeGreaterThan(0);
    for (const list of crawlerLists) expect(crawlerListNames).toContain(list);
    const [types] = await readRanges(join(directory, 'registry/networks.csv'), { now });
    expect(new Set(types.ranges.map(({ type }) => type))).toEqual(new Set(['hosting', 'isp', 'mobile', 'vpn']));
    expect(types.asnTypes.length).toBe(organisations.filter(({ asKnown }) => asKnown).length);
    for (const name of readdirSync(join(directory, 'registry/ranges'))) {
      const content: unknown = JSON.parse(readFileSync(join(directory, 'registry/ranges', name), 'utf8'));
      expect(detectPublished(content, name)).not.toBe(null);
    }
  });

  it('give costs, a policy and a configuration that fit each other', () => {
    const config = loadConfig({ file: join(directory, 'fairshare.yaml'), env: {} });
    expect(config.sources.map(({ name }) => name)).toEqual(sourceNames);
    for (const { format, ecosystem } of config.sources) {
      expect(formatByName(format)?.name).toBe(format);
      expect(ecosystemByName(ecosystem!)?.name).toBe(ecosystem);
    }
    expect(new Set(config.sources.map(({ format }) => format)).size).toBe(sourceNames.length);
    const costs = loadCosts(join(directory, config.costs!));
    const policy = loadPolicy(join(directory, config.policy!));
    expect(costs.currency).toBe(policy.currency);
    expect([...costs.periods.keys()]).toEqual(['2026-10', '2026-11']);
    for (const { net_cents, pools } of costs.periods.values()) {
      expect(net_cents).toBe(35_000_000n);
      expect(pools.map(({ pool }) => pool).sort()).toEqual([...policy.pools.keys()].sort());
    }
  });
});
