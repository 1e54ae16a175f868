// Configuration, log and warehouse for every command. Each is created on first use and closed at the end.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { hasSchema, migrate, pendingMigrations } from '../../sql/migrate.ts';
import { Fault } from '../../transform/fault.ts';
import { isServerUrl, openWarehouse, type Warehouse } from '../../sql/warehouse.ts';
import type { Runtime } from './command.ts';
import { loadConfig, type Config } from './config.ts';
import { type LogLevel } from './log-levels.ts';
import { createLogger } from './logger.ts';

/** Flags of the program itself, before or after the command's name. */
export interface GlobalOptions {
  readonly config?: string;
  readonly warehouse?: string;
  readonly lockTimeout?: number;
  readonly logLevel?: LogLevel;
}

export interface RuntimeOptions {
  /** Read when needed, because flags are parsed after the runtime is created. */
  readonly options: () => GlobalOptions;
  readonly signal: AbortSignal;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  /** Whether colours may be used on stderr. */
  readonly color: boolean;
}

export interface ClosableRuntime extends Runtime {
  /** Closes every warehouse session that was opened. */
  close(): Promise<void>;
}

export function createRuntime({ options, signal, stdin, stdout, stderr, env, color }: RuntimeOptions): ClosableRuntime {
  const terminal = stderr.isTTY === true;
  const log = createLogger({ level: 'info', stream: stderr, readable: terminal, color });
  const opened: Warehouse[] = [];
  let writer: Promise<Warehouse> | undefined;
  let reader: Promise<Warehouse> | undefined;

  const config = (overrides: Record<string, unknown> = {}): Config => {
    const { config: file, warehouse, logLevel } = options();
    const location = warehouse === undefined || isServerUrl(warehouse) ? warehouse : resolve(warehouse);
    const loaded = loadConfig({ file, env, overrides: { warehouse: location, log_level: logLevel, ...overrides } });
    log.level = loaded.log_level;
    return loaded;
  };

  const keep = (warehouse: Warehouse): Warehouse => {
    opened.push(warehouse);
    return warehouse;
  };

  const open = async (readOnly: boolean, besideHolder = readOnly): Promise<Warehouse> => {
    const { warehouse, base_dir } = config();
    const location = isServerUrl(warehouse) ? warehouse : resolve(base_dir, warehouse);
    if (readOnly && !isServerUrl(location) && !existsSync(location))
      throw new Fault(
        'warehouseUnreachable',
        `there is no warehouse at ${location}`,
        'Name another with --warehouse, or make one with: fairshare migrate',
      );
    return keep(
      await openWarehouse({
        location,
        password: env.FAIRSHARE_WAREHOUSE_PASSWORD,
        lockTimeout_ms: (options().lockTimeout ?? 30) * 1000,
        besideHolder,
        onWait: (holder) => stderr.write(`fairshare: waiting for the warehouse, held by ${holder}\n`),
        signal,
      }),
    );
  };

  /** A process can open a directory only once, so a reader is a session beside the writer, unless it reads beside another process. */
  const openReader = async (mayMigrate?: boolean): Promise<Warehouse> => {
    const base = await (writer ?? open(true));
    if (base.engine === 'embedded' && !base.isBeside) writer ??= Promise.resolve(base);
    await bringUp(base, true, mayMigrate);
    return keep(await base.session({ readOnly: true }));
  };

  const openWriter = async (mayMigrate?: boolean, besideHolder?: boolean): Promise<Warehouse> => {
    writer ??= open(false, besideHolder);
    // A caller may try again.
    writer.catch(() => (writer = undefined));
    const base = await writer;
    await bringUp(base, false, mayMigrate);
    return base;
  };

  const bringUp = async (warehouse: Warehouse, readOnly: boolean, mayMigrate?: boolean): Promise<void> => {
    if (mayMigrate ?? (warehouse.engine === 'embedded' && !warehouse.isBeside))
      await migrate(warehouse, (name) => log.debug({ name }, 'applied a migration'));
    else if (mayMigrate === undefined) await requireSchema(warehouse, readOnly);
  };

  /** A warehouse of an older version is migrated first, which needs its directory for a moment. */
  const readable = async (): Promise<string> => {
    const { warehouse, base_dir } = config();
    if (isServerUrl(warehouse))
      throw new Fault('usage', `the warehouse ${warehouse} is a server and has its own HTTP interface`, 'This is for the embedded engine.'); // prettier-ignore
    const base = await open(true);
    if (base.isBeside) await requireSchema(base, false);
    else await bringUp(base, true);
    await base.close();
    opened.splice(opened.indexOf(base), 1);
    return resolve(base_dir, warehouse);
  };

  return {
    config,
    log,
    readable,
    stdin,
    stdout,
    stderr,
    interactive: terminal && !env.CI,
    signal,
    now: () => new Date(),
    warehouse: ({ readOnly = false, migrate: mayMigrate, besideHolder } = {}) =>
      readOnly ? (reader ??= openReader(mayMigrate)) : openWriter(mayMigrate, besideHolder),
    async close() {
      for (const warehouse of opened.reverse()) await warehouse.close();
      opened.length = 0;
    },
  };
}

/** Only `fairshare migrate` changes a server's schema. @throws Fault(checkFailed) */
async function requireSchema(warehouse: Warehouse, readOnly: boolean): Promise<void> {
  const missing = (await hasSchema(warehouse, { readOnly })) ? undefined : 'has no fairshare schema';
  // A reader of a part of the schema may work with an older one; `doctor` reports that.
  const pending = missing !== undefined || readOnly ? 0 : (await pendingMigrations(warehouse)).length;
  if (missing === undefined && pending === 0) return;
  throw new Fault(
    'checkFailed',
    `the warehouse ${warehouse.location} ${missing ?? `lacks ${pending} migration(s) of this version`}`,
    'Run: fairshare migrate. Or is it a door of readers? Name the directory, or a door with --allow-writes.',
  );
}
