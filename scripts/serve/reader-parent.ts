// Starts the process of a reader's door and watches it.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault, type FaultKind } from '../../transform/fault.ts';
import { type ReaderLimits } from '../../sql/reader-configuration.ts';
import { type Config } from '../runtime/config.ts';
import { type LogLevel } from '../runtime/log-levels.ts';
import { type Door, type ReaderDoorOptions } from './door.ts';
import { MAX_QUERY_BYTES, SPARE_THREADS } from './engine.ts';

/** What the parent sends, once. */
export type ToReader = Omit<ReaderDoorOptions, 'log'> & { readonly logLevel: LogLevel; readonly isReadable: boolean };
/** What the process answers, once. */
export interface FromReader {
  readonly url?: string;
  readonly fault?: { readonly kind: FaultKind; readonly message: string; readonly hint: string };
}

export interface ReaderProcess extends Door {
  readonly pid: number;
  /** Settles when the process ends, for whatever reason. */
  readonly ended: Promise<void>;
}

const own = fileURLToPath(import.meta.url);
const PROGRAM = join(own, '..', `reader-process${extname(own)}`);
const END_AFTER_MS = 8_000;
/** Of the environment the door needs these, and gets no others: what is not in a process cannot be read out of it. */
const ENVIRONMENT = ['TMPDIR', 'TZ', 'SSL_CERT_FILE'];

/** The configuration's limits for readers. */
export function readerOptions({ serve }: Config): Pick<ReaderDoorOptions, 'limits' | 'concurrency'> {
  return {
    limits: {
      ...statementLimits,
      seconds: serve.max_seconds,
      memory_bytes: serve.max_memory_mb * MB,
      total_memory_bytes: serve.total_memory_mb * MB,
      read_rows: serve.max_read_rows,
      result_rows: serve.max_result_rows,
      result_bytes: serve.max_result_mb * MB,
    },
    concurrency: { running: serve.max_running, perReader: serve.max_running_per_reader, waiting: serve.max_waiting },
  };
}

const MB = 1024 * 1024;
const statementLimits: Pick<ReaderLimits, 'threads' | 'query_bytes'> = {
  threads: availableParallelism(),
  query_bytes: MAX_QUERY_BYTES,
};

/**
 * @param program default: this program's own; tests name a compiled one
 * @throws Fault as startReaderDoor does
 */
export async function startReaderProcess(options: ToReader, program = PROGRAM): Promise<ReaderProcess> {
  const env = Object.fromEntries(ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))); // prettier-ignore
  const child = fork(program, [], {
    env: { ...env, UV_THREADPOOL_SIZE: String(options.concurrency.running + SPARE_THREADS + 2) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => undefined);
  child.on('error', () => {}); // it ends without an answer then
  child.send(options);
  const answer = await Promise.race([
    once(child, 'message').then(([message]) => message as FromReader),
    ended.then(() => undefined),
  ]);
  if (answer?.url === undefined) {
    const { kind, message, hint } = answer?.fault ?? {
      kind: 'defect' as const,
      message: 'the process of the door ended before it answered',
      hint: '',
    };
    throw new Fault(kind, message, hint);
  }
  return {
    url: answer.url,
    pid: child.pid ?? 0,
    ended,
    async close() {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), END_AFTER_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
