// fairshare completion: the script by which a shell completes the words after `fairshare`.

import { Argument, type Command } from 'commander';
import { completionScript, shells, type Shell } from '../runtime/completion.ts';
import type { Runtime } from '../runtime/command.ts';

export function registerCompletion(command: Command, runtime: Runtime): void {
  command
    .addArgument(new Argument('<shell>', 'the shell that reads the script').choices(shells))
    .addHelpText(
      'after',
      `
The script holds the names of all commands and options of this version: write it again after an update. Shells look for it
here, and read it when it is first needed:
  bash  ~/.local/share/bash-completion/completions/fairshare
  zsh   _fairshare in a directory of $fpath
  fish  ~/.config/fish/completions/fairshare.fish

Examples:
  $ source <(fairshare completion bash)   # this shell alone
  $ fairshare completion zsh > _fairshare
  $ fairshare completion fish > fairshare.fish`,
    )
    .action((shell: Shell) => {
      runtime.stdout.write(completionScript(shell, command.parent!));
    });
}
