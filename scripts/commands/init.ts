// fairshare init: writes commented files to start from and edit.

import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { Fault } from '../../transform/fault.ts';
import { addDays, dayOf, periodOf } from '../../transform/periods.ts';
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
            const template = readFileSync(join(templates, name), 'utf8');
            writeFileSync(file, name === 'costs.csv' ? withMonths(template, runtime.now()) : template);
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

/** The example's costs, also for the months of yesterday and today, so that the first night finds costs of its month. */
function withMonths(costs: string, now: Date): string {
  const [header, ...rows] = costs.trimEnd().split('\n');
  const example = rows.filter((row) => row.startsWith(rows[0].slice(0, 8))).map((row) => row.slice(8));
  const months = [addDays(dayOf(now), -1), dayOf(now)].map(periodOf);
  const missing = [...new Set(months)].filter((month) => !rows.some((row) => row.startsWith(`${month},`)));
  return `${[header, ...rows, ...missing.flatMap((month) => example.map((row) => `${month},${row}`))].join('\n')}\n`;
}
