#!/usr/bin/env node
// The composition root: builds the runtime, hands it to the commands, and ends with a stable exit code.

import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { exitCodes } from '../sql/fault.ts';
import { commands } from './commands/index.ts';
import { Interrupted, endingOf, exitCodeOfSignal, stopSignals } from './runtime/exit.ts';
import { logLevels } from './runtime/logger.ts';
import { createRuntime, type GlobalOptions } from './runtime/runtime.ts';
import { version } from './runtime/version.ts';

const EXAMPLES = `
Examples:
  $ fairshare init                                   write a commented fairshare.yaml to start from
  $ fairshare ingest files logs/ --source npm        load access logs, exactly once
  $ fairshare query 'SHOW TABLES'                    look at the warehouse, read-only
  $ fairshare query 'SHOW TABLES' --warehouse https://analyst@warehouse.example.org:8443/fairshare

Every flag has a FAIRSHARE_* variable and a place in fairshare.yaml; see: fairshare config check --help
Exit codes: 0 done, 1 defect, 2 usage or configuration, 3 input refused, 4 a check failed,
5 warehouse unreachable or locked, 6 a partition stopped, 130/143 interrupted.`;

function buildProgram(): Command {
  return new Command('fairshare')
    .description(
      'Access logs of package registries in; who uses how much, and what a fair share of the cost would be, out.',
    )
    .version(version)
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .addOption(
      new Option('--config <file>', 'configuration file (default: ./fairshare.yaml where it exists)').env(
        'FAIRSHARE_CONFIG',
      ),
    )
    .addOption(
      new Option('--warehouse <location>', 'a directory (embedded engine), or the URL of a ClickHouse server').env(
        'FAIRSHARE_WAREHOUSE',
      ),
    )
    .addOption(
      new Option('--lock-timeout <seconds>', 'how long to wait for another process to leave the directory')
        .env('FAIRSHARE_LOCK_TIMEOUT')
        .default(30)
        .argParser(seconds),
    )
    .addOption(
      new Option('--log-level <level>', 'what the log on stderr says').env('FAIRSHARE_LOG_LEVEL').choices(logLevels),
    )
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'fairshare: ')) });
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('Seconds, zero or more.');
  return value;
}

async function main(argv: readonly string[]): Promise<number> {
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
    stderr.write(endingOf(error, undefined, color).message);
    process.exit(exitCodes.defect);
  });
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop('EPIPE');
  });

  const program = buildProgram();
  const runtime = createRuntime({
    options: () => program.opts<GlobalOptions>(),
    signal: abort.signal,
    stdin,
    stdout,
    stderr,
    env,
    color,
  });
  for (const register of commands) register(program, runtime);

  let failure: unknown;
  try {
    await program.parseAsync(argv);
  } catch (error) {
    failure = error;
  }
  try {
    await runtime.close();
  } catch (error) {
    failure ??= error;
  }
  const interrupted = abort.signal.aborted ? (abort.signal.reason as Interrupted) : undefined;
  const { exitCode, message } = endingOf(failure, interrupted, color);
  stderr.write(message);
  return exitCode;
}

const exitCode = await main(process.argv);
// Timers and idle sockets of libraries must not keep a finished program alive; what was written is flushed first.
process.stdout.write('', () => process.exit(exitCode));
