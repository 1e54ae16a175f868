#!/usr/bin/env node
// Runs the program as a process: signals, streams, and the exit code.

import pc from 'picocolors';
import { Interrupted, endingOf, exitCodeOfSignal, stopSignals } from './runtime/exit.ts';
import { commands } from './commands/index.ts';
import { runProgram } from './runtime/program.ts';

const { stdin, stdout, stderr, env } = process;
const color = pc.isColorSupported && stderr.isTTY;
const abort = new AbortController();
const stop = (by: ConstructorParameters<typeof Interrupted>[0]) => {
  if (!abort.signal.aborted) abort.abort(new Interrupted(by));
};

for (const name of stopSignals)
  process.on(name, () => {
    if (abort.signal.aborted) process.exit(exitCodeOfSignal(name));
    stop(name);
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
stdout.write('', () => process.exit(exitCode));
