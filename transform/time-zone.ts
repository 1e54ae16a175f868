// Time zones of log sources: UTC, a fixed offset, or a zone of the IANA database in Node's copy.

import { IANAZone } from 'luxon';
import { LocalTime, type Stretch, stretchesOf } from './scan/local-time.ts';
import { MAX_TIME_MS, MIN_TIME_MS } from './scan/time.ts';

const OFFSET = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/;
const MINUTE_MS = 60_000;
/** Two changes of one zone's offset since 2000 are at least six days and 23 hours apart (Brazil, October 2000). */
const STEP_MS = 6 * 24 * 60 * MINUTE_MS;
/** No zone's offset from UTC is larger. */
const MARGIN_MS = 24 * 60 * MINUTE_MS;

/** Tables of earlier calls, because twenty sources are often in one zone. */
const known = new Map<string, readonly Stretch[]>();

/** Forms that `timeZone` accepts, for messages. */
export const timeZoneForms = 'UTC, a fixed offset such as +02:00, or an IANA zone such as Europe/Berlin';

/**
 * The local time of a source's timestamps that name no offset. This makes a zone's table, in about 0.3 s: once per zone, not per
 * line.
 * @returns undefined if the text is neither UTC, nor an offset, nor a zone
 */
export function timeZone(name: string): LocalTime | undefined {
  if (name === 'UTC') return LocalTime.fixed(0);
  const [, sign, hours, minutes = '0'] = OFFSET.exec(name) ?? [];
  if (hours !== undefined) {
    if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
    const offset_minutes = Number(hours) * 60 + Number(minutes);
    return LocalTime.fixed(sign === '-' && offset_minutes > 0 ? -offset_minutes : offset_minutes);
  }
  // Newer versions of Node accept any offset as a zone. Offsets were handled above; any other is wrong.
  if (!/^[A-Za-z]/.test(name) || !IANAZone.isValidZone(name)) return undefined;
  const stretches = known.get(name) ?? tabled(IANAZone.create(name));
  known.set(name, stretches);
  return new LocalTime(stretches);
}

/** Every change of the zone's offset in the years of valid timestamps. */
function tabled(zone: IANAZone): readonly Stretch[] {
  const offsetAt_ms = (at_ms: number) => zone.offset(at_ms) * MINUTE_MS;
  const changes: { at_ms: number; offset_ms: number }[] = [];
  let from_ms = MIN_TIME_MS - MARGIN_MS;
  const first_ms = offsetAt_ms(from_ms);
  let offset_ms = first_ms;
  while (from_ms < MAX_TIME_MS + MARGIN_MS) {
    const to_ms = from_ms + STEP_MS;
    const next_ms = offsetAt_ms(to_ms);
    if (next_ms !== offset_ms) {
      changes.push({
        at_ms: firstMinute(from_ms, to_ms, (at_ms) => offsetAt_ms(at_ms) !== offset_ms),
        offset_ms: next_ms,
      });
      offset_ms = next_ms;
    }
    from_ms = to_ms;
  }
  return stretchesOf(first_ms, changes);
}

/** The first minute in (from, to] for which `holds` is true. It must be true at `to`, and stay true after the first. */
function firstMinute(from_ms: number, to_ms: number, holds: (at_ms: number) => boolean): number {
  let before = from_ms / MINUTE_MS;
  let after = to_ms / MINUTE_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (holds(middle * MINUTE_MS)) after = middle;
    else before = middle;
  }
  return after * MINUTE_MS;
}
