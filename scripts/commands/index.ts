// Every command of the command line, in the order of its help.

import { registerAllocate } from './allocate.ts';
import type { RegisterCommand } from './command.ts';
import { registerConfig } from './config.ts';
import { registerIngest } from './ingest.ts';
import { registerInit } from './init.ts';
import { registerMigrate } from './migrate.ts';
import { registerQuery } from './query.ts';
import { registerServe } from './serve.ts';

export const commands: readonly RegisterCommand[] = [
  registerInit,
  registerConfig,
  registerMigrate,
  registerIngest,
  registerAllocate,
  registerQuery,
  registerServe,
];
