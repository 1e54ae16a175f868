// Correction lines of a period: what they are made from, as recorded with its run, and what comes out of that. The
// inputs of a closed period never change, so a line can be computed again for ever.

import { moveLate } from '../../sql/attribution.ts';
import { Fault } from '../../transform/fault.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { billableTiers } from '../../transform/funding/billable.ts';
import { compareIds } from '../../transform/funding/checked.ts';
import { corrections } from '../../transform/funding/compare.ts';
import {
  addUsage,
  compareCorrections,
  correctionJson,
  type CorrectionLine,
} from '../../transform/funding/corrections.ts';
import { recordedPrecision } from './intervals.ts';
import { allocateRemains, policyOf, type FundingTexts, type PartyUsage } from './parties.ts';

/** Late usage of one closed period. */
interface LateInput {
  readonly of_period: string;
  readonly of_run_id: string;
  /** Closed runs since then that have settled late usage of it already, in order. */
  readonly earlier_run_ids: readonly string[];
  /** What has come later (negative: was taken back), by party. */
  readonly rows: readonly PartyUsage[];
}
interface ManualInput extends Pick<CorrectionLine, 'id' | 'of_period' | 'of_run_id' | 'family' | 'reason'> {
  readonly cents: string;
}
/** Column allocation_run.corrections. */
export interface CorrectionInputs {
  readonly late: readonly LateInput[];
  readonly manual: readonly ManualInput[];
}

/** Late usage of an earlier period that is still open: it waits for its closing. */
export interface PendingUsage {
  readonly of_period: string;
  readonly requests: bigint;
  readonly bytes: bigint;
}

export interface PeriodCorrections {
  readonly inputs: CorrectionInputs;
  readonly lines: readonly CorrectionLine[];
  readonly pending: readonly PendingUsage[];
}
export const noCorrections: PeriodCorrections = { inputs: { late: [], manual: [] }, lines: [], pending: [] };

/** As recorded; '' where there is nothing to correct. */
export const inputsText = ({ late, manual }: CorrectionInputs): string =>
  late.length + manual.length === 0 ? '' : JSON.stringify({ late, manual });
export const parseInputs = (text: string): CorrectionInputs =>
  text === '' ? noCorrections.inputs : (JSON.parse(text) as CorrectionInputs);

/** What identifies the lines in a run's hash; '' where there are none. */
export const linesText = (lines: readonly CorrectionLine[]): string =>
  lines.length === 0 ? '' : JSON.stringify(lines.map(correctionJson));

/**
 * What a period has to correct, up to a day, and the lines that come of it.
 * @param until last day whose bookings count, 'YYYY-MM-DD'
 */
export async function correctionsOf(
  warehouse: Warehouse,
  period: string,
  until: string,
  now: Date,
): Promise<PeriodCorrections> {
  const found = await warehouse.query<{ of_period: string; run_id: string; requests: string; bytes: string }>(
    sqlFile('queries/period/late_periods.sql'),
    { period, until },
  );
  const late: LateInput[] = [];
  for (const { of_period, run_id } of found.filter((row) => row.run_id !== '')) {
    const run = await runInputs(warehouse, run_id);
    await moveLate(warehouse, run.attribution_version, now);
    const rows = await warehouse.query<PartyUsage>(sqlFile('queries/period/late_parties.sql'), {
      period,
      until,
      of_period,
      attribution_version: run.attribution_version,
      known_at: run.computed_at,
      // Late usage is billed by the evidence that its period billed.
      billable_tiers: billableTiers(policyOf(run), await recordedPrecision(warehouse, run_id)),
    });
    if (rows.length === 0) continue;
    const between = await warehouse.query<{ run_id: string }>(
      `SELECT run_id FROM period_close FINAL
      WHERE period > {of_period:String} AND period < {period:String}
          AND run_id IN (SELECT run_id FROM allocation_run WHERE position(corrections, {mark:String}) > 0)
      ORDER BY period`,
      { of_period, period, mark: `"late":[{"of_period":"` },
    );
    const earlier_run_ids: string[] = [];
    for (const { run_id: id } of between)
      if ((await runInputs(warehouse, id)).corrections.late.some((input) => input.of_period === of_period))
        earlier_run_ids.push(id);
    late.push({ of_period, of_run_id: run_id, earlier_run_ids, rows });
  }
  const manual = await warehouse.query<ManualInput>(
    `SELECT id, of_period, of_run_id, family, toString(correction.cents) AS cents, reason
    FROM correction FINAL
    WHERE period = {period:String} AND correction.cents != 0
    ORDER BY id`,
    { period },
  );
  const inputs = { late, manual };
  const pending = found
    .filter((row) => row.run_id === '')
    .map(({ of_period, requests, bytes }) => ({ of_period, requests: BigInt(requests), bytes: BigInt(bytes) }));
  return { inputs, lines: await correctionLines(warehouse, inputs), pending };
}

/** The lines that recorded inputs give. */
export async function correctionLines(warehouse: Warehouse, inputs: CorrectionInputs): Promise<CorrectionLine[]> {
  const lines: CorrectionLine[] = inputs.manual.map(({ cents, ...line }) => ({
    ...line,
    kind: 'manual',
    requests: 0n,
    bytes: 0n,
    cents: BigInt(cents),
  }));
  for (const late of inputs.late) lines.push(...(await lateLines(warehouse, late)));
  return lines.sort(compareCorrections);
}

/** The closed period with what was settled of it before, and with what is settled now: the difference, family by family. */
async function lateLines(
  warehouse: Warehouse,
  { of_period, of_run_id, earlier_run_ids, rows }: LateInput,
): Promise<CorrectionLine[]> {
  const run = await runInputs(warehouse, of_run_id);
  let settled = [...run.parties];
  for (const id of earlier_run_ids) {
    const { corrections: earlier } = await runInputs(warehouse, id);
    const own = earlier.late.filter((input) => input.of_period === of_period).flatMap((input) => input.rows);
    settled = addUsage(settled, own).rows;
  }
  const { rows: now, cut } = addUsage(settled, rows);
  const policy = policyOf(run);
  const owed = corrections(allocateRemains(settled, run, policy), allocateRemains(now, run, policy));
  const cents = new Map(owed.map((correction) => [correction.family, correction.cents]));
  const own = rows.filter(({ kind }) => kind !== 'unattributed');
  const families = [...new Set([...cents.keys(), ...own.map(({ party }) => party)])].sort(compareIds);
  return families.map((family) => {
    const sum = (measure: 'requests' | 'bytes') =>
      own.filter(({ party }) => party === family).reduce((total, row) => total + BigInt(row[measure]), 0n);
    const requests = sum('requests');
    const reason =
      requests > 0n
        ? `usage of ${of_period} that came after it was closed`
        : requests < 0n
          ? `usage of ${of_period} that was taken back after it was closed`
          : `shares of ${of_period}, computed again with others' usage that came or was taken back after it was closed`;
    return {
      of_period,
      of_run_id,
      family,
      kind: 'late_usage',
      id: '',
      requests,
      bytes: sum('bytes'),
      cents: cents.get(family) ?? 0n,
      reason: cut === 0n ? reason : `${reason} (${cut} requests taken back were not found in it)`,
    };
  });
}

interface RunInputs extends FundingTexts {
  readonly attribution_version: string;
  readonly computed_at: string;
  readonly parties: readonly PartyUsage[];
  readonly corrections: CorrectionInputs;
}

/** What was recorded of a run. @throws Fault(checkFailed) */
async function runInputs(warehouse: Warehouse, runId: string): Promise<RunInputs> {
  const [run] = await warehouse.query<Omit<RunInputs, 'parties' | 'corrections'> & { readonly corrections: string }>(
    'SELECT policy, costs, attribution_version, computed_at, corrections FROM allocation_run WHERE run_id = {run_id:String} ORDER BY computed_at LIMIT 1',
    { run_id: runId },
  );
  if (run === undefined)
    throw new Fault(
      'checkFailed',
      `allocation run ${runId} closed a period and is not recorded`,
      'Restore the backup.',
    );
  return { ...run, parties: await partiesOfRun(warehouse, runId), corrections: parseInputs(run.corrections) };
}

/** Rows of allocation_input, in the order in which they are hashed. */
export const partiesOfRun = (warehouse: Warehouse, runId: string): Promise<PartyUsage[]> =>
  warehouse.query<PartyUsage>(
    'SELECT party, kind, requester_class, tier, requests, downloads, bytes FROM allocation_input FINAL WHERE run_id = {run_id:String} ORDER BY kind, party, requester_class, tier',
    { run_id: runId },
  );
