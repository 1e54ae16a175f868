// The shape of a command: one file each, registered in index.ts. A command reads its flags, calls the parts that do the
// work, and prints: data on stdout, everything else on stderr.

import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { Warehouse } from '../../sql/warehouse.ts';
import type { Config } from './config.ts';

/** What the composition root hands to every command. Lazy: a command that needs no warehouse opens none. */
export interface Runtime {
  /** @throws Fault(usage) */
  config(overrides?: Record<string, unknown>): Config;
  /** Opens (and on first use migrates) the configured warehouse; closed by the root when the command ends. */
  warehouse(options?: {
    readonly readOnly?: boolean;
    readonly migrate?: boolean;
    /** May have to do with reading: through the door of the process that holds the directory. A reader always may. */
    readonly throughDoor?: boolean;
  }): Promise<Warehouse>;
  readonly log: Logger;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** True where progress may be drawn: stderr is a terminal and CI is not set. */
  readonly interactive: boolean;
  /** Aborted by SIGINT or SIGTERM; long work checks it at safe points and returns. */
  readonly signal: AbortSignal;
  now(): Date;
}

/** Adds to a command its arguments, options and sub-commands, and what it does. Help texts end with an example. */
export type RegisterCommand = (command: Command, runtime: Runtime) => void;

/** A command as the program's help lists it. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** Imports the command's file: the program does so only for the command that the arguments name. */
  readonly load: () => Promise<RegisterCommand>;
  /** The command describes all others, so that they are all loaded with it. */
  readonly describesAll?: true;
}
