// docs/TABLES.md equals the engine's description of a migrated warehouse.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tablesPage, tablesPath } from '../../scripts/tools/docs/tables.ts';
import { House } from '../support/house.ts';

it('has every table, view and column: make docs writes it', async () => {
  const house = await House.open();
  try {
    expect(readFileSync(tablesPath, 'utf8')).toBe(await tablesPage(house.warehouse));
  } finally {
    await house.close();
  }
});
