// A user of the embedded engine with some rights only, as a user of a server has them: its own access control decides.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Answer {
  readonly result?: string;
  readonly error?: string;
}

/**
 * Runs statements on an embedded warehouse as user `default` with these rights; user `owner` has all rights.
 * @param directory for the configuration
 * @param rights GRANT and REVOKE statements; none: all rights
 */
export async function asGranted(
  { warehouse, directory }: { readonly warehouse: string; readonly directory: string },
  rights: readonly string[],
  statements: readonly string[],
): Promise<Answer[]> {
  const user = (rule: string) =>
    `<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota><no_password/>${rule}`;
  const all = '<access_management>1</access_management>';
  const granted = `<grants>${rights.map((right) => `<query>${right}</query>`).join('')}</grants>`;
  const users = `<owner>${user(all)}</owner><default>${user(rights.length === 0 ? all : granted)}</default>`;
  const [usersFile, config] = [join(directory, 'users.xml'), join(directory, 'config.xml')];
  writeFileSync(usersFile, `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users>${users}</users></clickhouse>`); // prettier-ignore
  writeFileSync(config, `<clickhouse><users_config>${usersFile}</users_config></clickhouse>`);
  const args = [join(root, 'test/support/granted-session.mjs'), warehouse, config, ...statements];
  return JSON.parse((await promisify(execFile)(process.execPath, args, { cwd: root })).stdout) as Answer[];
}
