// fairshare serve: the embedded engine over ClickHouse's HTTP interface, for curl, Grafana and ClickHouse's clients.

import { once } from 'node:events';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { printJson } from '../runtime/output.ts';
import type { Runtime } from '../runtime/command.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly passwordEnv?: string;
  readonly allowWrites?: boolean;
  readonly json?: boolean;
}

export function registerServe(command: Command, runtime: Runtime): void {
  command
    .option('--host <address>', 'address to listen on; any other than loopback needs a password', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', parsePort, 8123)
    .option('--password-env <name>', 'environment variable that holds the password of the user default')
    .option('--allow-writes', 'let clients change the warehouse')
    .option('--json', 'print {url} when ready')
    .addHelpText(
      'after',
      `
Read-only unless --allow-writes is given. Requests that name no database begin in the analysts' (docs/ANALYSTS.md), with
--allow-writes in the warehouse's own, \`default\`. Every request has an engine session of its own: settings, databases and temporary
tables of one request are not seen by the next. It runs until it is stopped (SIGINT, SIGTERM).

Examples:
  $ fairshare serve
  $ curl 'http://127.0.0.1:8123/?default_format=PrettyCompact' --data 'SHOW TABLES'
  $ DOOR_PASSWORD=… fairshare serve --host 0.0.0.0 --password-env DOOR_PASSWORD`,
    )
    .action(async ({ host, port, passwordEnv, allowWrites, json = false }: ServeFlags) => {
      const password = passwordEnv === undefined ? undefined : process.env[passwordEnv];
      if (passwordEnv !== undefined && !password)
        throw new Fault('usage', `the environment has no ${passwordEnv}`, 'Set it to the password, and name it here.');
      const warehouse = await runtime.warehouse();
      const { startDoor } = await import('../serve/door.ts');
      const door = await startDoor({ warehouse, host, port, password, allowWrites, log: runtime.log });
      if (json) printJson(runtime.stdout, { url: door.url });
      else runtime.stdout.write(`${door.url}\n`);
      runtime.log.info({ url: door.url, writes: allowWrites ?? false, warehouse: warehouse.location }, 'serving');
      if (!runtime.signal.aborted) await once(runtime.signal, 'abort');
      await door.close();
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('A port, 0 to 65535.');
  return port;
}
