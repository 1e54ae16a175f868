// One run of the program: its flags, its commands, its runtime, its ending. Signals and streams of the process stay outside.

import { Command, InvalidArgumentError, Option, type HelpContext } from 'commander';
import { type CommandEntry, type Runtime } from './command.ts';
import { endingOf, type Interrupted } from './exit.ts';
import { logLevels } from './log-levels.ts';
import type { ClosableRuntime, GlobalOptions, RuntimeOptions } from './runtime.ts';
import { version } from './version.ts';

const EXAMPLES = `
Examples:
  $ fairshare init                                   # write a commented fairshare.yaml to start from
  $ fairshare ingest files logs/npm --source npm-edge   # load access logs, exactly once
  $ fairshare query 'SHOW TABLES'                    # look at the warehouse, read-only
  $ fairshare query 'SHOW TABLES' --warehouse https://analyst@warehouse.example.org:8443/fairshare

Every flag can be a variable: FAIRSHARE_QUERY_FORMAT is --format of query. Settings that last belong in fairshare.yaml;
see: fairshare config check --help
Exit codes: 0 done, 1 defect, 2 usage or configuration, 3 input refused, 4 a check failed,
5 warehouse unreachable, locked or full, 6 a partition stopped, 130/143 interrupted.`;

export function buildProgram({ stdout, stderr }: Pick<RuntimeOptions, 'stdout' | 'stderr'>): Command {
  return new ProgramCommand('fairshare')
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
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'fairshare: ')),
    });
}

/** Options can be set by variables: FAIRSHARE_INGEST_FILES_SOURCE for `ingest files --source`; 1 or true if it takes no value. */
class ProgramCommand extends Command {
  override createCommand(name?: string): Command {
    return new ProgramCommand(name);
  }

  /** `fairshare nosuch --help` is a fault of usage: help needs a command that exists. */
  override outputHelp(context?: unknown): void {
    const name = this.args.find((arg) => arg !== 'help');
    const isKnown = this.commands.some((command) => command.name() === name || command.aliases().includes(name!));
    if (this.commands.length > 0 && name !== undefined && !name.startsWith('-') && !isKnown) {
      this.args = [name];
      (this as unknown as { unknownCommand(): never }).unknownCommand();
    }
    super.outputHelp(context as HelpContext);
  }

  override createOption(flags: string, description?: string): Option {
    const option = super.createOption(flags, description);
    const variable = [...pathOf(this), option.name()].join('_').replaceAll('-', '_').toUpperCase();
    const isOff = option.isBoolean() && !['1', 'true'].includes(process.env[variable] ?? '');
    return isOff || option.long === '--help' || option.long === '--version' ? option : option.env(variable);
  }
}

const pathOf = (command: Command): string[] => [...(command.parent ? pathOf(command.parent) : []), command.name()];

/** Leaves variables out of option descriptions: the program's help states their naming rule once. */
const optionDescription = (option: Option): string => {
  const { description, defaultValue, argChoices } = option;
  const notes = [
    ...(argChoices === undefined ? [] : [`choices: ${argChoices.join(', ')}`]),
    ...(['string', 'number'].includes(typeof defaultValue) ? [`default: ${String(defaultValue)}`] : []),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
};

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === '') throw new InvalidArgumentError('Seconds, zero or more.');
  return value;
}

/** Adds every command by its name, so that help, suggestions and completion know it. */
export function addCommands(program: Command, entries: readonly CommandEntry[]): void {
  for (const { name, description } of entries) program.command(name).description(description);
}

/** Gives commands their arguments, options and actions. It imports their files, and so the libraries that they use. */
export async function loadCommands(
  program: Command,
  entries: readonly CommandEntry[],
  runtime: Runtime,
): Promise<void> {
  const registers = await Promise.all(entries.map(({ load }) => load()));
  for (const command of program.commands) {
    const at = entries.findIndex(({ name }) => name === command.name());
    registers[at]?.(command, runtime);
  }
}

/** An argument that is the value of an option may equal a command's name. Then one unneeded file is loaded. */
function namedBy(args: readonly string[], entries: readonly CommandEntry[]): readonly CommandEntry[] {
  const named = entries.filter(({ name }) => args.includes(name));
  return named.some(({ describesAll }) => describesAll) ? entries : named;
}

/**
 * Runs the command that the arguments name.
 * @param args without the program's own name
 * @returns the exit code; the message for it was written to stderr
 */
export async function runProgram(
  args: readonly string[],
  entries: readonly CommandEntry[],
  surroundings: Omit<RuntimeOptions, 'options'>,
): Promise<number> {
  const { signal, stderr, color } = surroundings;
  const program = buildProgram(surroundings);
  addCommands(program, entries);
  let runtime: ClosableRuntime | undefined;
  let failure: unknown;
  try {
    const wanted = namedBy(args, entries);
    if (wanted.length > 0) {
      const { createRuntime } = await import('./runtime.ts');
      runtime = createRuntime({ ...surroundings, options: () => program.opts<GlobalOptions>() });
      await loadCommands(program, wanted, runtime);
    }
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    failure = error;
  }
  try {
    await runtime?.close();
  } catch (error) {
    failure ??= error;
  }
  const interrupted = signal.aborted ? (signal.reason as Interrupted) : undefined;
  const { exitCode, message } = endingOf(failure, interrupted, color);
  if (message !== '') stderr.write(message);
  return exitCode;
}
