// Scripts by which a shell completes commands, options, their values and file names. They are generated from commander's own
// tree, so that a new option is completed without a line here.

import type { Argument, Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Allowed values at one place: some words, file names, or anything. */
type Values = readonly string[] | 'files' | 'anything';

interface CompletedOption {
  /** `--help` and `-h` */
  readonly names: readonly string[];
  readonly description: string;
  /** undefined: the option takes no value. */
  readonly values: Values | undefined;
}
interface CompletedCommand {
  /** Command names below the program: 'ingest files'; '' is the program. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  readonly arguments: Values;
}

/** Placeholders of arguments and options whose value is a file or a directory: `<file...>`, `--out <dir>`. */
const PATH_PLACEHOLDER = /[<[](?:file|dir|path|location)(?:\.\.\.)?[>\]]/;

/** @param program with all its commands */
export function completionScript(shell: Shell, program: Command): string {
  const commands = describe(program, program, '', []);
  return { bash, zsh, fish }[shell](program.name(), commands);
}

function describe(program: Command, command: Command, path: string, siblings: readonly Command[]): CompletedCommand[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  const own = help.visibleOptions(command);
  // The program's own options are accepted behind a command, too.
  const inherited = command === program ? [] : program.options.filter(({ long }) => long !== '--version');
  return [
    {
      path,
      commands: children.map((child) => ({ name: child.name(), description: child.description() })),
      options: [...own, ...inherited].map((option) => ({
        names: [option.long, option.short].filter((name) => name !== undefined),
        description: option.description,
        values: valuesOfOption(option),
      })),
      // commander's own `help [command]`
      arguments:
        command.name() === 'help'
          ? siblings.map((sibling) => sibling.name())
          : valuesOfArguments(command.registeredArguments),
    },
    ...children.flatMap((child) => describe(program, child, `${path} ${child.name()}`.trim(), children)),
  ];
}

const valuesOfOption = ({ flags, argChoices, required, optional }: Option): Values | undefined => {
  if (!required && !optional) return undefined;
  return argChoices ?? (PATH_PLACEHOLDER.test(flags) ? 'files' : 'anything');
};

function valuesOfArguments(args: readonly Argument[]): Values {
  const choices = args.flatMap(({ argChoices = [] }) => argChoices);
  if (choices.length > 0) return choices;
  return args.some((argument) => PATH_PLACEHOLDER.test(`<${argument.name()}>`)) ? 'files' : 'anything';
}

/** Options of parent commands that take a value. The script skips their values when it looks for the command's name. */
const optionsBeforeCommands = (commands: readonly CompletedCommand[]): string[] => [
  ...new Set(
    commands
      .filter((command) => command.commands.length > 0)
      .flatMap(({ options }) => options.filter(({ values }) => values !== undefined).flatMap(({ names }) => names)),
  ),
];

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** The allowed values as the value of a shell variable: the words, the word `files`, or nothing. */
const valuesText = (values: Values): string =>
  values === 'files' ? 'files' : values === 'anything' ? '' : `words ${values.join(' ')}`;

/** The branches of a `case` over "COMMAND OPTION", one for each option that takes a value. */
const valueCases = (commands: readonly CompletedCommand[]): string =>
  commands
    .flatMap(({ path, options }) =>
      options.flatMap(({ names, values }) =>
        values === undefined
          ? []
          : [
              `    ${names.map((name) => single(`${path} ${name}`)).join(' | ')}) values=${single(valuesText(values))} ;;`,
            ],
      ),
    )
    .join('\n');

const pathPatterns = (commands: readonly CompletedCommand[]): string =>
  commands
    .filter(({ path }) => path !== '')
    .map(({ path }) => single(path))
    .join(' | ');

function bash(program: string, commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ path, commands: children, options, arguments: values }) => `    ${single(path)})
      names=${single(children.map(({ name }) => name).join(' '))}
      options=${single(options.flatMap(({ names }) => names).join(' '))}
      arguments=${single(valuesText(values))}
      ;;`,
  );
  return `# Completion of ${program} for bash, written by: ${program} completion bash

_${program}() {
  local command='' names='' options='' arguments='' values='' word='' line='' i=1
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()

  # The command that the words before the cursor name.
  while ((i < COMP_CWORD)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${optionsBeforeCommands(commands).join(' | ')})
        i=$((i + 1))
        if [[ \${COMP_WORDS[i]} == '=' ]]; then i=$((i + 1)); fi
        ;;
      *)
        case "\${command:+$command }$word" in
          ${pathPatterns(commands)}) command="\${command:+$command }$word" ;;
        esac
        ;;
    esac
    i=$((i + 1))
  done

  case $command in
${cases.join('\n')}
  esac

  # bash cuts --option=value into three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $before == '=' ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case "$command $before" in
${valueCases(commands)}
    *)
      if [[ $current == -* ]]; then
        values="words $options"
      elif [[ -n $names ]]; then
        values="words $names"
      elif [[ -n $arguments ]]; then
        values=$arguments
      else
        values="words $options"
      fi
      ;;
  esac

  if [[ $values == files ]]; then
    compopt -o filenames 2> /dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
  else
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -W "\${values#words }" -- "$current")
  fi
}

complete -F _${program} ${program}
`;
}

function zsh(program: string, commands: readonly CompletedCommand[]): string {
  const described = (name: string, description: string): string =>
    single(`${name.replaceAll(':', '\\:')}:${description.replaceAll(':', '\\:')}`);
  const cases = commands.map(
    ({ path, commands: children, options, arguments: values }) => `    ${single(path)})
      names=(${children.map(({ name, description }) => described(name, description)).join(' ')})
      options=(${options.flatMap(({ names, description }) => names.map((name) => described(name, description))).join(' ')})
      arguments=${single(valuesText(values))}
      ;;`,
  );
  return `#compdef ${program}
# Completion of ${program} for zsh, written by: ${program} completion zsh

_${program}() {
  local command='' arguments='' values='' word='' before=\${words[CURRENT - 1]}
  local -a names options
  integer i=2

  # The command that the words before the cursor name.
  while ((i < CURRENT)); do
    word=\${words[i]}
    case $word in
      ${optionsBeforeCommands(commands).join(' | ')}) i=$((i + 1)) ;;
      *)
        case "\${command:+$command }$word" in
          ${pathPatterns(commands)}) command="\${command:+$command }$word" ;;
        esac
        ;;
    esac
    i=$((i + 1))
  done

  case $command in
${cases.join('\n')}
  esac

  if [[ \${words[CURRENT]} == --*=* ]]; then
    before=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  case "$command $before" in
${valueCases(commands)}
    *)
      if [[ \${words[CURRENT]} == -* ]]; then
        _describe -o option options
        return
      elif ((\${#names})); then
        _describe command names
        return
      elif [[ -n $arguments ]]; then
        values=$arguments
      else
        _describe -o option options
        return
      fi
      ;;
  esac

  case $values in
    files) _files ;;
    words*) compadd -- \${=values#words } ;;
  esac
}

if [[ \${funcstack[1]} == _${program} ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function fish(program: string, commands: readonly CompletedCommand[]): string {
  const text = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`;
  const lines = commands.flatMap(({ path, commands: children, options, arguments: values }) => {
    const at = `complete -c ${program} -n ${text(`__${program}_at ${text(path)}`)}`;
    return [
      ...children.map(({ name, description }) => `${at} -a ${name} -d ${text(description)}`),
      ...(values === 'files' ? [`${at} -F`] : values === 'anything' ? [] : [`${at} -a ${text(values.join(' '))}`]),
      ...options.map(({ names, description, values: own }) => {
        const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
        const value =
          own === undefined
            ? ''
            : own === 'files'
              ? ' -r -F'
              : own === 'anything'
                ? ' -x'
                : ` -x -a ${text(own.join(' '))}`;
        return `${at} ${flags.join(' ')}${value} -d ${text(description)}`;
      }),
    ];
  });
  return `# Completion of ${program} for fish, written by: ${program} completion fish

# Whether the words before the cursor name this command.
function __${program}_at
    set -l words (commandline -opc)
    set -l command
    set -l i 2
    while test $i -le (count $words)
        if contains -- $words[$i] ${optionsBeforeCommands(commands).join(' ')}
            set i (math $i + 1)
        else if contains -- (string join -- ' ' $command $words[$i]) ${commands
          .filter(({ path }) => path !== '')
          .map(({ path }) => text(path))
          .join(' ')}
            set command $command $words[$i]
        end
        set i (math $i + 1)
    end
    test "$command" = "$argv[1]"
end

complete -c ${program} -f
${lines.join('\n')}
`;
}
