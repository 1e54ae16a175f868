#!/usr/bin/env node
// Runs the program as a process: signals, streams, and the exit code.

import pc from 'picocolors';
import { Interrupted, endingOf, stopSignals, type StopSignal } from './runtime/exit.ts';
import { commands } from './commands/index.ts';
import { runProgram } from './runtime/program.ts';
import { removeScratch } from '../sql/scratch.ts';

const { stdin, stdout, stderr, env } = process;
const color = pc.isColorSupported && stderr.isTTY;
const abort = new AbortController();
const stop = (by: ConstructorParameters<typeof Interrupted>[0]) => {
  if (!abort.signal.aborted) abort.abort(new Interrupted(by));
};

/** A command that was told to stop has this long. After that it ends like a killed one: run again, it continues. */
const GRACE_MS = 8_000;

/**
 * Ends the process by the signal's own action. process.exit would first wait for threads: for a statement of the embedded
 * engine, or for a file that gives nothing.
 */
function endNow(name: StopSignal): void {
  removeScratch();
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

let stoppedBy: StopSignal | undefined;
for (const name of stopSignals)
  process.on(name, () => {
    if (abort.signal.aborted) return endNow(name);
    stoppedBy = name;
    stop(name);
    setTimeout(() => {
      stderr.write(`fairshare: did not end within ${GRACE_MS / 1000} s of ${name}, so it ends now; run it again\n`);
      endNow(name);
    }, GRACE_MS).unref();
  });
process.once('uncaughtException', (error) => {
  const { exitCode, message } = endingOf(error, undefined, color);
  stderr.write(message);
  process.exit(exitCode);
});
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  stop('EPIPE');
});

const exitCode = await runProgram(process.argv.slice(2), commands, {
  stdin,
  stdout,
  stderr,
  env,
  color,
  signal: abort.signal,
});
// Exit once stdout is flushed, so that timers and idle sockets of libraries do not keep a finished program alive.
stdout.write('', () => {
  const threadWaits = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  if (stoppedBy !== undefined && threadWaits) endNow(stoppedBy);
  else process.exit(exitCode);
});
