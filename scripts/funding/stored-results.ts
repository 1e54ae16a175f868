// The results of a run as its rows hold them: people query these rows. They are written from an allocation, and compared with one
// that was computed again, so that a row that was changed since is found.

import { type NewAllocationRun } from '../../sql/allocation-run.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { allocationJson, type AllocationLine, type AllocationResult } from '../../transform/funding/allocate.ts';
import { correctionJson, type CorrectionLine } from '../../transform/funding/corrections.ts';
import { type Rational } from '../../transform/funding/rational.ts';

const fraction = ({ num, den }: Rational): string => (den === 1n ? `${num}` : `${num}/${den}`);

/** A row of allocation_line, without its run. */
export const lineRow = (line: AllocationLine) => ({
  family: line.family,
  gross: fraction(line.gross),
  net: fraction(line.net),
  tiered: fraction(line.tiered),
  raw_num: `${line.raw.num}`,
  raw_den: `${line.raw.den}`,
  billed_cents: `${line.billed_cents}`,
  rule: line.rule,
});

/** The columns of allocation_run that hold results. */
export const resultColumns = (
  result: AllocationResult,
): Pick<NewAllocationRun, 'policy_version' | 'result' | 'recoverable_num' | 'recoverable_den' | 'tier_sum'> => ({
  policy_version: result.policy_version,
  result: JSON.stringify(allocationJson(result)),
  recoverable_num: `${result.recoverable.num}`,
  recoverable_den: `${result.recoverable.den}`,
  tier_sum: fraction(result.tier_sum),
});

/** @returns the names of the tables and columns whose rows are not the given results */
export async function changedResults(
  warehouse: Warehouse,
  run_id: string,
  result: AllocationResult,
  corrections: readonly CorrectionLine[],
): Promise<string[]> {
  const read = (file: string) => warehouse.query<Record<string, unknown>>(sqlFile(file), { run_id, family: '' });
  const [stored] = await read('queries/period/run_results.sql');
  const expected = resultColumns(result);
  const columns = (Object.keys(expected) as (keyof typeof expected)[]).filter(
    (column) => stored?.[column] !== expected[column],
  );
  const lines = same(await read('queries/report/lines.sql'), result.lines.map(lineRow));
  const corrected = same(await read('queries/report/corrections.sql'), corrections.map(correctionJson));
  return [
    ...columns.map((column) => `allocation_run.${column}`),
    ...(lines ? [] : ['allocation_line']),
    ...(corrected ? [] : ['allocation_correction']),
  ];
}

/** Whether both have the same rows, in any order. */
function same(stored: readonly object[], computed: readonly object[]): boolean {
  const texts = (rows: readonly object[]) =>
    rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
  return JSON.stringify(texts(stored)) === JSON.stringify(texts(computed));
}
