// A reader's door, in its own process as in production, with the program that the run has compiled.

import { availableParallelism } from 'node:os';
import { startReaderProcess, type ReaderProcess, type ToReader } from '../../scripts/serve/reader-parent.ts';
import { program } from './cli.ts';

export const readerLimits: ToReader['limits'] = {
  seconds: 120,
  memory_bytes: 2 ** 31,
  total_memory_bytes: 3 * 2 ** 30,
  read_rows: 5e9,
  result_rows: 5e8,
  result_bytes: 2 ** 32,
  threads: availableParallelism(),
  query_bytes: 4 * 1024 * 1024,
};

/** The caller closes it. @param path of the program; default: the one that this run has compiled */
export const startReader = (
  location: string,
  options: Partial<ToReader> = {},
  path = program('scripts/serve/reader-process'),
): Promise<ReaderProcess> =>
  startReaderProcess(
    {
      location,
      port: 0,
      limits: readerLimits,
      concurrency: { running: 8, perReader: 4, waiting: 500 },
      logLevel: 'error',
      isReadable: false,
      ...options,
    },
    path,
  );
