// Every command of the command line, in the order of its help.

import type { RegisterCommand } from './command.ts';

export const commands: readonly RegisterCommand[] = [];
