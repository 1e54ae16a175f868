// Errors in ClickHouse's own form (a code, a body, an HTTP status), so that its clients can read them.

export class DoorError extends Error {
  readonly code: number;
  /** As sent: `Code: N. DB::Exception: … (TYPE)`. */
  readonly body: string;

  constructor(code: number, type: string, message: string) {
    super(message);
    this.code = code;
    this.body = `Code: ${code}. DB::Exception: ${message}. (${type})`;
  }
}

/** Neither the engine's error nor one of ours: a defect. */
export const UNKNOWN_EXCEPTION = 1002;

/** The engine's message without repetition: the engine nests it if a statement fails before it runs. */
export function readEngineError(error: unknown): { readonly code: number; readonly body: string } {
  if (error instanceof DoorError) return { code: error.code, body: error.body };
  const message = error instanceof Error ? error.message : String(error);
  const code = /^Code: (\d+)\./.exec(message)?.[1];
  if (code === undefined)
    return {
      code: UNKNOWN_EXCEPTION,
      body: `Code: ${UNKNOWN_EXCEPTION}. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`,
    };
  const wrapper = new RegExp(`^(?:Code: ${code}\\. DB::Exception: )+(?=Code: ${code}\\. )`);
  const inner = message.replace(wrapper, '');
  return { code: Number(code), body: inner.replace(/ \(version [^)]*\)(?:\. \([A-Z_]+\))?.*$/s, '') };
}

const STATUS: ReadonlyMap<number, number> = new Map(
  [
    // The statement or its data are invalid.
    { status: 400, codes: [6, 26, 27, 36, 38, 41, 42, 43, 53, 62, 70, 72, 117, 130, 131, 307, 457] },
    { status: 401, codes: [194] },
    { status: 403, codes: [164, 192, 193, 291, 452, 497, 516] },
    // The statement names an object that does not exist.
    { status: 404, codes: [46, 47, 50, 56, 60, 63, 73, 81, 115, 456] },
    { status: 408, codes: [159] },
    { status: 413, codes: [552] },
    { status: 501, codes: [48] },
    { status: 503, codes: [202, 439] },
  ].flatMap(({ status, codes }) => codes.map((code) => [code, status] as const)),
);

export const httpStatusOf = (code: number): number => STATUS.get(code) ?? 500;

export const refused = {
  readOnly: (what: string) => new DoorError(164, 'READONLY', `${what}: this door is read-only`),
  tooLarge: (bytes: number) =>
    new DoorError(552, 'QUERY_IS_TOO_LARGE', `The query is longer than ${bytes} bytes; rows belong behind an INSERT`),
  notOffered: (what: string) => new DoorError(48, 'NOT_IMPLEMENTED', what),
  notAllowed: (what: string) => new DoorError(497, 'ACCESS_DENIED', what),
} as const;

/** Whether an error says that the warehouse changed while it was read: a part's file is gone, or another process writes. */
export const isOfChange = (error: unknown): boolean => [76, 79, 107, 236].includes(readEngineError(error).code);

const PATHS = /(?:\/[\w.@+-]+){2,}\/?/g;

/** An engine's message may name files, which are no reader's business. */
export const withoutPaths = (message: string): string => message.replace(PATHS, '…');
