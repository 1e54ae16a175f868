// fairshare users: the file of a door's users.

import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { textTable } from '../../dashboards/text-table.ts';
import { printJson } from '../runtime/output.ts';
import type { Runtime } from '../runtime/command.ts';
import { addUser, readUsers, removeUser, scopes, type Scope } from '../serve/users.ts';

interface FileFlag {
  readonly file: string;
  readonly json?: boolean;
}

export function registerUsers(users: Command, runtime: Runtime): void {
  const file = ['--file <path>', 'the file of users', 'door-users.yaml'] as const;
  users
    .command('add')
    .description('add a user, or give one a new token; prints the token, which is kept nowhere')
    .argument('<name>', 'letters, digits and . _ @ -')
    .option(...file)
    .option(
      '--scope <scope...>',
      'read: a reader’s door (default); write: a door with --allow-writes',
      collectScope,
      [] as Scope[],
    )
    .option('--until <day>', 'last day on which the token counts (YYYY-MM-DD, UTC); default: no end')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ fairshare users add ana --file door-users.yaml --until 2027-06-30')
    .action((name: string, { file: path, scope, until, json }: FileFlag & { scope: Scope[]; until?: string }) => {
      const token = addUser(path, { name, scopes: scope.length === 0 ? ['read'] : scope, ...(until && { until }) });
      if (json) printJson(runtime.stdout, { name, token });
      else runtime.stdout.write(`${token}\n`);
    });
  users
    .command('remove')
    .description('take a user out of the file; an open door notices at the next request')
    .argument('<name>', 'the user')
    .option(...file)
    .addHelpText('after', '\nExample:\n  $ fairshare users remove ana --file door-users.yaml')
    .action((name: string, { file: path }: FileFlag) => {
      removeUser(path, name);
      runtime.stdout.write(`removed ${name}\n`);
    });
  users
    .command('list')
    .description('who may enter, with what, and until when')
    .option(...file)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ fairshare users list --file door-users.yaml')
    .action(({ file: path, json }: FileFlag) => {
      const all = readUsers(path).map(({ name, scopes: allowed, until }) => ({
        name,
        scopes: allowed,
        until: until ?? null,
      }));
      if (json) printJson(runtime.stdout, all);
      else {
        const rows = all.map(({ name, scopes: allowed, until }) => [name, allowed.join(', '), until]);
        runtime.stdout.write(`${textTable(['user', 'scopes', 'until'], rows)}\n`);
      }
    });
}

function collectScope(text: string, sofar: readonly Scope[]): Scope[] {
  const scope = scopes.find((each) => each === text);
  if (scope === undefined) throw new InvalidArgumentError(`One of ${scopes.join(', ')}.`);
  return [...sofar, scope];
}
