// fairshare serve: web pages, and the embedded warehouse over ClickHouse's HTTP interface for curl, Grafana and ClickHouse's clients.

import { once } from 'node:events';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { printJson } from '../runtime/output.ts';
import type { Runtime } from '../runtime/command.ts';
import { type Door } from '../serve/door.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly passwordEnv?: string;
  readonly users?: string;
  readonly allowWrites?: boolean;
  readonly json?: boolean;
}

export function registerServe(command: Command, runtime: Runtime): void {
  command
    .option('--host <address>', 'address to listen on; any other than loopback needs a password or users', '127.0.0.1')
    .option('--port <number>', 'port; 0 takes a free one', parsePort, 8123)
    .option('--password-env <name>', 'environment variable that holds the password of the user default')
    .option('--users <file>', 'users and the hashes of their tokens (fairshare users); read again when it changes')
    .option('--allow-writes', 'hold the warehouse, and let whoever has the password do everything with it')
    .option('--json', 'print {url} when ready')
    .addHelpText(
      'after',
      `
It prints one address. A browser finds web pages there (docs/PAGES.md), and clients find ClickHouse's HTTP interface. It is a reader's
door, unless --allow-writes is given: it shows what analysts may see (docs/ANALYSTS.md), one second old at most, and works beside any
process that writes. Time, memory, rows and bytes of a statement are bounded (serve in fairshare.yaml).
Every request has an engine session of its own. It runs until it is stopped (SIGINT, SIGTERM).

Examples:
  $ fairshare serve
  $ curl 'http://127.0.0.1:8123/?default_format=PrettyCompact' --data 'SHOW TABLES'
  $ DOOR_PASSWORD=… fairshare serve --host 0.0.0.0 --password-env DOOR_PASSWORD
  $ fairshare serve --users door-users.yaml`,
    )
    .action(async ({ allowWrites = false, json = false, passwordEnv, ...flags }: ServeFlags) => {
      const password = passwordEnv === undefined ? undefined : process.env[passwordEnv];
      if (passwordEnv !== undefined && !password)
        throw new Fault('usage', `the environment has no ${passwordEnv}`, 'Set it to the password, and name it here.');
      const options = { ...flags, password };
      const { door, ended } = await (allowWrites ? holderDoor(runtime, options) : readerDoor(runtime, options));
      if (json) printJson(runtime.stdout, { url: door.url });
      else runtime.stdout.write(`${door.url}\n`);
      runtime.log.info({ url: door.url, writes: allowWrites }, 'serving');
      if (!runtime.signal.aborted) await Promise.race([once(runtime.signal, 'abort'), ended]);
      await door.close();
      if (!runtime.signal.aborted) throw new Fault('defect', 'the process of the door ended by itself');
    });
}

interface DoorFlags {
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
  readonly users?: string;
}
interface Serving {
  readonly door: Door;
  /** Settles only if the door ends by itself. */
  readonly ended: Promise<unknown>;
}

async function holderDoor(runtime: Runtime, options: DoorFlags): Promise<Serving> {
  if (options.password === undefined && options.users === undefined)
    throw new Fault(
      'usage',
      'a door with --allow-writes needs a password or users: whoever enters can do everything that this user can',
      'Set a password in an environment variable and name it with --password-env, or name a file with --users.',
    );
  const { startDoor } = await import('../serve/door.ts');
  const door = await startDoor({ warehouse: await runtime.warehouse(), log: runtime.log, ...options });
  return { door, ended: new Promise(() => {}) };
}

async function readerDoor(runtime: Runtime, options: DoorFlags): Promise<Serving> {
  const { readerOptions, startReaderProcess } = await import('../serve/reader-parent.ts');
  const config = runtime.config();
  const location = await runtime.readable();
  const door = await startReaderProcess({
    location,
    ...options,
    ...readerOptions(config),
    logLevel: config.log_level,
    isReadable: (runtime.stderr as { isTTY?: boolean }).isTTY === true,
  });
  return { door, ended: door.ended };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('A port, 0 to 65535.');
  return port;
}
