// What an error of the system or of the engine means: its kind, what happened, what to do next. This is the only list of them.
// The program ends by it (scripts/runtime/exit.ts), and the loader asks it whether waiting helps. Any other error is a defect.

import { getSystemErrorName } from 'node:util';
import type { ClickHouseError } from '@clickhouse/client';
import { Fault, type FaultKind } from '../transform/fault.ts';

interface Meaning {
  readonly kind: FaultKind;
  readonly what: string;
  readonly hint: string;
  /** Whether the same call may succeed later although nobody changes the call, its user or its configuration. */
  readonly passes?: true;
}

const AGAIN = 'run the same command again: it does again what was not recorded.';

const diskFull: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'the disk is full',
  hint: `Free space on it (OPERATIONS.md, "A full disk"), then ${AGAIN}`,
  passes: true,
};
const forbidden: Meaning = {
  kind: 'usage',
  what: 'permission denied',
  hint: 'Give this user the right to it, or name another place.',
};
const tooManyFiles: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'too many files are open',
  hint: `Raise the limit (ulimit -n), then ${AGAIN}`,
  passes: true,
};
const noConnection: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'a network connection failed',
  hint: `Check the address and that the other side runs, then ${AGAIN}`,
  passes: true,
};
const path = (what: string): Meaning => ({ kind: 'usage', what, hint: 'Check the path.' });

const ofSystem: Readonly<Record<string, Meaning>> = {
  ENOSPC: diskFull,
  EDQUOT: { ...diskFull, what: 'the disk quota is used up' },
  EFBIG: { ...diskFull, what: 'the file would exceed the largest size that is allowed (ulimit -f)' },
  EROFS: {
    kind: 'usage',
    what: 'the file system is read-only',
    hint: 'Mount it for writing, or name another place.',
    passes: true,
  },
  EIO: {
    kind: 'warehouseUnreachable',
    what: 'the disk reports an input/output error',
    hint: 'Check the disk (the kernel’s log names it); restore what is damaged from a backup.',
    passes: true,
  },
  EACCES: forbidden,
  EPERM: forbidden,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  ENOMEM: {
    kind: 'warehouseUnreachable',
    what: 'the machine has no memory left',
    hint: `End other programs, then ${AGAIN}`,
    passes: true,
  },
  ENOENT: path('there is no such file or directory'),
  ENOTDIR: path('a part of the path is no directory'),
  EISDIR: path('this is a directory'),
  ENOTEMPTY: path('the directory is not empty'),
  EEXIST: path('this exists already'),
  ELOOP: path('symbolic links lead in a circle'),
  ENAMETOOLONG: path('the name is too long'),
  EXDEV: path('source and destination are on different file systems'),
  EBUSY: path('this is in use'),
  ENODEV: path('there is no such device'),
  ENXIO: path('there is no such device'),
  ESTALE: path('the network file system no longer has this file'),
  EADDRINUSE: path('another program uses this address'),
  ECONNREFUSED: noConnection,
  ECONNRESET: noConnection,
  ECONNABORTED: noConnection,
  ETIMEDOUT: noConnection,
  EHOSTUNREACH: noConnection,
  ENETUNREACH: noConnection,
  ENOTFOUND: noConnection,
  EAI_AGAIN: noConnection,
};

const busy: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'the warehouse is busy or not ready',
  hint: `Wait until it is free, then ${AGAIN}`,
  passes: true,
};
const noMemory: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'the engine’s memory is not sufficient',
  hint: `Give it more, or wait until less runs beside it, then ${AGAIN}`,
  passes: true,
};
const damaged: Meaning = {
  kind: 'checkFailed',
  what: 'data that the warehouse has stored are damaged',
  hint: 'Run fairshare doctor, which names the table; restore the warehouse from its backup (OPERATIONS.md).',
};
const refusesUser: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'the warehouse refuses this to its user',
  hint: 'Name a user that may write, in --warehouse (FAIRSHARE_WAREHOUSE), or grant it the right (OPERATIONS.md). A door must be opened with --allow-writes.',
};
const unusableFile: Meaning = {
  kind: 'warehouseUnreachable',
  what: 'the engine cannot use a file',
  hint: `Check the disk of the warehouse and the rights on it, then ${AGAIN}`,
};

const ofEngine: Readonly<Record<string, Meaning>> = {
  NOT_ENOUGH_SPACE: diskFull,
  // If the engine tells the system's error, that one applies (meaningOf).
  CANNOT_WRITE_TO_FILE_DESCRIPTOR: { ...unusableFile, passes: true },
  CANNOT_READ_FROM_FILE_DESCRIPTOR: unusableFile,
  CANNOT_OPEN_FILE: unusableFile,
  CANNOT_CLOSE_FILE: unusableFile,
  CANNOT_FSYNC: unusableFile,
  CANNOT_STAT: unusableFile,
  CANNOT_FSTAT: unusableFile,
  CANNOT_TRUNCATE_FILE: unusableFile,
  CANNOT_CREATE_DIRECTORY: unusableFile,
  CANNOT_CREATE_FILE: unusableFile,
  CANNOT_SEEK_THROUGH_FILE: unusableFile,
  CANNOT_UNLINK: unusableFile,
  STD_EXCEPTION: unusableFile,
  MEMORY_LIMIT_EXCEEDED: noMemory,
  CANNOT_ALLOCATE_MEMORY: noMemory,
  CHECKSUM_DOESNT_MATCH: damaged,
  CANNOT_READ_ALL_DATA: damaged,
  ATTEMPT_TO_READ_AFTER_EOF: damaged,
  UNEXPECTED_END_OF_FILE: damaged,
  CORRUPTED_DATA: damaged,
  CANNOT_DECOMPRESS: damaged,
  UNKNOWN_COMPRESSION_METHOD: damaged,
  NO_FILE_IN_DATA_PART: damaged,
  UNEXPECTED_FILE_IN_DATA_PART: damaged,
  BAD_SIZE_OF_FILE_IN_DATA_PART: damaged,
  FILE_DOESNT_EXIST: damaged,
  TOO_LARGE_SIZE_COMPRESSED: damaged,
  TOO_MANY_UNEXPECTED_DATA_PARTS: damaged,
  TIMEOUT_EXCEEDED: busy,
  SOCKET_TIMEOUT: busy,
  NETWORK_ERROR: busy,
  TOO_MANY_SIMULTANEOUS_QUERIES: busy,
  TOO_MANY_PARTS: busy,
  TABLE_IS_READ_ONLY: busy,
  NO_ZOOKEEPER: busy,
  KEEPER_EXCEPTION: busy,
  UNKNOWN_STATUS_OF_INSERT: busy,
  QUERY_WAS_CANCELLED: busy,
  READONLY: refusesUser,
  ACCESS_DENIED: refusesUser,
  DATABASE_ACCESS_DENIED: refusesUser,
  AUTHENTICATION_FAILED: refusesUser,
  REQUIRED_PASSWORD: refusesUser,
  UNKNOWN_USER: refusesUser,
};

/** Checked by its shape, because the embedded engine's errors belong to another copy of the client's class. */
export function isEngineError(error: unknown): error is ClickHouseError {
  if (!(error instanceof Error)) return false;
  const { code, type } = error as Partial<ClickHouseError>;
  return typeof type === 'string' && typeof code === 'string' && /^\d+$/.test(code);
}

/** The system's error in the engine's message: 'Cannot open file /w/x: , errno: 13, strerror: Permission denied.' */
function systemCodeIn(message: string): string | undefined {
  const errno = Number(/errno: (\d+)/.exec(message)?.[1] ?? 0);
  return errno === 0 ? undefined : getSystemErrorName(-errno);
}

function meaningOf(error: unknown): Meaning | undefined {
  if (isEngineError(error)) {
    const system = systemCodeIn(error.message);
    // A missing file of a table is damage, and no path that a person has given.
    if (system !== undefined && system !== 'ENOENT' && Object.hasOwn(ofSystem, system)) return ofSystem[system];
    return Object.hasOwn(ofEngine, error.type!) ? ofEngine[error.type!] : undefined;
  }
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && Object.hasOwn(ofSystem, code) ? ofSystem[code] : undefined;
}

/** Whether no room on a disk is the reason: only a person makes room. */
export const isDiskFull = (error: unknown): boolean => meaningOf(error)?.hint === diskFull.hint;

/** Faults of a certificate do not pass: a person must act. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|^ERR_(?:TLS|SSL)/;

/** Whether the same call may succeed later: the warehouse is away or busy, the disk full. */
export function passes(error: unknown): boolean {
  if (!(error instanceof Fault)) return meaningOf(error)?.passes === true;
  if (error.kind !== 'warehouseUnreachable') return false;
  const { cause } = error;
  if (isEngineError(cause)) return passes(cause);
  return !CERTIFICATE.test((cause as { code?: string } | undefined)?.code ?? '');
}

/**
 * The error as a Fault; undefined if it is neither the system's nor one of the engine's list: a defect.
 * @param path the file or directory, which an error of writing does not name
 */
export function faultOf(error: unknown, path?: string): Fault | undefined {
  if (error instanceof Fault) return error;
  const meaning = meaningOf(error);
  if (meaning === undefined) return undefined;
  const { message } = error as Error;
  const at = path === undefined ? '' : `${path}: `;
  return new Fault(meaning.kind, `${meaning.what}: ${at}${message.trim()}`, meaning.hint, { cause: error });
}

/** What is wrong with a file or directory, for a list of several; undefined if the error is not about that one path. */
export function pathProblem(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EIO') return `${ofSystem.EIO.what} (EIO)`;
  const meaning = isEngineError(error) ? undefined : meaningOf(error);
  return meaning?.kind === 'usage' && code !== 'EROFS' ? `${meaning.what} (${code})` : undefined;
}
