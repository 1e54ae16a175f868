// Correction lines that people decided. They are checked against closed periods and known families, then recorded.

import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { type ManualCorrection } from '../../transform/funding/corrections.ts';

/** A stored line; 0 cents mean that it was taken back. */
export interface StoredCorrection extends Omit<ManualCorrection, 'cents'> {
  readonly cents: string;
  readonly of_run_id: string;
}

/** A line with the run that it corrects, and the effect of recording it. */
export interface CheckedCorrection extends ManualCorrection {
  readonly of_run_id: string;
  readonly status: 'recorded' | 'changed' | 'unchanged';
}

export const storedCorrections = (warehouse: Warehouse): Promise<StoredCorrection[]> =>
  warehouse.query<StoredCorrection>(sqlFile('queries/period/recorded_corrections.sql'));

/** Records the lines that differ from the stored ones. */
export const recordCorrections = (
  warehouse: Warehouse,
  lines: readonly CheckedCorrection[],
  now: Date,
): Promise<void> =>
  warehouse.insert(
    'correction',
    lines
      .filter(({ status }) => status !== 'unchanged')
      .map(({ status: _status, cents, ...line }) => ({
        ...line,
        cents: String(cents),
        recorded_at: now.toISOString(),
      })),
  );

/** Lines are checked against this. */
interface Known {
  /** Closed periods. */
  readonly closed: ReadonlyMap<string, { readonly run_id: string; readonly currency: string }>;
  readonly families: ReadonlySet<string>;
  readonly lines: ReadonlyMap<string, StoredCorrection>;
}

async function readKnown(warehouse: Warehouse): Promise<Known> {
  const closed = await warehouse.query<{ period: string; run_id: string; currency: string }>(
    sqlFile('queries/period/closed_currencies.sql'),
  );
  const families = await warehouse.query<{ family: string }>(sqlFile('queries/period/known_families.sql'));
  const lines = await storedCorrections(warehouse);
  return {
    closed: new Map(closed.map((row) => [row.period, row])),
    families: new Set(families.map(({ family }) => family)),
    lines: new Map(lines.map((row) => [row.id, row])),
  };
}

/** Adds to each line the run that it corrects. @throws Fault(inputRefused) with every invalid line */
export async function checkCorrections(
  warehouse: Warehouse,
  lines: readonly ManualCorrection[],
): Promise<CheckedCorrection[]> {
  const known = await readKnown(warehouse);
  const faults: string[] = [];
  const checked = lines.map((line): CheckedCorrection => {
    const before = known.lines.get(line.id);
    const same =
      before !== undefined &&
      (['period', 'of_period', 'family', 'currency', 'reason'] as const).every((key) => before[key] === line[key]) &&
      before.cents === String(line.cents);
    faults.push(...faultsOf(line, same ? undefined : [line.period, before?.period ?? line.period], known));
    return {
      ...line,
      of_run_id: known.closed.get(line.of_period)?.run_id ?? '',
      status: same ? 'unchanged' : before === undefined ? 'recorded' : 'changed',
    };
  });
  if (faults.length > 0)
    throw new Fault(
      'inputRefused',
      `${faults.length} correction(s) cannot stand\n${faults.join('\n')}`,
      'Nothing was recorded. docs/FUNDING.md, "Corrections"',
    );
  return checked;
}

/** @param changes periods whose statements the line would change; undefined if it is stored already */
function faultsOf(line: ManualCorrection, changes: readonly string[] | undefined, known: Known): string[] {
  const run = known.closed.get(line.of_period);
  const faults: string[] = [];
  if (run === undefined)
    faults.push(`${line.of_period} is not closed: what is wrong with it can still be set right in it`);
  else if (run.currency !== line.currency)
    faults.push(`${line.of_period} was billed in ${run.currency}, not ${line.currency}`);
  if (!known.families.has(line.family)) faults.push(`there is no family ${line.family}`);
  for (const period of new Set(changes))
    if (known.closed.has(period))
      faults.push(`${period} is closed: choose an open period${known.lines.has(line.id) ? ' and another id' : ''}`);
  return faults.map((fault) => `  ${line.id}: ${fault}`);
}
