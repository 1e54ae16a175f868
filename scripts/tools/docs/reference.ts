// docs/REFERENCE.md: commands, options, keys, variables, exit codes and metrics, from the code itself. `make docs` writes it;
// a unit test fails if it is out of date. Tables and views are in docs/TABLES.md (tables.ts), which needs an engine.

import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Argument, type Command, type Option } from 'commander';
import { z } from 'zod';
import { exitCodes } from '../../runtime/exit.ts';
import { commands } from '../../commands/index.ts';
import { IngestMetrics } from '../../monitor/metrics.ts';
import { type Runtime } from '../../runtime/command.ts';
import { configSchema } from '../../runtime/config.ts';
import { addCommands, buildProgram, loadCommands } from '../../runtime/program.ts';
import { code, table } from './markdown.ts';
import { otherVariables } from './variables.ts';

export const referencePath = fileURLToPath(new URL('../../../docs/REFERENCE.md', import.meta.url));

/** The command line as a tree, with all commands loaded. */
export async function commandLine(): Promise<Command> {
  const nowhere = new PassThrough();
  const program = buildProgram({ stdout: nowhere, stderr: nowhere });
  addCommands(program, commands);
  await loadCommands(program, commands, {} as Runtime);
  return program;
}

/** Commands with an action, each with its words. */
export function* leaves(command: Command, path: readonly string[] = []): Generator<[string[], Command]> {
  for (const sub of command.commands) {
    const words = [...path, sub.name()];
    if (sub.commands.length === 0) yield [words, sub];
    else yield* leaves(sub, words);
  }
}

const optionVariable = (path: readonly string[], option: Option): string =>
  ['fairshare', ...path, option.name()].join('_').replaceAll(/[- ]/g, '_').toUpperCase();

const defaultOf = ({ defaultValue }: Option | Argument): string =>
  ['string', 'number'].includes(typeof defaultValue)
    ? code(String(defaultValue))
    : Array.isArray(defaultValue)
      ? code(defaultValue.join(' '))
      : '';

const meaning = ({ description, argChoices }: Option | Argument): string =>
  argChoices === undefined ? description : `${description} (${argChoices.join(', ')})`;

function optionRows(path: readonly string[], command: Command): string[][] {
  return command.options
    .filter(({ long }) => long !== '--version')
    .map((option) => [
      code(option.flags),
      code(option.envVar ?? optionVariable(path, option)),
      `${option.mandatory ? 'required. ' : ''}${meaning(option)}`,
      defaultOf(option),
    ]);
}

function commandSection(path: readonly string[], command: Command): string {
  const usage = ['fairshare', ...path, command.usage()].join(' ');
  const rows = [
    ...command.registeredArguments.map((argument) => [
      code(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`),
      '',
      meaning(argument),
      defaultOf(argument),
    ]),
    ...optionRows(path, command),
  ];
  const head = ['', 'variable', 'what it says', 'default'];
  return `### ${path.join(' ')}\n\n${code(usage)}: ${command.description()}.${rows.length === 0 ? '' : `\n\n${table(head, rows)}`}`;
}

interface Shape {
  readonly type?: string;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

export interface Key {
  readonly key: string;
  /** Undefined for members of a list, because they have no variable. */
  readonly variable: string | undefined;
  readonly isRequired: boolean;
  readonly byDefault: unknown;
  readonly description: string;
}

function* keysOf({ properties = {}, required = [], items, anyOf = [] }: Shape, path: string): Generator<Key> {
  for (const [name, shape] of Object.entries(properties)) {
    const key = path === '' ? name : `${path}.${name}`;
    if (shape.type !== 'object' || shape.properties === undefined)
      yield {
        key,
        variable: key.includes('[]') ? undefined : `FAIRSHARE_${key.toUpperCase().replaceAll('.', '__')}`,
        isRequired: required.includes(name),
        byDefault: shape.default,
        description: shape.description ?? '',
      };
    yield* keysOf(shape, key);
  }
  if (items !== undefined) yield* keysOf(items, `${path}[]`);
  for (const shape of anyOf) yield* keysOf(shape, path);
}

/** Every key that a person can set. */
export const configurationKeys = (): Key[] => [...keysOf(z.toJSONSchema(configSchema, { io: 'input' }) as Shape, '')];

function defaultText({ isRequired, byDefault }: Key): string {
  if (isRequired) return 'required';
  if (byDefault === undefined || byDefault === '') return 'none';
  return code(typeof byDefault === 'string' ? byDefault : JSON.stringify(byDefault));
}

/** The meaning of each exit code. */
const exitTitle: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done',
  defect: 'a defect of the program',
  usage: 'usage or configuration, or a path that cannot be used',
  inputRefused: 'input refused',
  checkFailed: 'a check failed, or stored data are damaged',
  warehouseUnreachable: 'the warehouse is unreachable or locked, or a disk is full',
  partitionStopped: 'a partition stopped',
};

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
}

/** Our own metrics, with their labels. */
export async function metrics(): Promise<(Metric & { readonly labels: readonly string[] })[]> {
  const { registry } = new IngestMetrics();
  const known = (await registry.getMetricsAsJSON()) as unknown as Metric[];
  return known
    .filter(({ name }) => name.startsWith('fairshare_'))
    .map(({ name, help, type }) => {
      const { labelNames = [] } = registry.getSingleMetric(name) as unknown as { labelNames?: string[] };
      return { name, help, type, labels: labelNames };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function reference(): Promise<string> {
  const program = await commandLine();
  const sections = [...leaves(program)].map(([path, command]) => commandSection(path, command));
  return `<!-- Written by scripts/tools/docs/reference.ts (make docs). Do not edit. -->
# Reference

Every command, option, key, variable, exit code and metric of this version, from the code itself. docs/TABLES.md lists tables and views.

## Options of every command

Before or after the command's name. An option wins over its variable, a variable over \`fairshare.yaml\`.

${table(['', 'variable', 'what it says', 'default'], optionRows([], program))}

## Commands

A variable gives an option its value; for an option without a value it is \`1\` or \`true\`.

${sections.join('\n\n')}

## Keys of fairshare.yaml

A variable's value is YAML. Members of a list have no variables of their own.

${table(
  ['key', 'variable', 'default', 'what it says'],
  configurationKeys().map((key) => [code(key.key), code(key.variable ?? ''), defaultText(key), key.description]),
)}

## Other variables

${table(
  ['variable', 'who reads it', 'what it says'],
  otherVariables.map(({ name, by, description }) => [code(name), by, description]),
)}

## Exit codes

${table(
  ['code', 'meaning'],
  [
    ...Object.entries(exitCodes).map(([name, exitCode]) => [
      String(exitCode),
      exitTitle[name as keyof typeof exitCodes],
    ]),
    ['130, 143', 'interrupted by SIGINT, SIGTERM'],
  ],
)}

## Metrics

Of \`ingest files\` and \`ingest kafka\`, at \`/metrics\`; docs/OPERATIONS.md says what to watch. \`process_…\` and \`nodejs_…\` of the runtime come with them.

${table(
  ['metric', 'type', 'labels', 'what it says'],
  (await metrics()).map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(' '), help]),
)}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(referencePath, await reference());
