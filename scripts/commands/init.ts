// fairshare init: writes commented files to start from and edit.

import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import type { Runtime } from '../runtime/command.ts';

const templates = fileURLToPath(new URL('../init/', import.meta.url));

export function registerInit(command: Command, runtime: Runtime): void {
  command
    .argument('[dir]', 'where to', '.')
    .addHelpText('after', '\nNothing is overwritten.\n\nExample:\n  $ fairshare init my-registry')
    .action((directory: string) => {
      const names = readdirSync(templates).sort();
      mkdirSync(directory, { recursive: true });
      const present = new Set(readdirSync(directory));
      const taken = names.filter((name) => present.has(name));
      if (taken.length > 0)
        throw new Fault(
          'usage',
          `${directory} has ${taken.join(', ')} already; nothing was written`,
          'Name another directory: fairshare init DIR',
        );
      const begun: string[] = [];
      try {
        for (const name of names) {
          const path = join(directory, name);
          const file = openSync(path, 'wx');
          begun.push(path);
          try {
            writeFileSync(file, readFileSync(join(templates, name)));
          } finally {
            closeSync(file);
          }
        }
      } catch (error) {
        // So that the same command succeeds once the disk has room.
        for (const path of begun) rmSync(path, { force: true });
        throw error;
      }
      for (const name of names) runtime.stdout.write(`${join(directory, name)}\n`);
      const flag = directory === '.' ? '' : ` --config ${join(directory, 'fairshare.yaml')}`;
      runtime.stderr.write(`Edit them, then: fairshare config check${flag}\n`);
    });
}
