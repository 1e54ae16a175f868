// Every query of docs/ANALYSTS.md runs on the recorded access logs, finds something, and gives the result that is shown.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRulebook } from '../../ingest/rulebook.ts';
import { readOrgsFile } from '../../scripts/orgs/orgs-file.ts';
import { allocatePeriod } from '../../scripts/funding/allocation.ts';
import { termsOf } from '../../scripts/funding/terms.ts';
import { attribute } from '../../sql/attribution.ts';
import { applyRegistry, compareRegistry, registryTables, type RegistryTable } from '../../sql/orgs.ts';
import { House } from '../support/house.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const text = (path: string): string => readFileSync(file(path), 'utf8');

/** A ```sql block with the words in bold above it, and the table below it where there is one. */
const block = /\*\*([^*]+)\*\*[^*]*?\n\n```sql\n([^`]*)```\n(?:\n((?:\|.*\n)+))?/g;
const queries = [...text('docs/ANALYSTS.md').matchAll(block)].map(([, title, sql, result]) => ({
  title: title,
  sql: sql,
  result,
}));

let house: House;
const now = new Date('2026-11-24T06:00:00Z');

async function importOrgs(path: string): Promise<void> {
  const { organisations, edges, evidence } = readOrgsFile(path);
  const rows: [RegistryTable, readonly object[]][] = [
    [registryTables.org, organisations.map(({ row }) => row)],
    [registryTables.orgEdge, edges],
    [registryTables.orgEvidence, evidence.map(({ row }) => row)],
  ];
  for (const [table, desired] of rows)
    await applyRegistry(
      house.warehouse,
      table,
      await compareRegistry(
        house.warehouse,
        table,
        desired.map((row) => ({ ...row })),
      ),
      now,
    );
}

beforeAll(async () => {
  house = await House.open();
  // As `fairshare init` writes it: Example Corp has declared the network that the captures come from.
  await importOrgs(file('scripts/init/orgs.yaml'));
  Object.assign(house, { rulebook: await loadRulebook(house.warehouse, 'test') });
  await house.ingest([file('test/fixtures/captures/npm-edge.jsonl')]);
  await house.ingest([file('test/fixtures/captures/debian-edge.jsonl')], {
    spec: { name: 'debian', ecosystem: 'deb', pathPrefix: '/debian' },
  });
  await house.seal('2026-11-22');
  await attribute(house.warehouse, { now });
  const texts = { policy: text('scripts/init/policy.yaml'), costs: text('scripts/init/costs.csv') };
  await allocatePeriod(house.warehouse, '2026-11', termsOf(texts), now);
});
afterAll(() => house.close());

describe('docs/ANALYSTS.md', () => {
  it('has its queries', () => {
    expect(queries.length).toBe(text('docs/ANALYSTS.md').split('```sql').length - 1);
    expect(queries.length).toBeGreaterThanOrEqual(10);
    expect(queries.filter(({ result }) => result !== undefined).length).toBeGreaterThanOrEqual(4);
  });

  it.each(queries)('$title', async ({ sql, result }) => {
    const reader = await house.warehouse.session({ readOnly: true });
    try {
      const found = await reader.text(sql, 'Markdown');
      expect(found.trimEnd().split('\n').length).toBeGreaterThan(2);
      if (result !== undefined) expect(found).toBe(result);
    } finally {
      await reader.close();
    }
  });
});
