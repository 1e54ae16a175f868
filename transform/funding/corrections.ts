// Corrections of closed periods. Late usage: the closed period is computed again with the usage that came later, minus the billed
// amount. Manual: lines of corrections.csv. Both are lines of a later period and not part of its sum.

import { compareIds, isName, type InputFault, type TextRecord } from './checked.ts';
import { amountForm, isCurrency } from './currencies.ts';
import { parseSignedCents } from './money.ts';
import { type PartyUsage } from './units.ts';
import { isPeriod } from '../periods.ts';

const keyOf = ({ kind, party, requester_class, tier }: PartyUsage): string =>
  JSON.stringify([kind, party, requester_class, tier]);

/**
 * Adds later usage to usage, row by row. A row can lose at most its own usage. A later row may take more if its evidence was judged
 * differently when it was counted: then the row becomes zero, and `cut` counts the requests that were missing.
 */
export function addUsage<Row extends PartyUsage>(
  usage: readonly Row[],
  later: readonly Row[],
): { readonly rows: Row[]; readonly cut: bigint } {
  const rows = new Map<string, Row>();
  for (const row of [...usage, ...later]) {
    const known = rows.get(keyOf(row));
    const sum = (measure: 'requests' | 'downloads' | 'bytes') =>
      String(BigInt(known?.[measure] ?? 0) + BigInt(row[measure]));
    rows.set(keyOf(row), { ...row, requests: sum('requests'), downloads: sum('downloads'), bytes: sum('bytes') });
  }
  let cut = 0n;
  const whole = [...rows].map(([key, row]) => {
    if (BigInt(row.requests) < 0n) cut -= BigInt(row.requests);
    const atLeastNone = (count: string) => (count.startsWith('-') ? '0' : count);
    const { requests, downloads, bytes } = row;
    const left = { requests: atLeastNone(requests), downloads: atLeastNone(downloads), bytes: atLeastNone(bytes) };
    return [key, { ...row, ...left }] as const;
  });
  return { rows: whole.sort(([a], [b]) => compareIds(a, b)).map(([, row]) => row), cut };
}

export const correctionColumns = ['id', 'period', 'of_period', 'family', 'amount', 'currency', 'reason'] as const;

/** A line of corrections.csv. */
export interface ManualCorrection {
  /** Where it is in the file. */
  readonly line: number;
  readonly id: string;
  /** 'YYYY-MM': the period whose statements show it, and the closed period that it corrects. */
  readonly period: string;
  readonly of_period: string;
  readonly family: string;
  /** Negative: a credit. 0 revokes the line. */
  readonly cents: bigint;
  readonly currency: string;
  readonly reason: string;
}

/** Rows of corrections.csv (correctionColumns): those that can be read, and the faults of the others. */
export function readCorrections(records: readonly TextRecord[]): {
  readonly lines: readonly ManualCorrection[];
  readonly faults: readonly InputFault[];
} {
  const faults: InputFault[] = [];
  const lineOf = new Map<string, number>();
  const lines = records.flatMap(({ line, values }) => {
    const known = faults.length;
    const fault = (message: string) => void faults.push({ line, message });
    const { id, period, of_period, family, amount, currency, reason } = values as Record<string, string>;
    for (const [name, text] of Object.entries({ id, family, reason }))
      if (!isName(text)) fault(`${name} must be a text without control characters or blanks at its ends`);
    for (const [name, text] of Object.entries({ period, of_period }))
      if (!isPeriod(text)) fault(`${name} is ${JSON.stringify(text)}: a month such as 2026-10 is needed`);
    if (of_period >= period) fault(`${of_period} is not before ${period}: a correction is a line of a later period`);
    if (!isCurrency(currency)) fault(`currency is ${JSON.stringify(currency)}: an ISO 4217 code is needed`);
    const cents = parseSignedCents(amount, currency);
    if (cents === undefined) fault(`amount is ${JSON.stringify(amount)}: ${amountForm(currency)} or -100, is needed`);
    const first = lineOf.get(id);
    if (first === undefined) lineOf.set(id, line);
    else fault(`correction ${id} stands already in line ${first}`);
    return faults.length > known || cents === undefined
      ? []
      : [{ line, id, period, of_period, family, cents, currency, reason }];
  });
  if (records.length === 0) faults.push({ line: 1, message: 'no corrections' });
  return { lines, faults };
}

/** One line of a period that corrects a closed one. */
export interface CorrectionLine {
  readonly of_period: string;
  readonly of_run_id: string;
  readonly family: string;
  readonly kind: 'late_usage' | 'manual';
  /** Id of a manual line; '' for late usage. */
  readonly id: string;
  /** The family's own requests that came later, or (negative) were taken back. */
  readonly requests: bigint;
  readonly bytes: bigint;
  readonly cents: bigint;
  readonly reason: string;
}

/** Late usage of an earlier period that is still open: it waits until that period is closed. */
export interface PendingUsage {
  readonly of_period: string;
  readonly requests: bigint;
  readonly bytes: bigint;
}

/** Order in which lines are stored and shown. */
export const compareCorrections = (a: CorrectionLine, b: CorrectionLine): number =>
  compareIds(a.of_period, b.of_period) ||
  compareIds(a.family, b.family) ||
  compareIds(a.kind, b.kind) ||
  compareIds(a.id, b.id);

/** The published shape: integers as text. */
export const correctionJson = (line: CorrectionLine): Record<string, string> => ({
  ...line,
  requests: String(line.requests),
  bytes: String(line.bytes),
  cents: String(line.cents),
});
