// Usage and cost of a family by the name of its tokens, so that an organisation can split its bill. The cost of a line of the statement is
// divided by the units that the line itself is made of.

import { splitNested } from '../../transform/funding/nested-split.ts';
import { add, multiply, rational, type Rational } from '../../transform/funding/rational.ts';
import { type FamilyShare, type Funding, type Measures, type TeamUsage, type UsageBy } from './figures.ts';

/** A row of queries/report/family_teams.sql. `value` is the team; '' for usage without a token. */
export interface TeamRow extends UsageBy {
  readonly org_id: string;
  readonly requester_class: string;
  readonly kind: string;
}

type Costed = Pick<TeamRow, 'value' | 'org_id' | 'requester_class' | 'kind' | 'requests' | 'bytes'>;

/** Cents of each team. They sum to the share's amount, and are the sums of the rows that exports have (scripts/exports/focus.ts). */
export function teamCosts(
  rows: readonly Costed[],
  share: Pick<FamilyShare, 'lines'> | null,
  { alpha, beta }: Pick<Funding, 'alpha' | 'beta'>,
): Map<string, bigint> {
  const costs = new Map<string, bigint>();
  const unitsOf = ({ requests, bytes }: Costed): Rational =>
    add(multiply(alpha, rational(requests)), multiply(beta, rational(bytes)));
  for (const { requester_class, billed_cents } of share?.lines ?? []) {
    const own = rows.filter((row) => row.kind === 'billable' && row.requester_class === requester_class);
    const cents = splitNested(
      billed_cents,
      own.map((row) => ({ path: [row.org_id, row.value], weight: unitsOf(row) })),
    );
    own.forEach(({ value }, index) => costs.set(value, (costs.get(value) ?? 0n) + cents[index]));
  }
  return costs;
}

const measureNames = ['requests', 'downloads', 'bytes', 'repeat_downloads', 'repeat_bytes', 'partials'] as const;

/** One row for each team, the dearest first; usage without a token last. Empty, if no usage carried a token. */
export function teamsOf(
  rows: readonly TeamRow[],
  share: Pick<FamilyShare, 'lines'> | null,
  prices: Pick<Funding, 'alpha' | 'beta'>,
): TeamUsage[] {
  if (rows.every(({ value }) => value === '')) return [];
  const costs = teamCosts(rows, share, prices);
  const teams = new Map<string, Measures>();
  for (const row of rows) {
    const before = teams.get(row.value);
    teams.set(
      row.value,
      Object.fromEntries(measureNames.map((name) => [name, (before?.[name] ?? 0n) + row[name]])) as unknown as Measures,
    );
  }
  return [...teams]
    .map(([value, sums]) => ({ value, ...sums, billed_cents: costs.get(value) ?? 0n }))
    .sort(
      (a, b) =>
        Number(a.value === '') - Number(b.value === '') ||
        descending(a.billed_cents, b.billed_cents) ||
        descending(a.bytes, b.bytes) ||
        (a.value < b.value ? -1 : 1),
    );
}

const descending = (a: bigint, b: bigint): number => (a < b ? 1 : a > b ? -1 : 0);
