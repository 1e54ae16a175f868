// How the program ends: turns the outcome into a message on stderr and a stable exit code.

import { CommanderError } from 'commander';
import pc from 'picocolors';
import { faultOf } from '../../sql/failures.ts';
import { type FaultKind } from '../../transform/fault.ts';
import { printableLines } from '../../transform/printable.ts';

/** Documented and stable (docs/OPERATIONS.md): scripts rely on them. */
export const exitCodes: Readonly<Record<'done' | FaultKind, number>> = {
  done: 0,
  defect: 1,
  usage: 2,
  inputRefused: 3,
  checkFailed: 4,
  warehouseUnreachable: 5,
  partitionStopped: 6,
};

const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof SIGNAL_CODES;
export const stopSignals = Object.keys(SIGNAL_CODES) as StopSignal[];

/** Why the run was told to stop; the reason of the abort signal. */
export class Interrupted extends Error {
  override readonly name = 'AbortError';
  readonly exitCode: number;

  /** @param by the signal, or 'EPIPE' if nobody reads stdout any more: then the program ends silently */
  constructor(by: StopSignal | 'EPIPE') {
    super(by === 'EPIPE' ? 'stdout was closed' : `interrupted by ${by}`);
    this.exitCode = by === 'EPIPE' ? exitCodes.done : SIGNAL_CODES[by];
  }
}

const hasCode = (error: unknown, code: string): boolean => (error as { code?: unknown } | undefined)?.code === code;
const isAbort = (error: unknown): boolean => (error as { name?: unknown } | undefined)?.name === 'AbortError';

export interface Ending {
  readonly exitCode: number;
  /** For stderr; '' if there is none. */
  readonly message: string;
}

/** @param interrupted set if a signal was received: its exit code applies, whatever the command returned or threw */
export function endingOf(error: unknown, interrupted: Interrupted | undefined, color: boolean): Ending {
  const paint = pc.createColors(color);
  const quiet = error === undefined || isAbort(error) || hasCode(error, 'EPIPE') || error instanceof CommanderError;
  if (interrupted !== undefined && quiet)
    return {
      exitCode: interrupted.exitCode,
      message: interrupted.exitCode === exitCodes.done ? '' : `fairshare: ${interrupted.message}\n`,
    };
  if (error === undefined || hasCode(error, 'EPIPE')) return { exitCode: exitCodes.done, message: '' };
  if (error instanceof CommanderError)
    // commander has printed its message already. Help and version end with 0.
    return { exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage, message: '' };
  const fault = faultOf(error);
  if (fault !== undefined) {
    const hint = fault.hint === '' ? '' : `${paint.dim(printableLines(fault.hint))}\n`;
    return {
      exitCode: interrupted?.exitCode ?? exitCodes[fault.kind],
      message: `${paint.red('fairshare:')} ${printableLines(fault.message)}\n${hint}`,
    };
  }
  const missing = missingPackage(error);
  if (missing !== undefined)
    return {
      exitCode: exitCodes.usage,
      message: `${paint.red('fairshare:')} the package ${missing} is not installed\n${paint.dim('Install again what fairshare needs: npm install')}\n`,
    };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: interrupted?.exitCode ?? exitCodes.defect,
    message: `${paint.red('fairshare:')} a defect: ${stack}\nPlease report this, with the command and the lines above.\n`,
  };
}

/** The name of a missing package. Libraries are imported when a command uses them, so an incomplete installation shows only then. */
function missingPackage(error: unknown): string | undefined {
  if (!hasCode(error, 'ERR_MODULE_NOT_FOUND')) return undefined;
  return /^Cannot find package '([^']+)'/.exec((error as Error).message)?.[1];
}
