// Every command of the command line, in the order of its help.

import { registerAllocate } from './allocate.ts';
import { registerClassify } from './classify.ts';
import type { RegisterCommand } from '../runtime/command.ts';
import { registerConfig } from './config.ts';
import { registerCorrect } from './correct.ts';
import { registerDoctor, registerVerify } from './doctor.ts';
import { registerExport } from './export.ts';
import { registerIngest } from './ingest.ts';
import { registerInit } from './init.ts';
import { registerMigrate } from './migrate.ts';
import { registerNightly } from './nightly.ts';
import { registerOrgs } from './orgs.ts';
import { registerProduce } from './produce.ts';
import { registerQuarantine } from './quarantine.ts';
import { registerQuery } from './query.ts';
import { registerRanges } from './ranges.ts';
import { registerReport } from './report.ts';
import { registerRetain } from './retain.ts';
import { registerAttribute, registerClose, registerSeal } from './seal.ts';
import { registerServe } from './serve.ts';
import { registerSimulate } from './simulate.ts';
import { registerTiers } from './tiers.ts';
import { registerWaste } from './waste.ts';

export const commands: readonly RegisterCommand[] = [
  registerInit,
  registerConfig,
  registerMigrate,
  registerIngest,
  registerQuarantine,
  registerProduce,
  registerClassify,
  registerOrgs,
  registerRanges,
  registerSeal,
  registerAttribute,
  registerTiers,
  registerWaste,
  registerAllocate,
  registerCorrect,
  registerReport,
  registerExport,
  registerClose,
  registerNightly,
  registerRetain,
  registerVerify,
  registerDoctor,
  registerSimulate,
  registerQuery,
  registerServe,
];
