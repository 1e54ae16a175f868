// Correction lines that people decided. They are checked against closed periods and known families, then recorded.

import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { type InputFault } from '../../transform/funding/checked.ts';
import { type ManualCorrection } from '../../transform/funding/corrections.ts';
import { formatCents } from '../../transform/numbers.ts';
import { type NamedFamily } from './named-families.ts';

/** A stored line; 0 cents mean that it was taken back. */
export interface StoredCorrection extends Omit<ManualCorrection, 'cents' | 'line'> {
  readonly cents: string;
  readonly of_run_id: string;
}

/** A line with the run that it corrects, and the effect of recording it. */
export interface CheckedCorrection extends ManualCorrection {
  readonly of_run_id: string;
  readonly status: 'recorded' | 'changed' | 'unchanged';
}

/** Lines that can be recorded, faults of the others, and doubts that a person must confirm. */
export interface CheckedCorrections {
  readonly lines: readonly CheckedCorrection[];
  readonly faults: readonly InputFault[];
  readonly doubts: readonly InputFault[];
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
      .map(({ status: _status, line: _line, cents, ...line }) => ({
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
  readonly exempt: ReadonlySet<string>;
  /** 'family currency' → cents, in all closed periods. */
  readonly billed: ReadonlyMap<string, bigint>;
  readonly lines: ReadonlyMap<string, StoredCorrection>;
}

async function readKnown(warehouse: Warehouse): Promise<Known> {
  const closed = await warehouse.query<{ period: string; run_id: string; currency: string }>(
    sqlFile('queries/period/closed_currencies.sql'),
  );
  const families = await warehouse.query<{ family: string }>(sqlFile('queries/period/known_families.sql'));
  const organisations = await warehouse.query<NamedFamily>(sqlFile('queries/period/families.sql'));
  const billed = await warehouse.query<{ family: string; currency: string; billed_cents: string }>(
    sqlFile('queries/period/billed_families.sql'),
  );
  const lines = await storedCorrections(warehouse);
  return {
    closed: new Map(closed.map((row) => [row.period, row])),
    families: new Set(families.map(({ family }) => family)),
    exempt: new Set(organisations.filter(({ exempt }) => exempt).map(({ family_id }) => family_id)),
    billed: new Map(billed.map((row) => [`${row.family} ${row.currency}`, BigInt(row.billed_cents)])),
    lines: new Map(lines.map((row) => [row.id, row])),
  };
}

/** Adds to each line the run that it corrects, and finds every line that cannot stand, and every one to be confirmed. */
export async function checkCorrections(
  warehouse: Warehouse,
  lines: readonly ManualCorrection[],
): Promise<CheckedCorrections> {
  const known = await readKnown(warehouse);
  const faults: InputFault[] = [];
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
  return { lines: checked, faults, doubts: doubtsOf(checked, known) };
}

/** Credits of exempt families, and credits beyond all that was ever billed to the family, each with those that are recorded already. */
function doubtsOf(lines: readonly CheckedCorrection[], known: Known): InputFault[] {
  const doubts: InputFault[] = [];
  const changed = lines.filter(({ status, cents }) => status !== 'unchanged' && cents !== 0n);
  const replaced = new Set(lines.map(({ id }) => id));
  for (const { line, id, family, currency, cents } of changed) {
    if (known.exempt.has(family)) doubts.push({ line, message: `${id}: ${family} is exempt, and is never billed` });
    if (cents >= 0n) continue;
    // Recorded lines of open periods are in no closed run yet.
    const pending = [...known.lines.values()]
      .filter((stored) => !replaced.has(stored.id) && !known.closed.has(stored.period))
      .concat(changed.filter((other) => other.id !== id).map((other) => ({ ...other, cents: String(other.cents) })))
      .filter((other) => other.family === family && other.currency === currency)
      .reduce((sum, other) => sum + BigInt(other.cents), 0n);
    const billed = known.billed.get(`${family} ${currency}`) ?? 0n;
    if (billed + pending + cents < 0n)
      doubts.push({
        line,
        message: `${id}: a credit of ${formatCents(-cents, currency)} ${currency} is more than ${family} was ever billed (${formatCents(billed + pending, currency)} with all other corrections)`,
      });
  }
  return doubts;
}

/** @param changes periods whose statements the line would change; undefined if it is stored already */
function faultsOf(line: ManualCorrection, changes: readonly string[] | undefined, known: Known): InputFault[] {
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
  return faults.map((fault) => ({ line: line.line, message: `${line.id}: ${fault}` }));
}
