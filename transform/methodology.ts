// The rules that decide a number (docs/METHODOLOGY.md defines a request, a download, a byte, a class), by version. A version holds
// from a day on that the operator sets; the days before keep the rules that they were read by.

/** 2: a download is one whole transfer, and a line without an address is nobody's repeat. */
const METHODOLOGY_VERSION = 2;

export interface Methodology {
  /** First day of version 2, YYYY-MM-DD; null: no day has it yet */
  readonly secondFrom: string | null;
}

/** All days have the newest version: new warehouses, and `classify`. */
export const NEWEST: Methodology = { secondFrom: '1970-01-01' };

export const wholeDownloadsFrom_ms = ({ secondFrom }: Methodology): number =>
  secondFrom === null ? Infinity : Date.parse(`${secondFrom}T00:00:00Z`);

/** The version that a batch knows: it reads each line by the version of the line's day. */
export const versionOf = ({ secondFrom }: Methodology): number => (secondFrom === null ? 1 : METHODOLOGY_VERSION);

/** @param day YYYY-MM-DD */
export const versionOfDay = ({ secondFrom }: Methodology, day: string): number =>
  secondFrom !== null && day >= secondFrom ? METHODOLOGY_VERSION : 1;
