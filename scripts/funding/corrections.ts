// Correction lines of a period: their inputs, as recorded with its run, and the lines computed from them. The inputs of a
// closed period never change, so a line can always be computed again.

import { moveLate } from '../../sql/attribution.ts';
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
  type PendingUsage,
} from '../../transform/funding/corrections.ts';
import { type PartyUsage } from '../../transform/funding/units.ts';
import { recordedPrecision } from './interval-records.ts';
import { allocateRemains } from './parties.ts';
import { type CorrectionInputs, type LateInput, type ManualInput, type RunReader } from './recorded.ts';

export interface PeriodCorrections {
  readonly inputs: CorrectionInputs;
  readonly lines: readonly CorrectionLine[];
  readonly pending: readonly PendingUsage[];
}
/** The lines as text for the run's hash; '' if there are none. */
export const linesText = (lines: readonly CorrectionLine[]): string =>
  lines.length === 0 ? '' : JSON.stringify(lines.map(correctionJson));

/** A period, and the last day whose bookings count, 'YYYY-MM-DD'. */
interface Booked {
  readonly period: string;
  readonly until: string;
}

/** The corrections of a period, up to a day: their inputs and the resulting lines. */
export async function correctionsOf(
  warehouse: Warehouse,
  booked: Booked,
  readRun: RunReader,
  now: Date,
): Promise<PeriodCorrections> {
  const found = await warehouse.query<{ of_period: string; run_id: string; requests: string; bytes: string }>(
    sqlFile('queries/period/late_periods.sql'),
    { ...booked },
  );
  const late: LateInput[] = [];
  for (const { of_period, run_id } of found.filter((row) => row.run_id !== '')) {
    const rows = await lateParties(warehouse, booked, of_period, run_id, readRun, now);
    if (rows.length === 0) continue;
    const settled = await warehouse.query<{ run_id: string }>(sqlFile('queries/period/settled_runs.sql'), {
      of_period,
      period: booked.period,
    });
    late.push({ of_period, of_run_id: run_id, earlier_run_ids: settled.map((row) => row.run_id), rows });
  }
  const manual = await warehouse.query<ManualInput>(sqlFile('queries/period/manual_corrections.sql'), {
    period: booked.period,
  });
  const inputs = { late, manual };
  const pending = found
    .filter((row) => row.run_id === '')
    .map(({ of_period, requests, bytes }) => ({ of_period, requests: BigInt(requests), bytes: BigInt(bytes) }));
  return { inputs, lines: await correctionLines(inputs, readRun), pending };
}

/** Late usage of a closed period by party. The tiers that its period billed are billed here, too. */
async function lateParties(
  warehouse: Warehouse,
  booked: Booked,
  of_period: string,
  runId: string,
  readRun: RunReader,
  now: Date,
): Promise<PartyUsage[]> {
  const { run, terms } = await readRun(runId);
  await moveLate(warehouse, run.attribution_version, now);
  return warehouse.query<PartyUsage>(sqlFile('queries/period/late_parties.sql'), {
    ...booked,
    of_period,
    attribution_version: run.attribution_version,
    known_at: run.computed_at,
    billable_tiers: billableTiers(terms.policy, await recordedPrecision(warehouse, runId)),
  });
}

/** The lines that follow from recorded inputs. */
export async function correctionLines(inputs: CorrectionInputs, readRun: RunReader): Promise<CorrectionLine[]> {
  const lines: CorrectionLine[] = inputs.manual.map(({ cents, ...line }) => ({
    ...line,
    kind: 'manual',
    requests: 0n,
    bytes: 0n,
    cents: BigInt(cents),
  }));
  for (const late of inputs.late) lines.push(...(await lateLines(late, readRun)));
  return lines.sort(compareCorrections);
}

/** The difference, family by family, between the closed period as settled so far and as settled with this late usage. */
async function lateLines(
  { of_period, of_run_id, earlier_run_ids, rows }: LateInput,
  readRun: RunReader,
): Promise<CorrectionLine[]> {
  const { parties, terms } = await readRun(of_run_id);
  let settled = [...parties];
  for (const id of earlier_run_ids) {
    const { corrections: earlier } = await readRun(id);
    const own = earlier.late.filter((input) => input.of_period === of_period).flatMap((input) => input.rows);
    settled = addUsage(settled, own).rows;
  }
  const { rows: now, cut } = addUsage(settled, rows);
  const owed = corrections(allocateRemains(settled, terms), allocateRemains(now, terms));
  const cents = new Map(owed.map((correction) => [correction.family, correction.cents]));
  const own = rows.filter(({ kind }) => kind !== 'unattributed');
  const families = [...new Set([...cents.keys(), ...own.map(({ party }) => party)])].sort(compareIds);
  return families.map((family) => {
    const sum = (measure: 'requests' | 'bytes') =>
      own.filter(({ party }) => party === family).reduce((total, row) => total + BigInt(row[measure]), 0n);
    const requests = sum('requests');
    return {
      of_period,
      of_run_id,
      family,
      kind: 'late_usage',
      id: '',
      requests,
      bytes: sum('bytes'),
      cents: cents.get(family) ?? 0n,
      reason: lateReason(of_period, requests, cut),
    };
  });
}

function lateReason(of_period: string, requests: bigint, cut: bigint): string {
  const reason =
    requests > 0n
      ? `usage of ${of_period} that came after it was closed`
      : requests < 0n
        ? `usage of ${of_period} that was taken back after it was closed`
        : `shares of ${of_period}, computed again with others' usage that came or was taken back after it was closed`;
  return cut === 0n ? reason : `${reason} (${cut} requests taken back were not found in it)`;
}
