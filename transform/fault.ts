// The one error that people are meant to read: its kind, what is wrong, and what to do next.

/** The closed list of kinds. scripts/runtime/exit.ts gives each kind its exit code. */
export type FaultKind =
  /** An error of this program: the user reports it. */
  | 'defect'
  /** Flags, the configuration, or a file that the user names. */
  | 'usage'
  /** A log, a list or a registry file that cannot be read in its format. */
  | 'inputRefused'
  /** Figures that do not agree. */
  | 'checkFailed'
  /** The warehouse does not answer, or another process has it open. */
  | 'warehouseUnreachable'
  /** A person must decide how a partition continues. */
  | 'partitionStopped';

export class Fault extends Error {
  override readonly name = 'Fault';
  readonly kind: FaultKind;
  /** The next step, as a sentence for the person at the terminal. */
  readonly hint: string;

  constructor(kind: FaultKind, message: string, hint = '', options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.hint = hint;
  }
}
