// Decompresses a stored log object: plain, gzip (any number of members) or zstd, recognised by its first bytes.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { on } from 'node:events';
import { createReadStream, openSync, readSync, closeSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { createGunzip } from 'node:zlib';
import type * as fzstdLibrary from 'fzstd';
import { faultOf, pathProblem } from '../sql/failures.ts';
import { Fault } from '../transform/fault.ts';
import { printableBytes } from '../transform/printable.ts';

export type Compression = 'plain' | 'gzip' | 'zstd';

export interface OpenOptions {
  /** Stored bytes read since the last call. */
  readonly onStoredBytes?: (count: number) => void;
  /** The memory of a chunk is used again for the next, which is faster. A chunk is valid only until the next is requested. */
  readonly reuse?: boolean;
  /** Told the SHA-256 of the decompressed content at its end. */
  readonly onSha256?: (sha256: string) => void;
}

const CHUNK_BYTES = 256 << 10;
/** Smaller gzip files are decompressed here, because a thread takes longer to start. */
const THREAD_FILE_BYTES = 1 << 20;
const THREAD_SLOT_BYTES = 1 << 20;
/** Chunks that the thread decompresses ahead of the reader. */
const THREAD_SLOTS = 4;

/** Recognised by the magic number, because file names may be wrong. */
export function compressionOf(path: string | Buffer): Compression {
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, head, 0, 4, 0);
    if (length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
    // A zstd frame, or a skippable frame before it.
    if (length === 4 && (head.readUInt32LE(0) === 0xfd2fb528 || (head.readUInt32LE(0) & 0xfffffff0) === 0x184d2a50))
      return 'zstd';
    return 'plain';
  } finally {
    closeSync(file);
  }
}

/**
 * The decompressed bytes in chunks. Memory is limited to a chunk and the codec's window.
 * @throws Fault(inputRefused) for damaged or truncated content, after the chunks before it
 */
export async function* openObject(
  path: string | Buffer,
  { onStoredBytes, reuse = false, onSha256 }: OpenOptions = {},
): AsyncGenerator<Uint8Array> {
  let compression: Compression = 'plain';
  try {
    compression = compressionOf(path);
    if (reuse && compression === 'gzip' && statSync(path).size >= THREAD_FILE_BYTES)
      yield* gunzippedByThread(path, onStoredBytes, onSha256);
    else {
      const hash = onSha256 && createHash('sha256');
      const chunks =
        reuse && compression === 'plain'
          ? plainFile(path, onStoredBytes)
          : ((await decompressed(path, compression, onStoredBytes)) as AsyncIterable<Uint8Array>);
      for await (const chunk of chunks) {
        hash?.update(chunk);
        yield chunk;
      }
      if (hash !== undefined) onSha256!(hash.digest('hex'));
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const shown = typeof path === 'string' ? path : printableBytes(path);
    const problem = pathProblem(cause);
    if (problem !== undefined)
      throw new Fault('inputRefused', `${shown} cannot be read: ${problem}`, 'Nothing of it counts.', { cause });
    if (faultOf(cause) !== undefined) throw cause;
    throw new Fault(
      'inputRefused',
      `${shown}: damaged ${compression} content: ${(cause as Error).message}`,
      'Nothing of it counts. Fetch the object again.',
      { cause },
    );
  }
}

async function* plainFile(
  path: string | Buffer,
  onStoredBytes: OpenOptions['onStoredBytes'],
): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    const buf = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buf, 0, buf.length, null);
      if (bytesRead === 0) return;
      onStoredBytes?.(bytesRead);
      yield buf.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** A message of gunzip-thread.js: a filled slot, or the end. */
interface FilledSlot {
  readonly slot: number;
  readonly length: number;
  readonly stored_bytes: number;
}
type FromThread =
  FilledSlot | { readonly ended: true; readonly sha256?: string } | { readonly failed: Error; readonly code: unknown };

interface GunzipThread {
  readonly worker: Worker;
  readonly memory: SharedArrayBuffer;
}

/** A thread that waits for its next file: starting one costs as much as decompressing 20 MB. It does not keep the process alive. */
let idleThread: GunzipThread | undefined;

function takeThread(): GunzipThread {
  const thread = idleThread ?? startThread();
  idleThread = undefined;
  thread.worker.ref();
  return thread;
}

function startThread(): GunzipThread {
  const memory = new SharedArrayBuffer(THREAD_SLOTS * THREAD_SLOT_BYTES);
  const workerData = { memory, slot_bytes: THREAD_SLOT_BYTES };
  return { memory, worker: new Worker(new URL('gunzip-thread.js', import.meta.url), { workerData }) };
}

async function* gunzippedByThread(
  path: string | Buffer,
  onStoredBytes: OpenOptions['onStoredBytes'],
  onSha256: OpenOptions['onSha256'],
): AsyncGenerator<Uint8Array> {
  const thread = takeThread();
  const { worker, memory } = thread;
  const messages = on(worker, 'message') as AsyncIterable<[FromThread]>;
  worker.postMessage({ path, hashes: onSha256 !== undefined });
  let isFree = false;
  try {
    for await (const [message] of messages) {
      if ('ended' in message) {
        isFree = true;
        if (message.sha256 !== undefined) onSha256?.(message.sha256);
        return;
      }
      if ('failed' in message) throw Object.assign(message.failed, { code: message.code });
      const { slot, length, stored_bytes } = message;
      onStoredBytes?.(stored_bytes);
      yield new Uint8Array(memory, slot * THREAD_SLOT_BYTES, length);
      worker.postMessage({ slot });
    }
  } finally {
    if (isFree && idleThread === undefined) {
      worker.unref();
      idleThread = thread;
    } else await worker.terminate();
  }
}

async function decompressed(
  path: string | Buffer,
  compression: Compression,
  onStoredBytes: OpenOptions['onStoredBytes'],
): Promise<Readable> {
  const fzstd = compression === 'zstd' && !hasZstdProgram() ? await import('fzstd') : undefined;
  const stored = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  stored.on('data', (chunk) => onStoredBytes?.(chunk.length));
  if (compression === 'plain') return stored;
  const decoder =
    compression === 'gzip'
      ? createGunzip({ chunkSize: CHUNK_BYTES })
      : fzstd === undefined
        ? zstdProgram(stored)
        : zstdStream(fzstd);
  stored.on('error', (error) => decoder.destroy(error));
  if (compression === 'gzip' || fzstd !== undefined) stored.pipe(decoder as Transform);
  return decoder;
}

let zstdProgramFound: boolean | undefined;
const hasZstdProgram = (): boolean =>
  (zstdProgramFound ??= spawnSync('zstd', ['--version'], { stdio: 'ignore' }).status === 0);

/** The zstd program checks checksums and is five times as fast as the library. */
function zstdProgram(stored: Readable): Readable {
  const child = spawn('zstd', ['-d', '-c', '-q'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdin.on('error', () => {}); // the exit code reports the error
  stored.pipe(child.stdin);
  const out = new Transform({
    readableHighWaterMark: CHUNK_BYTES,
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => {
      if (child.exitCode === null)
        child.once('exit', (code) =>
          done(code === 0 ? null : new Error(complaint.trim() || `zstd ended with ${code}`)),
        );
      else done(child.exitCode === 0 ? null : new Error(complaint.trim() || `zstd ended with ${child.exitCode}`));
    },
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.on('error', (error) => out.destroy(error));
  child.stdout.pipe(out);
  return out;
}

function zstdStream({ Decompress }: typeof fzstdLibrary): Transform {
  let push: (chunk: Uint8Array) => void = () => {};
  let ended = false;
  const decoder = new Decompress((chunk, final) => {
    push(chunk);
    ended = final ?? false;
  });
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      push = (out) => this.push(out);
      try {
        decoder.push(chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        push = (out) => this.push(out);
        decoder.push(new Uint8Array(0), true);
        done(ended ? null : new Error('ends in the middle of a frame'));
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
