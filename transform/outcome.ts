// The closed list of outcomes of a line. A line is a request, or it is excluded by rule, or it is quarantined because it could not
// be read; each with a counted reason. requests + excluded + quarantined = lines read.

/** Excluded by rule: a known kind of line that is not a request. */
export const excludedReasons = [
  'blank_line',
  'directive', // '#Version', '#Fields' and other comment lines of W3C logs
  'other_log', // another log's line in the same stream: a service, a client request source or a message type that is not counted
  'not_http', // a TLS handshake or nothing at all, where a request should be: the server refused it, or the client was gone
] as const;

/**
 * Quarantined: the line could not be read, because its shape or its time could not. The line is stored (cut to a limit) with its
 * position. A field of any other kind that cannot be read is a degradation, so that nobody leaves the figures by what they send.
 */
export const quarantineReasons = [
  'malformed', // does not have the format at all
  'truncated', // ends in the middle of a field
  'duplicate_key', // a JSON key twice: neither value can be trusted
  'missing_field', // a field that every request has is absent
  'bad_timestamp', // unreadable
  'timestamp_out_of_range', // outside [2000-01-01, 2100-01-01)
  'timestamp_in_future', // later than the log can have been written (docs/METHODOLOGY.md)
  'line_too_long', // longer than the line limit
  'too_deep', // nested deeper than the format allows
] as const;

/** Quarantined by earlier versions. These lines are requests with a degradation now: reading them again counts them. */
export const formerQuarantineReasons = ['bad_status', 'bad_bytes', 'bad_address', 'bad_path', 'bad_encoding'] as const;

/** A request with a field that could not be read, or is in doubt. The request counts, and each degradation of it is counted too. */
export const degradedReasons = [
  'ambiguous_local_time', // the local hour happens twice and the line names no offset: read as the first one
  'nonexistent_local_time', // the local hour is skipped: read with the offset before
  'no_status', // 000, 0, -1 or '-': the client went away before an answer
  'bad_status', // not an integer from 100 to 599: no download
  'bad_bytes', // negative, fractional, or more than any response has (MAX_BYTES in request-reader.ts): not known
  'bad_address', // a host name, a socket, an address with a scope: the network is not known
  'bad_method', // not a method: no download
  'bad_path', // not a path: no package
  'bad_encoding', // invalid UTF-8, NUL or a control character inside a field: these bytes are escaped
  'unknown_version', // the log names a version of its format that this program does not know; read as the newest one known
] as const;
export type DegradedReason = (typeof degradedReasons)[number];
/** One bit for each, because a request may have several; 0 means no doubt. */
export const degradation = Object.fromEntries(degradedReasons.map((name, bit) => [name, 1 << bit])) as Readonly<
  Record<DegradedReason, number>
>;

export type ExcludedReason = (typeof excludedReasons)[number];
export type QuarantineReason = (typeof quarantineReasons)[number];
export type Reason = ExcludedReason | QuarantineReason;

export const reasonNames = ['ok', ...excludedReasons, ...quarantineReasons] as const;

/** Small integers, so that a parser returns one without allocating. 0 is ok. */
export const reason = Object.fromEntries(reasonNames.map((name, code) => [name, code])) as Record<
  (typeof reasonNames)[number],
  number
>;

export const isExcluded = (code: number): boolean => code > 0 && code <= excludedReasons.length;
export const isQuarantined = (code: number): boolean => code > excludedReasons.length;
