// Objects that can be read only once: standard input, FIFOs, devices and sockets. They are written to a file first, because an
// object is identified by its whole content. The disk bounds their size.

import { spawn } from 'node:child_process';
import { createWriteStream, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../transform/fault.ts';
import { type RemoteObject } from './files.ts';

/**
 * Reads standard input to its end. Call it before the embedded engine is opened, because the engine takes what a pipe holds.
 * @param directory gets the file
 */
export async function standardInput(
  stdin: NodeJS.ReadableStream,
  directory: string,
  signal: AbortSignal,
): Promise<RemoteObject> {
  const name = 'stdin';
  const spooled = join(directory, name);
  const { modifiedAt_ms } = await streamObject(name, () => stdin).fetch(spooled, signal);
  const fetch = async (path: string) => {
    await rename(spooled, path);
    return { modifiedAt_ms };
  };
  return { name, size_bytes: statSync(spooled).size, isListed: false, fetch };
}

/** A FIFO, a device or a socket. */
export const specialFile = (path: string): RemoteObject =>
  streamObject(basename(path), (signal) =>
    statSync(path).isSocket() ? connect(resolve(path)) : readApart(path, signal),
  );

function streamObject(name: string, open: (signal?: AbortSignal) => NodeJS.ReadableStream): RemoteObject {
  return {
    name,
    size_bytes: 0,
    isListed: false,
    async fetch(path, signal) {
      try {
        await pipeline(open(signal), createWriteStream(path), { signal });
      } catch (cause) {
        if (signal?.aborted) throw cause;
        throw new Fault('inputRefused', `${name}: ${(cause as Error).message}`, 'Nothing of it counts.', { cause });
      }
      return { modifiedAt_ms: 0 };
    },
  };
}

const READER =
  "require('node:fs').createReadStream(process.argv[1]).on('error', (error) => { throw error; }).pipe(process.stdout)";

/** Reads the file in a process of its own: a thread that waits for a FIFO's writer can neither be stopped nor be left at the end. */
function readApart(path: string, signal?: AbortSignal): Readable {
  const child = spawn(process.execPath, ['-e', READER, resolve(path)], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.on('error', (error) => child.stdout.destroy(error));
  child.on('exit', (code) => {
    if (code !== 0) child.stdout.destroy(new Error(/^Error: (.*)$/m.exec(complaint)?.[1] ?? `cannot read ${path}`));
  });
  return child.stdout;
}
