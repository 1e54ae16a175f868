// fairshare verify: computes recorded runs again, or checks the files that were handed out, without a warehouse.

import { existsSync } from 'node:fs';
import { type Command } from 'commander';
import { type RunErasure } from '../../sql/erasure.ts';
import { Fault } from '../../transform/fault.ts';
import { checkFiles, type FileFault } from '../exports/verify-files.ts';
import { recordedRuns, requireSame, verifyRuns } from '../funding/verify.ts';
import { type Runtime } from '../runtime/command.ts';
import { printJson } from '../runtime/output.ts';

export function registerVerify(command: Command, runtime: Runtime): void {
  command
    .argument('[what...]', 'ids of runs, or paths of reports and exports on disk; default: all runs')
    .option('--json', 'one JSON object per run, and one per manifest')
    .addHelpText(
      'after',
      `
A run is computed again from its recorded inputs. Its id (a hash of inputs and versions), the hashes, and the rows of its results
(allocation_run, allocation_line, allocation_correction, usage_interval) must be the same.
A path is a manifest or a directory with manifests: the files that they list must be as they were written. No warehouse is needed.

Examples:
  $ fairshare verify
  $ fairshare verify reports exports/example-corp`,
    )
    .action(async (what: string[], flags: { json?: boolean }) => {
      const paths = what.filter((word) => !isRunId(word));
      const runIds = what.filter(isRunId);
      const faults = await verifyPaths(runtime, paths, flags.json ?? false);
      if (what.length === 0 || runIds.length > 0) {
        const warehouse = await runtime.warehouse({ readOnly: true });
        const ids = what.length === 0 ? await recordedRuns(warehouse) : runIds;
        const runs = await verifyRuns(warehouse, ids, (run) => {
          const { erased, ...rest } = run;
          const { period, run_id, same, different } = rest;
          if (flags.json) printJson(runtime.stdout, { ...rest, ...(erased.length > 0 && { erased }) });
          else
            runtime.stdout.write(
              `${same ? 'ok  ' : 'FAIL'} ${period} ${run_id}${same ? '' : `: not as recorded: ${different.join(', ')}`}${erasedText(erased)}\n`,
            );
        });
        requireSame(runs);
      }
      if (faults.length > 0)
        throw new Fault(
          'checkFailed',
          `${faults.length} file(s) are not as they were written`,
          'Write them again: fairshare report, fairshare export. A closed period gives the same files.',
        );
    });
}

/** ', acme: names erased on 2026-11-30', for each organisation and day; '' if nothing was erased. */
function erasedText(erased: readonly RunErasure[]): string {
  const texts = erased.map(
    ({ kind, org_id, erased_at }) =>
      `, ${kind === 'network' ? 'a network of its intervals was' : `${org_id}: names`} erased on ${erased_at.slice(0, 10)}`,
  );
  return [...new Set(texts)].join('');
}

const isRunId = (word: string): boolean => /^[0-9a-f]{32}$/.test(word) && !existsSync(word);

async function verifyPaths({ stdout, signal }: Runtime, paths: readonly string[], json: boolean): Promise<FileFault[]> {
  const faults: FileFault[] = [];
  for (const path of paths)
    for await (const checked of checkFiles(path, signal)) {
      faults.push(...checked.faults);
      if (json) printJson(stdout, checked);
      else {
        stdout.write(
          `${checked.faults.length === 0 ? 'ok  ' : 'FAIL'} ${checked.manifest}: ${checked.files} file(s)\n`,
        );
        for (const { file, problem } of checked.faults) stdout.write(`       ${file}: ${problem}\n`);
      }
    }
  return faults;
}
