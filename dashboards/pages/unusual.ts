// Finds the most unusual change of a period: the last seven whole days beside the seven before, by kind of program.

export interface UsageOfDay {
  /** YYYY-MM-DD */
  readonly day: string;
  /** requester_class */
  readonly value: string;
  readonly bytes: bigint;
}

export interface Change {
  readonly value: string;
  /** Bytes of the seven days before, and of the last seven. */
  readonly before: bigint;
  readonly after: bigint;
}

const DAYS = 7;
/** A change of fewer than a hundredth of all bytes is no news. */
const LEAST_SHARE = 100n;

/**
 * The value whose share of all bytes changed most between the two weeks.
 * @param days whole days of the period, ascending; the last fourteen are compared
 * @returns undefined if there are fewer than fourteen, or nothing changed by a hundredth of all bytes
 */
export function mostUnusual(rows: readonly UsageOfDay[], days: readonly string[]): Change | undefined {
  if (days.length < 2 * DAYS) return undefined;
  const week = new Map<string, 0 | 1>(days.slice(-2 * DAYS).map((day, at) => [day, at < DAYS ? 0 : 1]));
  const sums = new Map<string, [before: bigint, after: bigint]>();
  const all: [bigint, bigint] = [0n, 0n];
  for (const { day, value, bytes } of rows) {
    const at = week.get(day);
    if (at === undefined) continue;
    const sum = sums.get(value) ?? [0n, 0n];
    sum[at] += bytes;
    sums.set(value, sum);
    all[at] += bytes;
  }
  if (all[0] <= 0n || all[1] <= 0n) return undefined;
  let most: { change: Change; size: bigint } | undefined;
  for (const [value, [before, after]] of sums) {
    // before / all[0] − after / all[1], times both denominators.
    const difference = before * all[1] - after * all[0];
    const size = difference < 0n ? -difference : difference;
    if (size * LEAST_SHARE < all[0] * all[1]) continue;
    if (most === undefined || size > most.size) most = { change: { value, before, after }, size };
  }
  return most?.change;
}
