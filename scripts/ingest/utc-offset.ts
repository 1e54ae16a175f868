// The time zone of a source whose timestamps name none: UTC or a fixed offset, nothing else.

const OFFSET = /^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/;

/**
 * Minutes east of UTC. Fixed offsets only: a zone with daylight saving would read one hour of the year twice.
 * @returns undefined where the text is neither UTC nor an offset such as +02:00
 */
export function utcOffsetMinutes(timezone: string): number | undefined {
  if (timezone === 'UTC') return 0;
  const [, sign, hours, minutes = '0'] = OFFSET.exec(timezone) ?? [];
  if (hours === undefined || Number(hours) > 14 || Number(minutes) > 59) return undefined;
  const offset = Number(hours) * 60 + Number(minutes);
  return sign === '-' && offset > 0 ? -offset : offset;
}
