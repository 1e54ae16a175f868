// fairshare waste: possible savings of caching proxies, by family and requester class: downloads, bytes and money.

import { type Command, InvalidArgumentError } from 'commander';
import { familyWasteText, wasteCsv, wasteJson, wasteText } from '../../dashboards/report/waste.ts';
import { allocatePeriod, checkPeriod } from '../funding/allocation.ts';
import { attributeFirst } from '../funding/first-attribution.ts';
import { recording } from '../runtime/recording.ts';
import { fundingTerms } from '../funding/terms.ts';
import { wasteOf } from '../funding/waste.ts';
import { type Runtime } from '../runtime/command.ts';
import { printJson } from '../runtime/output.ts';

interface Flags {
  readonly period: string;
  readonly org?: string;
  readonly top: number;
  readonly csv?: boolean;
  readonly json?: boolean;
}

export function registerWaste(command: Command, runtime: Runtime): void {
  command
    .requiredOption('--period <month>', 'the month, e.g. 2026-10')
    .option('--org <family>', 'one family, by requester class')
    .option('--top <count>', 'families that are shown, the largest waste first', wholeNumber, 20)
    .option('--csv', 'all families and classes as CSV')
    .option('--json', 'one JSON object per family')
    .addHelpText(
      'after',
      `
A repeat is a download of a file that the same /24 or /48 had fetched before on that day with all else equal. What that
estimates, and what not: docs/METHODOLOGY.md, "Waste". Money: the cost that the repeats have caused, and what the family
would have been billed less had it cached.

Examples:
  $ fairshare waste --period 2026-10
  $ fairshare waste --period 2026-10 --org example-corp --json`,
    )
    .action((flags: Flags) => waste(runtime, flags));
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number, 1 or more.');
  return Number(text);
}

async function waste(runtime: Runtime, { org, top, csv, json, ...flags }: Flags): Promise<void> {
  const period = checkPeriod(flags.period);
  // Allocates if there is no allocation yet.
  const warehouse = await runtime.warehouse({ besideHolder: true });
  const terms = () => fundingTerms(() => runtime.config()).of(period);
  const changed = `the figures of ${period} have changed since they were last allocated`;
  const allocation = await recording(warehouse, changed, async () => {
    await attributeFirst(runtime, warehouse);
    return allocatePeriod(warehouse, period, terms, runtime.now());
  });
  const report = await wasteOf(warehouse, allocation, { org, top: csv ? undefined : top });
  if (csv) runtime.stdout.write(wasteCsv(report, org));
  else if (json) for (const party of wasteJson(report, org)) printJson(runtime.stdout, party);
  else runtime.stdout.write(org === undefined ? wasteText(report) : familyWasteText(report, org));
}
