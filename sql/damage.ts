// Errors by which the engine says that stored bytes are not those that it wrote.

import { Fault } from '../transform/fault.ts';

const damageTypes: ReadonlySet<string> = new Set([
  'ATTEMPT_TO_READ_AFTER_EOF',
  'BAD_SIZE_OF_FILE_IN_DATA_PART',
  'CANNOT_DECOMPRESS',
  'CANNOT_READ_ALL_DATA',
  'CHECKSUM_DOESNT_MATCH',
  'CORRUPTED_DATA',
  'EXPECTED_END_OF_FILE',
  'FILE_DOESNT_EXIST',
  'INCORRECT_DATA',
  'NO_FILE_IN_DATA_PART',
  'SIZES_OF_COLUMNS_DOESNT_MATCH',
  'TOO_LARGE_SIZE_COMPRESSED',
  'UNEXPECTED_FILE_IN_DATA_PART',
  'UNKNOWN_CODEC',
]);

/** An error of the engine. The embedded engine's errors are of another class than a server's, with the same type. */
interface EngineError extends Error {
  readonly type: string;
}

export const isDamage = (error: unknown): error is EngineError =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' && damageTypes.has(error.type);

/** @param what what could not be done because of it */
export const damageFault = (what: string, cause: EngineError): Fault =>
  new Fault('checkFailed', `${what}: ${firstSentence(cause.message)}`, 'Run: fairshare doctor', { cause });

/** The engine's messages go on with advice about hardware. */
export const firstSentence = (message: string): string => /^.*?(?=\. |\n|$)/.exec(message)![0].slice(0, 300);
