// The one error that people are meant to read: what is wrong, what to do next, and the exit code a script can rely on.

/** Documented and stable (docs/OPERATIONS.md). Interrupts exit with 130 (SIGINT) or 143 (SIGTERM). */
export const exitCodes = {
  done: 0,
  defect: 1,
  usage: 2,
  inputRefused: 3,
  checkFailed: 4,
  warehouseUnreachable: 5,
  partitionStopped: 6,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly exitCode: ExitCode;
  /** The next step, as a sentence for the person at the terminal. */
  readonly hint: string;

  constructor(kind: Exclude<keyof typeof exitCodes, 'done'>, message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCodes[kind];
    this.hint = hint;
  }
}
