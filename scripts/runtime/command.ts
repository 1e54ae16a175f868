// The shape of a command. Each has its own file, registered in index.ts. A command reads its flags, calls the parts that do the
// work, and prints: data on stdout, everything else on stderr.

import type { Command } from 'commander';
import type { Logger } from 'pino';
import type { Warehouse } from '../../sql/warehouse.ts';
import type { Config } from './config.ts';

/** Passed to every command. Lazy: a command that needs no warehouse opens none. */
export interface Runtime {
  /** @throws Fault(usage) */
  config(overrides?: Record<string, unknown>): Config;
  /** Opens (and on first use migrates) the configured warehouse. The runtime closes it when the command ends. */
  warehouse(options?: {
    readonly readOnly?: boolean;
    readonly migrate?: boolean;
    /** Lets a command that would record something read beside the process that holds the directory. A reader always may. */
    readonly besideHolder?: boolean;
  }): Promise<Warehouse>;
  /**
   * The directory of an embedded warehouse that has this version's schema and that this process has not open: for a reader's own
   * engine.
   * @throws Fault(usage) if the warehouse is a server
   */
  readable(): Promise<string>;
  readonly log: Logger;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Whether progress may be drawn: stderr is a terminal and CI is not set. */
  readonly interactive: boolean;
  /** Aborted by SIGINT or SIGTERM; long work checks it at safe points and returns. */
  readonly signal: AbortSignal;
  now(): Date;
}

/** Adds arguments, options, sub-commands and the action to a command. Help texts end with an example. */
export type RegisterCommand = (command: Command, runtime: Runtime) => void;

/** A command as the program's help lists it. */
export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** Imports the command's file. The program imports only the file of the command that the arguments name. */
  readonly load: () => Promise<RegisterCommand>;
  /** The command describes all others, so the program loads them all for it. */
  readonly describesAll?: true;
}
