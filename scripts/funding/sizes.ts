// Logs that do not say how many bytes were sent. Cost that bytes cause cannot be shared by them: the program says so before it changes
// anything, and documents say how many requests are meant.

import { type StatementNote } from '../../dashboards/report/figures.ts';
import { sqlFile } from '../../sql/sql-file.ts';
import { type Warehouse } from '../../sql/warehouse.ts';
import { Fault } from '../../transform/fault.ts';
import { poolShares } from '../../transform/funding/units.ts';
import { formatCents, formatCount, formatPercent } from '../../transform/numbers.ts';
import { lastDay, periodStart } from '../../transform/periods.ts';
import { type FundingTerms } from './terms.ts';

export interface LoggedSizes {
  readonly source: string;
  readonly requests: bigint;
  readonly bytes: bigint;
  readonly requests_without_size: bigint;
}

/** By source, from the ledger. */
export async function loggedSizes(
  warehouse: Warehouse,
  range: { readonly from: string; readonly to: string },
): Promise<LoggedSizes[]> {
  const rows = await warehouse.query<Record<keyof LoggedSizes, string>>(sqlFile('queries/period/logged_sizes.sql'), {
    ...range,
  });
  return rows.map(({ source, requests, bytes, requests_without_size }) => ({
    source,
    requests: BigInt(requests),
    bytes: BigInt(bytes),
    requests_without_size: BigInt(requests_without_size),
  }));
}

const sumOf = (sizes: readonly LoggedSizes[], measure: Exclude<keyof LoggedSizes, 'source'>): bigint =>
  sizes.reduce((sum, size) => sum + size[measure], 0n);

/** @throws Fault(inputRefused) if bytes cause a part of the cost, and no line of the month says how many were sent */
export async function requireSizes(warehouse: Warehouse, period: string, terms: FundingTerms): Promise<void> {
  const byBytes = poolsByBytes(terms);
  if (byBytes.length === 0) return;
  const sizes = await loggedSizes(warehouse, { from: periodStart(period), to: lastDay(period) });
  if (sumOf(sizes, 'requests') > 0n && sumOf(sizes, 'bytes') === 0n) throw noSizes(period, terms, byBytes);
}

interface ByBytes {
  readonly pool: string;
  readonly cents: bigint;
}

/** Pools with a cost that bytes cause. */
const poolsByBytes = ({ costs, policy }: FundingTerms): ByBytes[] =>
  policy.fixed_prices === null
    ? costs.pools
        .map((pool) => ({ pool: pool.pool, cents: pool.net_cents, ...poolShares(pool, policy) }))
        .filter(({ cents, bytes_bp }) => cents > 0n && bytes_bp > 0n)
    : [];

const noSizes = (period: string, { policy }: FundingTerms, byBytes: readonly ByBytes[]): Fault =>
  new Fault(
    'inputRefused',
    `bytes cause the cost of ${byBytes.map(({ pool, cents }) => `${pool} (${formatCents(cents, policy.currency)})`).join(', ')}, and no log line of ${period} says how many were sent`,
    `Let the edge log the bytes that it sends; or share these pools by requests, in the policy: pools: { ${[...new Set(byBytes.map(({ pool }) => pool))].map((pool) => `${pool}: { requests_bp: 10000, bytes_bp: 0 }`).join(', ')} }`,
  );

/** What documents say of requests without a size: a note on all, and a sentence for each source. */
export function saySizes(
  sizes: readonly LoggedSizes[],
  terms: FundingTerms,
): { readonly all: StatementNote[]; readonly bySource: string[] } {
  const without = sizes.filter(({ requests_without_size }) => requests_without_size > 0n);
  if (without.length === 0 || poolsByBytes(terms).length === 0) return { all: [], bySource: [] };
  const share = (unknown: bigint, of: bigint) => `${formatCount(unknown)} (${formatPercent(unknown, of)})`;
  const effect = 'they bear none of the cost that bytes cause';
  return {
    all: [{ kind: 'no_size', count: sumOf(without, 'requests_without_size'), of: sumOf(sizes, 'requests') }],
    bySource: without.map(
      ({ source, requests, requests_without_size }) =>
        `${source}: ${share(requests_without_size, requests)} of its requests have no size in the log: ${effect}.`,
    ),
  };
}
