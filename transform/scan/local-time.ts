// The local time of timestamps without an offset: a fixed offset from UTC, or a zone whose clocks are set forward and back.
// transform/time-zone.ts makes a table of a zone's stretches before the hot loop, so that a line costs two comparisons.

import { degradation } from '../outcome.ts';

/** From `from_ms` on (local) until the next stretch begins, clocks are `offset_ms` ahead of UTC. */
export interface Stretch {
  readonly from_ms: number;
  readonly offset_ms: number;
  /** A bit of `degradation`: these local times happen twice, or not at all; else 0. */
  readonly doubt: number;
}

export class LocalTime {
  /** The stretch of the last time without doubt: local times in [from_ms, to_ms). */
  from_ms = -Infinity;
  to_ms = Infinity;
  offset_ms: number;
  private readonly stretches: readonly Stretch[];
  private doubt = 0;

  /** @param stretches ascending; the first begins at −Infinity; the first and the last are without doubt */
  constructor(stretches: readonly Stretch[]) {
    this.stretches = stretches;
    this.offset_ms = stretches[0].offset_ms;
    if (stretches.length > 1) this.to_ms = stretches[1].from_ms;
  }

  static fixed(offset_minutes: number): LocalTime {
    return new LocalTime([{ from_ms: -Infinity, offset_ms: offset_minutes * 60_000, doubt: 0 }]);
  }

  /** Local ms → UTC ms; NaN stays NaN. */
  toUtc(local_ms: number): number {
    if (local_ms >= this.from_ms && local_ms < this.to_ms) return local_ms - this.offset_ms;
    return this.search(local_ms);
  }

  /** Bit of `degradation` of the time read last, or 0. The call resets it, because the next line may name its offset. */
  takeDoubt(): number {
    const { doubt } = this;
    if (doubt !== 0) this.doubt = 0;
    return doubt;
  }

  private search(local_ms: number): number {
    if (Number.isNaN(local_ms)) return NaN;
    const { stretches } = this;
    let low = 0;
    let high = stretches.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (stretches[middle].from_ms <= local_ms) low = middle;
      else high = middle;
    }
    const { from_ms, offset_ms, doubt } = stretches[low];
    this.doubt = doubt;
    if (doubt === 0) {
      this.from_ms = from_ms;
      this.to_ms = high < stretches.length ? stretches[high].from_ms : Infinity;
      this.offset_ms = offset_ms;
    }
    return local_ms - offset_ms;
  }
}

export const utcTime = LocalTime.fixed(0);

/**
 * The stretches around changes of the offset. If clocks go back, an hour happens twice, and the first pass counts. If they
 * go forward, an hour does not exist, and the offset before counts. In both cases the offset before counts until `at + the greater
 * offset`.
 * @param changes ascending: from `at_ms` on (UTC) the offset is `offset_ms`; further apart than they shift clocks
 */
export function stretchesOf(
  first_offset_ms: number,
  changes: readonly { readonly at_ms: number; readonly offset_ms: number }[],
): Stretch[] {
  const stretches: Stretch[] = [{ from_ms: -Infinity, offset_ms: first_offset_ms, doubt: 0 }];
  let before_ms = first_offset_ms;
  for (const { at_ms, offset_ms } of changes) {
    const goesBack = offset_ms < before_ms;
    stretches.push(
      {
        from_ms: at_ms + Math.min(before_ms, offset_ms),
        offset_ms: before_ms,
        doubt: goesBack ? degradation.ambiguous_local_time : degradation.nonexistent_local_time,
      },
      { from_ms: at_ms + Math.max(before_ms, offset_ms), offset_ms, doubt: 0 },
    );
    before_ms = offset_ms;
  }
  return stretches;
}
