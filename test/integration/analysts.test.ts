// The analysts' database: one grant covers it, and gives no other rights. The engine's own access control decides: the user
// who migrated owns everything, and an analyst has only the grant of docs/ANALYSTS.md.

import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analystObjects } from '../../sql/analysts.ts';
import { openWarehouse } from '../../sql/warehouse.ts';
import { startDoor } from '../../scripts/serve/door.ts';
import { createLogger } from '../../scripts/runtime/logger.ts';
import { fairshare, fairshareHere } from '../support/cli.ts';
import { startReader } from '../support/doors.ts';
import { copyMigratedWarehouse, temporaryDirectory } from '../support/warehouse.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/ANALYSTS.md'), 'utf8');
const GRANT = /GRANT SELECT ON fairshare_analyst\.\* TO analyst/.exec(page)?.[0] ?? 'the page shows no grant';

const PARAMETERS: Readonly<Record<string, string>> = {
  org_known_at: "(known_at = '2199-01-01 00:00:00.000')",
  period_usage:
    "(period = '2026-10', until = '2026-10-31', with_late = false, attribution_version = '', known_at = '2199-01-01 00:00:00.000', billable_tiers = ['E1'])",
};
const directory = temporaryDirectory();
const at = (name: string): string => join(directory.path, name);
const warehouse = at('warehouse');
/** A warehouse whose views run with the rights of the caller, as on the embedded engine. */
const own = at('own');

/** A configuration that gives user `default` these rights; `owner` has all rights. */
function configuration(name: string, rights: string): string {
  const user = (rule: string) => `<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><no_password/>${rule}`; // prettier-ignore
  const all = '<access_management>1</access_management>';
  const users = `<owner>${user(all)}</owner><default>${user(rights === '' ? all : `<grants><query>${rights}</query></grants>`)}</default>`;
  writeFileSync(at(`${name}-users.xml`), `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users>${users}</users></clickhouse>`); // prettier-ignore
  writeFileSync(at(`${name}.xml`), `<clickhouse><users_config>${at(`${name}-users.xml`)}</users_config></clickhouse>`);
  return at(`${name}.xml`);
}

interface Answer {
  readonly result?: string;
  readonly error?: string;
}
async function asUser(config: string, statements: readonly string[]): Promise<Answer[]> {
  const args = [join(root, 'test/support/granted-session.mjs'), warehouse, config, ...statements];
  return JSON.parse((await promisify(execFile)(process.execPath, args, { cwd: root })).stdout) as Answer[];
}

beforeAll(async () => {
  copyMigratedWarehouse(warehouse);
  const made = await openWarehouse({ location: warehouse });
  await made.insert('org', [{ org_id: 'acme', name: 'Acme', exempt: false, contact: 'a@example.org', recorded_at: '2026-01-01 00:00:00' }]); // prettier-ignore
  await made.close();
  cpSync(warehouse, own, { recursive: true, verbatimSymlinks: true });
  // The embedded engine has a single user. Here another user has migrated.
  const changed = await asUser(
    configuration('owner', ''),
    analystObjects.map((name) => `ALTER TABLE analyst.${name} MODIFY SQL SECURITY DEFINER DEFINER = owner`),
  );
  expect(changed.filter(({ error }) => error !== undefined)).toEqual([]);
});
afterAll(() => directory.remove());

describe('an analyst with the one grant', () => {
  const grant = GRANT.replace('fairshare_analyst', 'analyst').replace(' TO analyst', '');

  it('reads everything that analysts read', async () => {
    const statements = analystObjects.map((name) => `SELECT count() FROM ${name}${PARAMETERS[name] ?? ''}`);
    const answers = await asUser(configuration('analyst', grant), ['USE analyst', ...statements]);
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    const [names] = await asUser(at('analyst.xml'), ['SELECT name FROM analyst.org_current']);
    expect(names).toEqual({ result: 'Acme' });
  });

  it('reads and sees nothing else', async () => {
    const refused = ['usage_known', 'quarantine', 'usage_batch', 'network_daily', 'org', 'org_evidence', 'run_lock', 'schema_migration']; // prettier-ignore
    const answers = await asUser(configuration('analyst', grant), [
      ...refused.map((name) => `SELECT count() FROM default.${name}`),
      'SELECT contact FROM analyst.org_current',
      'DROP VIEW analyst.usage_known',
    ]);
    for (const { error } of answers) expect(error).toMatch(/ACCESS_DENIED|UNKNOWN_IDENTIFIER/);
    const [seen] = await asUser(at('analyst.xml'), ["SELECT count() FROM system.tables WHERE database = 'default'"]);
    expect(seen).toEqual({ result: '0' });
  });
});

describe('readers', () => {
  const text = async (url: string, sql: string) => (await fetch(url, { method: 'POST', body: sql })).text();

  it('begin in it, by fairshare query and through the door; writers in the warehouse’s own', async () => {
    const where = ['SELECT currentDatabase() FORMAT TSV', '--warehouse', own];
    expect((await fairshareHere(['query', ...where])).stdout).toBe('analyst\n');
    expect((await fairshareHere(['query', ...where, '--allow-writes'])).stdout).toBe('default\n');
    const holder = await openWarehouse({ location: own });
    const log = createLogger({ level: 'fatal', stream: process.stderr, readable: false, color: false });
    const reader = await startReader(own);
    const writer = await startDoor({ warehouse: holder, port: 0, log });
    try {
      expect(await text(reader.url, 'SELECT currentDatabase()')).toBe('analyst\n');
      expect(await text(`${reader.url}/?database=default`, 'SELECT name FROM default.org')).toMatch(/ACCESS_DENIED/);
      expect(await text(reader.url, 'SELECT name FROM org_current')).toBe('Acme\n');
      expect(await text(writer.url, 'SELECT currentDatabase()')).toBe('default\n');
      // Beside the process that holds the warehouse.
      expect((await fairshare(['query', ...where])).stdout).toBe('analyst\n');
      const asked = ['query', 'SELECT name FROM org_current FORMAT TSV', '--warehouse', reader.url];
      expect((await fairshareHere(asked)).stdout).toBe('Acme\n');
    } finally {
      await reader.close();
      await writer.close();
      await holder.close();
    }
  });
});

describe('docs/ANALYSTS.md', () => {
  it('names everything in the database', () => {
    for (const name of analystObjects) expect(page, name).toMatch(new RegExp(`\`${name}(\\(…\\))?\``));
  });
});
